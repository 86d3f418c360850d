"""A mail as the server gets it: bytes that are the same each time it is sent, with no header but ours."""

from __future__ import annotations

import re
from datetime import datetime
from email.encoders import encode_base64, encode_quopri
from email.errors import MessageError
from email.header import Header, decode_header
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import Compat32
from email.utils import format_datetime, formataddr

from services.notifications.templates import Rendered, one_line
from shared.values import dataclass

_LINE_CHARACTERS_MAX = 78
_LINE_END = "\r\n"
_ANY_LINE_END = re.compile(r"\r\n|\r|\n")
_BROKEN = re.compile(r"[\r\n\x00]")
# As a lenient reader finds them: with blanks, question marks and line breaks within.
_ENCODED_WORD = re.compile(r"=\?[^?]*\?[bq]\?.*?\?=", re.IGNORECASE | re.DOTALL)
_ATOM = r"[^\s\x00-\x20\x7f()<>\[\]:;@\\,\".]+"
_ADDRESS = re.compile(
    rf"(?=[^@]{{1,64}}@){_ATOM}(\.{_ATOM})*@([A-Za-z0-9-]{{1,63}}\.)*[A-Za-z0-9-]{{1,63}}", re.ASCII
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


class _Policy(Compat32):
    """The library's policy that parses no header. What need not be folded is spared it, which took half of the time."""

    def fold_binary(self, name: str, value: str) -> bytes:
        """Write a header. An id has no blank to fold at: the library would begin it on a line of its own."""
        if " " in value and len(f"{name}: {value}") > _LINE_CHARACTERS_MAX:
            return super().fold_binary(name, value)
        return f"{name}: {value}{self.linesep}".encode("ascii")


_POLICY = _Policy(linesep=_LINE_END)


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
    # With "=" in it, it can't stand in a body that is quoted-printable or base64.
    message = MIMEMultipart("alternative", boundary=f"=_{envelope.notification_id}")
    for name, value in _headers(envelope, rendered).items():
        message[name] = value
    message.attach(_part("plain", rendered.text))
    message.attach(_part("html", rendered.html))
    written = message.as_bytes(policy=_POLICY)
    _require_only_ours(written)
    return written


def _headers(envelope: Envelope, rendered: Rendered) -> dict[str, str]:
    domain = envelope.from_address.partition("@")[2]
    return {
        "From": _mailbox("From", envelope.from_name, envelope.from_address),
        "To": _mailbox("To", _name(envelope.to_name), address(envelope.to_address)),
        "Subject": _header("Subject", _literal("Subject", rendered.subject)),
        "Date": _header("Date", format_datetime(envelope.at)),
        "Message-ID": _header("Message-ID", f"<{envelope.notification_id}@{domain}>"),
        "Auto-Submitted": _header("Auto-Submitted", "auto-generated"),
        "X-Recourse-Template": _header("X-Recourse-Template", envelope.template),
        "Content-Language": _header("Content-Language", "zh-Hans" if envelope.language == "zh" else "en"),
    }


def _header(name: str, value: str) -> str:
    _require_safe(name, value)
    return value if _is_plain(value) else _encoded(Header(value, "utf-8", header_name=name))


def _mailbox(name: str, person: str, mail_address: str) -> str:
    _require_safe(name, f"{person} {mail_address}")
    person = one_line(_literal(name, person))
    if _is_plain(person):
        return _header(name, formataddr((person, mail_address)))
    header = Header(person, "utf-8", header_name=name)
    header.append(f"<{mail_address}>", "us-ascii")
    return _encoded(header)


def _encoded(header: Header) -> str:
    return header.encode(linesep=_LINE_END)


def _is_plain(value: str) -> bool:
    return value.isascii() and value.isprintable()


def _part(subtype: str, text: str) -> MIMENonMultipart:
    """Make one of the two forms of a mail, as a part of it."""
    part = MIMENonMultipart("text", subtype, charset="utf-8")
    part.set_payload(_ANY_LINE_END.sub(_LINE_END, text).encode())
    if text.isascii():
        encode_quopri(part)
    else:
        encode_base64(part)
    return part


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


def _require_safe(name: str, text: str) -> None:
    """Refuse what breaks a header, also where only decoding brings it out (RFC 2047): some readers decode first."""
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


def _require_only_ours(written: bytes) -> None:
    """Look at the bytes themselves: whatever a library made of the values, these headers stand there, once each."""
    head = written.partition(b"\r\n\r\n")[0].decode("ascii", "replace")
    names = [line.partition(":")[0] for line in head.split("\r\n") if not line.startswith((" ", "\t"))]
    if sorted(names) != sorted(_HEADERS) or _BROKEN.search(head.replace("\r\n", "")):
        raise UnsafeHeaderError(next(iter(set(names) - set(_HEADERS)), "(repeated)"))
