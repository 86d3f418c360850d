"""The mail server: one connection, opened when it is first needed, and two ways in which it can fail."""

from __future__ import annotations

import asyncio
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib

from shared.values import dataclass

_CLOSING = 421


class RefusedError(Exception):
    """The server said no to this mail; others may pass."""


class AwayError(Exception):
    """The server cannot be reached, hangs or hung up: no other mail would pass now."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail goes, and how."""

    host: str
    port: int
    is_tls: bool
    start_tls: bool | None
    username: str | None
    password: str | None

    @classmethod
    def of(cls, url: str) -> Self:
        """Read an SMTP_URL that the settings have checked."""
        parts = urlsplit(url)
        is_tls = parts.scheme == "smtps"
        wish = parse_qs(parts.query).get("starttls", ["auto"])[0]
        return cls(
            host=parts.hostname or "localhost",
            port=parts.port or (465 if is_tls else 25),
            is_tls=is_tls,
            start_tls=False if is_tls else {"auto": None, "required": True, "never": False}[wish],
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
        )


class Post:
    """Hands mails to one server. Not for several tasks at once."""

    def __init__(self, server: Server, *, hello_as: str, seconds_max: float) -> None:
        self._server = server
        self._hello_as = hello_as
        self._seconds_max = seconds_max
        self._client: aiosmtplib.SMTP | None = None

    async def send(self, sender: str, recipient: str, letter: bytes) -> None:
        """Send one mail. Raises RefusedError or AwayError; after the latter the next one connects anew."""
        try:
            async with asyncio.timeout(self._seconds_max):
                client = self._client or await self._connect()
                await self._hand_over(client, sender, recipient, letter)
        except RefusedError:
            raise
        except (aiosmtplib.SMTPException, OSError, TimeoutError, EOFError) as error:
            self._drop()
            raise AwayError(_words(error)) from error

    async def close(self) -> None:
        """Say goodbye, without waiting long for an answer."""
        client, self._client = self._client, None
        if client is None or not client.is_connected:
            return
        try:
            async with asyncio.timeout(1):
                await client.quit()
        except (aiosmtplib.SMTPException, OSError, TimeoutError, EOFError):
            client.close()

    async def _connect(self) -> aiosmtplib.SMTP:
        server = self._server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.is_tls,
            start_tls=server.start_tls,
            username=server.username,
            password=server.password,
            local_hostname=self._hello_as,
            # Also the connection is made within what send() allows; a limit for each word would cost a timer each.
            timeout=None,
        )
        self._client = client
        await client.connect()
        return client

    async def _hand_over(self, client: aiosmtplib.SMTP, sender: str, recipient: str, letter: bytes) -> None:
        try:
            await client.sendmail(sender, [recipient], letter)
        except (aiosmtplib.SMTPResponseException, aiosmtplib.SMTPRecipientsRefused) as error:
            if _CLOSING in _codes(error):
                raise
            raise RefusedError(_words(error)) from error

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()


def _codes(error: aiosmtplib.SMTPResponseException | aiosmtplib.SMTPRecipientsRefused) -> set[int]:
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return {error.code}
    return {refused.code for refused in error.recipients}


def _words(error: BaseException) -> str:
    """Say what happened, without the recipient's address."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return "; ".join(f"{refused.code} {refused.message}" for refused in error.recipients)
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"{error.code} {error.message}"
    return f"{type(error).__name__}: {error}"
