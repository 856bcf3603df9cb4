"""Settling: round by round, what was told becomes events, sums and states of days."""

import os
from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any, Final, NamedTuple

from tallystick.ledger.clickhouse.contested import KEY, Changes, Contested, portions
from tallystick.ledger.clickhouse.derived import work_out
from tallystick.ledger.clickhouse.numbers import EVENT as NUMBER
from tallystick.ledger.clickhouse.numbers import MOST as LARGEST
from tallystick.ledger.clickhouse.originals import Prompts, sorted_out
from tallystick.ledger.clickhouse.places import place
from tallystick.ledger.clickhouse.server import Server, among
from tallystick.ledger.clickhouse.shapes import EVENT, SIGHTING
from tallystick.ledger.clickhouse.sums import days_of, days_shown_otherwise, sessions_of_runs, sum_anew, touch
from tallystick.ledger.clickhouse.tidying import EVERY, tidy
from tallystick.ledger.clickhouse.turns import Alone, Held, OvertakenError
from tallystick.ledger.ledger import Row, Turn
from tallystick.usage.period import DAY_MS

MOST: Final = 200_000
"""Keys that one round takes in."""
_PENDING: Final = """SELECT id, came, keys, slots, sources, prompts, asked, contexts, readings, sessions FROM additions
WHERE id NOT IN (SELECT id FROM settled) ORDER BY came"""
_LACKING: Final = "SELECT id FROM additions WHERE id NOT IN (SELECT id FROM settled)"
_KEYS: Final = "(SELECT arrayJoin(keys) FROM additions WHERE id IN {})"
_SEVERAL: Final = "SELECT key FROM told WHERE key IN {} GROUP BY key HAVING uniqExact(digest) > 1 SETTINGS final = 0"
_STANDING: Final = f"""SELECT {EVENT}, gone FROM (SELECT {EVENT}, gone, round, intDiv(time, 900000) AS cell FROM events
WHERE key IN {{}} AND views > 0 ORDER BY round DESC LIMIT 1 BY cell, id, key, request) SETTINGS final = 0"""
# The wire tells of no call without tokens but to say that it is told under another key.
_SINGLE: Final = (
    """key IN {} AND NOT (witness = 2 AND input + cache_read + cache_write_5m + cache_write_1h + output = 0)"""
)
_BECOME: Final = f"""INSERT INTO events (id, {SIGHTING}, seen, views, lead, requests, dated, since, round, gone)
SELECT {NUMBER}, {SIGHTING}, witness, 1, 1, 1, 0, 0, {{round}}, 0 FROM told WHERE {{which}} LIMIT 1 BY key SETTINGS final = 0"""
_WHEN: Final = """SELECT intDiv(time - modulo(modulo(time, 900000) + 900000, 900000), 900000) AS slot, uniqExact(key) AS n FROM told
WHERE {which} GROUP BY slot SETTINGS final = 0"""
_ASKED: Final = "SELECT DISTINCT time FROM events WHERE lead = 1 AND key IN {}"
_ROUNDS: Final = """SELECT number, slots, days, contexts, done FROM rounds
WHERE number > {} OR number NOT IN (SELECT number FROM rounds WHERE done = 1) ORDER BY number"""


class Pending(NamedTuple):
    """An addition that is to be settled: the columns of `additions`."""

    id: int
    came: int
    keys: list[int]
    slots: list[int]
    sources: list[int]
    prompts: list[int]
    asked: list[int]
    contexts: list[int]
    readings: int
    sessions: list[str]


class Outcome(NamedTuple):
    """What became of what was told."""

    new: int
    changed: int
    unchanged: set[int]
    """Keys of which nothing new was told."""


