"""A real SMTP server of this process whose behaviour a test chooses, mail by mail."""

from __future__ import annotations

import asyncio
import email
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from email.policy import default
from typing import Any, Literal

from aiosmtpd.smtp import SMTP, Envelope, Session

Behaviour = Literal["take", "refuse", "later", "hang", "lose the answer", "hang up"]


class Mailbox:
    """What the server took, and what it will do with the next mails; after those it takes every one."""

    def __init__(self) -> None:
        self.port = 0
        self.taken: list[EmailMessage] = []
        self.asked = 0
        self.greeted_by: set[str | None] = set()
        self.refused_recipients: set[str] = set()
        self.connections = 0
        self.connections_max: int | None = None
        self._next: deque[Behaviour] = deque()
        self._news = asyncio.Condition()
        self._hang = asyncio.Event()
        self._open: set[SMTP] = set()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def will(self, *behaviours: Behaviour) -> None:
        """Choose what happens to the next mails, one after another."""
        self._next.extend(behaviours)

    async def has(self, taken: int = 0, asked: int = 0, seconds_max: float = 20) -> None:
        """Wait until so many mails were taken, and so many were offered."""
        async with asyncio.timeout(seconds_max), self._news:
            await self._news.wait_for(lambda: len(self.taken) >= taken and self.asked >= asked)

    def subjects(self) -> list[str]:
        return [str(message["Subject"]) for message in self.taken]

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self._open.add(server)
        self.connections = max(self.connections, len(self._open))
        if self.connections_max is not None and len(self._open) > self.connections_max:
            self._open.discard(server)
            transport: Any = server.transport
            transport.write(b"421 4.7.0 too many connections\r\n")
            transport.close()
        return responses

    def gone(self, server: SMTP) -> None:
        """Note that a connection is over."""
        self._open.discard(server)

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refused_recipients:
            return "550 5.1.1 no such person"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.greeted_by.add(session.host_name)
        behaviour = self._next.popleft() if self._next else "take"
        if behaviour in {"take", "lose the answer"}:
            message: Any = email.message_from_bytes(envelope.content or b"", policy=default)  # type: ignore[arg-type]
            self.taken.append(message)
        async with self._news:
            self.asked += 1
            self._news.notify_all()
        match behaviour:
            case "take":
                return "250 2.0.0 taken"
            case "refuse":
                return "554 5.7.1 not this one"
            case "later":
                return "451 4.3.0 not now"
            case "hang":
                await self._hang.wait()
                return "421 4.0.0 too late"
            case "lose the answer" | "hang up":
                transport: Any = server.transport
                transport.abort()
                return "250 2.0.0 nobody hears this"

    def release(self) -> None:
        """Let what hangs go."""
        self._hang.set()


class _Session(SMTP):
    """One connection, which tells its server of its end."""

    def connection_lost(self, error: Exception | None) -> None:
        handler: Any = self.event_handler
        handler.gone(self)
        super().connection_lost(error)


@asynccontextmanager
async def serving(mailbox: Mailbox, port: int = 0) -> AsyncIterator[Mailbox]:
    """Serve on loopback until the end of the block."""
    loop = asyncio.get_running_loop()
    sessions: list[SMTP] = []

    def session() -> SMTP:
        sessions.append(_Session(mailbox, hostname="localhost", ident="test", enable_SMTPUTF8=True))
        return sessions[-1]

    server = await loop.create_server(session, "127.0.0.1", port)
    mailbox.port = server.sockets[0].getsockname()[1]
    try:
        yield mailbox
    finally:
        mailbox.release()
        server.close()
        for each in sessions:
            transport: Any = each.transport
            if transport is not None:
                transport.abort()
