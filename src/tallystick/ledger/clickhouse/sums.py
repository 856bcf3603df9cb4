"""Sums by quarter-hour and the states of days, worked out anew for what a round touches."""

import os
from collections.abc import Iterable
from typing import Final

from tallystick.ledger.clickhouse.contested import portions
from tallystick.ledger.clickhouse.server import Server, among, literal
from tallystick.usage.event import RUN
from tallystick.usage.period import DAY_MS, SLOT_MS
from tallystick.usage.size import EDGES

_SLOT: Final = f"intDiv(time - modulo(modulo(time, {SLOT_MS}) + {SLOT_MS}, {SLOT_MS}), {SLOT_MS})"
"""Whole numbers divide towards nought; a quarter-hour begins below its moment, before 1970 too."""
_PROMPT: Final = "intDiv(input + cache_read + cache_write_5m + cache_write_1h, requests)"
_SIZE: Final = f"toUInt8(arrayCount(edge -> edge < {_PROMPT}, {list(EDGES)}))"
_FAR: Final = 2**62
_SUMS: Final = "input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, searches"
_NOUGHTS: Final = ", ".join(f"0 AS {name}" for name in _SUMS.split(", "))
_SUMMED: Final = ", ".join(f"sum(x.{name})" for name in _SUMS.split(", "))
# What the slots had before stands beside the events with nothing in it: a sum of which no event is left is gone.
_ANEW: Final = f"""INSERT INTO usage SELECT slot, variant, size, seen, context, sum(x.requests), {_SUMMED}, sum(x.timed),
sum(x.work_ms), sum(x.timed_output), min(x.first_ms), max(x.last_ms), {{round}}, sum(x.requests) = 0 FROM (
SELECT {_SLOT} AS slot, variant, {_SIZE} AS size, seen, context, requests, {_SUMS}, toInt64(work_ms > 0) AS timed, work_ms,
if(work_ms > 0, output, 0) AS timed_output, time AS first_ms, time AS last_ms FROM events
WHERE intDiv(time, {SLOT_MS}) IN {{cells}} AND {_SLOT} IN {{slots}}
UNION ALL
SELECT slot, variant, size, seen, context, 0 AS requests, {_NOUGHTS}, 0 AS timed, 0 AS work_ms, 0 AS timed_output,
{_FAR} AS first_ms, -{_FAR} AS last_ms FROM usage WHERE slot IN {{slots}}
) AS x GROUP BY slot, variant, size, seen, context"""
_AT_WORK: Final = (
    "SELECT DISTINCT u.slot FROM usage AS u WHERE u.context IN (SELECT id FROM contexts WHERE session IN ({0}))"
)
_ASKING: Final = "SELECT DISTINCT time FROM prompts WHERE context IN (SELECT id FROM contexts WHERE session IN ({0}))"
_JOINED: Final = """SELECT DISTINCT c.session FROM contexts AS w INNER JOIN sightings AS g ON g.context = w.id
INNER JOIN events AS e ON e.id = g.event INNER JOIN contexts AS c ON c.id = e.context WHERE w.session IN ({0})"""
_RUNNING: Final = f"SELECT id FROM contexts WHERE id IN {{0}} AND session IN (SELECT session FROM tags WHERE startsWith(session, '{RUN}'))"


def sum_anew(server: Server, slots: Iterable[int], number: int) -> None:
    """Work out the sums of quarter-hours anew, in the round of this number."""
    for part in portions(sorted(slots)):
        # Before 1970 the engine puts a quarter-hour's first moment elsewhere than the others.
        cells = sorted(set(part) | {slot + 1 for slot in part if slot < 0})
        server.do(_ANEW.format(round=number, cells=among(cells), slots=among(part)))


def touch(server: Server, days: Iterable[int], number: int) -> None:
    """Give days a state that they never had."""
    state = int.from_bytes(os.urandom(8), signed=True)
    server.put("days", [(day, state, number) for day in sorted(days)])


def days_of(slots: Iterable[int]) -> set[int]:
    """Return the days of quarter-hours."""
    return {slot * SLOT_MS // DAY_MS for slot in slots}


def days_shown_otherwise(server: Server, sessions: Iterable[str]) -> set[int]:
    """Return the days of sessions that are shown otherwise: with another project, or with other tags."""
    wanted = {session for session in sessions if session}
    runs = [session for session in wanted if session.startswith(RUN)]
    if runs:
        named = ", ".join(map(literal, runs))
        if server.rows(f"SELECT 1 FROM tags WHERE session IN ({named}) LIMIT 1"):
            wanted.update(session for (session,) in server.rows(_JOINED.format(named)) if session)
    found: set[int] = set()
    for part in portions(sorted(wanted)):
        named = ", ".join(map(literal, part))
        found |= days_of(server.numbers(_AT_WORK.format(named)))
        found |= {time // DAY_MS for time in server.numbers(_ASKING.format(named))}
    return found


def sessions_of_runs(server: Server, joined: Iterable[tuple[int, int]]) -> set[str]:
    """Return the sessions to whose events views of tagged runs turned out to belong; `joined` has contexts of both."""
    pairs = set(joined)
    if not pairs:
        return set()
    runs = set(server.numbers(_RUNNING.format(among({view for view, _ in pairs}))))
    events = {event for view, event in pairs if view in runs}
    if not events:
        return set()
    return {session for (session,) in server.rows(f"SELECT DISTINCT session FROM contexts WHERE id IN {among(events)}")}
