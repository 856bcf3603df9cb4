"""Why a figure is what it is: the formula with its prices, and the events with their witnesses and places."""

from typing import Any, Final, NamedTuple

from tallystick.answers.alike import Alike, Row, found, prompt
from tallystick.answers.answer import Details, Figures, Moment, Money, added
from tallystick.answers.as_json import measures
from tallystick.answers.question import Question
from tallystick.answers.single import Finder
from tallystick.ledger.ledger import Ledger
from tallystick.prices.explain import Explanation
from tallystick.prices.price_book import PriceBook, Quote
from tallystick.usage.event import CUT_OFF, FINISHED, PENDING, Variant
from tallystick.usage.period import END
from tallystick.usage.tokens import Tokens

SHOWN: Final = 10
"""Events that are shown where no limit is asked for."""
GRADES: Final = {FINISHED: "finished", CUT_OFF: "cut off", PENDING: "last line still to come"}
"""What the grades of a sighting mean, in words; any other one is a bare prompt."""


class Term(NamedTuple):
    """One product of a formula."""

    name: str
    units: int
    pico: int
    """Pico-dollars (1e-12 USD) per unit."""
    source: str
    since: str
    """The date from which the price has held; empty when it always has."""
    times: tuple[str, ...]
    """Multipliers in the price, in words."""

    @property
    def cost(self) -> int:
        """Pico-dollars."""
        return self.units * self.pico


class Formula(NamedTuple):
    """The events that share a price, and how it makes their cost."""

    variant: Variant
    figures: Figures
    listing: str
    """The listing that was used, as provider/model; empty when there is no price."""
    above: int
    """The prompt size above which these prices hold; 0 below all tiers."""
    until: int
    """The moment at which the prices end, in milliseconds since 1970, UTC; 2**62 when they do not."""
    terms: tuple[Term, ...]
    notes: tuple[str, ...]
    """How the name was read, and, without a price, why there is none."""


class View(NamedTuple):
    """What one witness saw of an event, and where."""

    witness: str
    path: str
    place: int
    """Byte at which the line begins."""
    tokens: Tokens
    grade: int
    copied: bool = False


class Seen(NamedTuple):
    """One event with all its views."""

    time: int
    variant: Variant
    session: str
    project: str
    agent: str
    tokens: Tokens
    web_searches: int
    cost: int | None
    """Pico-dollars."""
    reported_nano: int | None
    """What the tool or vendor itself put as the cost, in billionths of a dollar."""
    counted: View
    others: tuple[View, ...]
    requests: int = 1
    """How many calls it stands for."""
    reading: bool = False
    """Whether it is what a reading of a counter adds, and no call that was seen by itself."""
    dated: str = "exact"
    """`exact`, `derived` or `coarse`."""
    since: int = 0
    """When the usage of a reading began: milliseconds since 1970, UTC; 0 when that is not known."""
    number: int = 0
    """Its number in this ledger."""


class Why(NamedTuple):
    """A figure explained."""

    question: Question
    figures: Figures
    formulas: list[Formula]
    events: list[Seen]
    """The costliest first."""
    left_off: int
    """Events beyond the limit."""
    schema: str = "tallystick.why/1"

    def told(self) -> Details:
        """Return it as the details of an answer."""
        return {
            **self.question.when,
            "where": {name: list(patterns) for name, patterns in self.question.where.items()},
            "figures": dict(measures(self.figures, prices=True)),
            "formulas": [_formula_value(formula) for formula in self.formulas],
            "events": [_event_value(event) for event in self.events],
            "events_left_off": self.left_off,
        }


def why(ledger: Ledger, book: PriceBook, question: Question) -> Why:
    """Explain everything that fits a question's period, hours and filters; no events, no formulas."""
    finder = Finder(ledger, book, question)
    limit = SHOWN if question.limit is None else question.limit
    told = found(finder, book, question, limit)
    formulas = sorted(
        (_formula(alike, book) for alike in told.alike),
        key=lambda each: (-each.figures.priced_pico, -each.figures.total, each.variant),
    )
    events = [_seen(finder, row) for row in told.costliest]
    figures = added(formula.figures for formula in formulas)
    return Why(question, figures, formulas, events, told.number - len(events))


