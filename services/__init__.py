"""The services: each its own process, none imports another."""
