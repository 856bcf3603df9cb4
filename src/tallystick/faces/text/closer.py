"""What looks closer than a report, as aligned columns: the same on a terminal and in a pipe."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from tallystick.answers.as_json import Telling
from tallystick.answers.calls import Calls
from tallystick.answers.compare import Comparison
from tallystick.answers.energy import Energy
from tallystick.answers.events import Event, Page
from tallystick.answers.punchcard import Punchcard
from tallystick.answers.single import Single
from tallystick.answers.timeline import KINDS, Timeline
from tallystick.answers.year import Year
from tallystick.faces.text import words
from tallystick.usage.period import Zone

_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SHADES: Final = " ·░▒▓█"
_NAME_MOST: Final = 40


def shown(found: Telling, zone: Zone) -> str:
    """Return an answer as text; every answer of this room's list has a way to be shown."""
    lines = _WAYS[type(found)](found, zone)
    return "".join(f"{line}\n" for line in lines)


def columns(headings: str, rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows under headings, given in one text; a column whose heading begins with `>` stands to the right."""
    titles = headings.split()
    right = [title.startswith(">") for title in titles]
    table = [[title.lstrip(">").replace("_", " ") for title in titles], *rows]
    widths = [max(words.cells(row[place]) for row in table) for place in range(len(titles))]
    lines = []
    for row in table:
        padded = []
        for text, width, to_the_right in zip(row, widths, right, strict=True):
            space = " " * (width - words.cells(text))
            padded.append(space + text if to_the_right else text + space)
        lines.append("  ".join(padded).rstrip())
    return lines


def _cost(pico: int | None, *, prices: bool = True) -> str:
    if not prices:
        return ""
    if pico is None:
        return "unpriced"
    return ("-" if pico < 0 else "") + words.money(abs(pico))


def _name(text: str) -> str:
    return words.shortened(words.clean(text), _NAME_MOST) or "(none)"


def _page(page: Page, zone: Zone) -> Iterable[str]:
    yield from columns(
        ">Event Time Tool Model Project Session >Input >Output >Cached >Cost State",
        [_event_row(each, zone, prices=page.question.prices) for each in page.events],
    )
    if page.after:
        yield f"More: --after {page.after}"


def _event_row(event: Single, zone: Zone, *, prices: bool = True) -> list[str]:
    tokens = event.tokens
    return [
        str(event.number),
        f"{zone.local(event.time):%Y-%m-%d %H:%M:%S}",
        _name(event.context["tool"]),
        _name(words.undated(event.variant.model)),
        _name(words.tail(event.context["project"])),
        _name(event.context["session"][:8]),
        f"{tokens.prompt - tokens.cache_read:,}",
        f"{tokens.output:,}",
        f"{tokens.cache_read:,}",
        _cost(event.cost, prices=prices),
        event.grade,
    ]


def _event(found: Event, zone: Zone) -> Iterable[str]:
    event = found.event
    yield from columns(
        ">Event Time Tool Model Project Session >Input >Output >Cached >Cost State", [_event_row(event, zone)]
    )
    yield f"Counted: {event.witness} {words.clean(event.path)}:{event.place}"
    for view in found.sightings:
        told = "the same counts" if view.tokens == event.tokens else f"{view.tokens.total:,} tokens"
        yield f"Also: {view.witness} {words.clean(view.path)}:{view.place}  {view.grade}, {told}"


def _timeline(found: Timeline, zone: Zone) -> Iterable[str]:
    first, last = found.reach
    yield f"Session {words.clean(found.session)}  {words.clean(found.title)}".rstrip()
    yield f"{zone.local(first):%Y-%m-%d %H:%M:%S} to {zone.local(last):%Y-%m-%d %H:%M:%S} {words.clean(zone.name)}"
    at_work = found.active
    yield (
        f"{_cost(found.totals.cost_usd)}, {words.counted(found.totals.total, 'token')}, "
        f"{words.counted(found.totals.requests, 'request')}, {words.counted(len(found.prompts), 'prompt')}; "
        f"active {words.duration(at_work.active)} (model {words.duration(at_work.model)}, tools {words.duration(at_work.tool)}, "
        f"subagents {words.duration(at_work.agent_model + at_work.agent_tool)})"
    )
    yield ""
    moments = [(time, "prompt", "", "", "", "") for time in found.prompts]
    costs = {event.number: cost for event, cost in zip(found.events, found.costs, strict=True)}
    for span in found.spans:
        cost = _cost(costs[span.event]) if not span.kind and span.event in costs else ""
        length = words.duration(span.end - span.begin) + (" failed" if span.failed else "")
        moments.append((span.begin, KINDS[span.kind], _name(span.name), length, _name(span.agent or "main line"), cost))
    rows = [[f"{zone.local(time):%m-%d %H:%M:%S}", *rest] for time, *rest in sorted(moments)]
    yield from columns("Time What Name >Length Who >Cost_so_far", rows)


def _calls(found: Calls, _: Zone) -> Iterable[str]:
    rows = []
    for name, uses in [*((each.name, each.uses) for each in found.names), ("Total", found.totals)]:
        middle = "" if uses.median_ms is None else f"{uses.median_ms / 1000:,.1f} s"
        rows.append([_name(name), f"{uses.calls:,}", f"{uses.failed:,}", words.duration(uses.total_ms), middle])
    yield from columns("Tool >Calls >Failed >Ran >Median", rows)


def _comparison(found: Comparison, _: Zone) -> Iterable[str]:
    until = " (to the same time of day)" if found.cut else ""
    yield f"{words.days(*found.now.days)} against {words.days(*found.before.days)}{until}"
    rows = []
    for name, change in found.changes().items():
        money = name == "cost_usd"
        texts = [_cost(value) if money else f"{value or 0:,}" for value in (change.before, change.now, change.by)]
        share = "" if change.share is None else f"{change.share:+.1%}"
        rows.append([name.removesuffix("_usd").replace("_", " "), *texts, share])
    yield from columns("Measure >Before >Now >By >Share", rows)
    money = found.measure == "cost_usd"
    for kind in found.movers:
        yield ""
        rows = [[_name(mover.name), _cost(mover.by) if money else f"{mover.by:+,}"] for mover in kind.rows]
        yield from columns(f"{kind.key.capitalize()} >By", rows)


def _punchcard(found: Punchcard, _: Zone) -> Iterable[str]:
    most = max((cell.figures.total for cell in found.cells), default=0)
    yield "     " + "".join(f"{hour:<3}" for hour in range(24))
    for weekday, name in enumerate(_WEEKDAYS):
        cells = [cell for cell in found.cells if cell.weekday == weekday]
        yield f"{name}  " + " ".join(_shade(cell.figures.total, most) * 2 for cell in cells).rstrip()
    yield f"{words.days(*found.days)}: {words.counted(found.totals.total, 'token')} {_cost(found.totals.cost_usd, prices=found.question.prices)}".rstrip()


def _shade(value: int, most: int) -> str:
    return _SHADES[1 + value * 4 // most] if value and most else _SHADES[0]


def _year(found: Year, _: Zone) -> Iterable[str]:
    rows = [
        [day, f"{figures.requests:,}", f"{figures.total:,}", _cost(figures.cost_usd, prices=found.question.prices)]
        for day, figures in found.days
        if figures is not None and figures.requests
    ]
    totals = found.totals
    rows.append(
        ["Total", f"{totals.requests:,}", f"{totals.total:,}", _cost(totals.cost_usd, prices=found.question.prices)]
    )
    yield from columns("Day >Requests >Total >Cost", rows)


def _energy(found: Energy, _: Zone) -> Iterable[str]:
    yield "A rough estimate, from what others published about other models: an order of magnitude, not a measurement."
    rows = []
    for each in (*found.models, found.total._replace(name="Total")):
        kilowatts = f"{each.energy.low / 1000:,.2f} to {each.energy.high / 1000:,.2f}"
        rows.append(
            [_name(each.name), f"{each.figures.total:,}", kilowatts, f"{each.water.low:,.1f} to {each.water.high:,.1f}"]
        )
    yield from columns("Model >Tokens >kWh >Litres", rows)


_WAYS: Final[dict[type[Any], Callable[[Any, Zone], Iterable[str]]]] = {
    Page: _page,
    Event: _event,
    Timeline: _timeline,
    Calls: _calls,
    Comparison: _comparison,
    Punchcard: _punchcard,
    Year: _year,
    Energy: _energy,
}
