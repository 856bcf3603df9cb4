"""Price cards as text: each rate with its unit, where it is from and since when it has held."""

from collections.abc import Iterator, Sequence
from typing import Final

from tallystick.answers.as_json import dollars
from tallystick.answers.price_card import Card, usd
from tallystick.faces.text import words
from tallystick.faces.text.sheet import FAINT, PLAIN, STRONG, WARNING, Cell
from tallystick.usage.period import END, Zone

_NAMES: Final = {
    "input": "input",
    "cache_read": "cache read",
    "cache_write_5m": "cache write, 5 min",
    "cache_write_1h": "cache write, 1 h",
    "output": "output",
    "reasoning": "reasoning",
    "web_search": "web search, each",
}
_NAME: Final = 20
_AMOUNT: Final = 12
_SINCE: Final = 12
_UTC: Final = Zone("UTC")


def lines(cards: Sequence[Card]) -> list[Cell]:
    """Return cards of one model, for growing prompts, as a person is shown them."""
    first = cards[0]
    asked = " ".join(part for part in first.asked[2:] if part)
    name = f"{words.clean(first.asked.model)} is {first.model}{f', {asked}' if asked else ''}"
    found = [Cell(f"{name}; prices at {words.moment(first.time, _UTC, year=True)} UTC", STRONG)]
    found += [Cell(f"  {words.clean(note)}", WARNING) for note in first.notes]
    for card in cards:
        found += [
            Cell(""),
            Cell(_heading(card, cards), FAINT),
            *(_rate(card, place) for place in range(len(card.lines))),
        ]
    reasons = list(_reasons(cards))
    return [*found, Cell(""), *reasons] if reasons else found


def _heading(card: Card, cards: Sequence[Card]) -> str:
    following = [other.tier_above for other in cards if other.tier_above > card.tier_above]
    size = f"prompt <= {following[0]:,}" if following and not card.tier_above else ""
    if card.tier_above:
        size = f"prompt > {card.tier_above:,}"
    return f"  {size:{_NAME}}{'USD/Mtok':>{_AMOUNT}}  {'since':{_SINCE}}from"


def _rate(card: Card, place: int) -> Cell:
    line = card.lines[place]
    amount = dollars(usd(line)).removesuffix(".0")
    origin = f"as {_NAMES[line.instead]}" if line.instead else words.clean(line.rate.source)
    marks = f" [{', '.join(str(_times(card).index(each) + 1) for each in line.times)}]" if line.times else ""
    return Cell(
        f"  {_NAMES[line.name]:{_NAME}}{amount:>{_AMOUNT}}  {line.rate.since or 'always':{_SINCE}}{origin}{marks}"
    )


def _times(card: Card) -> list[str]:
    return list(dict.fromkeys(each for line in card.lines for each in line.times))


def _reasons(cards: Sequence[Card]) -> Iterator[Cell]:
    for number, each in enumerate(_times(cards[0]), 1):
        yield Cell(f"  [{number}] holds {words.clean(each)}", PLAIN)
    until = cards[0].until
    if until < END:
        yield Cell(f"  These prices end on {words.moment(until, _UTC, year=True)} UTC.", WARNING)
    if len(cards) > 1:
        yield Cell(
            "  The size of the whole prompt decides, cached tokens included; the price then holds for the whole request.",
            FAINT,
        )
