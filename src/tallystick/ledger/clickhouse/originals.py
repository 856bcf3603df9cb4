"""Originals: of a prompt that lies in several sources one counts, that of the source that ended first."""

from collections.abc import Iterable
from typing import NamedTuple

from tallystick.ledger.clickhouse.contested import portions, standings
from tallystick.ledger.clickhouse.server import Server, among
from tallystick.ledger.ledger import Row


class Prompts(NamedTuple):
    """What a round has to write of prompts."""

    rows: list[Row]
    """Rows of `prompts` without the round's number."""
    times: list[int]


def sorted_out(server: Server, keys: Iterable[int], sources: Iterable[int]) -> Prompts:
    """Return which prompts come or change: those with these keys, and what such sources share with others."""
    wanted = set(keys)
    for part in portions(sorted(sources)):
        text = f"SELECT DISTINCT key FROM prompts WHERE source IN {among(part)} AND key IN (SELECT key FROM prompts WHERE copy = 1)"
        wanted.update(server.numbers(text))
    rows: list[Row] = []
    for part in portions(sorted(wanted)):
        asked = f"WHERE key IN {among(part)}"
        told = server.rows(f"SELECT key, source, time, context, place FROM prompts_told {asked}")
        before = set(server.rows(f"SELECT key, source, time, context, place, copy FROM prompts {asked}"))
        rows += [row for row in _marked(server, told) if row not in before]
    return Prompts(rows, [row[2] for row in rows])


def _marked(server: Server, told: list[Row]) -> Iterable[Row]:
    holding: dict[int, list[Row]] = {}
    for row in told:
        holding.setdefault(row[0], []).append(row)
    several = {row[1] for rows in holding.values() if len(rows) > 1 for row in rows}
    known = standings(server, several) if several else {}
    for rows in holding.values():
        first = min(rows, key=lambda row: known[row[1]][1:]) if len(rows) > 1 else rows[0]
        yield from ((*row, int(row[1] != first[1])) for row in rows)
