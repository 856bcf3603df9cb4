"""Answers as JSON: reports (schema `tallystick.report/1`), and every other answer by what it tells of itself.

Written by hand, because importing `json` takes as long as answering; only unusual strings go through it.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Protocol

from tallystick.answers.answer import Answer, Details, Figures, Moment, Money
from tallystick.answers.report import MEASURES
from tallystick.usage.period import DAY_MS

SCHEMA: Final = "tallystick.report/1"
_PRICED: Final = ("cost_usd", "unpriced_tokens")
_TIME: Final = len("00:00:00.000Z")
_MACHINES_MOST: Final = 20
"""Machines beside the totals; all of them are an answer of their own."""


def report(answer: Answer) -> str:
    """Return an answer as JSON text, a line for each row; costs are exact decimals, null where nothing has a price."""
    prices = answer.question.prices
    covered = answer.coverage
    exact = answer.totals.total - covered.derived - covered.coarse
    dated = {"exact": exact, "derived": covered.derived, "coarse": covered.coarse}
    coverage: list[tuple[str, Any]] = [
        ("skipped", covered.skipped),
        ("witnesses", covered.witnesses),
        ("dated", dated),
    ]
    if prices:
        coverage.insert(0, ("priced_share", answer.priced_share))
    if covered.heard:
        told = [{"machine": name, "last_seen": Moment(last)} for name, last in covered.heard[:_MACHINES_MOST]]
        coverage += [("machines", told), ("machines_left_off", len(covered.heard) - len(told))]
    rows = _rows(answer)
    totals = _measures(answer.totals, prices=prices)
    if answer.details:
        totals += f", {_mapping(answer.details.items())[1:-1]}"
    return (
        f"{_mapping(_head(answer))[:-1]},\n"
        + (f' "rows": [\n{rows}],\n' if rows else ' "rows": [],\n')
        + f' "totals": {{{totals}}},\n'
        + f' "coverage": {_mapping(coverage)}}}\n'
    )


def _head(answer: Answer) -> Iterable[tuple[str, Any]]:
    question, (first, last) = answer.question, answer.days
    yield "schema", SCHEMA
    yield "report", question.report.name
    yield "timezone", question.period.zone.name
    yield "since", first or None
    yield "until", last or None
    if answer.left_off:
        yield "left_off", answer.left_off


def _rows(answer: Answer) -> str:
    # Hundreds of rows on every turn of a status line, thousands for a server: values of the kinds that rows are made of are
    # written without asking what they are, and names and days, which come again and again, once.
    prices = answer.question.prices
    texts, moments = Texts(), Moments()
    names = [f"{texts[name]}: " for name in answer.question.group_by]
    written: Mapping[type, Callable[[Any], str]] = {
        str: texts.__getitem__,
        int: repr,
        Moment: moments.text,
        Money: dollars,
    }
    lines = []
    for keys, figures, details in answer.rows:
        parts = [name + texts[key] for name, key in zip(names, keys, strict=True)]
        parts.append(_measures(figures, prices=prices))
        if details:
            parts += [f"{texts[name]}: {written.get(type(thing), value)(thing)}" for name, thing in details.items()]
        lines.append(f"  {{{', '.join(parts)}}}")
    return ",\n".join(lines)


class Texts(dict[str, str]):
    """Texts as JSON."""

    def __missing__(self, text: str) -> str:
        """Write a text."""
        found = self[text] = string(text)
        return found


class Moments:
    """Moments as JSON, their days known by number."""

    def __init__(self) -> None:
        """Begin with no day."""
        self._days: dict[int, str] = {}

    def text(self, moment: Moment) -> str:
        """Write a moment."""
        day, time = divmod(moment, DAY_MS)
        name = self._days.get(day)
        if name is None:
            name = self._days[day] = Moment(day * DAY_MS).iso()[:-_TIME]
        seconds, part = divmod(time, 1000)
        return f'"{name}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{part:03}Z"'


_COUNTS: Final = ", ".join(f'"{name}": %d' for name in MEASURES if name not in _PRICED)
_ALL: Final = ", ".join((_COUNTS, *(f'"{name}": %s' for name in _PRICED)))


def _measures(figures: Figures, *, prices: bool) -> str:
    counts = (*figures[:7], sum(figures[1:6]))
    if not prices:
        return _COUNTS % counts
    cost = figures.cost_usd
    return _ALL % (*counts, "null" if cost is None else dollars(cost), figures.unpriced_tokens)


class Telling(Protocol):
    """An answer that is no report: its schema, and what it tells as details."""

    @property
    def schema(self) -> str:
        """Name and number of its schema."""

    def told(self) -> Details:
        """Return what it holds."""


def document(answer: Telling) -> str:
    """Return an answer that is no report as JSON text: a line for each thing in it, and for each row of a list."""
    things = [f'"schema": {string(answer.schema)}']
    for name, thing in answer.told().items():
        if isinstance(thing, list) and thing and isinstance(thing[0], Mapping):
            rows = ",\n".join([f"  {value(row)}" for row in thing])
            things.append(f"{string(name)}: [\n{rows}]")
        else:
            things.append(f"{string(name)}: {value(thing)}")
    return "{" + ",\n ".join(things) + "}\n"


def measures(figures: Figures, *, prices: bool) -> Iterable[tuple[str, Any]]:
    """Yield each measure by name, in the order of the contract; those of money only when they were asked for."""
    for name in MEASURES:
        if prices or name not in _PRICED:
            yield name, getattr(figures, name)


def value(thing: Any) -> str:  # noqa: ANN401  whatever JSON holds
    """Return a value as JSON: texts, numbers, moments as ISO texts, money in dollars, lists and mappings."""
    if isinstance(thing, str):
        return string(thing)
    if isinstance(thing, Mapping):
        return _mapping(thing.items())
    if thing is None or isinstance(thing, bool):
        return _WORDS[thing]
    return _number(thing) if isinstance(thing, int | float) else f"[{', '.join(map(value, thing))}]"


_WORDS: Final = {None: "null", True: "true", False: "false"}


def _number(thing: float) -> str:
    if isinstance(thing, Money):
        return dollars(thing)
    return f'"{thing.iso()}"' if isinstance(thing, Moment) else repr(thing)


def string(text: str) -> str:
    """Return a text as JSON."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    from json import dumps

    return dumps(text)


def dollars(pico: int) -> str:
    """Return pico-dollars as an exact decimal number of dollars."""
    whole, part = divmod(abs(pico), 10**12)
    return f"{'-' if pico < 0 else ''}{whole}.{f'{part:012}'.rstrip('0') or '0'}"


def _mapping(items: Iterable[tuple[str, Any]]) -> str:
    return "{" + ", ".join([f"{string(name)}: {value(thing)}" for name, thing in items]) + "}"
