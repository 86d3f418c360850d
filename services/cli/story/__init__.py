"""The demo's story: its people and orders, what they do when, and how it is told."""
