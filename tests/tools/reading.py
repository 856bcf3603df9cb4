"""Reading as tests do it: in every way in which a source can come, and what was found, settled and told in words."""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, NamedTuple

from tallystick.intake.databases import consult
from tallystick.ledger.merging import Event, Sighting, Standing, closed_at, settle
from tallystick.tools.tool import DATABASE, LINES, Found, State, Tool
from tallystick.usage.event import CUT_OFF, Context, Reading, ToolCall, UsageEvent, Variant

GRADES = ("bare", "pending", "cut off", "finished")


class Source(NamedTuple):
    """One log: its path below the tool's directory, and what is in it."""

    path: str
    content: bytes
    companions: dict[str, Any] = {}  # noqa: RUF012 - never changed in place
    form: str = LINES
    file: str = ""
    """Of a database, where it lies."""


type Way = Callable[[Tool, Source], Found]
"""A way to read a source from its beginning to its end."""


def begun(tool: Tool, source: Source, state: State | None = None) -> Any:  # noqa: ANN401 - any of the three kinds of reader
    """Return a reader at the beginning of a source, or one that goes on from a state."""
    beside: State = {"companions": source.companions} if source.companions else {}
    return tool.reader(source.path, (state or {}) | beside)


def _at_once(tool: Tool, source: Source, state: State | None = None) -> tuple[Found, State]:
    """Read a document or a database, which come in one way only."""
    reader = begun(tool, source, state)
    fault = ""
    if source.form == DATABASE:
        fault = consult(source.file, reader)
    else:
        reader.take(json.loads(source.content))
    found, left = reader.finish()
    if fault:
        found.skip(0, fault)
    return found, left


def lines_of(content: bytes) -> list[int]:
    """Return where lines end, the beginning of the content included; a torn last line is left out."""
    ends = [0]
    while end := content.find(b"\n", ends[-1]) + 1:
        ends.append(end)
    return ends


def whole(tool: Tool, source: Source) -> Found:
    """Read everything at once."""
    if source.form != LINES:
        return _at_once(tool, source)[0]
    reader = begun(tool, source)
    end = lines_of(source.content)[-1]
    reader.feed(source.content, 0, end, 0)
    found: Found = reader.finish()[0]
    return found


def line_by_line(tool: Tool, source: Source) -> Found:
    """Read with one reader that gets a line at a time, each at another place of a buffer that is used again."""
    if source.form != LINES:
        return whole(tool, source)
    reader = begun(tool, source)
    for begin, end in pairwise(lines_of(source.content)):
        buffer = bytearray(b"}\n" * (begin % 3)) + source.content[begin:end] + b'{"type":"assis'
        start = 2 * (begin % 3)
        reader.feed(buffer, start, start + end - begin, begin)
    found: Found = reader.finish()[0]
    return found


def in_portions(cuts: Sequence[int]) -> Way:
    """Return the way to read with one reader that is asked for what it found whenever so many lines were read."""

    def read(tool: Tool, source: Source) -> Found:
        if source.form != LINES:
            return whole(tool, source)
        reader, found = begun(tool, source), Found()
        for begin, end in _stretches(source.content, cuts):
            reader.feed(source.content, begin, end, begin)
            add(found, reader.finish()[0])
        return found

    return read


def by_turns(cuts: Sequence[int]) -> Way:
    """Return the way to read with a new reader whenever so many lines were read, each with the state of the one before."""

    def read(tool: Tool, source: Source) -> Found:
        if source.form != LINES:
            once, state = _at_once(tool, source)
            add(once, _at_once(tool, source, json.loads(json.dumps(state)))[0])
            return once
        reader, found, place = begun(tool, source), Found(), 0
        for _, end in _stretches(source.content, cuts):
            reader.feed(source.content, place, end, place)
            part, state = reader.finish()
            add(found, part)
            kept: State = json.loads(json.dumps(state))
            place = kept.pop("resume", end)
            reader = tool.reader(source.path, kept)
        return found

    return read


def _stretches(content: bytes, cuts: Sequence[int]) -> list[tuple[int, int]]:
    ends = lines_of(content)
    chosen = sorted({ends[min(cut, len(ends) - 1)] for cut in cuts} | {0, ends[-1]})
    return list(pairwise(chosen)) or [(0, 0)]


def add(found: Found, more: Found) -> None:
    """Add what was found later."""
    for name in ("events", "prompts", "calls", "limits", "titles", "readings", "skipped"):
        getattr(found, name).extend(getattr(more, name))
    found.skipped_more += more.skipped_more


type Told = dict[str, list[dict[str, Any]]]
"""What was found, as a person reads it and as `expected.json` keeps it."""


def told(read: Iterable[tuple[str, Found]]) -> Told:
    """Return what was found in several sources, by their paths, settled over all of them."""
    found = sorted(read, key=lambda item: item[0])
    standings = [Standing(1, closed_at(_newest(each), 0), path) for path, each in found]
    paths = [path for path, _ in found]
    readings = _readings(found)
    return {
        "events": _events(found, standings, paths),
        "prompts": _prompts(found, standings, paths),
        "calls": _calls(found),
        "titles": _titles(found),
        "limits": [_plain(limit._asdict() | {"resets_at": moment(limit.resets_at), "time": moment(limit.time)}) for limit in _once(found, "limits")],
        "skipped": [
            {"source": path, "offset": skipped.offset, "reason": skipped.reason}
            for path, each in found
            for skipped in sorted(set(each.skipped))
        ],
        **({"readings": readings} if readings else {}),
    }  # fmt: skip


