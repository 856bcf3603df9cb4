"""The health of it all as text: what lies where, what was read, what is wrong, and what to do about it."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from tallystick import __version__
from tallystick.answers.advice import Finding
from tallystick.answers.answer import Moment
from tallystick.answers.as_json import value
from tallystick.answers.health import Health, ToolHealth, Uncounted
from tallystick.faces.text import words
from tallystick.faces.text.sheet import FAINT, PLAIN, STRONG, WARNING, Cell
from tallystick.usage.period import Zone

SCHEMA: Final = "tallystick.health/1"
_STEP: Final = 1000
_UNITS: Final = ("bytes", "kB", "MB", "GB", "TB")
NAME: Final = 13
"""Columns for what a line is about."""
_INDENT: Final = 2
_NOW_MS: Final = 1000
_ARROW: Final = "  → "
_MARKS: Final = ("✗ ", "! ")
_NARROWEST: Final = 40
_PLACES_MOST: Final = 3
"""Places of one tool that are named one by one."""
_ABSENT_MOST: Final = 2


def show(shown: Sequence[Cell]) -> None:
    """Print lines on a terminal, in colours where it has them, long ones broken so that they stay in their column."""
    from textwrap import wrap

    from rich.text import Text

    from tallystick.faces.text.as_table import TONES, terminal

    console = terminal()
    for cell in shown:
        hanging = _INDENT + (0 if cell.text.startswith(_ARROW) else NAME) if cell.text.startswith(" ") else 0
        hanging += 2 * cell.text.startswith((_ARROW, *_MARKS))
        parts = wrap(
            cell.text, max(console.width - 1, _NARROWEST), subsequent_indent=" " * hanging, break_on_hyphens=False
        )
        for part in parts or [""]:
            console.print(Text(part, TONES.get(cell.tone, "")))


def lines(health: Health, findings: Sequence[Finding], home: str) -> list[Cell]:
    """Return what a person is shown, line by line; paths below `home` begin with ~."""
    here = [tool for tool in health.tools if tool.seen.found or tool.files_read]
    return [
        *(each for tool in here for each in _tool(tool, health, home)),
        *_others([tool for tool in health.tools if tool not in here], health, home),
        *_ledger(health, home),
        *_prices(health),
        *_time(health, home),
        Cell(""),
        *_findings(findings, home),
    ]


def _tool(tool: ToolHealth, health: Health, home: str) -> Iterator[Cell]:
    yield Cell(tool.title, STRONG)
    there = [place for place in tool.seen.places if place.exists]
    for number, place in enumerate(there[:_PLACES_MOST]):
        yield line(
            "" if number else "found",
            f"{path(place.path, home)}: {words.counted(place.files, 'log')}, {size(place.bytes)}",
        )
    if rest := there[_PLACES_MOST:]:
        files, total = sum(place.files for place in rest), sum(place.bytes for place in rest)
        more = words.counted(len(rest), "more place")
        yield line("", f"and {more}: {words.counted(files, 'log')}, {size(total)}")
    absent = [place.path for place in tool.seen.places if not place.exists]
    if absent:
        yield line("not there", some_paths(absent, home), FAINT)
    now = health.surroundings.now
    counted = "its calls stand with their tools" if tool.elsewhere else words.counted(tool.events, "event")
    read = f"{words.counted(tool.files_read, 'log')}, {size(tool.bytes_read)}: {counted}"
    yield line("read", read + (f", the newest {ago(now - tool.newest)}" if tool.newest else ""))
    yield from _doubts(tool, home)
    yield from _cleaning(tool, now)
    if tool.blind_spots:
        kinds = words.counted(len(tool.blind_spots), "kind")
        yield line(
            "not seen" if tool.elsewhere else "not logged",
            f"{kinds} of calls: `tally tools {tool.seen.tool}` names them",
            FAINT,
        )
    yield Cell("")


def _doubts(tool: ToolHealth, home: str) -> Iterator[Cell]:
    """Tell what of a tool's logs was not understood, not whole or not read."""
    if tool.cut_off:
        yield line(
            "cut off", f"{words.counted(tool.cut_off, 'answer')}, counted with what was known when they broke off"
        )
    for each in tool.reasons:
        yield line("skipped", words.clean(f"{each.number:,} x {each.reason}, as in {path(each.place, home)}"), WARNING)
    if tool.seen.unread_files:
        yield line("unread", f"{words.counted(tool.seen.unread_files, 'log')}, {size(tool.seen.unread_bytes)}", WARNING)


