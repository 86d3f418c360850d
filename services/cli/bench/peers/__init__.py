"""Whom we measure ourselves against. Each is a process of its own, as its users would write it."""
