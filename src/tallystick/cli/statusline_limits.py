"""What the tool tells the status line of usage windows, put into the inbox for the ledger: only what is news of its session.

A session that rests goes on telling what it was told last, so that a word counts when it changes and not when it is repeated.
"""

import os

from tallystick.intake.inbox import append

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

TOLD = "statusline.told"
"""In the data folder: by session what it told last, the newest first, in a line each."""
_FORM = 1
"""Of a line of the inbox, which `tools/claude_code/status_line.py` reads."""
_SESSIONS_MOST = 64
_LONGEST = 200
_LARGEST = 1e15


def note(folder: str, told: "Mapping[str, object]", now: int) -> bool:
    """Put what is told of windows into the inbox of a data folder, unless its session has told it before; tell whether it was put."""
    text, session = windows(told.get("rate_limits")), str(told.get("session_id") or "")
    if not text or len(session) > _LONGEST or not session.isprintable():
        return False
    path = os.path.join(folder, TOLD)
    before = _read(path)
    line = f"{session}\t{text}"
    if line in before:
        return False
    put = append(
        os.path.join(folder, "inbox", "limits"), [f'{{"v":{_FORM},"time":{now},"told":{{"rate_limits":{text}}}}}'], now
    )
    if put:
        others = [each for each in before if not each.startswith(f"{session}\t")]
        _write(path, [line, *others[: _SESSIONS_MOST - 1]])
    return put


def windows(said: object) -> str:
    """Return as JSON what is told of windows, by name their percentage and end; empty where nothing is."""
    found = []
    for name, each in said.items() if isinstance(said, dict) else ():
        # Names are the vendor's, so that they are taken as they come; one of another alphabet would need a writer of JSON.
        if isinstance(each, dict) and name.isascii() and name.isidentifier() and len(name) <= _LONGEST:
            used, resets = _number(each.get("used_percentage")), _number(each.get("resets_at"))
            if used != "null":
                found.append(f'"{name}":{{"used_percentage":{used},"resets_at":{resets}}}')
    return f"{{{','.join(found)}}}" if found else ""


def _number(value: object) -> str:
    fits = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST
    return repr(value) if fits else "null"


def _read(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read().splitlines()
    except OSError:
        return []


def _write(path: str, lines: list[str]) -> None:
    beside = f"{path}.{os.getpid()}.new"
    try:
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write("".join(f"{line}\n" for line in lines))
        os.replace(beside, path)
    except (OSError, ValueError):
        # Then it is told once more, which changes nothing.
        return
