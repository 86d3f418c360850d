"""Orders: held, verified, shipped, delivered."""
