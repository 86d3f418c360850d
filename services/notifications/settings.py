"""Notifications' settings: the mail server, the sender, and how patiently mails are tried."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from services.notifications.mailer import Server, Terms
from shared.kit.settings import KitSettings, Niceness, Seconds


class Settings(KitSettings):
    """Beside those of every service."""

    niceness: Niceness = 10
    """As for every service. A mail may be a moment later: it makes way for those that answer people."""
    smtp_url: Annotated[str, Field(pattern=r"^smtps?://[^\s/?#]+/?(\?starttls=(auto|required|never))?$")]
    """smtp://user:password@host:port; smtps is TLS from the start. By default STARTTLS is used where offered."""
    mail_from: Annotated[str, Field(pattern=r"^[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$")] = (
        "guarantee@marketplace.example"
    )
    """The sender; its domain is in each Message-ID, and is what we say to the mail server that we are."""
    mail_from_name: Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f]+$")] = (
        "Purchase Guarantee"
    )
    smtp_seconds_max: Annotated[float, Field(gt=0, le=15)] = 10
    """How long one mail, from the first word to the server to its last answer, may take."""
    mail_connections_max: Annotated[int, Field(ge=1, le=64)] = 8
    """To the mail server at once. Fewer are used while it refuses some of them."""
    mail_tries_max: Annotated[int, Field(ge=1, le=1000)] = 50
    """After so many a mail is parked for an operator: with the waits below, after about a day."""
    mail_wait_seconds: Seconds = 5
    """Before the second try; each further wait is twice as long."""
    mail_wait_seconds_max: Seconds = 1800

    def terms(self) -> Terms:
        """Give the mailer what it needs."""
        return Terms(
            smtp_url=self.smtp_url,
            from_name=self.mail_from_name,
            from_address=self.mail_from,
            smtp_seconds_max=self.smtp_seconds_max,
            connections_max=self.mail_connections_max,
            tries_max=self.mail_tries_max,
            wait_seconds=self.mail_wait_seconds,
            wait_seconds_max=self.mail_wait_seconds_max,
        )

    @field_validator("smtp_url")
    @classmethod
    def _names_a_server(cls, url: str) -> str:
        Server.of(url)
        return url

    @model_validator(mode="after")
    def _waits_grow(self) -> Self:
        if self.mail_wait_seconds > self.mail_wait_seconds_max:
            raise ValueError("MAIL_WAIT_SECONDS must be at most MAIL_WAIT_SECONDS_MAX")
        return self
