"""What the ledger in memory tells whoever copies it: every row as it was told, in the portions that are asked for."""

from collections.abc import Callable, Iterable, Mapping
from operator import itemgetter
from typing import Any, NamedTuple

from tallystick.ledger.beside import Beside
from tallystick.ledger.ledger import Row, Source
from tallystick.ledger.machines import Machines
from tallystick.ledger.merging import Event, Sighting, Standing, withdraws
from tallystick.ledger.readings import Kept
from tallystick.usage.event import Context, Variant

type _Values = Mapping[str, int | str]


class Held(NamedTuple):
    """Everything that the ledger in memory holds."""

    sources: Mapping[str, Source]
    paths: list[str]
    """The paths of the sources, each at its number."""
    contexts: Mapping[Context, int]
    variants: Mapping[Variant, int]
    sightings: Mapping[int, Mapping[Sighting, None]]
    events: list[Event]
    prompts: Mapping[int, Mapping[str, tuple[int, int]]]
    calls: Mapping[int, Row]
    readings: Iterable[Kept]
    beside: Beside
    machines: Machines
    standing: Callable[[int], Standing]


def _within(held: Held, values: _Values) -> list[Event]:
    since, until = int(values["since"]), int(values["until"])
    found = [event for event in held.events if since <= event.counted.time < until]
    return sorted(found, key=lambda event: event.counted.time)


def _events(held: Held, values: _Values) -> list[Row]:
    return [
        (*event.counted, event.seen, len(event.sightings), event.requests, event.dated, event.since)
        for event in _within(held, values)[: int(values["most"])]
    ]


def _views(held: Held, values: _Values) -> list[Row]:
    several = (event.sightings for event in _within(held, values) if len(event.sightings) > 1)
    return [tuple(view) for views in several for view in views]


def _prompts(held: Held, values: _Values) -> list[Row]:
    rows: list[Row] = []
    for key, holders in held.prompts.items():
        numbers = {held.paths.index(path): told for path, told in holders.items()}
        original = min(numbers, key=lambda source: held.standing(source)[1:])
        rows += ((key, source, *told, 0, int(source != original)) for source, told in numbers.items())
    return _portion(rows, 0, values)


def _calls(held: Held, values: _Values) -> list[Row]:
    return _portion([(key, *call[:4], int(call[4])) for key, call in held.calls.items()], 0, values)


def _readings(held: Held, values: _Values) -> list[Row]:
    rows: list[Row] = []
    for (meter, rank, time, since, variant, context, requests, tokens, *rest), path in held.readings:
        named = held.contexts[context], held.variants[variant]
        rows.append((meter, rank, time, since, *named, requests, *tokens, *rest, held.paths.index(path)))
    return _portion(rows, 2, values)


def _withdrawn(held: Held, values: _Values) -> list[Row]:
    rows: list[Row] = []
    for key, views in held.sightings.items():
        said = [view for view in views if withdraws(view, held.standing)]
        rows += ((key, *view[2:5], view.place, view.source) for view in said[:1])
    return _portion(rows, 0, values)


def _contexts(held: Held, values: _Values) -> list[Row]:
    return _portion([(number, *context) for context, number in held.contexts.items()], 0, values)


def _sources(held: Held, values: _Values) -> list[Row]:
    return _portion([(number, *held.sources[path]) for number, path in enumerate(held.paths)], 0, values)


def _portion(rows: list[Row], place: int, values: _Values, least: str = "least") -> list[Row]:
    at: Callable[[Row], Any] = itemgetter(place)
    return sorted((row for row in rows if at(row) >= values[least]), key=at)[: int(values["most"])]


ANSWERS: dict[str, Callable[[Held, _Values], list[Row]]] = {
    "all_events": _events,
    "all_views": _views,
    "all_prompts": _prompts,
    "all_calls": _calls,
    "all_readings": _readings,
    "all_withdrawn": _withdrawn,
    "all_contexts": _contexts,
    "all_sources": _sources,
    "all_limits": lambda held, values: _portion(held.beside.limits(), 5, values),
    "all_titles": lambda held, values: _portion(held.beside.titled(), 0, values, "named"),
    "all_tags": lambda held, values: _portion(held.beside.tags(()), 1, values, "named"),
    "all_renamed": lambda held, _: held.machines.renamed(),
    "machines": lambda held, _: held.machines.rows(),
    "newer": lambda held, _: held.machines.newer(),
    "titles": lambda held, _: [row[:2] for row in held.beside.titled()],
}
"""By the name of the question."""
