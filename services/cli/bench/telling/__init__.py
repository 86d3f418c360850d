"""Tells what a run came to: on a terminal, as a page with pictures, and in README."""
