"""Claude Code: Anthropic's coding agent, whose transcripts hold one line for each block of an answer."""

from collections.abc import Mapping
from typing import Any, Final

from tallystick.tools.claude_code.places import companions_of, roots
from tallystick.tools.tool import Named, Reader, Root, Seen, State, Tool

_USUAL_DAYS: Final = 30
_OWN_REQUEST: Final = "req_"


def _reader(path: str, state: State) -> Reader:
    # Most questions find nothing new to read: what reads is imported when there is something.
    from tallystick.tools.claude_code.reader import ClaudeReader

    return ClaudeReader(path, state)


def _on_the_wire(seen: Seen) -> Named | None:
    from tallystick.usage.identity import key

    if not seen.answer:
        return None
    # Only an id in Anthropic's own form is sure to be the header that the transcript has as `requestId`; without one,
    # the call joins whatever the transcript has of the same answer.
    request = key(seen.request) if seen.request.startswith(_OWN_REQUEST) else 0
    # The wire knows agents by their ids. Those of side questions and the like begin with a name, others do not.
    agent = (seen.agent.rpartition("-")[0] or "subagent") if seen.agent else ""
    return Named(key(seen.answer, seen.part) if seen.part else key(seen.answer), request, agent)


def _keeps_days(settings: Mapping[str, Any]) -> int:
    days = settings.get("cleanupPeriodDays")
    # With 0 days Claude Code writes no transcripts at all.
    return days if isinstance(days, int) and not isinstance(days, bool) and days >= 0 else _USUAL_DAYS


CLAUDE_CODE: Final = Tool(
    name="claude-code",
    title="Claude Code",
    roots=roots,
    reader=_reader,
    blind_spots=(
        "The request behind a session's title is not in the transcript.",
        "The model call inside a WebSearch is not in the transcript; only the search itself is.",
        "The requests of /compact are not in the transcript.",
        "An answer that broke off in the middle of a text is not in the transcript, though its prompt was billed.",
        "An answer that broke off just before its end, or was interrupted, is there with the counts of its beginning: marked as cut off.",
        "Runs with --no-session-persistence leave no transcript.",
    ),
    keeps_days=_keeps_days,
    settings=".claude/settings.json",
    companions=companions_of,
    on_the_wire=_on_the_wire,
)


def with_inbox(folder: str) -> Tool:
    """Return the tool together with the folder in which what its status line was told waits (`intake/inbox.py`)."""

    def places(home: str, environ: Mapping[str, str]) -> list[Root]:
        # Looked at often, as it is small.
        return [*roots(home, environ), Root(folder, depth=0)]

    def reader(path: str, state: State) -> Reader:
        if not path.startswith(folder):
            return _reader(path, state)
        from tallystick.tools.claude_code.status_line import StatusLines

        return StatusLines(state)

    return CLAUDE_CODE._replace(roots=places, reader=reader)
