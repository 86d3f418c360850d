"""Quiet: every reader has applied all that its logs hold."""

from __future__ import annotations

from services.cli.quiet import Unrest, unread

READERS = {("orders.events", 0): ["messaging", "claims"], ("timer.events", 1): ["claims"]}


def test_all_is_quiet_when_every_reader_stands_at_the_end() -> None:
    applied = {("messaging", "orders.events", 0): 7, ("claims", "orders.events", 0): 7}
    assert unread(READERS, applied, {("orders.events", 0): 7, ("timer.events", 1): 0}, {}) == []


def test_a_reader_that_is_behind_is_named_with_how_far() -> None:
    applied = {("messaging", "orders.events", 0): 7, ("claims", "orders.events", 0): 4}
    found = unread(READERS, applied, {("orders.events", 0): 7}, {})
    assert found == [Unrest("claims", "unread", 3, "orders.events", 0)]
    assert str(found[0]) == "claims has not read the last 3 of orders.events[0]"


def test_a_partition_that_was_never_read_and_holds_something_is_unread() -> None:
    assert unread(READERS, {}, {("timer.events", 1): 2}, {}) == [
        Unrest("claims", "unread", 2, "timer.events", 1)
    ]


def test_the_mark_of_a_transaction_at_the_end_of_a_log_keeps_nobody_waiting() -> None:
    applied = {("claims", "timer.events", 1): 4}
    assert unread(READERS, applied, {("timer.events", 1): 5}, {("timer.events", 1): 5}) == []
    assert unread(READERS, applied, {("timer.events", 1): 6}, {("timer.events", 1): 5}) != []


def test_what_is_not_done_says_what_it_is() -> None:
    assert str(Unrest("orders", "outbox", 3)) == "orders has 3 messages to send"
    assert str(Unrest("timer", "timers", 2)) == "2 deadlines are due and have not fired"
    assert str(Unrest("notifications", "mails", 1)) == "1 mails are to be sent"
