"""N3, and the security of headers: a mail as the server gets it."""

from __future__ import annotations

import email
from dataclasses import replace
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr
from typing import Any

import pytest

from services.notifications.mailer.letter import (
    Envelope,
    NoAddressError,
    UnsafeHeaderError,
    UnsendableError,
    address,
    write,
)
from services.notifications.templates import Reader, Rendered, render
from tests.unit.notifications.samples import SAMPLES

RENDERED = Rendered("A subject", "A text\n", "<p>A page</p>\n")
ENVELOPE = Envelope(
    notification_id="6f1c1f6e-4a5b-5d0f-9f52-1f3a2b4c5d6e",
    template="sold_ship_now",
    language="en",
    to_name="Sample Person",
    to_address="person@seller.example",
    from_name="Purchase Guarantee",
    from_address="guarantee@marketplace.example",
    at=datetime(2026, 3, 14, 16, 5, tzinfo=UTC),
)
EVIL = "\r\nBcc: evil@evil.example"
ENCODED_EVIL = [
    "=?utf-8?q?x=0d=0aBcc:=20evil@evil.example?=",
    "=?utf-8?Q?x=0D=0ABcc:=20evil@evil.example?=",
    "=?utf-8?b?eA0KQmNjOiBldmlsQGV2aWwuZXhhbXBsZQ==?=",
    "=?iso-8859-1?q?x=0aBcc:=20evil@evil.example?=",
    "=?utf-8?q?x=00?=",
    "before=?utf-8?q?x=0d=0aBcc:=20evil@evil.example?=after",
    "=?utf-8*en?q?x=0d=0aBcc:=20evil@evil.example?=",
    "=?utf-8?q?x?y=0d=0aBcc:=20evil@evil.example?=",
    "=?utf 8?q?x=0d=0aBcc:=20evil@evil.example?=",
    "=?utf-7?q?x+AA0ACg-Bcc:=20evil@evil.example?=",
    "=?utf-16?b?eAANAAoAQgBjAGMAOgA=?=",
    "=?no-such-charset?q?x=0d=0aBcc:=20evil@evil.example?=",
    "=?utf-8?q?a?= =?utf-8?q?b=0d=0aBcc:=20evil@evil.example?=",
    "=?utf-8?q?a=0d?= =?utf-8?b?Cg==?=",
]


