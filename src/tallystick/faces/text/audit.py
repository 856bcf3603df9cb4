"""The audit as aligned columns: what both saw, what only one did, where they differ, and why."""

from collections.abc import Iterator
from typing import Final

from tallystick.answers.audit import Audit, Line
from tallystick.faces.text import words
from tallystick.faces.text.closer import columns

_HEADINGS: Final = "Day Tool >Both >Aligned >Log_only >Wire_only >Differing Of_the_wire_only"
_TOTAL: Final = "Total"


def shown(found: Audit) -> str:
    """Return the audit as text."""
    first, last = found.question.period.days
    if found.lines:
        first, last = first or found.lines[0].day, last or found.lines[-1].day
    head = f"What logs and the wire saw: {words.days(first, last)}"
    if not found.lines:
        lines = [head, "", "Nothing was used in this time."]
    else:
        rows = [_row(line) for line in (*found.lines, found.totals._replace(day=_TOTAL))]
        lines = [head, "", *columns(_HEADINGS, rows), *_notes(found)]
    return "".join(f"{line}\n" for line in lines)


def _row(line: Line) -> list[str]:
    return [
        line.day,
        words.clean(line.tool),
        _calls(line.both, line.both_tokens),
        f"{line.aligned:,}" if line.aligned else "-",
        _calls(line.log_only, line.log_only_tokens),
        _calls(line.wire_only, line.wire_only_tokens),
        _difference(line),
        ", ".join(_known(line)),
    ]


def _calls(number: int, tokens: int) -> str:
    return f"{number:,} ({words.number(tokens, compact=True)})" if number else "-"


def _difference(line: Line) -> str:
    if not line.differing:
        return "-"
    more, less = (words.number(each, compact=True) for each in (line.wire_more, line.log_more))
    return f"{line.differing:,} (+{more} -{less})"


def _known(line: Line) -> Iterator[str]:
    """Yield what is known of the calls that only the wire saw."""
    if line.cut_off:
        yield f"{line.cut_off:,} cut off"
    if line.searching:
        yield words.counted(line.searching, "web search", "web searches")


def _notes(found: Audit) -> Iterator[str]:
    yield ""
    yield "Calls, with their tokens in parentheses; differing: what the wire counted beyond the log, and the reverse."
    if found.totals.log_only and not found.totals.both and not found.totals.wire_only:
        yield "The wire saw nothing in this time: `tally proxy` and `tally shell` lead tools through it."
    for tool, spots in found.blind_spots:
        yield ""
        yield f"What the logs of {tool} leave out:"
        yield from (f"  {spot}" for spot in spots)
    if found.gaps:
        yield ""
        yield "Not metered, of all times:"
        yield from (f"  {gap.number:,} × {words.clean(gap.reason)}" for gap in found.gaps)