class Settler:
    """Settles what is pending, when it is its turn."""

    def __init__(self, server: Server, turn: Turn | None = None) -> None:
        """Begin; without a turn, nobody else must settle."""
        self._server, self._turn = server, turn or Alone()
        self._one = Lock()
        self._again: list[int] = []
        """Additions by which is settled once more what was settled here when it was another one's turn."""
        self._whole = 0
        """The last of the rounds that all were brought to their end."""
        self._seen = 0

    def pending(self) -> list[Pending]:
        """Return the additions that are not settled, in the order in which they came."""
        return [Pending._make(row) for row in self._server.rows(_PENDING)]

    def lacks(self, additions: Iterable[int]) -> bool:
        """Tell whether any of these additions is still to be settled, or what this one settled too late."""
        if self._server.numbers(f"{_LACKING} AND id IN {among((*additions, *self._again))}"):
            return True
        self._again.clear()
        return False

    def settle(self, then: Callable[[], object] | None = None) -> Outcome | None:
        """Settle all that is pending, mend what broke off, and do a thing before anybody settles more.

        Return what became of it, None where it is another one's turn.
        """
        with self._one:
            number = self._turn.mine()
            if number is None:
                return None
            try:
                outcome = self._settle(Held(self._turn, number))
                if then is not None:
                    then()
            except OvertakenError as overtaken:
                self._again += overtaken.again
                return None
            finally:
                self._turn.end()
        return outcome

    def _settle(self, held: Held) -> Outcome:
        new, changed, unchanged = 0, 0, set[int]()
        for group in _groups(self.pending()) or self._broken():
            settling = _Round(self._server, group, self._whole, held)
            outcome = settling.run()
            self._whole = settling.number
            self._seen += settling.seen
            if self._seen >= 2 * EVERY:
                held.check()
                tidy(self._server, self._whole)
                self._seen = 0
            new, changed = new + outcome.new, changed + outcome.changed
            unchanged |= outcome.unchanged
        return Outcome(new, changed, unchanged)

    def _broken(self) -> list[list[Pending]]:
        """Return a round of nothing where one broke off after all that it had to settle was."""
        rounds = self._server.rows(_ROUNDS.format(self._whole))
        return [[]] if {row[0] for row in rounds} - {row[0] for row in rounds if row[4]} else []


def _groups(pending: Iterable[Pending]) -> list[list[Pending]]:
    groups: list[list[Pending]] = []
    keys = MOST
    for each in pending:
        if keys + len(each.keys) > MOST or not groups:
            groups.append([])
            keys = 0
        groups[-1].append(each)
        keys += len(each.keys)
    return groups


