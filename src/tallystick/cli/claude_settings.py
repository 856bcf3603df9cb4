"""Claude Code's settings.json: something of ours put into it and taken out again, with everything else in it kept."""

import json
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import sha256
from shlex import quote
from typing import Any

from tallystick.errors import Misused
from tallystick.shell import files
from tallystick.shell.files import Change
from tallystick.tools.claude_code import settings

type Told = dict[str, Any]
type Edit = Callable[[Told], None]
"""Changes settings in place."""


def path(home: str, environ: Mapping[str, str]) -> str:
    """Return the file of a person's settings."""
    return os.path.join(environ.get("CLAUDE_CONFIG_DIR") or os.path.join(home, ".claude"), "settings.json")


def read(file: str) -> Told:
    """Return the settings, empty where there is no file; raise Misused for a file that holds no settings."""
    return _told(file, files.read(file))


def put(file: str, edit: Edit, undo: str) -> bool:
    """Edit the file, made where there is none, and tell whether anything changed.

    What of it was another is kept in the file `undo`, so that `take_out` brings it back to the byte. Raises Misused for a file
    that holds no settings, Unavailable where something cannot be read or written; then nothing has changed.
    """
    before = files.read(file)
    told = _told(file, before)
    edit(told)
    after = _written(told, before)
    if before is not None and _told(file, before) == told:
        return False
    kept = {"file": file, **patch(before, after)}
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
    same = kept.get("file") == file and is_of(kept, before)
    after = undone(kept, before) if same else _written(told, before)
    changed = files.perform(Change(file, before, after))
    with suppress(OSError):
        os.unlink(undo)
    return changed


def patch(before: bytes | None, after: bytes) -> Told:
    """Return what leads from a changed file back to what it was: the place that changed, and what stood there.

    Settings may hold keys: no more of them is kept than was replaced.
    """
    kept: Told = {"after": sha256(after).hexdigest()}
    if before is None:
        return {**kept, "new": True}
    old, new = before.decode("utf-8", "surrogatepass"), after.decode("utf-8", "surrogatepass")
    at = _alike(old, new)
    behind = _alike(old[at:][::-1], new[at:][::-1])
    return {**kept, "at": at, "was": old[at : len(old) - behind], "length": len(new) - behind - at}


def _alike(one: str, other: str) -> int:
    """Return with how many characters both begin."""
    return next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def is_of(kept: Mapping[str, Any], content: bytes) -> bool:
    """Tell whether a file is just as it was when a patch was kept."""
    return kept.get("after") == sha256(content).hexdigest() and ("at" in kept or "new" in kept)


def undone(kept: Mapping[str, Any], content: bytes) -> bytes | None:
    """Return what such a file was before; None where there was none."""
    if "new" in kept:
        return None
    text, at = content.decode("utf-8", "surrogatepass"), int(kept["at"])
    return (text[:at] + str(kept["was"]) + text[at + int(kept["length"]) :]).encode("utf-8", "surrogatepass")


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
    """Return the file with each value that is another one now; everything else in it stays as it is written."""
    text = (before or b"").decode("utf-8", "surrogatepass")
    was = _told("", before)
    for key, value in told.items():
        if key not in was or was[key] != value:
            text = settings.put(text, key, spelt(value, text))
    for key in was.keys() - told.keys():
        text = settings.taken_out(text, key)
    return text.encode("utf-8", "surrogatepass")


def spelt(value: Any, text: str) -> str:  # noqa: ANN401  whatever JSON holds
    """Return a value as text, set in as the rest of a file is."""
    first = next((row for row in text.splitlines()[1:] if row[: len(row) - len(row.lstrip())]), "  ")
    indent = first[: len(first) - len(first.lstrip())]
    made = json.dumps(value, ensure_ascii=False, indent=indent).replace("\n", f"\n{indent}")
    return made.replace("\n", "\r\n") if "\r\n" in text else made


def _kept(undo: str) -> Mapping[str, Any]:
    try:
        told = json.loads(files.read(undo) or b"{}")
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
