"""Scenarios: stories of the rulebook as data, run by the services themselves or through the whole system."""
