"""The embedded mail server keeps what it said it has, as it came."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from mailbox import Maildir

import pytest

from services.cli.embedded.instance import Instance
from services.cli.embedded.ports import LOOPBACK
from services.cli.embedded.smtp import MailServer
from services.cli.embedded.system import stopping

# With what a message that is read and written again would not keep: blanks, an odd header, a line with one dot.
LETTER = b"""X-Odd:  two  blanks\r
Subject: A\r
  subject\r
Content-Type: text/plain; charset=utf-8; x=y\r
\r
From the first line\r
.\r
\xe6\xa0\xb7 to the last\r
"""


@pytest.fixture
def server() -> Iterator[MailServer]:
    with Instance() as instance, stopping(made := MailServer(instance)):
        made.start()
        yield made


def send(server: MailServer, letter: bytes, *to: str) -> None:
    with smtplib.SMTP(LOOPBACK, server.port, timeout=10) as client:
        client.sendmail("from@marketplace.example", list(to), letter)


def kept(server: MailServer) -> list[bytes]:
    box = Maildir(server.maildir, create=False)
    return [box.get_bytes(key) for key in sorted(box.keys())]


def test_a_message_is_kept_as_it_came_below_its_envelope(server: MailServer) -> None:
    send(server, LETTER, "one@seller.example", "two@seller.example")
    assert kept(server) == [
        b"X-MailFrom: from@marketplace.example\nX-RcptTo: one@seller.example, two@seller.example\n"
        + LETTER.replace(b"\r\n", b"\n")
    ]


def test_what_was_acknowledged_is_there_after_a_kill_and_more_can_come(server: MailServer) -> None:
    send(server, LETTER, "one@seller.example")
    server.kill()
    assert len(kept(server)) == 1
    server.start()
    send(server, LETTER, "two@seller.example")
    assert len(kept(server)) == 2
