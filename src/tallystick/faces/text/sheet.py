"""A sheet: an answer laid out in columns of texts, before anything decides on colours and widths."""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from tallystick.answers.answer import Answer, Details, Figures, Row, gathered
from tallystick.answers.heard import ages
from tallystick.faces.text import words
from tallystick.usage.period import Zone

PLAIN: Final = ""
FAINT: Final = "faint"
STRONG: Final = "strong"
WARNING: Final = "warning"
GOOD: Final = "good"
BAR: Final = "bar"


class Cell(NamedTuple):
    """A text and how it is meant."""

    text: str
    tone: str = PLAIN
    more: tuple[str, ...] = ()
    """Names of which the text lists as many as there is room for."""


class Column(NamedTuple):
    """A column: its heading and its cells."""

    name: str
    title: str
    cells: list[Cell]
    total: Cell
    right: bool = False
    drop: int = 0
    """The higher, the sooner it goes when there is no room; 0 stays."""


class Sheet(NamedTuple):
    """A laid-out answer."""

    title: str
    about: str
    """The days and the time zone."""
    columns: list[Column]
    notes: list[Cell]


NOTHING: Final = Cell("")
DASH: Final = Cell("\N{EN DASH}", FAINT)
TITLES: Final = {
    "active_ms": "Active",
    "block": "Block",
    "cache_read": "Cache read",
    "cache_write": "Cache write",
    "cost_usd": "Cost",
    "cache_share": "From cache",
    "last": "Last",
    "model_ms": "Model",
    "saved_usd": "Saved",
    "input_usd": "Input",
    "cache_write_usd": "Cache write",
    "cache_read_usd": "Cache read",
    "output_usd": "Output",
    "state": "",
    "tool_calls": "Calls",
    "tool_ms": "Tools",
}
"""Headings that are more than the column's name with a capital letter."""
_DROPS: Final = {
    "requests": 4,
    "prompts": 6,
    "cache_write": 2,
    "input": 1,
    "title": 3,
    "tool": 5,
    "active_ms": 3,
    "sessions": 6,
    "tool_calls": 5,
    "tool_ms": 7,
    "model_ms": 6,
    "cache_share": 1,
    "input_usd": 2,
    "cache_write_usd": 1,
    "state": 3,
    "models": 7,
    "bar": 9,
}


def sheet(answer: Answer, *, compact: bool) -> Sheet:
    """Lay an answer out; compact counts have units, others thousands separators."""
    question, report = answer.question, answer.question.report
    groups = gathered(answer.rows, question.main_keys)
    heads = [head for head, _ in groups]
    columns = [
        _key_column(name, place, answer, heads) for place, name in enumerate(question.group_by[: question.main_keys])
    ]
    columns += [_listed_column(name, question.group_by.index(name), groups) for name in question.listed]
    for name in report.columns:
        is_detail = name in report.details or name == "state"
        if name in question.group_by or (is_detail and question.group_by != report.group_by):
            continue
        if is_detail:
            columns.append(_detail_column(name, heads, answer))
        elif name != "cost_usd":
            columns.append(_count_column(name, heads, answer.totals, compact=compact))
    if question.prices:
        columns.append(_cost_column(heads, answer.totals))
    columns.append(_bar_column(heads, prices=question.prices))
    filters = (f"{name} {words.clean(' or '.join(patterns))}" for name, patterns in question.where.items())
    about = " · ".join((words.days(*answer.days), question.period.zone.name, *filters))
    told = [column for column in columns if column.drop == 0 or any(cell.text for cell in column.cells)]
    return Sheet(_title(answer), about, told, notes(answer))


def _title(answer: Answer) -> str:
    question = answer.question
    if question.group_by == question.report.group_by:
        return question.report.title
    return f"Usage by {', '.join(question.group_by)}"


def _heading(name: str) -> str:
    return TITLES.get(name, name.capitalize())


def _key_column(name: str, place: int, answer: Answer, heads: Sequence[Row]) -> Column:
    values = [head.keys[place] for head in heads]
    if name == "model" and len({words.undated(value) for value in values}) == len(set(values)):
        values = [words.undated(value) for value in values]
    shown = [Cell(key(name, value, answer.question.period.zone)) for value in values]
    if answer.question.report.name == "blocks":
        shown = [
            cell._replace(tone=FAINT) if (head.details or {})["gap"] else cell
            for head, cell in zip(heads, shown, strict=True)
        ]
    drop = 8 if place and len({cell.text for cell in shown}) == 1 else 0
    return Column(name, _heading(name), shown, NOTHING if place else Cell("Total", STRONG), drop=drop)


