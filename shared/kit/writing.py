"""The end of a batch: its states, what it says, and where its partitions stand now, in one statement.

Of a large batch, new rows and the messages are copied in before it, which costs PostgreSQL and us a third of what
they cost as parameters. Of a small one they are not: while little comes, most of a batch's time is the way to
PostgreSQL and back. Either way the number of statements does not grow with the batch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared.kit import outbox
from shared.kit.db import Connection
from shared.kit.errors import StaleStateError
from shared.kit.heard import Row
from shared.kit.service import Key
from shared.kit.sql import queries
from shared.kit.states import StateRows
from shared.kit.tally import Partition, PartitionTally, offset_columns

SMALL_ROWS_MAX = 200
"""States and messages together, up to which one statement is the cheaper way."""

_SQL = queries("shared.kit", "kit.sql")


async def write(
    connection: Connection,
    states: StateRows,
    rows: Mapping[Key, Row],
    said: Sequence[outbox.Row],
    tallies: Mapping[Partition, PartitionTally],
) -> None:
    """Write what changed of the rows that the batch loaded, append what it says, and move its offsets.

    Raises StaleStateError when another process saved one of these rows first, and UnwritableStateError.
    """
    changed = [row for row in rows.values() if row.changed]
    if len(changed) + len(said) > SMALL_ROWS_MAX:
        await states.copy(connection, [row for row in changed if not row.version])
        await outbox.copy(connection, said)
        changed, said = [row for row in changed if row.version], ()
    (written,) = await connection.fetch(
        _SQL["write_batch"], *states.columns(changed), *outbox.columns(said), *offset_columns(tallies)
    )
    if written["saved"] != len(changed):
        raise StaleStateError(
            f"{len(changed) - written['saved']} of {len(changed)} rows were saved by another process first"
        )
