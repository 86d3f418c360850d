"""Sending what is due: a loop beside the consumer, which no mail server can hold up."""

from __future__ import annotations

from services.notifications.mailer.loop import Mailer, Terms
from services.notifications.mailer.post import Server

__all__ = ["Mailer", "Server", "Terms"]
