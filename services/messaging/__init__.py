"""Messaging: contacts between buyer and seller, and their clocks."""