def _formula(alike: Alike, book: PriceBook) -> Formula:
    variant, quote, first, requests, tokens, searches = alike
    if quote is None:
        reason = book.why_unpriced(variant, first[1])
        return Formula(variant, Figures(requests, *tokens, searches, 0, 0, tokens.total), "", 0, END, (), (reason,))
    figures = Figures(requests, *tokens, searches, quote.cost(tokens, searches), requests, 0)
    told = book.explain(variant, prompt(first), first[1])
    terms = _terms(figures, quote, told)
    if told is None:
        return Formula(variant, figures, "", 0, quote.until, terms, ())
    return Formula(variant, figures, told.model, told.tier_above, quote.until, terms, told.notes)


def _terms(figures: Figures, quote: Quote, told: Explanation | None) -> tuple[Term, ...]:
    """Return the products whose sum is the cost; reasoning is one of its own only where its price is."""
    apart = quote.reasoning != quote.output
    units = {
        "input": (figures.input, quote.input),
        "cache_read": (figures.cache_read, quote.cache_read),
        "cache_write_5m": (figures.cache_write_5m, quote.cache_write_5m),
        "cache_write_1h": (figures.cache_write_1h, quote.cache_write_1h),
        "output": (figures.output - figures.reasoning * apart, quote.output),
        "reasoning": (figures.reasoning * apart, quote.reasoning),
        "web_search": (figures.web_searches, quote.web_search),
    }
    lines = {} if told is None else {line.name: line for line in told.lines}
    terms = []
    for name, (number, pico) in units.items():
        if number:
            line = lines.get(name)
            source, since, times = (line.rate.source, line.rate.since, line.times) if line else ("", "", ())
            terms.append(Term(name, number, pico, source, since, times))
    return tuple(terms)


def _seen(finder: Finder, row: Row) -> Seen:
    event = finder.single(row)
    counted = View(event.witness, event.path, event.place, event.tokens, row[10])
    others = tuple(
        View(view[2], view[0], view[1], Tokens(*view[4:10]), view[10], bool(view[11]))
        for view in finder.ledger.ask("sightings", event=event.number)
        if (view[0], view[1]) != (counted.path, counted.place)
    )
    return Seen(
        event.time,
        event.variant,
        event.context["session"],
        event.context["project"],
        event.context["agent"],
        event.tokens,
        event.web_searches,
        event.cost,
        event.reported_nano,
        counted,
        others,
        event.requests,
        event.views == 0,
        event.dated,
        event.since,
        event.number,
    )


def _formula_value(formula: Formula) -> dict[str, Any]:
    variant = formula.variant
    return {
        "provider": variant.provider,
        "model": variant.model,
        "tier": variant.tier,
        "speed": variant.speed,
        "geo": variant.geo,
        **dict(measures(formula.figures, prices=True)),
        "listing": formula.listing or None,
        "prompts_above": formula.above,
        "until": None if formula.until >= END else Moment(formula.until),
        "terms": [
            {
                "kind": term.name,
                "units": term.units,
                "usd_per_unit": Money(term.pico),
                "cost_usd": Money(term.cost),
                "source": term.source,
                "since": term.since or None,
                "times": list(term.times),
            }
            for term in formula.terms
        ],
        "notes": list(formula.notes),
    }


def _event_value(event: Seen) -> dict[str, Any]:
    return {
        "time": Moment(event.time),
        "model": event.variant.model,
        "session": event.session,
        "project": event.project,
        "agent": event.agent,
        **event.tokens._asdict(),
        "requests": event.requests,
        "dated": event.dated,
        "since": Moment(event.since) if event.since else None,
        "web_searches": event.web_searches,
        "cost_usd": None if event.cost is None else Money(event.cost),
        "reported_cost_usd": None if event.reported_nano is None else Money(event.reported_nano * 1000),
        "counted": _view_value(event.counted),
        "others": [_view_value(view) for view in event.others],
    }


def _view_value(view: View) -> dict[str, Any]:
    state = GRADES.get(view.grade, "bare")
    return {
        "witness": view.witness,
        "path": view.path,
        "offset": view.place,
        "state": state,
        "copied": view.copied,
        **view.tokens._asdict(),
    }
