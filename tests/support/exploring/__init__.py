"""Every state that can be reached, found by trying everything: what the model checks and the diagrams stand on."""
