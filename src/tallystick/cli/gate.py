"""`tally budget gate`: what Claude Code runs before each prompt and each use of a tool; it says no once a hard budget is used up.

It looks at a small file and waits for nobody: that file is brought up to date behind it. Whatever goes wrong here, nobody is
held up by it.
"""

import os
import sys
from time import time_ns

# Neither a reader of JSON nor the modules of types: most times nothing is capped, and each costs as much as all the rest.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Final

REFRESH: "Final" = ("-P", "-m", "tallystick", "budget", "refresh")
_TOOL: "Final" = "claude-code"
_AGAIN_MS: "Final" = 20_000
"""How long bringing it up to date is not begun anew."""
_FRESH_MS: "Final" = 30_000
"""As `stop.STALE_MS` has it."""
_HEAD: "Final" = 120
"""Bytes within which the file tells whether anything is capped."""


def run(arguments: "Sequence[str]") -> int:
    """Answer a hook, whose event comes on the standard input; `--state FILE` names the file that is gone by."""
    try:
        told = sys.stdin.buffer.read()
        file = arguments[1] if arguments[:1] == ["--state"] and len(arguments) > 1 else _path()
        now = time_ns() // 1_000_000
        if not is_free(file, now):
            _answer(file, told, now)
            sys.stdout.flush()
    except Exception:  # noqa: BLE001  what is wrong with us must not stop a person's work
        return 0
    return 0


def is_free(file: str, now: int) -> bool:
    """Tell whether a file plainly says that nothing is capped, and is current; now is milliseconds since 1970, UTC."""
    try:
        with open(file, "rb") as opened:
            version, at, hard, capped = opened.read(_HEAD).split(b", ")[:4]
        if version != b'{"v": 1' or capped != b'"capped": 0' or not at.startswith(b'"at": '):
            return False
        return hard == b'"hard": 0' or 0 <= now - int(at[6:]) < _FRESH_MS
    except (OSError, ValueError):
        return False


def _answer(file: str, told: bytes, now: int) -> None:
    from tallystick.cli import stop

    state = stop.read(file)
    if stop.is_stale(state, now):
        _refresh(file, now)
    if state is None or not state[4]:
        return
    event = stop.said(told)
    who = {"tool": _TOOL, "project": str(event["cwd"]), "session": str(event["session_id"])}
    cap = stop.stopping(state, who, now)
    if cap is not None:
        sys.stdout.write(_written(refusal(str(event.get("hook_event_name")), cap[4])))


def refusal(event: str, text: str) -> "Mapping[str, Any]":
    """Return what stops Claude Code, by the event of which it asks (code.claude.com/docs/en/hooks)."""
    text = f"Tallystick: {text}"
    if event == "UserPromptSubmit":
        # The prompt goes nowhere, and the person reads the reason.
        return {"decision": "block", "reason": text}
    # `continue` ends the turn, and the person reads why; the use of the tool itself is denied besides.
    denied = {"hookEventName": event, "permissionDecision": "deny", "permissionDecisionReason": text}
    return {"continue": False, "stopReason": text, "hookSpecificOutput": denied}


def _written(told: "Mapping[str, Any]") -> str:
    """Return texts, truths and what holds them as JSON."""
    try:
        from _json import encode_basestring_ascii as quoted
    except ImportError:
        import json

        return json.dumps(told)
    parts = []
    for name, value in told.items():
        text = (
            quoted(value)
            if isinstance(value, str)
            else str(value).lower()
            if isinstance(value, bool)
            else _written(value)
        )
        parts.append(f"{quoted(name)}: {text}")
    return f"{{{', '.join(parts)}}}"


def _path() -> str:
    from tallystick.cli import stop
    from tallystick.settings import load

    return stop.path(load(os.environ, os.path.expanduser("~")).data_dir)


def _refresh(file: str, now: int) -> None:
    """Have another process bring the file up to date, unless one was asked to a moment ago."""
    asked = f"{file}.asked"
    try:
        if abs(now - os.stat(asked).st_mtime_ns // 1_000_000) < _AGAIN_MS:
            return
    except OSError:
        pass
    os.makedirs(os.path.dirname(file), mode=0o700, exist_ok=True)
    with open(asked, "ab"):
        os.utime(asked, ns=(now * 1_000_000, now * 1_000_000))
    begin([sys.executable, *REFRESH], {**os.environ, "TALLY_DATA_DIR": os.path.dirname(os.path.abspath(file))})


def begin(command: "Sequence[str]", environ: "Mapping[str, str]") -> None:
    """Start a process that goes on when this one ends, of which nobody hears and for which nobody waits."""
    if hasattr(os, "posix_spawn"):
        # A third of what it takes to import subprocess alone.
        nothing = os.open(os.devnull, os.O_RDWR)
        try:
            moves = [(os.POSIX_SPAWN_DUP2, nothing, number) for number in (0, 1, 2)]
            os.posix_spawn(command[0], list(command), dict(environ), file_actions=moves, setsid=True)
        except NotImplementedError:
            # Not every system can begin a session so: what follows does it another way.
            pass
        else:
            return
        finally:
            os.close(nothing)
    import subprocess

    quiet = subprocess.DEVNULL
    started = subprocess.Popen(  # noqa: S603  this very program
        list(command), stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True, env=dict(environ)
    )
    started.returncode = 0
