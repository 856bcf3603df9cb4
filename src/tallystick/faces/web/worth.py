"""What figures are worth in the unit of a page, money or tokens: for charts, for tooltips, and for the cells of a table."""

from typing import Final

from tallystick.answers.answer import Figures
from tallystick.answers.classes import CLASSES
from tallystick.faces.web.panels.panel import Cell, money_cell, number_cell
from tallystick.faces.web.state import State
from tallystick.faces.web.wording import dollars, money, short

UNPRICED: Final = "?"
"""The sign of what was used and has no known price."""


def unit(state: State) -> str:
    """Return what a page counts, as a title begins."""
    return "Cost" if state.unit == "cost" else "Tokens"


def worth(figures: Figures, state: State) -> int | None:
    """Return pico-dollars or tokens; None where nothing was used, and where nothing that was has a price."""
    if not figures.requests:
        return None
    return figures.cost_usd if state.unit == "cost" else figures.total


def drawn(amount: int | None, state: State) -> float | None:
    """Return an amount as a chart draws it: in dollars, or in tokens."""
    return None if amount is None else dollars(amount) if state.unit == "cost" else amount


def value(figures: Figures, state: State) -> int:
    """Return pico-dollars or tokens; what has no price adds nothing."""
    return figures.priced_pico if state.unit == "cost" else figures.total


def brief(amount: int, state: State) -> str:
    """Return an amount as people read it where the unit is said beside it."""
    return money(amount) if state.unit == "cost" else short(amount)


def said(amount: int, state: State) -> str:
    """Return an amount as people read it."""
    return money(amount) if state.unit == "cost" else f"{short(amount)} {'token' if amount == 1 else 'tokens'}"


def shown(figures: Figures, state: State) -> str:
    """Return what figures are worth as people read it, marked where some of it has no price."""
    amount = worth(figures, state)
    if amount is None:
        return "no price" if figures.requests else "nothing"
    return said(amount, state) + ("+" if state.unit == "cost" and figures.unpriced_tokens else "")


def sign(figures: Figures, state: State) -> str:
    """Return what a chart shows in the place of a value that it does not know."""
    return UNPRICED if figures.requests and worth(figures, state) is None else ""


def of_class(figures: Figures, name: str) -> int:
    """Return the tokens of a class; those of reasoning are counted as output, and searches are none."""
    return sum(getattr(figures, field) for field in CLASSES[name] if field not in _NO_TOKENS)


def counts(figures: Figures) -> list[Cell]:
    """Return cells of all tokens, of those of each class, and of the requests: `COUNTS` are their columns."""
    parts = [of_class(figures, name) for name in ("input", "cache_write", "cache_read", "output")]
    return [number_cell(count) for count in (figures.total, *parts, figures.requests)]


COUNTS: Final = ("Tokens", "Input", "Cache write", "Cache read", "Output", "Requests")
_NO_TOKENS: Final = ("reasoning", "web_search")


def amount_cell(figures: Figures, state: State, link: str = "") -> Cell:
    """Return a short cell of what figures are worth; nothing is faint."""
    if not figures.requests:
        return Cell("0", 0, tone="faint")
    if state.unit == "cost":
        return money_cell(figures, link)
    return Cell(short(figures.total), figures.total, link, f"{figures.total:,} tokens")