class _Round:
    """Additions that are settled together."""

    def __init__(self, server: Server, additions: list[Pending], whole: int, held: Held) -> None:
        """Begin; all rounds up to this number were brought to their end."""
        self._server, self._additions, self._held = server, additions, held
        self._changes = Changes()
        rounds = server.rows(_ROUNDS.format(whole))
        done = {row[0] for row in rounds if row[4]}
        self.number = held.after(max(whole, *(row[0] for row in rounds), 0))
        self.seen = len(rounds) + 2
        """How many rows tell of rounds since those that all were brought to their end, with those of this one."""
        self._broken = sorted({row[0] for row in rounds} - done)
        self._left = [row[1:4] for row in rounds if row[0] not in done]
        self._contexts: set[int] = set()
        self._days: set[int] = set()
        self._slots: set[int] = set()

    def _all(self, field: str) -> set[Any]:
        return {value for each in self._additions for value in getattr(each, field)}

    def run(self) -> Outcome:
        """Settle them."""
        keys = self._all("keys")
        single = self._sort(keys) if keys or self._additions else ""
        singles = self._count(single)
        prompts = sorted_out(self._server, self._all("prompts"), self._all("sources"))
        self._days |= {time // DAY_MS for time in prompts.times}
        self._mend()
        self._contexts |= self._all("contexts")
        self._slots |= self._all("slots")
        self._begin()
        try:
            self._go(single if singles else "", prompts)
        except OvertakenError as overtaken:
            overtaken.again.append(self._once_more())
            raise
        return Outcome(self._changes.new + singles, self._changes.changed, self._changes.unchanged)

    def _go(self, single: str, prompts: Prompts) -> None:
        """Write what comes of them; whoever lost the turn writes one thing too much at most."""
        server, number = self._server, self.number
        if single:
            self._held.check()
            server.do(_BECOME.format(round=number, which=single))
        self._write()
        self._put("prompts", [(*row, number) for row in prompts.rows])
        if self._derive():
            self._begin()
            self._write()
        self._held.check()
        sum_anew(server, self._slots, number)
        self._touch_days()
        self._end()

    def _put(self, table: str, rows: list[Row]) -> None:
        self._held.check()
        self._server.put(table, rows)

    def _once_more(self) -> int:
        """Have all of this settled once more by whoever has the turn now: what was written too late may stand beside what holds."""
        fields = {name: self._all(name) for name in ("keys", "sources", "prompts", "asked", "sessions")}
        fields |= {"slots": self._slots, "contexts": self._contexts}
        lists = {name: sorted(found) for name, found in fields.items()}
        came = max((each.came for each in self._additions), default=0)
        again = Pending(int.from_bytes(os.urandom(8)) & LARGEST, came, readings=0, **lists)
        self._server.put("additions", [again])
        return again.id

    def _sort(self, keys: set[int]) -> str:
        """Settle the contested keys; return the condition by which the others are found that are new, empty where none are."""
        server, changes = self._server, self._changes
        told = _KEYS.format(among(each.id for each in self._additions))
        contested = set(server.numbers(_SEVERAL.format(told))) if keys else set()
        again = self._again() - contested
        standing: dict[int, list[Row]] = {}
        rows = server.rows(_STANDING.format(told)) if keys else []
        for part in portions(sorted(again - keys)):
            rows += server.rows(_STANDING.format(among(part)))
        for *row, gone in rows:
            if not gone:
                standing.setdefault(row[KEY], []).append(tuple(row))
        Contested(server, changes).settle(contested | again, keys, standing)
        others = contested | (standing.keys() & keys)
        changes.unchanged |= (standing.keys() & keys) - contested
        if len(others) == len(keys):
            return ""
        which = told if len(others) <= len(keys) // 2 else among(keys - others)
        single = _SINGLE.format(which)
        return f"{single} AND key NOT IN {among(others)}" if others and which == told else single

    def _again(self) -> set[int]:
        """Return the keys of what these sources share with others: their standing may have changed."""
        found: set[int] = set()
        for part in portions(sorted(self._all("sources"))):
            found.update(self._server.numbers(f"SELECT DISTINCT key FROM sightings WHERE source IN {among(part)}"))
        return found

    def _count(self, single: str) -> int:
        """Return how many keys have one sighting and are new; note when that was."""
        if not single:
            return 0
        # What was told twice and not put together yet is one key of one moment all the same.
        found = self._server.rows(_WHEN.format(which=single))
        self._changes.slots.update(slot for slot, _ in found)
        return sum(number for _, number in found)

    def _mend(self) -> None:
        """See to what rounds that broke off were about to touch."""
        for slots, days, contexts in self._left:
            self._slots.update(slots)
            self._days.update(days)
            self._contexts.update(contexts)

    def _begin(self) -> None:
        """Say what is about to be touched, before anything is."""
        self._slots |= self._changes.slots
        self._contexts |= self._changes.contexts
        self._days |= days_of(self._slots)
        touched = (sorted(self._slots), sorted(self._days), sorted(self._contexts))
        self._put("rounds", [(self.number, *touched, 0)])

    def _write(self) -> None:
        changes, number = self._changes, self.number
        self._put("events", [(*row[:-1], number, row[-1]) for row in changes.events])
        self._put("sightings", [(*row[:-1], number, row[-1]) for row in changes.views])
        changes.events, changes.views = [], []

    def _derive(self) -> bool:
        """Work out what readings stand for; tell whether that is something else than before."""
        if self._contexts:
            work_out(self._server, self._contexts, self._changes)
        return bool(self._changes.events)

    def _touch_days(self) -> None:
        server = self._server
        asked = self._all("asked")
        for part in portions(sorted(asked)):
            self._days |= {time // DAY_MS for time in server.numbers(_ASKED.format(among(part)))}
        sessions = self._all("sessions")
        self._held.check()
        place(server, sessions, self.number)
        sessions |= sessions_of_runs(server, self._changes.joined)
        self._days |= days_shown_otherwise(server, sessions)
        self._held.check()
        touch(server, self._days, self.number)

    def _end(self) -> None:
        self._put("settled", [(each.id, each.came) for each in self._additions])
        self._put("rounds", [(number, [], [], [], 1) for number in (*self._broken, self.number)])
