"""The page of one event: what it is, how its price makes its cost, and what every witness saw of it."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from tallystick.answers.answer import Moment
from tallystick.answers.answers import Answers
from tallystick.answers.events import Event
from tallystick.answers.price_card import Card as PriceCard
from tallystick.answers.pricing import name_of
from tallystick.answers.single import Single
from tallystick.errors import NotFound
from tallystick.faces.web.page import rendered
from tallystick.faces.web.panels.names import lone_address, session_address
from tallystick.faces.web.panels.panel import Card, Cell, Column, Table, number_cell
from tallystick.faces.web.session_charts import MAIN
from tallystick.faces.web.state import State
from tallystick.faces.web.wording import counted, duration, exact, short
from tallystick.usage.period import END, Zone, iso
from tallystick.usage.tokens import Tokens

UNITS: Final = {
    "input": "input",
    "cache_read": "cache read",
    "cache_write_5m": "cache write, 5 min",
    "cache_write_1h": "cache write, 1 h",
    "output": "output",
    "reasoning": "reasoning",
    "web_search": "web search",
}
"""Kinds of units as people read them."""
_EACH: Final = "web_search"
_MILLION: Final = 10**6
GRADES: Final = {
    "finished": "finished",
    "cut off": "cut off: the answer broke off, and the counts are what was known at that moment",
    "pending": "pending: its last line may be still to come",
    "bare": "bare: the prompt's size, without what caches did",
}
DATES: Final = {
    "exact": "exact",
    "derived": "derived: the difference of two readings of a counter, dated at the later one",
    "coarse": "coarse: one sum over a longer time, dated at its end",
}


def shown(answers: Answers, number: int, at: State) -> str:
    """Return the page of an event; raise NotFound when there is none of that number."""
    found = answers.event(number)
    event = found.event
    why = ""
    try:
        priced = answers.cards(event.variant, event.tokens.prompt // event.requests, event.time)
    except NotFound as error:
        priced, why = [], str(error)
    table, origin = formula(products(event, priced[0])) if priced else (None, "")
    return rendered(
        "event.html",
        number=number,
        cards=_cards(event),
        facts=facts(event, at),
        products=table,
        notes=[*_listing(priced[0], at.zone), origin, *priced[0].notes] if priced else [],
        why=why,
        sightings=sightings(found),
        cli=f"tally events {number}",
        api=f"/api/v1/events/{number}",
    )


def _cards(event: Single) -> Sequence[Card]:
    cost = "no price" if event.cost is None else exact(event.cost)
    vendor = (
        [] if event.reported_nano is None else [f"{exact(event.reported_nano * 1000)} as the tool or vendor put it"]
    )
    calls = [f"{counted(event.requests, 'call')} together"] if event.requests > 1 else []
    prompt = f"prompt {short(event.tokens.prompt)} · output {short(event.tokens.output)}"
    return [
        Card("Cost", cost, vendor),
        Card("Tokens", f"{event.tokens.total:,}", [prompt, *calls]),
        Card("At work", duration(event.work_ms if event.work_ms > 0 else None)),
    ]


def facts(event: Single, at: State) -> list[tuple[str, list[Cell]]]:
    """Return what is told of an event besides figures: a name, and what there is of it."""
    of = event.context
    day = iso(at.zone.day(event.time))
    there = at._replace(since=day, until=day)
    told = [
        ("When", Cell(_moment(event.time, at.zone), title=Moment(event.time).iso())),
        ("Usage since", Cell(_moment(event.since, at.zone) if event.since else "")),
        ("Session", Cell(of["session"], link=session_address(of["session"], at))),
        (
            "On",
            _filtering(there, "agent", of["agent"])._replace(text=f"subagent {of['agent']}")
            if of["agent"]
            else Cell(MAIN),
        ),
        *((name.capitalize(), _filtering(there, name, of[name])) for name in ("tool", "project", "branch", "machine")),
        ("Version", Cell(of["version"])),
        ("User", Cell(of["user"])),
        ("Model", _filtering(there, "model", event.variant.model)),
        ("Provider", Cell(event.variant.provider)),
        ("Tier", Cell(name_of(event.variant, "tier"))),
        ("State", Cell(GRADES[event.grade])),
        ("Dated", Cell(DATES[event.dated])),
        ("Web", Cell(_web(event))),
    ]
    return [(name, [cell]) for name, cell in told if cell.text]


def _filtering(at: State, name: str, value: str) -> Cell:
    return Cell(value, link=lone_address(at, "/", {name: value}))


def _moment(time: int, zone: Zone) -> str:
    return f"{zone.local(time):%Y-%m-%d %H:%M:%S}.{time % 1000:03}, {zone.name}"


def _web(event: Single) -> str:
    parts = [
        counted(number, one, many)
        for number, one, many in (
            (event.web_searches, "search", "searches"),
            (event.web_fetches, "fetch", "fetches"),
        )
        if number
    ]
    return ", ".join(parts)


class Product(NamedTuple):
    """Units and their price."""

    name: str
    units: int
    pico: int
    """Pico-dollars (1e-12 USD) per unit."""
    source: str
    since: str
    times: Sequence[str]

    @property
    def cost(self) -> int:
        """Pico-dollars."""
        return self.units * self.pico

    @property
    def origin(self) -> str:
        """Where the price is from, since when it has held, and what was multiplied into it."""
        return "; ".join((f"{self.source}, since {self.since}" if self.since else self.source, *self.times))


def products(event: Single, card: PriceCard) -> list[Product]:
    """Return the products of units and prices whose sum is the cost of an event."""
    apart = event.tokens.reasoning if any(line.name == "reasoning" for line in card.lines) else 0
    units = {
        **event.tokens._asdict(),
        "output": event.tokens.output - apart,
        "reasoning": apart,
        "web_search": event.web_searches,
    }
    return [
        Product(line.name, units[line.name], line.rate.pico, line.rate.source, line.rate.since, line.times)
        for line in card.lines
        if units[line.name]
    ]


def formula(terms: Sequence[Product]) -> tuple[Table, str]:
    """Return products as a table with their sum, and where the prices are from when all are from the same."""
    origins = {term.origin for term in terms}
    several = len(origins) > 1
    columns = [
        Column("Of", number=False),
        *map(Column, ("Units", "Price")),
        Column("Per", number=False, minor=True),
        Column("Cost"),
        *([Column("Price from", number=False)] if several else []),
    ]
    each = [term.name == _EACH for term in terms]
    prices = _even([exact(term.pico * (1 if one else _MILLION)) for term, one in zip(terms, each, strict=True)])
    *costs, total = _even([*(exact(term.cost) for term in terms), exact(sum(term.cost for term in terms))])
    rows = [
        [
            Cell(UNITS[term.name]),
            number_cell(term.units),
            Cell(f"× {price}"),
            Cell("each" if one else "million", tone="faint"),
            Cell(f"= {cost}"),
            *([Cell(term.origin, tone="path")] if several else []),
        ]
        for term, one, price, cost in zip(terms, each, prices, costs, strict=True)
    ]
    foot = [Cell("Sum"), Cell(""), Cell(""), Cell(""), Cell(total), *([Cell("")] if several else [])]
    return Table(columns, rows, foot), "" if several else f"Prices from {origins.pop()}." if origins else ""


def _even(amounts: Sequence[str]) -> list[str]:
    """Return amounts, each with as many decimals as any needs, so that they stand below one another."""
    decimals = [len(amount.partition(".")[2]) for amount in amounts]
    return [amount + "0" * (max(decimals) - own) for amount, own in zip(amounts, decimals, strict=True)]


def _listing(card: PriceCard, zone: Zone) -> list[str]:
    told = [f"Priced as {card.model}." if card.model else ""]
    if card.tier_above:
        told.append(f"These prices hold for prompts above {card.tier_above:,} tokens; this one has {card.prompt:,}.")
    if card.until < END:
        told.append(f"They hold until {_moment(card.until, zone)}.")
    return [each for each in told if each]


def sightings(found: Event) -> Table:
    """Return what each witness saw of an event, and where; the one that counts comes first."""
    event = found.event
    columns = [
        Column("Witness", number=False),
        *(
            Column(name, minor=name != "Output")
            for name in ("Input", "Cache write", "Cache read", "Output", "Reasoning")
        ),
        Column("State", number=False),
        Column("Where", number=False),
    ]

    def row(witness: str, tokens: Tokens, state: str, where: str) -> list[Cell]:
        written = tokens.cache_write_5m + tokens.cache_write_1h
        counts = (tokens.input, written, tokens.cache_read, tokens.output, tokens.reasoning)
        return [Cell(witness), *map(number_cell, counts), Cell(state), Cell(where, tone="path")]

    counts_here = "counts" if event.views else "counts, a reading of a counter"
    first = row(event.witness, event.tokens, f"{event.grade}, {counts_here}", f"{event.path}:{event.place}")
    others = [
        row(each.witness, each.tokens, f"{each.grade}{', a copy' if each.copied else ''}", f"{each.path}:{each.place}")
        for each in found.sightings
    ]
    return Table(columns, [first, *others])