def read(letter: bytes) -> EmailMessage:
    message = email.message_from_bytes(letter, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    content: str = body.get_content()
    return content


def test_the_message_id_is_the_notifications_and_names_no_machine() -> None:
    assert read(write(ENVELOPE, RENDERED))["Message-ID"] == (
        "<6f1c1f6e-4a5b-5d0f-9f52-1f3a2b4c5d6e@marketplace.example>"
    )


def test_a_mail_that_is_written_again_is_the_same_to_the_byte() -> None:
    assert write(ENVELOPE, RENDERED) == write(ENVELOPE, RENDERED)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_was_rendered_is_what_is_read(language: str) -> None:
    for mail in SAMPLES:
        rendered = render(
            mail, Reader("样本 Person", "zh" if language == "zh" else "en", "Asia/Tokyo", "order-1")
        )
        message = read(write(replace(ENVELOPE, to_name="样本 Person"), rendered))
        assert message["Subject"] == rendered.subject
        assert message["To"].addresses[0].display_name == "样本 Person"
        assert message["To"].addresses[0].addr_spec == "person@seller.example"
        assert part(message, "plain").replace("\r\n", "\n").rstrip("\n") == rendered.text.rstrip("\n")
        assert part(message, "html").replace("\r\n", "\n").rstrip("\n") == rendered.html.rstrip("\n")


def test_a_mail_says_that_a_machine_sent_it_when_its_cause_happened_and_in_which_language() -> None:
    message = read(write(replace(ENVELOPE, language="zh"), RENDERED))
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == ENVELOPE.at
    assert message["Content-Language"] == "zh-Hans"
    assert message["X-Recourse-Template"] == "sold_ship_now"


@pytest.mark.parametrize("evil", [EVIL, "x\nBcc: evil@evil.example", "x\ry", "x\x00y", *ENCODED_EVIL])
def test_a_subject_that_would_begin_another_header_is_refused(evil: str) -> None:
    with pytest.raises(UnsafeHeaderError):
        write(ENVELOPE, replace(RENDERED, subject=evil))


@pytest.mark.parametrize("evil", ENCODED_EVIL)
def test_a_name_that_would_begin_another_header_is_refused(evil: str) -> None:
    with pytest.raises(UnsafeHeaderError):
        write(replace(ENVELOPE, to_name=evil), RENDERED)


@pytest.mark.parametrize("evil", [EVIL, *ENCODED_EVIL])
def test_a_senders_name_that_would_begin_another_header_is_refused(evil: str) -> None:
    with pytest.raises(UnsafeHeaderError):
        write(replace(ENVELOPE, from_name=evil), RENDERED)


@pytest.mark.parametrize("field", ["notification_id", "template", "from_address"])
@pytest.mark.parametrize("evil", ["x\r\nBcc: evil@evil.example", "x\x00", ENCODED_EVIL[0]])
def test_no_other_header_can_be_begun_either(field: str, evil: str) -> None:
    wrong: dict[str, Any] = {field: f"{evil}@marketplace.example" if field == "from_address" else evil}
    with pytest.raises((UnsafeHeaderError, ValueError)):
        write(replace(ENVELOPE, **wrong), RENDERED)


@pytest.mark.parametrize(
    "name", [EVIL, "a\r\nb", '"; <evil@evil.example>', "a, evil@evil.example", "x" * 300]
)
def test_a_name_never_becomes_a_header_or_another_recipient(name: str) -> None:
    letter = write(replace(ENVELOPE, to_name=name), RENDERED)
    message = read(letter)
    assert message["Bcc"] is None
    assert [each.addr_spec for each in message["To"].addresses] == ["person@seller.example"]


@pytest.mark.parametrize(
    ("subject", "read_as"),
    [
        ("=?utf-8?q?caf=C3=A9?=", "= ?utf-8?q?caf=C3=A9?="),
        ("=?utf-8?b?no base64?=", "= ?utf-8?b?no base64?="),
        ("=?utf-8?b?x?=", "= ?utf-8?b?x?="),
        ("=?x?", "= ?x?"),
        ("100 % = ? a", "100 % = ? a"),
        ("", ""),
    ],
)
def test_an_odd_but_harmless_subject_is_read_as_it_stands(subject: str, read_as: str) -> None:
    assert read(write(ENVELOPE, replace(RENDERED, subject=subject)))["Subject"] == read_as


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Sample Person",
        "A. B. O'Neil",
        'Sample "The \\ Person", jr. <a@b.example>',
        "Zoë Müller (Zürich)",
        "样本",
        "x" * 80,
        "x" * 39 + " " + "y" * 40,
        "one two three " * 5 + "ten",
        "样本" * 40,
        "a " + "样本 " * 20 + "z",
        "a\x01b",
    ],
)
def test_a_name_of_any_kind_is_read_as_it_is(name: str) -> None:
    letter = write(replace(ENVELOPE, to_name=name), RENDERED)
    # Encoded words are put together as RFC 2047 says; `addresses` sets blanks between those of a name.
    plain = email.message_from_bytes(letter)["To"].replace("\r\n", "")
    read_name, read_address = (str(make_header(decode_header(part))) for part in parseaddr(plain))
    assert (read_name, read_address) == (name, "person@seller.example")
    assert [each.addr_spec for each in read(letter)["To"].addresses] == ["person@seller.example"]


