"""The mails as the SMTP server got them."""

from __future__ import annotations

import mailbox
from collections.abc import Sequence
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

TEMPLATE = "X-Recourse-Template"


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail: to whom, of which template, its subject, its text, and the id that a repeat would share."""

    to: str
    template: str
    subject: str
    text: str
    message_id: str


def received(maildir: Path) -> Sequence[Mail]:
    """Return the mails in the order in which they came, repeats left out."""
    found: dict[str, Mail] = {}
    box = mailbox.Maildir(maildir, create=False)
    parser = BytesParser(policy=policy.default)
    for key in sorted(box.keys()):
        mail = _mail(parser.parsebytes(box.get_bytes(key)))
        found.setdefault(mail.message_id, mail)
    return list(found.values())


def _mail(message: EmailMessage) -> Mail:
    body = message.get_body(("plain",))
    return Mail(
        to=str(message["To"]),
        template=str(message[TEMPLATE]),
        subject=str(message["Subject"]),
        text=body.get_content() if body else "",
        message_id=str(message["Message-ID"]),
    )
