"""Single events: found by filter without reading all of them, each with its price and everything that is known of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from tallystick.answers.answer import Details, Moment, Money
from tallystick.answers.fold import OF_CONTEXT
from tallystick.answers.pricing import name_of
from tallystick.answers.question import OF_VARIANT, TAG, Question, fits
from tallystick.answers.tags import NONE, Tagged, fitting, tagged
from tallystick.ledger.ledger import Ledger
from tallystick.ledger.readings import COARSE, DERIVED, EXACT
from tallystick.prices.price_book import PriceBook
from tallystick.usage.event import BARE, CUT_OFF, FINISHED, PENDING, Context, Variant
from tallystick.usage.period import SLOT_MS
from tallystick.usage.tokens import Tokens

GRADES: Final = {FINISHED: "finished", CUT_OFF: "cut off", PENDING: "pending", BARE: "bare"}
"""The grades of a sighting, as one word each."""
DATES: Final = {EXACT: "exact", DERIVED: "derived", COARSE: "coarse"}

type Row = tuple[Any, ...]


class Single(NamedTuple):
    """One event with all that is known of it."""

    number: int
    """Its number in this ledger."""
    time: int
    """Milliseconds since 1970, UTC."""
    context: Mapping[str, str]
    """Who ran what where, by the columns of a context."""
    variant: Variant
    tokens: Tokens
    requests: int
    """How many calls it stands for: more than one only where a running total told of it."""
    grade: str
    work_ms: int
    web_searches: int
    web_fetches: int
    cost: int | None
    """Pico-dollars (1e-12 USD) at list prices; None when there is no price, or none was asked for."""
    reported_nano: int | None
    """What the tool or vendor itself put as the cost, in billionths of a dollar."""
    witness: str
    path: str
    place: int
    """Where in the source it stands: a byte, or the number of a row."""
    views: int
    """How many sightings there are of it; none where a reading of a counter stands for it."""
    dated: str
    """`exact`, `derived` or `coarse`."""
    since: int
    """When the usage of a reading began: milliseconds since 1970, UTC; 0 when that is not known."""
    witnesses: tuple[str, ...] = ()
    """Everybody who saw it, whose sighting counts first; none where nobody asked."""

    def told(self, *, prices: bool = True) -> Details:
        """Return it as the details of an answer."""
        found: dict[str, Any] = {
            "id": self.number,
            "time": Moment(self.time),
            **self.context,
            "provider": self.variant.provider,
            "model": self.variant.model,
            "tier": name_of(self.variant, "tier"),
            "requests": self.requests,
            **self.tokens._asdict(),
            "total": self.tokens.total,
            "web_searches": self.web_searches,
            "web_fetches": self.web_fetches,
            "work_ms": self.work_ms,
        }
        if prices:
            found["cost_usd"] = None if self.cost is None else Money(self.cost)
            found["reported_cost_usd"] = None if self.reported_nano is None else Money(self.reported_nano * 1000)
        return found | {
            "state": self.grade,
            "dated": self.dated,
            "since": Moment(self.since) if self.since else None,
            "witness": self.witness,
            "path": self.path,
            "offset": self.place,
            "sightings": self.views,
            **({"witnesses": list(self.witnesses)} if self.witnesses else {}),
        }


class Finder:
    """Tells which events fit the filters of a question, and what they are."""

    def __init__(self, ledger: Ledger, book: PriceBook | None, question: Question) -> None:
        """Look up what is called what; without a book nothing is priced."""
        self.ledger = ledger
        self.book = book
        self.where = question.where
        self._variants = {row[0]: Variant(*row[1:]) for row in ledger.ask("variants")}
        # With a filter by context every one is looked at; else only those of the events that are shown.
        every = ledger.ask("contexts") if question.needs_context and question.where else []
        self._contexts: dict[int, Context] = {row[0]: Context(*row[1:]) for row in every}
        self._tagged: Tagged = tagged(ledger) if TAG in question.where else {}
        self._fits: dict[tuple[int, int], bool] = {}

    def fits(self, context: int, variant: int) -> bool:
        """Tell whether an event of a context and a variant fits."""
        found = self._fits.get((context, variant))
        if found is None:
            found = all(self._fit(key, patterns, context, variant) for key, patterns in self.where.items())
            self._fits[context, variant] = found
        return found

    def _fit(self, key: str, patterns: Sequence[str], context: int, variant: int) -> bool:
        if key == TAG:
            return fitting(patterns, self._tagged.get(self.context(context)[:2], NONE))
        return fits(key, patterns, self._value(key, context, variant))

    def _value(self, key: str, context: int, variant: int) -> str:
        if key in OF_VARIANT:
            return name_of(self._variants[variant], key)
        return str(self.context(context)[OF_CONTEXT.index(key)])

    def context(self, number: int) -> Context:
        """Return who ran what where, by the number of a context."""
        found = self._contexts.get(number)
        if found is None:
            ((_, *values),) = self.ledger.ask("context", context=number)
            found = self._contexts[number] = Context(*values)
        return found

    def slots(self, since: int, until: int) -> list[int]:
        """Return the quarter-hours between two others in which something fits, in order of time."""
        if not self.where:
            rows: Iterable[Row] = self.ledger.ask("usage_by_variant", since=since, until=until)
            return list(dict.fromkeys(row[0] for row in rows))
        rows = self.ledger.ask("usage_by_context", since=since, until=until)
        return list(dict.fromkeys(row[0] for row in rows if self.fits(row[4], row[1])))

    def rows(self, since: int, until: int) -> list[Row]:
        """Return the rows of the events between two moments that fit, in order of time."""
        return [row for row in self.ledger.ask("events", since=since, until=until) if self.fits(row[2], row[3])]

    def single(self, row: Row) -> Single:
        """Return an event by its row of the question `events`."""
        variant, tokens = self._variants[row[3]], Tokens(*row[4:10])
        quote = None if self.book is None else self.book.quote(variant, tokens.prompt // row[18], row[1])
        return Single(
            row[0],
            row[1],
            self.context(row[2])._asdict(),
            variant,
            tokens,
            row[18],
            GRADES[row[10]],
            row[11],
            row[12],
            row[13],
            None if quote is None else quote.cost(tokens, row[12]),
            row[14],
            row[17],
            row[15],
            row[16],
            row[21],
            DATES[row[19]],
            row[20],
        )


def stretches(slots: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield begin and end, in milliseconds, of each run of quarter-hours that follow one another, given in order of time."""
    begin = end = None
    for slot in slots:
        if begin is not None and end == slot:
            end = slot + 1
            continue
        if begin is not None and end is not None:
            yield begin * SLOT_MS, end * SLOT_MS
        begin, end = slot, slot + 1
    if begin is not None and end is not None:
        yield begin * SLOT_MS, end * SLOT_MS