def _events(found: list[tuple[str, Found]], standings: list[Standing], paths: list[str]) -> list[dict[str, Any]]:
    contexts: dict[Context, int] = {}
    variants: dict[Variant, int] = {}
    sightings: dict[int, list[Sighting]] = {}
    for source, (_, each) in enumerate(found):
        for key, request, time, variant, tokens, context, *rest in each.events:
            number = contexts.setdefault(context, len(contexts))
            kind = variants.setdefault(variant, len(variants))
            row = (key, request, time, number, kind, *tokens, *rest, source)
            sightings.setdefault(key, []).append(Sighting._make(row))
    events = [event for views in sightings.values() for event in settle(views, standings.__getitem__)]
    events.sort(
        key=lambda event: (event.counted.time, paths[event.counted.source], event.counted.place, event.counted.key)
    )
    return [_event(event, list(contexts), list(variants), paths) for event in events]


def _event(event: Event, contexts: list[Context], variants: list[Variant], paths: list[str]) -> dict[str, Any]:
    counted = event.counted
    context, variant = contexts[counted.context], variants[counted.variant]
    fields = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning", "work_ms")
    return _plain(
        {
            "time": moment(counted.time),
            **{name: getattr(variant, name) for name in ("model", "tier", "speed", "geo")},
            **{name: getattr(context, name) for name in ("session", "agent", "project", "branch", "version")},
            **{name: getattr(counted, name) for name in fields},
            "web_searches": counted.searches,
            "web_fetches": counted.fetches,
            "cost_nano": counted.cost_nano,
            "grade": GRADES[counted.grade],
            "views": len(event.sightings),
            "source": paths[counted.source],
            "offset": counted.place,
        }
    )


def _prompts(found: list[tuple[str, Found]], standings: list[Standing], paths: list[str]) -> list[dict[str, Any]]:
    first: dict[int, tuple[Any, ...]] = {}
    for source, (_, each) in enumerate(found):
        for prompt in each.prompts:
            seen = (standings[source].closed, paths[source], prompt)
            first[prompt.key] = min(first.get(prompt.key, seen), seen)
    told = ((moment(prompt.time), prompt.context, path, prompt.offset) for _, path, prompt in first.values())
    return [
        _plain({"time": time, "session": context.session, "project": context.project, "source": path, "offset": offset})
        for time, context, path, offset in sorted(told, key=lambda item: (item[0], item[2], item[3]))
    ]


def _calls(found: list[tuple[str, Found]]) -> list[dict[str, Any]]:
    calls: dict[int, ToolCall] = {}
    for call in _once(found, "calls"):
        calls[call.key] = min(
            calls.get(call.key, call), call, key=lambda each: (not each.ended, each.ended, each.started)
        )
    return [
        _plain({"name": call.name, "started": moment(call.started), "ended": moment(call.ended), "failed": call.failed})
        for call in sorted(calls.values(), key=lambda call: (call.started, call.key))
    ]


def _titles(found: list[tuple[str, Found]]) -> list[dict[str, Any]]:
    last: dict[str, tuple[int, str]] = {}
    for session, text, time in _once(found, "titles"):
        last[session] = max(last.get(session, (time, text)), (time, text))
    return [{"session": session, "title": text} for session, (_, text) in sorted(last.items())]


def _readings(found: list[tuple[str, Found]]) -> list[dict[str, Any]]:
    """Return what running totals stood at: the better ones first, then by session, model and time."""
    seen = {
        (reading.time, reading.rank, path, reading.offset, reading) for path, each in found for reading in each.readings
    }
    return [
        _plain(
            {
                "rank": rank,
                "time": moment(time),
                "since": moment(reading.since),
                **{name: getattr(reading.variant, name) for name in ("model", "tier", "speed", "geo")},
                **{
                    name: getattr(reading.context, name)
                    for name in ("session", "agent", "project", "branch", "version")
                },
                "requests": reading.requests,
                **reading.tokens._asdict(),
                "cost_nano": reading.cost_nano,
                "source": path,
                "offset": offset,
            }
        )
        for time, rank, path, offset, reading in sorted(seen, key=_worded)
    ]


def _worded(seen: tuple[int, int, str, int, Reading]) -> tuple[object, ...]:
    time, rank, path, offset, reading = seen
    return (rank, reading.context.session, reading.variant.model, time, path, offset, reading)


def _once(found: list[tuple[str, Found]], name: str) -> list[Any]:
    """Return things that are the same wherever they were found, each once."""
    return sorted({item for _, each in found for item in getattr(each, name)})


def _newest(found: Found) -> int:
    times = [event.time for event in found.events] + [prompt.time for prompt in found.prompts]
    return max([*times, *(max(call.started, call.ended) for call in found.calls)], default=0)


def moment(time: int) -> str:
    """Return milliseconds since 1970 as logs write them; nothing for 0."""
    return datetime.fromtimestamp(time / 1000, UTC).isoformat(timespec="milliseconds")[:-6] + "Z" if time else ""


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is not said."""
    return {name: value for name, value in fields.items() if name == "offset" or value not in ("", 0, None, False)}


def tokens(told: Told) -> list[tuple[int, ...]]:
    """Return the counts of each event: input, read, written for 5 minutes, for an hour, output, reasoning."""
    names = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning")
    return [tuple(event.get(name, 0) for name in names) for event in told["events"]]


def cut_off(found: Found) -> list[UsageEvent]:
    """Return the events whose answers broke off."""
    return [event for event in found.events if event.grade == CUT_OFF]
