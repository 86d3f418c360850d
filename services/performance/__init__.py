"""Seller performance: what counts against a seller, the rates that come of it, and contests (H1-H3)."""
