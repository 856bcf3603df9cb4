"""How far a table was read: its last row by number and id, and some before it, each twice as far back.

Rows get ascending numbers, and nothing else tells new ones: there is no index on when they were changed. A number may
be given anew (the last rows deleted, the table rebuilt): then another id stands there, and the reading goes on from the
nearest row before that stands as it stood. When none does, everything is read again.
"""

from collections.abc import Generator, Iterable
from typing import Any

from tallystick.tools.tool import Query, Record

type Rungs = list[list[Any]]
"""(number, id), the last one first."""


def firm(table: str, rungs: Rungs) -> Generator[Query, Iterable[Record], int]:
    """Return the number of the last row that still stands as it was read; 0 when none does."""
    for number, id_ in rungs:
        rows = yield Query(f"SELECT CAST(id AS text) FROM {table} WHERE rowid = :number", {"number": number})  # noqa: S608 - a name of ours
        if [row[0] for row in rows] == [id_]:
            return int(number)
    return 0


def climbed(table: str) -> Generator[Query, Iterable[Record], Rungs]:
    """Return the rungs of a table as it is now."""
    rungs: Rungs = []
    newest = f"SELECT rowid, CAST(id AS text) FROM {table} ORDER BY rowid DESC LIMIT 1"  # noqa: S608 - a name of ours
    before = f"SELECT rowid, CAST(id AS text) FROM {table} WHERE rowid <= :number ORDER BY rowid DESC LIMIT 1"  # noqa: S608 - the same
    rows, back = list((yield Query(newest))), 1
    while rows:
        number, id_ = rows[0]
        rungs.append([number, id_])
        rows = list((yield Query(before, {"number": rungs[0][0] - back}))) if rungs[0][0] > back else []
        back = max(back * 2, rungs[0][0] - number + 1)
    return rungs
