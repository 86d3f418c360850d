"""The batch path: as many statements for 1 000 records as for 100, and fewer for 10."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from shared.contracts.operations import Retry
from shared.kit.decode import decoder
from shared.kit.sql import queries
from shared.kit.unit import Unit
from tests.support.toy import (
    Say,
    Toy,
    command,
    deadline,
    numbered,
    operation,
    placed,
    poison,
    unnumbered,
)
from tests.support.workbench import Statements, Workbench

SIZES = ((10, 0), (200, 1), (1000, 21))
"""How many records, and from which order on."""


def mixed(count: int, first: int) -> list[Say]:
    """Return about `count` messages of every fate, on orders from `first` on that were not heard of before."""
    said = []
    for n in range(first, first + count // 10):
        said += [
            placed(f"o{n}", f"seller{n % 7}"),
            numbered(f"o{n}", 1),
            command(f"o{n}"),
            deadline(f"o{n}"),
            unnumbered(f"o{n}"),
            unnumbered(f"o{n}"),  # a copy, by its id
            numbered(f"o{n}", 1),  # a copy, by its number
            numbered(f"gap{n}", 2),  # waits for number 1
            command(f"nobody{n}"),  # waits for its order
            poison(numbered(f"dead{n}", 1)),
        ]
    return said


def again(count: int, first: int) -> list[Say]:
    """Return about `count` messages on the same orders: known ones, gaps that close, orders that come."""
    said = []
    for n in range(first, first + count // 10):
        said += [
            *(numbered(f"o{n}", k) for k in range(2, 6)),
            command(f"o{n}"),  # a copy, by its id
            command(f"o{n}", f"o{n}-another"),
            numbered(f"gap{n}", 1),
            unnumbered(f"nobody{n}"),
            poison(unnumbered(f"o{n}")),
            numbered(f"bad{n}", 1),  # raises
        ]
    return said


def _name(statement: str) -> str:
    names = {text: name for name, text in queries("shared.kit", "kit.sql").items()}
    return names.get(statement, statement)


async def counted(bench: Workbench, statements: Statements, said: Sequence[Say]) -> Sequence[str]:
    """Apply a batch and return its statements."""
    tape = bench.tape(*said)
    places = sorted({(record.place.topic, record.place.partition) for record in tape})
    expected = {place: await bench.position(place) for place in places}
    statements.clear()
    await bench.unit().apply(tape, expected)
    sent = list(statements)
    await bench.check_the_sum()
    return sent


async def test_a_batch_of_1000_records_costs_as_many_statements_as_one_of_200_and_one_of_10_costs_fewer(
    kit_dsn: str,
) -> None:
    statements = Statements()
    async with await statements.pool(kit_dsn) as pool:
        bench = Workbench(pool, Toy(raises={f"bad{n}" for n in range(1000)}))
        await bench.apply(unnumbered("first"), numbered("first", 1), command("first"), deadline("first"))
        # The client library asks for a type when it first sends one: here with what waits, and with what changes.
        await bench.apply(numbered("waits", 2), unnumbered("first", "second"))
        await bench.apply(*(placed(f"of{n}", f"seller{n}") for n in range(7)))
        new = [await counted(bench, statements, mixed(size, first)) for size, first in SIZES]
        known = [await counted(bench, statements, again(size, first)) for size, first in SIZES]
    for small, large, larger in (new, known):
        assert Counter(large) == Counter(larger)
        assert len(small) < len(large)


async def test_a_small_batch_is_written_in_one_statement(kit_dsn: str) -> None:
    statements = Statements()
    async with await statements.pool(kit_dsn) as pool:
        bench = Workbench(pool)
        await bench.apply(unnumbered("first"))
        said = [unnumbered(f"o{n}") for n in range(5)]
        sent = await counted(bench, statements, [*said, unnumbered("first", "again")])
    assert [_name(each) for each in sent] == [
        "BEGIN;",
        "begin_batch",
        "load_states",
        "write_batch",
        "wake_relay",
        "COMMIT;",
    ]


async def test_a_plain_batch_is_five_statements_and_the_call_that_wakes_another_processs_relay(
    kit_dsn: str,
) -> None:
    statements = Statements()
    async with await statements.pool(kit_dsn) as pool:
        bench = Workbench(pool)
        await bench.apply(unnumbered("first"))
        sent = await counted(bench, statements, [unnumbered(f"o{n}") for n in range(500)])
    assert [_name(each) for each in sent] == [
        "BEGIN;",
        "begin_batch",
        "load_states",
        "COPY state",
        "COPY outbox",
        "write_batch",
        "wake_relay",
        "COMMIT;",
    ]


async def test_a_batch_on_known_orders_changes_their_rows_in_one_statement_and_wakes_no_relay_but_its_own(
    kit_dsn: str,
) -> None:
    statements = Statements()
    async with await statements.pool(kit_dsn) as pool:
        bench = Workbench(pool)
        orders = [f"o{n}" for n in range(500)]
        await bench.apply(*(unnumbered(order) for order in orders))
        service = bench.toy.service()
        unit = Unit(pool, service, decoder(service.check), leads_here=lambda: True)
        await bench.apply(unnumbered("o0", "the client library asks for the types of what changes"))
        tape = bench.tape(*(unnumbered(order, f"again-{order}") for order in orders))
        place = (tape[0].place.topic, tape[0].place.partition)
        expected = {place: await bench.position(place)}
        statements.clear()
        await unit.apply(tape, expected)
        sent = [_name(each) for each in statements]
    assert sent == [
        "BEGIN;",
        "begin_batch",
        "load_states",
        "COPY outbox",
        "write_batch",
        "COMMIT;",
    ]


async def test_operators_commands_cost_what_they_name_and_no_more(kit_dsn: str) -> None:
    statements = Statements()
    async with await statements.pool(kit_dsn) as pool:
        bench = Workbench(pool)
        await bench.apply(operation(Retry, "retry", letter="none"))
        await bench.apply(*(poison(unnumbered(f"o{n}")) for n in range(40)))
        letters = [row["dl_id"] for row in await pool.fetch("SELECT dl_id FROM dead_letters ORDER BY dl_id")]
        asked = [operation(Retry, f"retry{n}", letter=letter) for n, letter in enumerate(letters)]
        few = await counted(bench, statements, asked[:2])
        many = await counted(bench, statements, asked[2:])
    assert Counter(few) == Counter(many)
