"""A mail as the server gets it: bytes that are the same each time it is sent, with no header but ours."""

from __future__ import annotations

import re
from datetime import datetime
from email import policy
from email.errors import MessageError
from email.header import decode_header
from email.headerregistry import Address, HeaderRegistry
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from typing import Any

from services.notifications.templates import Rendered, one_line
from shared.values import dataclass


class _Headers(HeaderRegistry):
    """Makes the class of each header once: the library makes it anew for every header of every mail."""

    @cache  # noqa: B019  there is one, which lives as long as the process
    def __getitem__(self, name: str) -> Any:
        return super().__getitem__(name)


_POLICY = policy.SMTP.clone(header_factory=_Headers())
_BROKEN = re.compile(r"[\r\n\x00]")
# As a lenient reader finds them: with blanks, question marks and line breaks within.
_ENCODED_WORD = re.compile(r"=\?[^?]*\?[bq]\?.*?\?=", re.IGNORECASE | re.DOTALL)
_ADDRESS = re.compile(
    r"[^\s\x00-\x20\x7f()<>\[\]:;@\\,\"]{1,64}@([A-Za-z0-9-]{1,63}\.)*[A-Za-z0-9-]{1,63}", re.ASCII
)
_ADDRESS_CHARACTERS_MAX = 254
_NAME_CHARACTERS_MAX = 80
_HEADERS = (
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "Content-Language",
    "X-Recourse-Template",
    "MIME-Version",
    "Content-Type",
)


class UnsendableError(Exception):
    """A mail that no server should get, however often it is tried."""


class UnsafeHeaderError(UnsendableError):
    """Something in a header would begin another one. Look at the order's and the person's data."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the header {name} has a line break or NUL in it, plain or encoded")


class NoAddressError(UnsendableError):
    """What the account gives as its mail address is none. It can be sent once upstream has corrected it."""

    def __init__(self) -> None:
        super().__init__("the account's mail address is none")


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is around a rendered mail. `at` is when its cause happened, so that a repeat is the same mail."""

    notification_id: str
    template: str
    language: str
    to_name: str
    to_address: str
    from_name: str
    from_address: str
    at: datetime


def write(envelope: Envelope, rendered: Rendered) -> bytes:
    """Write the mail. Raises UnsendableError for what must not be sent."""
    message = EmailMessage(policy=_POLICY)
    for name, value in _headers(envelope, rendered).items():
        _require_safe(name, value)
        message[name] = value
    message.set_content(rendered.text, cte=_encoding(rendered.text))
    message.add_alternative(rendered.html, subtype="html", cte=_encoding(rendered.html))
    # Set last: what sets the content drops the headers that describe it.
    message["Content-Language"] = "zh-Hans" if envelope.language == "zh" else "en"
    # With "=" in it, it can't stand in a body that is quoted-printable or base64.
    message.set_boundary(f"=_{envelope.notification_id}")
    written = message.as_bytes()
    _require_only_ours(written)
    return written


def _headers(envelope: Envelope, rendered: Rendered) -> dict[str, str | Address]:
    domain = envelope.from_address.partition("@")[2]
    return {
        "From": Address(_literal("From", envelope.from_name), addr_spec=envelope.from_address),
        "To": Address(_literal("To", _name(envelope.to_name)), addr_spec=address(envelope.to_address)),
        "Subject": _literal("Subject", rendered.subject),
        "Date": format_datetime(envelope.at),
        "Message-ID": f"<{envelope.notification_id}@{domain}>",
        "Auto-Submitted": "auto-generated",
        "X-Recourse-Template": envelope.template,
    }


def address(given: str) -> str:
    """Return a mail address that can stand in an envelope, or raise NoAddressError."""
    local, _, domain = given.strip().rpartition("@")
    try:
        found = f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError as error:
        raise NoAddressError from error
    if len(found) > _ADDRESS_CHARACTERS_MAX or not found.isascii() or not _ADDRESS.fullmatch(found):
        raise NoAddressError
    return found


def _name(given: str) -> str:
    return one_line(given)[:_NAME_CHARACTERS_MAX]


def _literal(name: str, value: str) -> str:
    """Keep what looks like an encoded word as it stands: no library shall decode it."""
    _require_safe(name, value)
    return value.replace("=?", "= ?")


def _require_safe(name: str, value: str | Address) -> None:
    """Refuse what breaks a header, also where only decoding brings it out (RFC 2047): some readers decode first."""
    text = f"{value.display_name} {value.addr_spec}" if isinstance(value, Address) else value
    if _BROKEN.search(text) or any(_BROKEN.search(_decoded(word)) for word in _ENCODED_WORD.findall(text)):
        raise UnsafeHeaderError(name)


def _decoded(word: str) -> str:
    """Decode by the charset that the word names, and byte by byte: whichever its reader does."""
    try:
        parts = decode_header(word)
    except (MessageError, ValueError):  # not even base64: nobody can decode it
        return ""
    return "".join(_texts(part, charset) for part, charset in parts)


def _texts(part: str | bytes, charset: str | None) -> str:
    if isinstance(part, str):
        return part
    try:
        return part.decode("latin-1") + part.decode(charset or "latin-1", "replace")
    except (LookupError, ValueError):  # a charset that nobody knows
        return part.decode("latin-1")


def _encoding(text: str) -> str:
    return "quoted-printable" if text.isascii() else "base64"


def _require_only_ours(written: bytes) -> None:
    """Look at the bytes themselves: whatever a library made of the values, these headers stand there, once each."""
    head = written.partition(b"\r\n\r\n")[0].decode("ascii", "replace")
    names = [line.partition(":")[0] for line in head.split("\r\n") if not line.startswith((" ", "\t"))]
    if sorted(names) != sorted(_HEADERS) or _BROKEN.search(head.replace("\r\n", "")):
        raise UnsafeHeaderError(next(iter(set(names) - set(_HEADERS)), "(repeated)"))
