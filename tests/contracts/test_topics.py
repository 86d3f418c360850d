"""The topics, held against the table that the outside world knows."""

from __future__ import annotations

import pytest

from shared.contracts.messages import BY_TOPIC, BY_TYPE, MESSAGES
from shared.contracts.topics import (
    SERVICES,
    TOPICS,
    Installation,
    Tier,
    dead_letters,
    provisions,
    read_by,
    written_by,
)

ALL = "orders messaging claims timer notifications performance gateway"
WITH_TIMERS = "orders messaging claims notifications performance"

TABLE = f"""
checkout.events      | order       | checkout payment    | orders gateway
catalog.events       | seller      | catalogue           | orders
accounts.events      | party       | accounts            | orders messaging claims notifications performance gateway
carriers.events      | tracking    | carriers            | orders messaging
orders.commands      | order       | gateway front-end   | orders gateway
messaging.commands   | order       | gateway front-end   | messaging
claims.commands      | order       | gateway front-end   | claims
performance.commands | order       | gateway front-end   | performance
orders.events        | order       | orders              | messaging claims notifications performance gateway
messaging.events     | order       | messaging           | orders claims notifications performance gateway
claims.events        | order       | claims              | orders messaging notifications performance gateway
inventory.events     | seller      | orders              | gateway catalogue
timer.commands       | order       | {WITH_TIMERS}       | timer
timer.events         | order       | timer               | {WITH_TIMERS}
notifications.events | order       | notifications       | gateway
performance.events   | seller      | performance         | gateway
finance.debits       | seller      | claims              | finance gateway
operations.commands  | service     | gateway command-line | {ALL}
operations.events    | service     | {ALL}               | gateway
"""


def rows() -> dict[str, tuple[str, set[str], set[str]]]:
    found = {}
    for line in TABLE.strip().splitlines():
        name, key, writers, readers = (cell.strip() for cell in line.split("|"))
        found[name] = (key, set(writers.split()), set(readers.split()))
    for service in ALL.split():
        found[f"{service}.dead-letters"] = ("as found", {service}, {"gateway", "operators"})
    return found


def names(given: tuple[str, ...]) -> set[str]:
    return {name.replace(" ", "-") for name in given}


def test_the_topics_are_those_of_the_table() -> None:
    found = {name: (topic.key, names(topic.writers), names(topic.readers)) for name, topic in TOPICS.items()}
    assert found == rows()


def test_whoever_keeps_a_word_of_a_person_hears_that_they_are_erased() -> None:
    assert set(TOPICS["accounts.events"].readers) == set(SERVICES) - {"timer"}


def test_outsiders_write_what_no_service_of_ours_but_the_gateway_writes() -> None:
    for topic in TOPICS.values():
        is_ours = set(topic.writers) <= set(SERVICES)
        assert topic.outsiders_write is not is_ours


def test_facts_are_numbered_on_three_topics() -> None:
    assert {name for name, topic in TOPICS.items() if topic.sequenced} == {
        "orders.events", "messaging.events", "claims.events",
    }  # fmt: skip


def test_facts_come_before_commands_before_deadlines() -> None:
    assert Tier.FACTS < Tier.COMMANDS < Tier.DEADLINES
    for name, topic in TOPICS.items():
        expected = Tier.COMMANDS if name.endswith(".commands") else Tier.FACTS
        expected = {"timer.events": Tier.DEADLINES, "operations.commands": Tier.OPERATIONS}.get(
            name, expected
        )
        assert topic.tier == expected, name


def test_a_service_subscribes_to_what_it_has_a_use_for() -> None:
    subscribed = {service: {topic.name for topic in read_by(service)} for service in SERVICES}
    assert subscribed["orders"] == {
        "checkout.events", "catalog.events", "accounts.events", "carriers.events", "orders.commands",
        "messaging.events", "claims.events", "timer.events", "operations.commands",
    }  # fmt: skip
    assert subscribed["messaging"] == {
        "messaging.commands", "accounts.events", "carriers.events", "orders.events", "claims.events",
        "timer.events", "operations.commands",
    }  # fmt: skip
    assert subscribed["claims"] == {
        "claims.commands", "accounts.events", "orders.events", "messaging.events", "timer.events",
        "operations.commands",
    }  # fmt: skip
    assert subscribed["timer"] == {"timer.commands", "operations.commands"}
    assert subscribed["notifications"] == {
        "accounts.events", "orders.events", "messaging.events", "claims.events", "timer.events",
        "operations.commands",
    }  # fmt: skip
    assert subscribed["performance"] == {
        "performance.commands", "accounts.events", "orders.events", "messaging.events", "claims.events",
        "timer.events", "operations.commands",
    }  # fmt: skip


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_writes_its_dead_letters_and_its_answers_to_operators(service: str) -> None:
    assert {dead_letters(service), "operations.events"} <= {topic.name for topic in written_by(service)}


def test_order_keyed_topics_have_equal_partition_counts_and_the_rest_their_own() -> None:
    made = {
        each.name: each.partitions
        for each in provisions(Installation(order_partitions=12, party_partitions=5))
    }
    assert made.keys() == TOPICS.keys()
    for name, topic in TOPICS.items():
        if topic.key == "order":
            assert made[name] == 12
        elif topic.key in {"service", "as found"}:
            assert made[name] == 1
        else:
            assert made[name] == 5


def test_topics_are_made_durable_bounded_and_kept_30_days() -> None:
    for each in provisions(Installation(replicas=3, min_insync_replicas=2)):
        is_dead_letters = each.name.endswith(".dead-letters")
        assert each.replicas == 3
        assert each.config["min.insync.replicas"] == "2"
        assert each.config["cleanup.policy"] == "delete"
        assert int(each.config["retention.ms"]) == 30 * 24 * 60 * 60 * 1000
        largest = (2 if is_dead_letters else 1) * 1024 * 1024
        assert largest < int(each.config["max.message.bytes"]) < largest + 128 * 1024


@pytest.mark.parametrize(
    "wrong",
    [
        {"order_partitions": 0},
        {"party_partitions": -1},
        {"min_insync_replicas": 0},
        {"replicas": 1, "min_insync_replicas": 2},
    ],
)
def test_an_installation_that_cannot_work_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least"):
        Installation(**wrong)


def test_every_message_is_carried_by_a_topic_of_its_owner() -> None:
    for message in MESSAGES:
        owner = message.TYPE.split(".")[0]
        assert message.TOPIC.split(".")[0] == owner
    assert len(BY_TYPE) == len(MESSAGES)
    assert sum(len(types) for types in BY_TOPIC.values()) == len(MESSAGES)
