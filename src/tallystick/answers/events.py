"""Single events, a page at a time, and one event with everything that every witness saw of it."""

from typing import Final, NamedTuple

from tallystick.answers.answer import Details
from tallystick.answers.question import Question, Wish, question
from tallystick.answers.reports.places import ANY
from tallystick.answers.single import GRADES, Finder, Row, Single
from tallystick.answers.tags import tagged
from tallystick.errors import Misused, NotFound
from tallystick.ledger.ledger import Ledger
from tallystick.prices.price_book import PriceBook
from tallystick.usage.period import SLOT_MS, Period, Zone
from tallystick.usage.tokens import Tokens

MOST: Final = 500
"""Events on one page at most."""
USUAL: Final = 50
_STRETCH: Final = 96
"""Quarter-hours that are looked at first; each next stretch is four times as long."""

type Place = tuple[int, int]
"""Time and number of the event that a page goes on behind."""


class Page(NamedTuple):
    """Some events in order of time."""

    question: Question
    events: list[Single]
    newest_first: bool
    after: str
    """What to ask for as `after` to get the next page; empty when this is the last one."""
    schema: str = "tallystick.events/1"

    def told(self) -> Details:
        """Return it as the details of an answer."""
        return {
            **self.question.when,
            "where": {name: list(patterns) for name, patterns in self.question.where.items()},
            "order": "desc" if self.newest_first else "asc",
            "events": [event.told(prices=self.question.prices) for event in self.events],
            "after": self.after or None,
        }


class Sighted(NamedTuple):
    """What one witness saw of an event, and where."""

    path: str
    place: int
    witness: str
    tokens: Tokens
    grade: str
    copied: bool


class Event(NamedTuple):
    """One event with all its sightings."""

    event: Single
    sightings: list[Sighted]
    """Those besides the one that counts."""
    tags: tuple[str, ...] = ()
    """What was noted with its session, each as `name=value`."""
    schema: str = "tallystick.event/1"

    def told(self) -> Details:
        """Return it as the details of an answer."""
        others = [
            {
                "witness": each.witness,
                "path": each.path,
                "offset": each.place,
                "state": each.grade,
                "copied": each.copied,
                **each.tokens._asdict(),
            }
            for each in self.sightings
        ]
        return {"event": {**self.event.told(), "tags": list(self.tags)}, "others": others}


def events(
    ledger: Ledger, book: PriceBook | None, asked: Question, after: str = "", *, newest_first: bool = True
) -> Page:
    """Return a page of the events that fit a question, at most its limit; raise Misused for a limit or a place that is none."""
    limit = USUAL if asked.limit is None else asked.limit
    if not 0 < limit <= MOST:
        raise Misused(f"--limit {limit} is no size of a page: give 1 to {MOST}.")
    place = _place(after) if after else None
    finder = Finder(ledger, book if asked.prices else None, asked)
    rows = _found(finder, asked, place, limit + 1, newest_first=newest_first)
    shown = rows[:limit]
    more = f"{shown[-1][1]}.{shown[-1][0]}" if len(rows) > limit else ""
    return Page(asked, [_seen(ledger, finder.single(row)) for row in shown], newest_first, more)


def event(ledger: Ledger, book: PriceBook | None, number: int) -> Event:
    """Return one event by its number; raise NotFound when there is none."""
    rows = ledger.ask("event", event=number) if abs(number) < 1 << 63 else []
    if not rows:
        raise NotFound(f"There is no event {number} in this ledger.")
    single = _seen(ledger, Finder(ledger, book, question(ANY, Period(Zone()), Wish("day"), 0)).single(rows[0]))
    views = [
        Sighted(path, place, witness, Tokens(*counts), GRADES[grade], bool(copied))
        for path, place, witness, _, *counts, grade, copied in ledger.ask("sightings", event=number)
        if (path, place) != (single.path, single.place)
    ]
    whose = single.context["tool"], single.context["session"]
    return Event(single, views, tagged(ledger).get(whose, ()))


def _seen(ledger: Ledger, found: Single) -> Single:
    """Return an event with all who saw it."""
    # One sighting alone is kept with the event itself.
    others = {row[2] for row in ledger.ask("sightings", event=found.number)} if found.views > 1 else set()
    return found._replace(witnesses=(found.witness, *sorted(others - {found.witness})))


def _place(text: str) -> Place:
    time, _, number = text.partition(".")
    try:
        found = int(time), int(number)
    except ValueError:
        raise Misused(
            f"--after {text!r} is no place among the events: give what a page before had as `after`."
        ) from None
    if any(abs(each) >= 1 << 62 for each in found):
        raise Misused(f"--after {text!r} is no place among the events: give what a page before had as `after`.")
    return found


def _found(finder: Finder, asked: Question, place: Place | None, most: int, *, newest_first: bool) -> list[Row]:
    """Return the rows of the first events beyond a place, as many as are wanted, from stretches of time that grow."""
    period, within = asked.period, asked.hours and asked.hours.within(asked.period.zone)
    extent = finder.ledger.ask("extent")
    if not extent:
        return []
    since, until = max(period.since, extent[0][0]), min(period.until, extent[0][1] + 1)
    if place is not None:
        since, until = (since, min(until, place[0] + 1)) if newest_first else (max(since, place[0]), until)
    found: list[Row] = []
    low, high = since // SLOT_MS, -(-until // SLOT_MS)
    length = _STRETCH
    while low < high and len(found) < most:
        begin, end = (max(low, high - length), high) if newest_first else (low, min(high, low + length))
        low, high = (low, begin) if newest_first else (end, high)
        length *= 4
        slots = [slot for slot in finder.slots(begin, end) if within is None or within(slot)]
        for slot in reversed(slots) if newest_first else slots:
            rows = finder.rows(max(since, slot * SLOT_MS), min(until, (slot + 1) * SLOT_MS))
            found += _beyond(rows, place, newest_first=newest_first)
            if len(found) >= most:
                break
    return found[:most]


def _beyond(rows: list[Row], place: Place | None, *, newest_first: bool) -> list[Row]:
    """Return, of rows in order of time, those beyond a place, in the order that is asked for."""
    if newest_first:
        return [row for row in reversed(rows) if place is None or (row[1], row[0]) < place]
    return [row for row in rows if place is None or (row[1], row[0]) > place]