def _others(tools: Sequence[ToolHealth], health: Health, home: str) -> Iterator[Cell]:
    """Tell which tools are not here: in a line beside those that are, each with its places when there are none of those."""
    alone = len(tools) == len(health.tools)
    if alone:
        yield Cell("Not found", STRONG)
        column = max((words.cells(tool.title) for tool in tools), default=0)
        for tool in tools:
            space = " " * (column - words.cells(tool.title))
            yield Cell(f"  {tool.title}{space}  {some_paths([place.path for place in tool.seen.places], home)}", FAINT)
        yield Cell(_ARROW + "`tally tools NAME` tells every place where one was looked for.", FAINT)
        yield Cell("")
    unusable = health.surroundings.unusable
    if unusable or (tools and not alone):
        yield Cell("Other tools", STRONG)
        if tools and not alone:
            titles = ", ".join(tool.title for tool in tools)
            yield line("not found", f"{titles}; `tally tools NAME` tells where one was looked for", FAINT)
        if unusable:
            titles = ", ".join(each.title for each in unusable)
            yield line("not counted", f"{titles}; `tally tools` tells why, and what would count them", FAINT)
        yield Cell("")


def _cleaning(tool: ToolHealth, now: int) -> Iterator[Cell]:
    keeps, lost = tool.seen.keeps_days, tool.seen.lost_in_days(now)
    if not keeps:
        return
    after = f"{tool.title} deletes logs after {words.counted(keeps, 'day')}"
    if lost is None:
        yield line("clean-up", f"{after}; all of them are read, so that no count will be lost")
    else:
        yield line("clean-up", f"{after}; the first unread one in {words.counted(int(lost), 'day')}", WARNING)


def _ledger(health: Health, home: str) -> Iterator[Cell]:
    file = health.surroundings.file
    yield Cell("Ledger", STRONG)
    yield line("file", path(file.path, home))
    if file.closed:
        yield line("state", "cannot be used, see below", WARNING)
    else:
        events = sum(tool.events for tool in health.tools)
        yield line("holds", f"{words.counted(events, 'event')} in {size(file.bytes)}, version {file.version}")
        state = {"fully": "checked in full: ", "quickly": "checked quickly (--full checks all): "}.get(file.checked, "")
        verdict = words.counted(len(file.problems), "problem") if file.problems else "sound"
        yield line("state", state + verdict, WARNING if file.problems else PLAIN)
    yield Cell("")


def _prices(health: Health) -> Iterator[Cell]:
    edition = health.prices
    yield Cell("Prices", STRONG)
    yield line(
        "from", f"genai-prices {edition.genai} as of {edition.genai_as_of}: {words.counted(edition.models, 'model')}"
    )
    yield line("", f"Tallystick's own facts as of {edition.overlay_as_of}")
    if edition.litellm_models:
        yield line(
            "", f"LiteLLM's table as of {edition.litellm_as_of}: {words.counted(edition.litellm_models, 'model')}"
        )
    for model, tokens in health.unpriced:
        yield line("unpriced", words.clean(f"{model or '(no name)'}: {words.counted(tokens, 'token')}"), WARNING)
    yield Cell("")


def _time(health: Health, home: str) -> Iterator[Cell]:
    around = health.surroundings
    yield Cell("Time", STRONG)
    zone = Zone(around.zone)
    source = f", from {path(around.zone_source, home)}" if around.zone_source else ", for want of a better one"
    yield line("zone", f"{zone.name}{source}; it is {words.moment(around.now, zone, year=True)} there")


