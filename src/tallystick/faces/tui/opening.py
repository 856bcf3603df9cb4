"""Opening a row: what is asked for it, and the page that tells the answer."""

import shlex
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from tallystick.answers.live import Live
from tallystick.answers.question import Filters, Question, Wish, question, worded
from tallystick.answers.reports.places import ANY
from tallystick.errors import TallystickError
from tallystick.faces.tui import pages, words
from tallystick.faces.tui.draw import BAD, FAINT, PLAIN, STRONG, TITLE, TRACK, Line, fitted, spread
from tallystick.faces.tui.state import CALLS, MACHINES, MODELS, SESSIONS, TOOLS
from tallystick.usage.period import Period, period

if TYPE_CHECKING:
    from tallystick.faces.tui.asking import Asked

_KEYS: Final[Mapping[str, str]] = MappingProxyType(
    {SESSIONS: "session", MODELS: "model", TOOLS: "tool", MACHINES: "machine"}
)
_SHOWN: Final = 10


class Page(NamedTuple):
    """Lines that lie over the picture."""

    title: str
    lines: Callable[[int], list[Line]]
    """Given a width."""
    top: int = 0
    """The first line that is shown."""

    def within(self, width: int, height: int) -> "Page":
        """Return the page scrolled no farther than it reaches."""
        return self._replace(top=min(max(self.top, 0), max(len(self.lines(width - 4)) - (height - 3), 0)))

    def drawn(self, width: int, height: int) -> list[Line]:
        """Return what is shown of it."""
        lines, room = self.lines(width - 4), max(height - 3, 1)
        shown = lines[self.top : self.top + room]
        rest = len(lines) - self.top - room
        more: Line = ((f"{words.counted(rest, 'line')} more ", FAINT),) if rest > 0 else ()
        head: Line = ((f" {self.title} ", TITLE), ("─" * max(width - words.cells(self.title) - 3, 0), TRACK))
        foot = spread(((" Esc", STRONG), (" back   ", FAINT), ("↑ ↓", STRONG), (" scroll", FAINT)), more, width)
        body = [fitted((("  ", PLAIN), *line), width) for line in shown]
        body += [fitted((), width)] * (room - len(body))
        return [fitted(head, width), fitted((), width), *body, foot][:height]


type Work = Callable[["Asked"], Page]


def help_page() -> Page:
    """Return the page about keys."""
    return Page("Help", pages.help_lines)


def waiting() -> Page:
    """Return what is shown until an answer is there."""
    return Page("…", lambda _: [(("Asking …", FAINT),)])


def refused(error: TallystickError) -> Page:
    """Return the page that tells why there is no answer."""
    return Page("No answer", lambda _: [((words.clean(str(error)), BAD),)])


def opened(live: Live, panel: str, key: str) -> Work:
    """Return what asks for a row: a session or a call in full; of other rows, why they are what they are."""
    zone, now = live.question.period.zone, live.question.now
    if panel == SESSIONS:

        def session(answers: "Asked") -> Page:
            told = answers.session(key, zone)
            return Page("Session", lambda width: pages.session_lines(told, now, width))

        return session
    if panel == CALLS:

        def call(answers: "Asked") -> Page:
            told = answers.event(int(key))
            return Page("Call", lambda _: pages.call_lines(told, zone, now))

        return call
    return explained(live, panel, key)


def explained(live: Live, panel: str, key: str) -> Work:
    """Return what asks why a row is what it is."""
    asked, title = about(live, panel, key)
    command = said(asked)

    def why(answers: "Asked") -> Page:
        told = answers.why(asked)
        return Page("Why", lambda width: pages.why_lines(told, title, command, width))

    return why


def about(live: Live, panel: str, key: str) -> tuple[Question, str]:
    """Return the question that explains a row, and what it is about in words."""
    zone, now = live.question.period.zone, live.question.now
    where = dict(live.question.where)
    if panel == CALLS:
        call = next((each for each in live.calls if str(each.number) == key), None)
        if call is not None:
            where |= {name: [call.context[name]] for name in ("session", "tool") if call.context[name]}
            where["model"] = [call.variant.model]
            # Nothing else of the session is likely to have been at the very same millisecond.
            return _question(where, Period(zone, call.time, call.time + 1), now), f"Call {key}"
    where[_KEYS.get(panel, "session")] = [key]
    if panel == SESSIONS:
        return _question(where, period(zone, now, "2d", "today"), now), f"Session {key}, since yesterday"
    return _question(where, period(zone, now, "today", "today"), now), f"{words.clean(key) or '(none)'} today"


def _question(where: Filters, span: Period, now: int) -> Question:
    return question(ANY, span, Wish("day", where, limit=_SHOWN), now)


def said(asked: Question) -> str:
    """Return a question as a command line that can be copied."""
    first, last = asked.period.told
    parts = ["tally", "why"]
    parts += [f"--since={first}"] if first else []
    parts += [f"--until={last}"] if last else []
    parts += [f"--timezone={asked.period.zone.name}"]
    parts += [f"--{name}={worded(pattern)}" for name, given in asked.where.items() for pattern in given]
    return shlex.join(parts)
