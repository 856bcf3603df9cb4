"""A price card: what one model costs at one moment, rate by rate, where each is from and since when it has held."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from tallystick.answers.answer import Moment, Money
from tallystick.answers.as_json import value
from tallystick.errors import NotFound
from tallystick.prices.explain import Explanation
from tallystick.prices.explain import Line as Line  # noqa: PLC0414  faces ask only answers
from tallystick.prices.price_book import PriceBook
from tallystick.usage.event import Variant
from tallystick.usage.period import END

SCHEMA: Final = "tallystick.price/1"
_EACH: Final = "web_search"
_MILLION: Final = 10**6


class Card(NamedTuple):
    """What a model costs."""

    asked: Variant
    time: int
    """The moment that was asked for: milliseconds since 1970, UTC."""
    prompt: int
    """Tokens of the prompt that was asked for."""
    model: str
    """The listing that the name stands for, as provider/model."""
    lines: tuple[Line, ...]
    since: int
    """From this moment on all of these prices have held together; 0 when they always have."""
    until: int
    """Until this one, exclusive; 2**62 when no change is known."""
    tier_above: int
    """These prices hold for prompts above so many tokens; 0 when also for the smallest."""
    notes: tuple[str, ...]


def cards(book: PriceBook, asked: Variant, prompt: int | None, time: int) -> list[Card]:
    """Return the price card for a prompt, or without one a card for each size above which other prices hold.

    Raises `NotFound`, in words, when the price is not known.
    """
    if prompt is not None:
        return [_card(book, asked, prompt, time)]
    every = [_card(book, asked, size, time) for size in (0, *(above + 1 for above in book.thresholds(asked)))]
    # A size that matters at another time, or for another tier, changes nothing here.
    return [each for place, each in enumerate(every) if not place or each.lines != every[place - 1].lines]


def _card(book: PriceBook, asked: Variant, prompt: int, time: int) -> Card:
    found = book.explain(asked, prompt, time)
    quote = book.quote(asked, prompt, time)
    if found is None or quote is None:
        raise NotFound(_unknown(book, asked, time))
    return Card(
        asked, time, prompt, found.model, _lines(found), quote.since, quote.until, found.tier_above, found.notes
    )


def _lines(found: Explanation) -> tuple[Line, ...]:
    # Reasoning that costs what all output costs, and searches that cost nothing, are no rates of their own.
    return tuple(
        line
        for line in found.lines
        if not (line.name == "reasoning" and line.instead) and not (line.name == "web_search" and not line.rate.pico)
    )


def _unknown(book: PriceBook, asked: Variant, time: int) -> str:
    why = book.why_unpriced(asked, time)
    return (
        f"{why[:1].upper()}{why[1:]}. `tally prices update` may bring it; "
        f'otherwise set input and output, in USD per million tokens, under [prices."{asked.model}"] in the config (`tally config path`).'
    )


def usd(line: Line) -> Money:
    """Return a rate per million tokens; a web search is not counted in millions."""
    return Money(line.rate.pico * (1 if line.name == _EACH else _MILLION))


def as_json(cards: Sequence[Card]) -> str:
    """Return cards of one model as JSON; amounts are exact decimals in USD."""
    first = cards[0]
    found: dict[str, Any] = {
        "schema": SCHEMA,
        **first.asked._asdict(),
        "at": Moment(first.time),
        "listing": first.model,
        "notes": list(first.notes),
        "tiers": [_tier(card) for card in cards],
    }
    return value(found) + "\n"


def _tier(card: Card) -> dict[str, Any]:
    return {
        "prompt_above": card.tier_above,
        "since": Moment(card.since) if card.since else None,
        "until": Moment(card.until) if card.until < END else None,
        "rates": {
            line.name: {
                "usd": usd(line),
                "per": 1 if line.name == _EACH else _MILLION,
                "source": line.rate.source,
                "since": line.rate.since or None,
                "as": line.instead or None,
                "multipliers": list(line.times),
            }
            for line in card.lines
        },
    }
