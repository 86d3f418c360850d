"""Two processes with one instance id push each other out of the group for ever: readiness has to say so."""

from __future__ import annotations

from shared.kit.membership import Membership


def joined(*member_ids: str, seconds_apart: float = 3) -> Membership:
    membership = Membership(session_seconds=10)
    for number, member_id in enumerate(member_ids):
        membership.joined(member_id, number * seconds_apart)
    return membership


def test_ordinary_rebalances_are_no_alarm() -> None:
    assert not joined("a", "a", "a", "a", "a").is_contested(12)


def test_being_forgotten_once_or_twice_is_no_alarm() -> None:
    assert not joined("a", "b", "c").is_contested(6)


def test_who_is_pushed_out_again_and_again_says_so() -> None:
    assert joined("a", "b", "c", "d").is_contested(9)


def test_the_alarm_ends_when_the_other_process_has_ended() -> None:
    assert not joined("a", "b", "c", "d").is_contested(90)
