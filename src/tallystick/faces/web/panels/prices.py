"""The panel of prices: what a million tokens of each model that was used costs now."""

from collections.abc import Sequence
from itertools import combinations
from typing import Final
from urllib.parse import quote, urlencode

from tallystick.answers.answer import Money
from tallystick.answers.answers import Answers
from tallystick.answers.price_card import Card, usd
from tallystick.answers.reports.places import ANY
from tallystick.errors import NotFound
from tallystick.faces.web.coverage import covered
from tallystick.faces.web.panels.names import address
from tallystick.faces.web.panels.panel import NOWHERE, Cell, Column, Panel, Table, View, name_cell
from tallystick.faces.web.state import State
from tallystick.faces.web.wording import exact, nothing
from tallystick.usage.event import Variant

_RATES: Final = {
    "input": "Input",
    "cache_read": "Cache read",
    "cache_write_5m": "Write 5 min",
    "cache_write_1h": "Write 1 h",
    "output": "Output",
}
_COLUMNS: Final = (
    Column("Model", number=False),
    Column("Prompts", number=False, about="The size of prompts, and the tier, that these prices are of"),
    *(Column(title, minor=title not in {"Input", "Output"}) for title in _RATES.values()),
    Column("Price list", number=False, about="Where this model stands in the list of prices", minor=True),
)
_MOST: Final = 40
_KEYS: Final = "provider,model,tier"
_STANDARD: Final = "standard"


def prices(answers: Answers, state: State) -> View:
    """Return what a million tokens cost now, of each model that was used in the period."""
    found = answers.ask(state.question(ANY, _KEYS, order="cost"))
    if not found.rows:
        return View(Table(_COLUMNS, ()), empty=nothing(filtered=bool(state.where)))
    every = {(row.keys[1],) for row in found.rows}
    rows: list[list[Cell]] = []
    for row in found.rows[:_MOST]:
        provider, model, tier = row.keys
        link = address(state, "/", {"model": model}, every)
        rows += _rows(answers, state, Variant(provider, model), tier, link)
    left_off = len(found.rows) - _MOST
    return View(
        Table(_COLUMNS, rows, more=f"… and {left_off:,} more" if left_off > 0 else ""),
        note="USD per million tokens at this moment; what was used at other times is priced as of its own time.",
        coverage=covered(found),
    )


def _rows(answers: Answers, state: State, asked: Variant, tier: str, link: str) -> list[list[Cell]]:
    name = name_cell(asked.model, link, f"{asked.provider}/{asked.model}" if asked.provider else "")
    missing, found = "", list[list[Card]]()
    for variant in variants(asked, tier):
        try:
            found.append(answers.cards(variant, None, state.place.now))
        except NotFound as error:
            missing = missing or str(error)
    if found:
        # A price list notes what it has no price for: the reading with the fewest notes is what was meant.
        cards = min(found, key=lambda each: len(each[0].notes))
        return [[name, _of(cards, place, tier), *_cells(card)] for place, card in enumerate(cards)]
    none = Cell("no price", "", "", missing, None, "faint")
    return [[name, Cell(tier), none, *[Cell("–", "", "", missing, None, "faint")] * 4, Cell("")]]


def variants(asked: Variant, tier: str) -> list[Variant]:
    """Return what a row's tier may mean, which tells service tier, speed and place with a blank between those that are said."""
    words = [] if tier == _STANDARD else tier.split()
    ways = ("tier", "speed", "geo")
    if len(words) > len(ways):
        return [asked._replace(tier=tier)]
    return [asked._replace(**dict(zip(chosen, words, strict=True))) for chosen in combinations(ways, len(words))]


def _of(cards: Sequence[Card], place: int, tier: str) -> Cell:
    above = cards[place].tier_above
    after = cards[place + 1].tier_above if place + 1 < len(cards) else 0
    size = f"> {above:,}" if above else f"≤ {after:,}" if after else ""
    parts = [part for part in ("" if tier == _STANDARD else tier, size) if part]
    return Cell(", ".join(parts) or "any", title="; ".join(cards[place].notes))


def _cells(card: Card) -> list[Cell]:
    lines = {line.name: line for line in card.lines}
    found = []
    for name in _RATES:
        line = lines[name]
        pico = int(usd(line))
        since = f", since {line.rate.since}" if line.rate.since else ""
        about = f"{line.rate.source}{since}"
        if line.instead:
            about = f"Charged as {line.instead.replace('_', ' ')}; {about}"
        title = "; ".join((about, *line.times))
        found.append(Cell(exact(pico), Money(pico), "", title, None, "faint" if line.instead else ""))
    return [*found, Cell(card.model or "config", None, _api(card), card.model, None, "faint")]


def _api(card: Card) -> str:
    asked = {key: value for key, value in card.asked._asdict().items() if value and key != "model"}
    path = f"/api/v1/prices/{quote(card.asked.model, safe='', errors='replace')}"
    return f"{path}?{urlencode(asked, errors='replace')}" if asked else path


PRICES: Final = Panel(
    "prices",
    "Prices now, per million tokens",
    prices,
    # Each price has its own address, to which its row leads.
    lambda _: NOWHERE,
    "What each model that was used costs now.",
    "full",
    chart=False,
)