def _findings(findings: Sequence[Finding], home: str) -> Iterator[Cell]:
    if not findings:
        yield Cell("Nothing is wrong.", STRONG)
        return
    troubles = sum(finding.trouble for finding in findings)
    warnings = len(findings) - troubles
    told = [words.counted(count, noun) for count, noun in ((troubles, "trouble"), (warnings, "warning")) if count]
    yield Cell(" and ".join(told), STRONG)
    for finding in findings:
        mark, tone = (_MARKS[0], WARNING) if finding.trouble else (_MARKS[1], PLAIN)
        yield Cell(mark + words.clean(_short(finding.what, home)), tone)
        # A path in here may stand in quotes, for a shell to read, which would not know ~ in them.
        yield Cell(_ARROW + words.clean(finding.todo), FAINT)


def as_json(health: Health, findings: Sequence[Finding]) -> str:
    """Return all of it as JSON."""
    around = health.surroundings
    found: dict[str, Any] = {
        "schema": SCHEMA,
        "version": __version__,
        "sound": not any(finding.trouble for finding in findings),
        "findings": [finding._asdict() for finding in findings],
        "tools": [_tool_values(tool, around.now) for tool in health.tools],
        "unusable": [uncounted(each) for each in around.unusable],
        "missing_homes": list(around.missing_homes),
        "unreadable": [{"path": path, "reason": reason} for path, reason in around.troubles],
        "ledger": around.file._asdict(),
        "prices": health.prices._asdict() | {"bad_overrides": [each._asdict() for each in health.prices.bad_overrides]},
        "unpriced": [{"model": model, "tokens": tokens} for model, tokens in health.unpriced],
        "config": around.config,
        "time": {"now": Moment(around.now), "timezone": around.zone, "source": around.zone_source or None},
    }
    return value(found) + "\n"


def uncounted(tool: Uncounted) -> dict[str, Any]:
    """Return a tool that is here without being counted as JSON has it."""
    return {name: thing for name, thing in tool._asdict().items() if name != "keeps_counts"}


def _tool_values(tool: ToolHealth, now: int) -> dict[str, Any]:
    seen, lost = tool.seen, tool.seen.lost_in_days(now)
    return {
        "tool": seen.tool,
        "places": [place._asdict() for place in seen.places],
        "files_read": tool.files_read,
        "bytes_read": tool.bytes_read,
        "events": tool.events,
        "cut_off": tool.cut_off,
        "newest": Moment(tool.newest) if tool.newest else None,
        "skipped": tool.skipped,
        "reasons": [each._asdict() for each in tool.reasons],
        "unread": {"files": seen.unread_files, "bytes": seen.unread_bytes},
        "keeps_days": seen.keeps_days,
        "lost_in_days": None if lost is None else round(lost, 2),
        "settings": seen.settings or None,
        "blind_spots": list(tool.blind_spots),
    }


def line(name: str, text: str, tone: str = PLAIN) -> Cell:
    """Return a line about something, whose name stands in a column of its own."""
    return Cell(f"  {name:{NAME}}{text}", tone)


def path(place: str, home: str) -> str:
    """Return a path as people write it."""
    below = home.rstrip("/") + "/"
    return words.clean(f"~/{place[len(below) :]}" if place.startswith(below) else place)


def some_paths(places: Sequence[str], home: str, most: int = _ABSENT_MOST) -> str:
    """Return the first few of some paths, and how many there are besides."""
    shown = ", ".join(path(place, home) for place in places[:most])
    return shown + (f" and {len(places) - most} more" if len(places) > most else "")


def _short(sentence: str, home: str) -> str:
    return sentence.replace(home.rstrip("/") + "/", "~/") if home.strip("/") else sentence


def size(count: int) -> str:
    """Return a number of bytes with a unit."""
    power = 0
    while count >= _STEP ** (power + 1) and power < len(_UNITS) - 1:
        power += 1
    return f"{count:,} {_UNITS[0]}" if not power else f"{count / _STEP**power:.1f} {_UNITS[power]}"


def ago(ms: int) -> str:
    """Return how long ago something was."""
    if 0 <= ms < _NOW_MS:
        return "just now"
    return f"{words.duration(ms)} ago" if ms >= 0 else f"{words.duration(-ms)} in the future"
