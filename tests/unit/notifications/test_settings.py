"""The settings of the mail server and of the mailer's patience."""

from __future__ import annotations

from typing import Any

import pytest

from services.notifications.mailer import Server
from services.notifications.settings import Settings
from shared.kit import settings

GOOD = {
    "DATABASE_URL": "postgresql://notifications@localhost/recourse",
    "KAFKA_BOOTSTRAP_SERVERS": "localhost:9092",
    "SMTP_URL": "smtp://localhost:1025",
}


def load(monkeypatch: pytest.MonkeyPatch, **changes: str) -> Settings:
    for name, value in (GOOD | changes).items():
        monkeypatch.setenv(name, value)
    return settings.load(Settings)


def test_a_mail_server_is_all_that_must_be_said(monkeypatch: pytest.MonkeyPatch) -> None:
    terms = load(monkeypatch).terms()
    assert terms.smtp_url == "smtp://localhost:1025"
    assert terms.from_address == "guarantee@marketplace.example"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SMTP_URL", "localhost:25"),
        ("SMTP_URL", "smtp://localhost:99999"),
        ("SMTP_URL", "smtp://localhost?starttls=perhaps"),
        ("MAIL_FROM", "nobody"),
        ("MAIL_FROM", "a@b.example\r\nBcc: evil@evil.example"),
        ("MAIL_FROM_NAME", "a\r\nBcc: evil@evil.example"),
        ("MAIL_TRIES_MAX", "0"),
        ("SMTP_SECONDS_MAX", "0"),
        ("SMTP_SECONDS_MAX", "3600"),
        ("MAIL_WAIT_SECONDS", "-1"),
    ],
)
def test_a_wrong_value_stops_the_process_and_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str
) -> None:
    with pytest.raises(SystemExit) as stopped:
        load(monkeypatch, **{name: value})
    assert stopped.value.code == 2
    assert name in capsys.readouterr().err


def test_the_first_wait_is_not_longer_than_the_longest(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        load(monkeypatch, MAIL_WAIT_SECONDS="60", MAIL_WAIT_SECONDS_MAX="30")
    assert "MAIL_WAIT_SECONDS" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("url", "fields"),
    [
        ("smtp://mail.example", {"host": "mail.example", "port": 25, "is_tls": False, "start_tls": None}),
        ("smtps://mail.example", {"port": 465, "is_tls": True, "start_tls": False}),
        ("smtp://mail.example:587?starttls=required", {"port": 587, "start_tls": True}),
        ("smtp://mail.example?starttls=never", {"start_tls": False}),
        ("smtp://me%40here:p%23ss@mail.example:26", {"username": "me@here", "password": "p#ss", "port": 26}),
    ],
)
def test_a_url_says_where_and_how(url: str, fields: dict[str, Any]) -> None:
    server = Server.of(url)
    assert {name: getattr(server, name) for name in fields} == fields
