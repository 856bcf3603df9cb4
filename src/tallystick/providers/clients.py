"""Who asked: the tool behind a request, as its headers tell."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from tallystick.providers.decoded import gleaned_text
from tallystick.providers.provider import Asked

_LONGEST: Final = 200


class Client(NamedTuple):
    """A tool and where in its sessions it made a request; what is not told is empty."""

    tool: str
    """Our name for it (`claude-code`, `codex`); empty when it is not known."""
    version: str = ""
    session: str = ""
    """As the tool's own log names it: of Codex the thread."""
    agent: str = ""
    """The subagent of the session that asked."""
    parent: str = ""
    """Who started the agent: an agent of Claude Code, a thread of Codex, a session of OpenCode and its relatives."""


class _Known(NamedTuple):
    """How a tool is recognised, and in which headers it names its session."""

    tool: str
    agent: re.Pattern[str]
    """What the beginning of its `user-agent` looks like; the group is the version."""
    mark: str = ""
    """A header that only this tool sends, where its `user-agent` does not name it."""
    session: tuple[str, ...] = ()
    subagent: tuple[str, ...] = ()
    parent: tuple[str, ...] = ()


_VERSION: Final = r"/(\d[\w.+-]*)"
_KNOWN: Final = (
    _Known(
        "claude-code",
        re.compile(rf"claude-c(?:li|ode){_VERSION}"),
        "x-claude-code-session-id",
        ("x-claude-code-session-id",),
        ("x-claude-code-agent-id",),
        ("x-claude-code-parent-agent-id",),
    ),
    # `codex_cli_rs`, `codex_exec`, `codex_vscode`, `Codex Desktop`: what is before the version is the originator.
    _Known(
        "codex",
        re.compile(rf"codex[\w -]*{_VERSION}", re.IGNORECASE),
        "x-codex-turn-metadata",
        (
            "thread-id",
            "thread_id",
            "x-client-request-id",
            "session-id",
            "session_id",
            "conversation_id",
            "conversation-id",
        ),
        ("x-openai-subagent",),
        ("x-codex-parent-thread-id",),
    ),
    _Known("gemini-cli", re.compile(rf"GeminiCLI[\w-]*{_VERSION}")),
    # `kilo/<channel>/<version>/cli` to its own gateway and to Anthropic, `Kilo-Code/<version>` to others. It comes of OpenCode,
    # as MiMo Code does, and still has headers of its: so both stand before it.
    _Known(
        "kilo-cli",
        re.compile(rf"(?:Kilo-Code|kilo/[\w.-]+){_VERSION}"),
        "x-kilo-session",
        ("x-kilo-session", "x-session-affinity", "x-kilocode-taskid", "x-session-id"),
        (),
        ("x-parent-session-id", "x-kilocode-parent-taskid"),
    ),
    _Known(
        "mimo-code",
        re.compile(rf"mimocode{_VERSION}"),
        session=("x-session-affinity", "x-opencode-session", "x-session-id"),
        parent=("x-parent-session-id",),
    ),
    _Known("kimi-code", re.compile(rf"kimi-code(?:-[a-z]+)?{_VERSION}"), "x-msh-platform"),
    _Known(
        "opencode",
        re.compile(rf"opencode{_VERSION}"),
        "x-opencode-session",
        ("x-session-affinity", "x-opencode-session", "x-session-id"),
        (),
        ("x-parent-session-id",),
    ),
    _Known("qwen-code", re.compile(rf"QwenCode{_VERSION}")),
    # With a person's own key it sends its library's name and who began the turn, which OpenCode sends to Copilot too.
    _Known("copilot-cli", re.compile(rf"(?:copilot|copilot-cli|GitHubCopilotCLI){_VERSION}"), "x-initiator"),
)
_LIBRARY: Final = re.compile(r"(?:OpenAI|Anthropic)/JS ")
"""The libraries by whose names the tools go that name themselves only by a header."""
_METADATA: Final = "x-codex-turn-metadata"
_ANY: Final = "collab_spawn"
"""What Codex says of any agent that another one started: those have names, but only in the log."""


def client(asked: Asked) -> Client:
    """Return who sent a request; where its headers do not tell, only what they tell of."""
    headers = asked.headers
    agent = headers.get("user-agent", "")
    for known in _KNOWN:
        found = known.agent.match(agent)
        if found or (known.mark in headers and (not agent or _LIBRARY.match(agent) or known.session)):
            return _client(known, found[1] if found else "", headers)
    return Client("")


def _client(known: _Known, version: str, headers: Mapping[str, str]) -> Client:
    told = [_first(headers, names) for names in (known.session, known.subagent, known.parent)]
    metadata = headers.get(_METADATA, "").encode() if known.mark == _METADATA else b""
    if metadata:
        # The header may be cut, so that it is searched rather than decoded.
        told[0] = told[0] or gleaned_text(metadata, "thread_id")
        told[2] = told[2] or gleaned_text(metadata, "parent_thread_id")
    told[1] = "" if told[1] == _ANY else told[1]
    return Client(known.tool, version[:_LONGEST], *told)


def _first(headers: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((headers[name][:_LONGEST] for name in names if headers.get(name)), "")
