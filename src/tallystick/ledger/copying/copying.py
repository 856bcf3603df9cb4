"""Copying: everything that one ledger was told, told another one, day by day, while both may go on being written to.

Of each portion only what the other ledger lacks is handed over, so that a copy that broke off begins anew without doing
anything twice, and one that was whole brings only what has come since. A day is done when what both ledgers make of it
comes to the same; that is noted with the states in which they were, and holds until either state is another one. After the
first round, which may take long, a last one looks at the source as it is at one moment: that state is what is copied.
"""

from itertools import batched
from typing import Final, NamedTuple

from tallystick.ledger.copying.comparing import (
    Difference,
    Progress,
    Tell,
    days_of,
    differing,
    digests,
    number_of_events,
)
from tallystick.ledger.copying.events import Laid, Side, batches, lay, sum_of
from tallystick.ledger.copying.notes import Notes
from tallystick.ledger.copying.tables import TABLES, Table
from tallystick.ledger.copying.tables import batches as batches_of
from tallystick.ledger.ledger import Batch, Ledger
from tallystick.usage.period import DAY_MS

_AT_ONCE: Final = 100_000
"""Views that are handed over in one transaction: keys lie anywhere in an index, of which a larger one writes each page less often."""
_ROUNDS: Final = 4
"""How often the last look is repeated while there is still something to hand over."""


class Outcome(NamedTuple):
    """What became of a copy."""

    days: int
    """Of which the source knows anything."""
    events: int
    """Events and views that were handed over."""
    differences: list[Difference]
    """What is not the same in both at the end."""
    changed: int
    """Days that have changed in the source since the moment that was copied."""

    @property
    def whole(self) -> bool:
        """Tell whether the target lacks nothing; it may hold more."""
        return not any(difference.laid.lacking for difference in self.differences)


def copy(source: Ledger, target: Ledger, notes: Notes, tell: Tell | None = None) -> Outcome:
    """Hand over to the target what it lacks; return what became of it."""
    return _Copying(source, target, notes, tell).run()


class _Copying:
    """One copy."""

    def __init__(self, source: Ledger, target: Ledger, notes: Notes, tell: Tell | None) -> None:
        self._source, self._target, self._notes, self._tell = source, target, notes, tell
        self._handed = self._seen = 0
        self._every = number_of_events(source)
        self._waiting: list[Batch] = []
        self._open: list[tuple[int, int | None, Laid]] = []
        """Days that are the same once what waits was handed over, with the state in which the source had them."""
        self._differing: dict[int, Laid] = {}
        self._tables: list[Difference] = []

    def run(self) -> Outcome:
        self._round()
        days = self._source.snapshot(self._finish)
        differences = [Difference(day, "events", laid) for day, laid in sorted(self._differing.items())]
        now = days_of(self._source)
        changed = sum(now[day] != days.get(day) for day in now)
        return Outcome(len(days), self._handed, differences + self._tables, changed)

    def _finish(self) -> dict[int, int]:
        """Go on until there is nothing left to hand over; return the states of the days then."""
        days = days_of(self._source)
        for _ in range(_ROUNDS):
            if not self._round():
                break
        return days

    def _round(self) -> bool:
        """Hand over what is lacking now; tell whether anything was."""
        # Names may be given others at any time, and sources grow: nothing that was looked up lasts longer.
        here, there = Side(self._source), Side(self._target)
        ours, theirs = days_of(self._source), days_of(self._target)
        days = [day for day in sorted(ours | theirs) if not self._notes.holds(day, ours.get(day), theirs.get(day))]
        handed = False
        self._differing = {}
        self._seen = 0
        for done, day in enumerate(days):
            handed |= self._day(here, there, day, (done, len(days)))
        self._hand_over(there)
        self._notes.write()
        self._tables = []
        for table in TABLES:
            handed |= self._table(table, here, there)
        return handed

    def _day(self, here: Side, there: Side, day: int, done: tuple[int, int]) -> bool:
        """Have what is lacking of a day handed over; tell whether anything is."""
        since, until = day * DAY_MS, (day + 1) * DAY_MS
        states = days_of(self._source).get(day), days_of(self._target).get(day)
        laid, lacking = Laid(), False
        for page in here.events(since, until):
            found = lay(here, page, there, until)
            told = batches(found, here.names)
            lacking = lacking or bool(told)
            self._waiting += told
            if sum(len(batch.events) for batch in self._waiting) >= _AT_ONCE:
                self._hand_over(there)
            laid = laid.plus(found.laid)
            self._seen += len(page.rows)
            if self._tell is not None:
                self._tell(Progress(*done, self._seen, self._every))
        if lacking:
            self._open.append((day, states[0], laid))
        elif laid.same:
            self._notes.keep(day, *states)
        else:
            self._differing[day] = laid
        return lacking

    def _hand_over(self, there: Side) -> None:
        """Hand over what waits, and note the days that are the same with it."""
        if self._waiting:
            self._target.add(self._waiting)
            self._handed += sum(len(batch.events) for batch in self._waiting)
            self._waiting = []
        for day, state, laid in self._open:
            states = state, days_of(self._target).get(day)
            sums = sum_of(there, day * DAY_MS, (day + 1) * DAY_MS)
            after = laid._replace(there=sums[0], views_there=sums[1])
            if after.same:
                self._notes.keep(day, *states)
            else:
                self._differing[day] = after
        self._open = []

    def _table(self, table: Table, here: Side, there: Side) -> bool:
        """Hand over what is lacking in a table; tell whether anything was."""
        found = differing(table, here, there)
        days = {each.day for each in found if each.laid.lacking}
        self._tables += found
        if not days:
            return False
        known = digests(table, there, days)
        lacking = (told for told in table.read(here) if told.day in days and told.digest not in known)
        for part in batched(lacking, table.most):
            self._target.add(*batches_of(table, part, here))
        return True
