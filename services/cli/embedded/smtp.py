"""A real SMTP server that keeps what it gets in a Maildir.

`python -m services.cli.embedded.smtp --port PORT --maildir FOLDER`, or as a child process by `MailServer`.
A message is acknowledged after it is on disk. It is kept as it came, below X-MailFrom and X-RcptTo of its envelope.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import time
from mailbox import Maildir
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from services.cli.embedded.instance import Instance
from services.cli.embedded.places import CHECKOUT
from services.cli.embedded.ports import LOOPBACK, answers, free_port
from services.cli.embedded.process import Command
from services.cli.embedded.server import Server

READY_SECONDS_MAX = 20.0
LOOK_SECONDS = 0.02
MESSAGE_BYTES_MAX = 25_000_000


class MailServer(Server):
    """The server as a child process. `url` and `maildir` stay through restarts."""

    name = "The mail server"
    stop_seconds_max = 5.0

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance, log="smtp")
        self.port = free_port()
        self.maildir = instance.path / "maildir"

    @property
    def url(self) -> str:
        return f"smtp://{LOOPBACK}:{self.port}"

    def start(self) -> None:
        module = [sys.executable, "-P", "-m", "services.cli.embedded.smtp"]
        argv = [*module, "--port", str(self.port), "--maildir", str(self.maildir)]
        command = Command("smtp", argv, self._log, environment={"PYTHONPATH": str(CHECKOUT)})
        self._child = self._instance.spawn(command)
        give_up = time.monotonic() + READY_SECONDS_MAX
        while not answers(self.port):
            if not self.running():
                raise self._failed("it ended while starting")
            if time.monotonic() > give_up:
                raise self._failed(f"it did not answer within {READY_SECONDS_MAX:.0f} s")
            time.sleep(LOOK_SECONDS)


class _Keeper:
    """Keeps messages without reading them: aiosmtpd's own keeper parses each and writes it again."""

    def __init__(self, maildir: Path) -> None:
        self._maildir = Maildir(maildir)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep a message. The server looks for its handler by this name."""
        around = f"X-MailFrom: {envelope.mail_from}\nX-RcptTo: {', '.join(envelope.rcpt_tos)}\n"
        # In a Maildir lines end as those of other files do.
        message = (envelope.original_content or b"").replace(b"\r\n", b"\n")
        self._maildir.add(around.encode() + message)
        return "250 OK"


async def serve(port: int, maildir: Path) -> None:
    """Take mail until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    keeper = _Keeper(maildir)

    def session() -> SMTP:
        # A fixed name: looking the machine's own up can take seconds.
        return SMTP(
            keeper,
            hostname="localhost",
            ident="Recourse",
            enable_SMTPUTF8=True,
            data_size_limit=MESSAGE_BYTES_MAX,
        )

    server = await loop.create_server(session, LOOPBACK, port)
    await ended.wait()
    server.close()


def main() -> None:
    """Read the command line, and serve."""
    parser = argparse.ArgumentParser(description="An SMTP server on loopback that keeps mail in a Maildir.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--maildir", type=Path, required=True)
    arguments = parser.parse_args()
    asyncio.run(serve(arguments.port, arguments.maildir))


if __name__ == "__main__":
    main()
