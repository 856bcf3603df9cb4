"""Charts of one session: when its models and tools were at work, and what it had cost by each moment."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final

from tallystick.answers.timeline import KINDS, Span, Timeline
from tallystick.faces.web.html import to_event
from tallystick.faces.web.panels.panel import Cell, Column, Point, Table, View, name_cell, number_cell
from tallystick.faces.web.state import State
from tallystick.faces.web.wording import clipped, counted, dollars, duration, exact, fine
from tallystick.usage.activity import TOOL, covered
from tallystick.usage.period import DAY_MS, Zone

SPANS_MOST: Final = 2_000
PROMPTS_MOST: Final = 500
STEPS_MOST: Final = 1_000
LANES_MOST: Final = 16
_ROWS_MOST: Final = 50
MAIN: Final = "main line"
PROMPTS: Final = "prompts"
OTHERS: Final = "other subagents"
FAILED: Final = "failed tool"
_MARGIN: Final = 200
"""The part of the time that is left free at each end."""
_MINUTES: Final = 600_000
_DAYS: Final = 7


def timeline(found: Timeline, at: State) -> View:
    """Return the spans of a session as bars in lanes, the longest ones only where there are too many, and its prompts."""
    lanes = _lanes(found.spans)
    longest = sorted(found.spans, key=lambda span: span.begin - span.end)[:SPANS_MOST]
    ranks = {name: rank for rank, name in enumerate([PROMPTS, *dict.fromkeys(lanes.values())])}
    prompts = thinned(found.prompts, PROMPTS_MOST)
    points = [
        _bar(found.zone, ranks, (PROMPTS, "prompt", "", time, time)) | {"shown": "", "half": 0} for time in prompts
    ]
    for span in longest:
        kind = FAILED if span.failed else KINDS[span.kind]
        bar = _bar(found.zone, ranks, (lanes[span.agent], kind, span.name, span.begin, span.end))
        points.append(bar | {"shown": _length(span), "half": span.kind, "href": to_event(at, span.event)})
    return View(
        _by_lane(found),
        points,
        empty="" if points else "Nothing tells how long its models and tools were at work.",
        note=_left_off(found, len(longest), len(prompts), lanes),
        params=window(found),
    )


def _bar(zone: Zone, ranks: dict[str, int], of: tuple[str, str, str, int, int]) -> dict[str, str | int | float | None]:
    lane, kind, name, begin, end = of
    start = _local(begin, zone)
    return {
        "lane": clipped(lane),
        "rank": ranks[lane],
        "kind": kind,
        "name": clipped(name),
        "begin": start,
        # By its length, so that a bar does not fold over where clocks go back.
        "end": start + end - begin,
        "at": f"{zone.local(begin):%Y-%m-%d %H:%M:%S}",
    }


def _lanes(spans: Sequence[Span]) -> dict[str, str]:
    """Return the lane of each agent, in the order in which they began; those that worked least share one."""
    took: Counter[str] = Counter()
    for span in spans:
        took[span.agent] += span.end - span.begin
    agents = [agent for agent in dict.fromkeys(["", *(span.agent for span in spans)]) if agent in took]
    busiest = set(sorted(agents, key=lambda agent: (bool(agent), -took[agent]))[: LANES_MOST - 1])
    if len(agents) <= LANES_MOST:
        busiest = set(agents)
    kept = {agent: agent or MAIN for agent in agents if agent in busiest}
    return kept | {agent: OTHERS for agent in agents if agent not in busiest}


def _left_off(found: Timeline, spans: int, prompts: int, lanes: dict[str, str]) -> str:
    said = []
    if spans < len(found.spans):
        said.append(f"The {spans:,} longest of {counted(len(found.spans), 'span')} are drawn.")
    if prompts < len(found.prompts):
        said.append(f"{prompts:,} of {counted(len(found.prompts), 'prompt')} are drawn, evenly chosen.")
    if others := sum(lane == OTHERS for lane in lanes.values()):
        said.append(f"{others:,} subagents that worked least share one lane.")
    return " ".join(said)


def _by_lane(found: Timeline) -> Table:
    spans: defaultdict[str, list[Span]] = defaultdict(list)
    for span in found.spans:
        spans[span.agent].append(span)
    columns = [Column("On", number=False), Column("Model"), Column("Tools")]
    columns += [Column("Tool calls", minor=True), Column("Failed")]
    rows = []
    for agent, of in spans.items():
        uses = [span for span in of if span.kind == TOOL]
        thought = covered((span.begin, span.end) for span in of if span.kind != TOOL)
        ran = covered((span.begin, span.end) for span in uses)
        failed = sum(span.failed for span in uses)
        times = [Cell(duration(thought), thought), Cell(duration(ran), ran)]
        rows.append([name_cell(agent or MAIN), *times, number_cell(len(uses)), failed_cell(failed)])
    return Table(columns, rows)


def running(found: Timeline, at: State) -> View:
    """Return what a session had cost by each of its events, some of them only where there are too many."""
    steps = thinned(list(zip(found.events, found.costs, strict=True)), STEPS_MOST)
    first, last = found.reach
    rows = [
        [
            Cell(f"{found.zone.local(event.time):%Y-%m-%d %H:%M:%S}"),
            name_cell(event.variant.model, to_event(at, event.number)),
            Cell(fine(event.cost), tone="" if event.cost else "faint"),
            Cell(fine(cost)),
        ]
        for event, cost in thinned(steps, _ROWS_MOST)
    ]
    columns = [Column("Time", number=False), Column("Model", number=False), Column("Cost"), Column("So far")]
    if not found.totals.priced:
        return View(Table(columns, rows), empty="Nothing in this session has a known price.")
    points: list[Point] = [{"time": _local(first, found.zone), "cost": 0}]
    for event, cost in steps:
        when = f"{found.zone.local(event.time):%Y-%m-%d %H:%M:%S}"
        own = "no price" if event.cost is None else exact(event.cost)
        texts = {"at": when, "name": clipped(event.variant.model), "own": own, "shown": exact(cost)}
        href = to_event(at, event.number)
        points.append({"time": _local(event.time, found.zone), "cost": dollars(cost), **texts, "href": href})
    if last > found.events[-1].time:
        points.append({"time": _local(last, found.zone), "cost": dollars(found.costs[-1])})
    left = len(found.events) - len(rows)
    more = (
        f"{counted(len(rows), 'request')} of {len(found.events):,}, evenly chosen; all are listed below."
        if left
        else ""
    )
    return View(Table(columns, rows, more=more), points, note=_unpriced(found), params=window(found))


def _unpriced(found: Timeline) -> str:
    tokens = found.totals.unpriced_tokens
    return (
        f"Without {counted(tokens, 'token')} that {'has' if tokens == 1 else 'have'} no known price." if tokens else ""
    )


def window(found: Timeline) -> dict[str, str | int | float | bool]:
    """Return the time that both charts show, with a little room at each end, and how their axes tell it."""
    first, last = found.reach
    last = max(last, first + 1_000, *(span.end for span in found.spans))
    room = max((last - first) // _MARGIN, 1)
    pattern = "%H:%M:%S" if last - first < _MINUTES else "%H:%M"
    if last - first >= DAY_MS:
        pattern = "%a %H:%M" if last - first < _DAYS * DAY_MS else "%-d %b"
    return {"first": _local(first, found.zone) - room, "last": _local(last, found.zone) + room, "pattern": pattern}


def thinned[T](items: Sequence[T], most: int) -> list[T]:
    """Return so many of some items at most, evenly chosen, the first and the last among them."""
    if len(items) <= most:
        return list(items)
    step = (len(items) - 1) / (most - 1)
    chosen = [round(place * step) for place in range(most)]
    return [items[place] for place in chosen]


def failed_cell(failed: int) -> Cell:
    """Return how many failed."""
    return number_cell(failed)._replace(tone="bad" if failed else "faint")


def _local(time: int, zone: Zone) -> int:
    # Charts know UTC and the browser's zone only: a moment is drawn as the clocks of the page's zone showed it.
    return time + zone.offset(time)


def _length(span: Span) -> str:
    return duration(span.end - span.begin) if span.end > span.begin else "end not seen"
