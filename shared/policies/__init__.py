"""Policies and marketplaces as data, and their loader."""
