"""Notifications: mail for what happened."""