@pytest.mark.parametrize(
    "subject", ["one two three " * 14 + "four", "o" * 200, "样本" * 100, "样本 order-1 " * 15 + "x", "a\x7fb"]
)
def test_a_subject_is_folded_and_read_as_it_is(subject: str) -> None:
    letter = write(ENVELOPE, replace(RENDERED, subject=subject))
    assert read(letter)["Subject"] == subject
    head = letter.partition(b"\r\n\r\n")[0].decode()
    lines = [line.removeprefix("Subject: ").strip() for line in head.split("\r\n")]
    assert all(len(line) <= 78 or " " not in line for line in lines)


def test_an_id_is_not_folded_however_long_the_domain_is() -> None:
    domain = "marketplace." * 10 + "example"
    letter = write(replace(ENVELOPE, from_address=f"guarantee@{domain}"), RENDERED)
    assert f"\r\nMessage-ID: <{ENVELOPE.notification_id}@{domain}>\r\n".encode() in letter
    assert read(letter)["From"].addresses[0].addr_spec == f"guarantee@{domain}"


@pytest.mark.parametrize(
    "text",
    [
        "ends in blanks  \n-- \n",
        ".\n..\n",
        "=3D = =\n",
        "x" * 2000 + "\n",
        "a\rb\r\nc\n",
        "\n\na\n\n",
        "é样\x01\n",
    ],
)
def test_a_text_of_any_kind_is_read_as_it_is_in_lines_that_every_server_takes(text: str) -> None:
    letter = write(ENVELOPE, Rendered("A subject", text, f"<p>{text}"))
    message = read(letter)
    expected = text.replace("\r\n", "\n").replace("\r", "\n")
    assert part(message, "plain").replace("\r\n", "\n") == expected
    assert part(message, "html").replace("\r\n", "\n") == f"<p>{expected}"
    assert all(len(line) <= 78 for line in letter.split(b"\r\n"))
    assert not any(message.defects for message in [message, *message.iter_parts()])
    assert b"\n" not in letter.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "nobody",
        "@seller.example",
        "a@",
        "a b@seller.example",
        "a@seller example",
        "a@b@seller.example",
        "<a@seller.example>",
        "a@seller.example\r\nBcc: evil@evil.example",
        "a@seller.example\nRCPT TO:<evil@evil.example>",
        "a@seller.example>,<evil@evil.example",
        "a,evil@evil.example",
        "ä@seller.example",
        "a@" + "x" * 64 + ".example",
        "a" * 65 + "@seller.example",
        "a@" + "seller." * 40 + "example",
        "a@..example",
        ".a@seller.example",
        "a.@seller.example",
        "a..b@seller.example",
        "a\x00@seller.example",
    ],
)
def test_what_is_no_address_gets_no_mail(wrong: str) -> None:
    with pytest.raises(NoAddressError):
        write(replace(ENVELOPE, to_address=wrong), RENDERED)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("a.b+c@seller.example", "a.b+c@seller.example"),
        ("  a@seller.example ", "a@seller.example"),
        ("a@bücher.example", "a@xn--bcher-kva.example"),
        ("a@localhost", "a@localhost"),
        ("o'neil_%x=y@seller.example", "o'neil_%x=y@seller.example"),
    ],
)
def test_an_address_is_taken_as_it_is_but_for_its_domains_ascii_form(given: str, found: str) -> None:
    assert address(given) == found


def test_the_boundary_cannot_stand_in_a_body() -> None:
    boundary = f"--=_{ENVELOPE.notification_id}--\n"
    message = read(
        write(ENVELOPE, replace(RENDERED, text=f"{boundary}{boundary}", html=f"<p>{boundary}é</p>"))
    )
    assert len(list(message.iter_parts())) == 2
    assert part(message, "plain").replace("\r\n", "\n") == f"{boundary}{boundary}"


def test_what_must_not_be_sent_is_one_family() -> None:
    assert issubclass(UnsafeHeaderError, UnsendableError)
    assert issubclass(NoAddressError, UnsendableError)