def key(name: str, value: str, zone: Zone) -> str:
    """Return the value of a key as it is shown."""
    if name == "block":
        from tallystick.usage.instant import instant

        return words.moment(instant(value), zone, year=True)
    if name == "hour":
        return value[:16].replace("T", " ")
    if name == "session":
        return words.clean(value[:8]) or "(none)"
    if name == "agent":
        return words.clean(value) or "main line"
    return words.clean(value) or "(none)"


def _listed_column(name: str, place: int, groups: Sequence[tuple[Row, Sequence[Row]]]) -> Column:
    short = words.model if name == "model" else words.tail
    found = []
    for _, parts in groups:
        names = tuple(dict.fromkeys(words.clean(short(row.keys[place])) or "(none)" for row in parts))
        found.append(Cell(", ".join(names), FAINT, names))
    return Column(f"{name}s", f"{_heading(name)}s", found, NOTHING, drop=7)


def _count_column(name: str, heads: Sequence[Row], totals: Figures, *, compact: bool) -> Column:
    def cell(figures: Figures) -> Cell:
        count = figures.cache_write_5m + figures.cache_write_1h if name == "cache_write" else getattr(figures, name)
        return Cell(words.number(count, compact=compact)) if count else DASH

    total = cell(totals)._replace(tone=STRONG)
    return Column(
        name, _heading(name), [cell(head.figures) for head in heads], total, right=True, drop=_DROPS.get(name, 0)
    )


def _cost_column(heads: Sequence[Row], totals: Figures) -> Column:
    partly = any(each.unpriced_tokens and each.priced for each in (totals, *(head.figures for head in heads)))
    shown = [cost(head.figures, partly=partly) for head in heads]
    return Column("cost_usd", "Cost", shown, cost(totals, partly=partly)._replace(tone=STRONG), right=True)


def cost(figures: Figures, *, partly: bool = False) -> Cell:
    """Return a cost; one that lacks something unpriced ends with a plus, for which the others leave room when `partly`."""
    amount = figures.cost_usd
    if amount is None:
        return Cell("unpriced" + " " * partly, WARNING)
    if not figures.requests:
        return DASH._replace(text=DASH.text + " " * partly)
    return Cell(words.money(amount) + ("+" if figures.unpriced_tokens else " " * partly))


def _bar_column(heads: Sequence[Row], *, prices: bool) -> Column:
    sizes = [head.figures.priced_pico if prices else head.figures.total for head in heads]
    most = max(sizes, default=0)
    return Column("bar", "", [Cell(words.bar(size, most, 10), BAR) for size in sizes], NOTHING, drop=_DROPS["bar"])


def _detail_column(name: str, heads: Sequence[Row], answer: Answer) -> Column:
    zone, total = answer.question.period.zone, NOTHING
    if name in {"last", "state"}:
        show = _last if name == "last" else _state
        shown = [show(head.details or {}, zone) for head in heads]
    else:
        tell = _SHOWN.get(name, lambda value: Cell(words.clean(str(value))))
        shown = [tell((head.details or {})[name]) for head in heads]
        if answer.details and name in answer.details:
            total = tell(answer.details[name])._replace(tone=STRONG)
    right = name in _FIGURES
    return Column(name, _heading(name), shown, total, right=right, drop=_DROPS.get(name, 0))


def _last(details: Details, zone: Zone) -> Cell:
    return DASH if details["last"] is None else Cell(words.moment(details["last"], zone))


def _state(details: Details, zone: Zone) -> Cell:
    if details["gap"]:
        return Cell(f"gap of {words.duration(details['end'] - details['start'])}", FAINT)
    if details["active"]:
        return Cell(f"active until {zone.local(details['end']):%H:%M}", GOOD)
    return Cell(f"{words.duration(details['last'] - details['start'])} to its last event", FAINT)


_AMOUNTS: Final = ("saved_usd", "input_usd", "cache_write_usd", "cache_read_usd", "output_usd")
_FIGURES: Final = {
    "active_ms",
    "model_ms",
    "tool_ms",
    "prompts",
    "sessions",
    "tool_calls",
    "cache_share",
    *_AMOUNTS,
}
"""Details that are figures: they stand to the right, with a total where the report tells one."""


