"""The small parts: ids, records, what a key has heard, the count of a partition, the watch for an outage."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.kit import ids
from shared.kit.fold import Verdict
from shared.kit.heard import Heard
from shared.kit.limits import Limits
from shared.kit.outage import OutageWatch
from shared.kit.records import headers_from_json, headers_to_json
from shared.kit.tally import PartitionTally, by_partition
from tests.support.toy import Say, Tape, numbered, unnumbered

# ----------------------------------------------------------------------------------------------------- ids


def test_the_same_parts_give_the_same_id_in_every_release() -> None:
    assert ids.derived("order", "1") == ids.derived("order", "1") == "79062ddd-abf3-57f4-a313-31af1a31d44c"
    assert ids.derived("order", "1") != ids.derived("order1")
    assert ids.derived("a", "bc") != ids.derived("ab", "c")


def test_fresh_ids_rise_with_time() -> None:
    drawn = [ids.fresh() for _ in range(1000)]
    assert drawn == sorted(set(drawn))
    assert {uuid.UUID(each).version for each in drawn} == {7}


# ------------------------------------------------------------------------------------------------- records


@given(
    st.lists(
        st.tuples(st.text(st.characters(codec="utf-8", exclude_characters="\x00")), st.none() | st.binary())
    )
)
@example([("", rb"\u0000")])
def test_headers_come_back_as_they_were(headers: list[tuple[str, bytes | None]]) -> None:
    text = headers_to_json(headers)
    assert headers_from_json(text) == headers
    assert "\\u0000" not in text.replace("\\\\", ""), "an escaped NUL, which PostgreSQL does not take"


def test_records_differ_by_whatever_kafka_keeps_of_them() -> None:
    good = unnumbered("o")
    others = [
        good,
        Say(good.topic, b"p", good.headers, good.value),
        Say(good.topic, None, good.headers, good.value),
        Say(good.topic, b"", good.headers, good.value),
        Say(good.topic, good.key, good.headers, None),
        Say(good.topic, good.key, good.headers, b""),
        Say(good.topic, good.key, (), good.value),
        Say(good.topic, good.key, (*good.headers, ("x", None)), good.value),
        Say(good.topic, good.key, (*good.headers, ("x", b"")), good.value),
        Say(good.topic, good.key, (("a", b"bc"),), good.value),
        Say(good.topic, good.key, (("ab", b"c"),), good.value),
    ]
    assert len({each.at(0).fingerprint for each in others}) == len(others)
    assert good.at(0).fingerprint == good.at(7).fingerprint


@pytest.mark.parametrize("key", [None, b"", b"\xff", b"a\x00b", b"x" * 201])
def test_a_key_that_no_table_could_hold_is_none(key: bytes | None) -> None:
    good = unnumbered("o")
    assert Say(good.topic, key, (), None).at(0).text_key is None


@pytest.mark.parametrize(
    ("header", "number"),
    [
        (b"1", 1),
        (b"007", 7),
        (b"", None),
        (b"-1", None),
        (b"1.0", None),
        ("²".encode(), None),
        (b"9" * 40, None),
    ],
)
def test_a_number_is_read_or_it_is_none(header: bytes, number: int | None) -> None:
    good = numbered("o", 1)
    assert Say(good.topic, good.key, (("ce_sequence", header),), None).at(0).sequence == number


# --------------------------------------------------------------------------------------------------- heard


def heard(**changes: object) -> Heard:
    return Heard(topics={"t": (5, "five")}, **changes)  # type: ignore[arg-type]  # fields of Heard


@pytest.mark.parametrize(
    ("sequence", "event_id", "arrival"),
    [(6, "x", "next"), (7, "x", "early"), (5, "five", "copy"), (5, "other", "restored"), (4, "x", "copy")],
)
def test_a_number_says_what_a_fact_is(sequence: int, event_id: str, arrival: str) -> None:
    assert heard().arrival("t", sequence, event_id) == arrival


def test_the_first_fact_of_a_key_is_number_1() -> None:
    assert Heard().arrival("t", 1, "x") == "next"
    assert Heard().arrival("t", 2, "x") == "early"


def test_what_is_skipped_before_its_turn_is_left_out_when_it_comes() -> None:
    state = heard(holds={"seven": ("t", 7), "eight": ("t", 8)})
    state.skip("eight")
    state.skip("seven")
    assert state.topics["t"][0] == 5
    state.hear("t", 6, "six")
    assert state.topics["t"][0] == 8
    assert state.arrival("t", 8, "whoever sends it again") == "copy"
    assert state.skips == {}


@given(st.permutations([1, 2, 3, 4, 5]), st.sets(st.integers(1, 5)))
def test_however_dead_letters_are_skipped_the_rest_is_heard_once_and_in_order(
    order: list[int], dead: set[int]
) -> None:
    state = Heard(holds={str(number): ("t", number) for number in dead})
    applied: list[int] = []
    for number in order:
        if number in dead:
            state.skip(str(number))
        for each in range(1, 6):
            if each not in dead and state.arrival("t", each, str(each)) == "next":
                state.hear("t", each, str(each))
                applied.append(each)
    assert applied == sorted(set(range(1, 6)) - dead)
    assert state.topics["t"][0] == 5
    assert (state.skips, state.is_in_order) == ({}, True)


def test_it_is_written_and_read_back() -> None:
    state = heard(commands=["c"], holds={"dl": ("t", None)}, skips={"t": [0, 9]}, held=3, parked=True)
    assert Heard.from_json(state.to_json()) == state
    assert Heard().to_json() == "{}"


def test_a_dead_letter_whose_number_was_heard_since_holds_nothing() -> None:
    assert heard(holds={"dl": ("t", 5)}).is_in_order
    assert not heard(holds={"dl": ("t", 6)}).is_in_order
    assert not heard(holds={"dl": ("t", None)}).is_in_order


# ------------------------------------------------------------------------------------------- tally, outage


def test_offsets_that_no_record_has_are_holes() -> None:
    tape = Tape()
    records = tape(*(unnumbered("o", str(n)) for n in range(5)))
    tally = PartitionTally(0)
    for record in (records[0], records[3], records[4]):
        tally.add(record)
    assert (tally.records, tally.holes, tally.next_offset) == (3, 2, 5)


def test_records_are_grouped_by_partition_in_their_order() -> None:
    tape = Tape()
    records = [
        *tape(unnumbered("a")),
        *tape(unnumbered("b"), partition=1),
        *tape(numbered("c", 1), unnumbered("d")),
    ]
    assert {place: [r.text_key for r in group] for place, group in by_partition(records).items()} == {
        ("checkout.events", 0): ["a", "d"],
        ("checkout.events", 1): ["b"],
        ("orders.events", 0): ["c"],
    }


def test_half_dead_of_the_last_1000_is_no_outage_and_one_more_is() -> None:
    watch = OutageWatch(Limits())
    watch.add({Verdict.APPLIED: 500, Verdict.DEAD: 500})
    assert watch.verdict is None
    watch.add({Verdict.DEAD: 1})
    assert "501 of the last 1001 records could not be read" in str(watch.verdict)


def test_the_first_records_of_a_process_are_no_outage() -> None:
    watch = OutageWatch(Limits())
    watch.add({Verdict.DEAD: 999})
    assert watch.verdict is None


def test_dead_records_of_long_ago_are_forgotten() -> None:
    watch = OutageWatch(Limits())
    watch.add({Verdict.DEAD: 400, Verdict.APPLIED: 600})
    for _ in range(10):
        watch.add({Verdict.APPLIED: 100})
    watch.add({Verdict.DEAD: 400})
    assert watch.verdict is None


def test_too_many_parked_records_are_an_outage() -> None:
    watch = OutageWatch(Limits())
    for _ in range(11):
        watch.add({Verdict.PARKED: 1000})
    assert "11000 records are parked" in str(watch.verdict)
