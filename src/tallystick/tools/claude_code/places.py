"""Where Claude Code keeps its transcripts, and what a transcript's path says about it."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from tallystick.tools.paths import listed
from tallystick.tools.tool import Root

_NOT_LOGS: Final = ("journal.jsonl",)
"""Orchestration metadata of workflows, beside the transcripts of their agents."""
_AGENTS: Final = "subagents"
_PROJECTS: Final = "/projects"
_OWN_SESSIONS: Final = ("local-agent-mode-sessions", "claude-code-sessions")
"""Where the desktop application keeps a config directory for each of its own sessions."""


def roots(home: str, environ: Mapping[str, str]) -> list[Root]:
    """Return every place that may hold transcripts.

    `CLAUDE_CONFIG_DIR` is a list divided by commas; an element is a config directory or the `projects`
    directory in it. Without it both defaults count: newer versions use `~/.claude`, some the XDG place.
    """
    xdg = environ.get("XDG_CONFIG_HOME") or f"{home}/.config"
    configs = listed(environ, "CLAUDE_CONFIG_DIR", home) or [f"{home}/.claude", f"{xdg}/claude"]
    found = [config if config.endswith(_PROJECTS) else f"{config}{_PROJECTS}" for config in configs]
    data = environ.get("APPDATA") or f"{home}/AppData/Roaming"
    desktop = [f"{home}/Library/Application Support/Claude", f"{xdg}/Claude", f"{data}/Claude"]
    # Those directories hold other records too, some of which repeat what a transcript says.
    inner = [
        Root(f"{place}/{kind}", skip=_NOT_LOGS, within="/.claude/projects/")
        for place in desktop
        for kind in _OWN_SESSIONS
    ]
    return [Root(path, skip=_NOT_LOGS) for path in dict.fromkeys(found)] + inner


class Place(NamedTuple):
    """What a path tells."""

    session: str
    """Empty where only the lines know it (agents beside their session, as version 2.0 wrote them)."""
    is_agent: bool
    agent: str = ""
    """What an agent that nobody described is for, where its id says so (`agent-aside_question-3f09aa.jsonl`)."""


def place_of(path: str) -> Place:
    """Return what the path of a transcript says.

    `<session>.jsonl` is a session; `<session>/subagents/…/agent-<id>.jsonl` one of its agents, also where
    agents have agents of their own (`<session>/subagents/agent-<id>/subagents/…`).
    """
    folders, _, name = path.replace("\\", "/").rpartition("/")
    stem = name.removesuffix(".jsonl")
    session, found = _session_above(folders)
    if found or stem.startswith("agent-"):
        return Place(session if found else "", True, stem.removeprefix("agent-").rpartition("-")[0])  # noqa: FBT003 - a row
    return Place(stem, is_agent=False)


def _session_above(folders: str) -> tuple[str, bool]:
    """Return the folder above the agents' one, as long as that is not an agent's itself; False when there is none."""
    above, inside, _ = f"{folders}/".rpartition(f"/{_AGENTS}/")
    session = above.rpartition("/")[2]
    if inside and session.startswith("agent-"):
        outer, found = _session_above(above)
        return (outer, True) if found else (session, True)
    return session, bool(inside)


def companions_of(path: str) -> tuple[str, ...]:
    """Return where the description of an agent lies beside its transcript; a session's own one has none."""
    folders, _, name = path.rpartition("/")
    return (f"{folders}/{name.removesuffix('.jsonl')}.meta.json",) if name.startswith("agent-") else ()
