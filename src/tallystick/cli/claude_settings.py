"""Claude Code's settings.json: something of ours put into it and taken out again, with everything else in it kept."""

import json
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import sha256
from shlex import quote
from typing import Any, Final

from tallystick.errors import Misused
from tallystick.shell import files
from tallystick.shell.files import Change

type Told = dict[str, Any]
type Edit = Callable[[Told], None]
"""Changes settings in place."""

_INDENT: Final = 2
"""As Claude Code itself writes the file."""


def path(home: str, environ: Mapping[str, str]) -> str:
    """Return the file of a person's settings."""
    return os.path.join(environ.get("CLAUDE_CONFIG_DIR") or os.path.join(home, ".claude"), "settings.json")


def read(file: str) -> Told:
    """Return the settings, empty where there is no file; raise Misused for a file that holds no settings."""
    return _told(file, files.read(file))


def put(file: str, edit: Edit, undo: str) -> bool:
    """Edit the file, made where there is none, and tell whether anything changed.

    What it was is kept in the file `undo`, so that `take_out` brings it back to the byte. Raises Misused for a file that holds no
    settings, Unavailable where something cannot be read or written; then nothing has changed.
    """
    before = files.read(file)
    told = _told(file, before)
    edit(told)
    after = _written(told, before)
    if before is not None and _told(file, before) == told:
        return False
    kept = {"file": file, "before": None if before is None else before.decode(), "after": sha256(after).hexdigest()}
    files.perform(Change(undo, files.read(undo), json.dumps(kept).encode()))
    return files.perform(Change(file, before, after))


def take_out(file: str, edit: Edit, undo: str) -> bool:
    """Bring the file to what it was before `put`, or edit it where somebody changed it since; tell whether anything changed."""
    before = files.read(file)
    if before is None:
        return False
    told = _told(file, before)
    edit(told)
    if told == _told(file, before):
        return False
    kept = _kept(undo)
    if kept.get("file") == file and kept.get("after") == sha256(before).hexdigest():
        was = kept.get("before")
        after = None if was is None else str(was).encode()
    else:
        after = _written(told, before)
    changed = files.perform(Change(file, before, after))
    with suppress(OSError):
        os.unlink(undo)
    return changed


def command(*arguments: str) -> str:
    """Return a command line of this very program as Claude Code runs it: by a shell."""
    words = [sys.executable, "-P", "-m", "tallystick", *arguments]
    if os.name == "nt":
        # Claude Code has Git's bash run it there, to which a backslash says something else.
        words = [word.replace("\\", "/") for word in words]
    return " ".join(map(quote, words))


def _told(file: str, content: bytes | None) -> Told:
    if content is None or not content.strip():
        return {}
    try:
        told = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Misused(f"{file} is no JSON ({error}): mend it first; nothing was changed.") from None
    if not isinstance(told, dict):
        raise Misused(f"{file} holds no settings of Claude Code: nothing was changed.")
    return told


def _written(told: Told, before: bytes | None) -> bytes:
    """Return settings as text, set in as far as they were."""
    indent: int | str = _INDENT
    text = (before or b"").decode(errors="replace")
    for line in text.splitlines()[1:]:
        blank = line[: len(line) - len(line.lstrip())]
        if blank:
            indent = blank
            break
    end = "\n" if before is None or text.endswith("\n") or not text.strip() else ""
    return (json.dumps(told, indent=indent, ensure_ascii=False) + end).encode()


def _kept(undo: str) -> Mapping[str, Any]:
    try:
        told = json.loads(files.read(undo) or b"{}")
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