def _amount(pico: int | None) -> Cell:
    return DASH if pico is None else Cell(("-" if pico < 0 else "") + words.money(abs(pico)))


_SHOWN: Final[dict[str, Callable[[Any], Cell]]] = {
    "active_ms": lambda ms: Cell(words.duration(ms)) if ms else DASH,
    "model_ms": lambda ms: Cell(words.duration(ms)) if ms else DASH,
    "tool_ms": lambda ms: Cell(words.duration(ms)) if ms else DASH,
    "prompts": lambda count: Cell(f"{count:,}") if count else DASH,
    "sessions": lambda count: Cell(f"{count:,}") if count else DASH,
    "tool_calls": lambda count: Cell(f"{count:,}") if count else DASH,
    "cache_share": lambda share: DASH if share is None else Cell(f"{int(share * 1000) / 10:.1f} %"),
    **dict.fromkeys(_AMOUNTS, _amount),
    "project": lambda path: Cell(words.clean(words.tail(path)) or "(none)"),
    "title": lambda text: Cell(words.clean(text), FAINT),
    "models": lambda names: Cell(
        words.clean(", ".join(names)), FAINT, tuple(words.clean(words.model(name)) for name in names)
    ),
}


def notes(answer: Answer) -> list[Cell]:
    """Return what a person must know besides the figures."""
    found = []
    if answer.left_off:
        found.append(Cell(f"… and {words.counted(answer.left_off, 'more row')}: --limit 0 shows all.", FAINT))
    if answer.question.prices and answer.coverage.unpriced:
        found.append(Cell(unpriced(answer.coverage.unpriced), WARNING))
    if any((row.details or {}).get("inferred") for row in answer.rows):
        found += [Cell(_pace(details), GOOD) for row in answer.rows if (details := row.details or {})["burn_rate"]]
        found.append(Cell("Blocks are inferred from when work was done; they are not the vendor's own windows.", FAINT))
    if answer.coverage.coarse:
        found.append(Cell(coarse(answer.coverage.coarse, answer.totals.total), WARNING))
    if lacking := ages(answer.coverage, answer.question.period, answer.question.now):
        found.append(Cell(late(lacking), WARNING))
    if answer.coverage.skipped:
        pieces = words.counted(answer.coverage.skipped, "piece")
        found.append(Cell(f"{pieces} of input could not be understood: `tally doctor` tells which, and why.", FAINT))
    return found


def coarse(tokens: int, total: int) -> str:
    """Return in words that so many of all tokens are not dated well."""
    which = "All tokens are" if tokens == total else f"{words.number(tokens, compact=True)} tokens are"
    return f"{which} known only as sums over a longer time, and stand on the days on which that ended."


def late(lacking: Sequence[tuple[str, int]]) -> str:
    """Return in words for how many days machines have not been heard of, and what that means."""
    names = [
        f"{words.shortened(words.clean(name), _NAME_MOST) or '(no name)'}: {words.counted(days, 'day')} old"
        for name, days in lacking[:_NAMED_MOST]
    ]
    if more := len(lacking) - len(names):
        names.append(words.counted(more, "more machine"))
    told = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{told}. What was used there since is not in these figures; `tally machines --status` tells more."


_NAMED_MOST: Final = 3
_NAME_MOST: Final = 24


def _pace(details: Details) -> str:
    """Tell where an active block ends at its pace."""
    pace, ahead = details["burn_rate"], details["projection"]
    tokens = (words.number(round(count), compact=True) for count in (pace["tokens_per_minute"], ahead["total"]))
    sentence = "The active block consumes {} tokens a minute{}; at that pace it ends at {} tokens{}."
    if ahead["cost_usd"] is None:
        return sentence.format(next(tokens), "", next(tokens), "")
    spent = f", {words.money(pace['cost_usd_per_hour'])} an hour"
    return sentence.format(next(tokens), spent, next(tokens), f" and {words.money(ahead['cost_usd'])}")


def unpriced(models: Sequence[tuple[str, int]]) -> str:
    """Return in words which models have no known price, and what that means."""
    tokens = sum(count for _, count in models)
    names = [words.clean(name) or "a model without a name" for name, _ in models[:3]]
    if len(models) > len(names):
        names.append(words.counted(len(models) - len(names), "other model"))
    told = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"No price is known for {told}: {words.number(tokens, compact=True)} tokens are counted, but are in no cost."
