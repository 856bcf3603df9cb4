"""What the status line goes by: the tool's JSON on the standard input, the config, and the branch of a folder.

All of it without the modules that usually do so: importing them takes longer than the whole line.
"""

import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_PATIENCE_S = 1.0
"""So long somebody may take to say something: a pipe that stays open must not hold up anything."""
_MOST = 1 << 20
_PARENTS_MOST = 64
_SHORT = 7
"""Digits by which a commit is called."""
_REF = "ref: refs/heads/"


def told() -> "dict[str, Any]":
    """Return what the tool tells on the standard input; nothing where that is a terminal, silent, or no JSON."""
    if sys.stdin is None or os.isatty(0):
        return {}
    import select

    data, end = b"", time.monotonic() + _PATIENCE_S
    try:
        while len(data) < _MOST and select.select([0], [], [], max(end - time.monotonic(), 0))[0]:
            chunk = os.read(0, 1 << 16)
            if not chunk:
                break
            data += chunk
            # Whoever writes need not close.
            if data.rstrip().endswith(b"}") and (found := _object(data)) is not None:
                return found
    except (OSError, ValueError):
        return {}
    return _object(data) or {}


def _object(data: bytes) -> "dict[str, Any] | None":
    found = parsed(data)
    return found if isinstance(found, dict) else None


class _How:
    """How JSON is read, as the scanner of Python's own module asks for it."""

    strict = False
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = staticmethod(lambda _: None)


def parsed(data: bytes) -> object:
    """Return what JSON says; None for what is none."""
    text = data.decode("utf-8", "replace").lstrip("\ufeff").strip()
    try:
        # What `json` does its work with; the rest of it, regular expressions above all, takes 8 ms to import.
        from _json import make_scanner
    except ImportError:
        from json import loads

        try:
            return loads(text)
        except (ValueError, RecursionError):
            return None
    try:
        found, end = make_scanner(_How)(text, 0)  # type: ignore[arg-type]  # whatever has these attributes
    except (ValueError, StopIteration, RecursionError):
        return None
    return found if end == len(text) else None


class Wishes:
    """What a person has set."""

    __slots__ = ("complaints", "data", "template", "width")

    def __init__(self, data: str, template: str | None = None, width: int | None = None) -> None:
        """Begin with the data folder; None is what was not said."""
        self.data, self.template, self.width = data, template, width
        self.complaints: list[str] = []
        """What is wrong, in a sentence each."""


def wishes(environ: "Mapping[str, str]", home: str) -> Wishes:
    """Return what is set, as `settings.load` would, without it where the config is plainly understood."""
    place = folders(environ, home)
    if place is None:
        return _in_full(environ, home)
    config, data = environ.get("TALLY_CONFIG") or os.path.join(place[0], "config.toml"), place[1]
    try:
        with open(config, "rb") as file:
            content = file.read()
    except FileNotFoundError:
        if environ.get("TALLY_CONFIG"):
            return _in_full(environ, home)
        content = b""
    except OSError:
        return _in_full(environ, home)
    said: dict[str, str | int] | None = {}
    if b"data_dir" in content or b"statusline" in content:
        said = plainly(content.decode("utf-8", "replace"))
    if said is None:
        return _in_full(environ, home)
    template, width = said.get("template"), said.get("width")
    if environ.get("TALLY_DATA_DIR"):
        data = os.path.abspath(_expanded(environ["TALLY_DATA_DIR"], home))
    elif "data_dir" in said:
        data = os.path.abspath(os.path.join(os.path.dirname(config), _expanded(str(said["data_dir"]), home)))
    return Wishes(
        os.path.abspath(data),
        template if isinstance(template, str) else None,
        width if isinstance(width, int) else None,
    )


def folders(environ: "Mapping[str, str]", home: str, platform: str = sys.platform) -> tuple[str, str] | None:
    """Return the folders of config and data where nothing names others; None where that takes more to find out."""
    if platform == "darwin" and not any(name.startswith("XDG_") for name in environ):
        both = os.path.join(home, "Library", "Application Support", "tallystick")
        return both, both
    if platform in {"darwin", "win32"}:
        return None
    config = environ.get("XDG_CONFIG_HOME", "").strip() or os.path.join(home, ".config")
    data = environ.get("XDG_DATA_HOME", "").strip() or os.path.join(home, ".local/share")
    return os.path.join(config, "tallystick"), os.path.join(data, "tallystick")


def _expanded(path: str, home: str) -> str:
    return home + path[1:] if path == "~" or path.startswith("~/") else path


def _in_full(environ: "Mapping[str, str]", home: str) -> Wishes:
    """Return what is set, by the usual way, which takes longer than all of the rest."""
    from tallystick.errors import Misused
    from tallystick.settings import data_folder, load

    try:
        chosen = load(environ, home)
    except Misused as error:
        found = Wishes(os.path.abspath(environ.get("TALLY_DATA_DIR") or data_folder(environ, home)))
        found.complaints.append(str(error))
        return found
    return Wishes(chosen.data_dir, chosen.statusline.get("template"), chosen.statusline.get("width"))


def plainly(text: str) -> "dict[str, str | int] | None":
    """Return `data_dir`, and `template` and `width` of the status line, from a config; None where it takes a TOML reader.

    Understood are tables, each value of those in one line, without escapes.
    """
    if '"""' in text or "'''" in text:
        return None
    table = ""
    found: dict[str, str | int] = {}
    for each in text.split("\n"):
        row = each.strip()
        if not row or row.startswith("#"):
            continue
        if row.startswith("["):
            table = row.partition("#")[0].strip()
            if not table.endswith("]") or "'" in table or '"' in table:
                return None
            table = table[1:-1].strip()
            continue
        name, _, value = (part.strip() for part in row.partition("="))
        if table == "statusline" or (not table and name == "data_dir"):
            made = _plain(value)
            if made is None or not isinstance(made, {"data_dir": str, "template": str, "width": int}.get(name, ())):
                return None
            found[name] = made
        elif not table and (name.startswith("statusline") or "'" in name or '"' in name):
            return None
    return found


def _plain(value: str) -> str | int | None:
    """Return a number, or a text in quotes without escapes; None for anything else."""
    quote = value[:1]
    if quote not in {'"', "'"}:
        digits = value.partition("#")[0].strip()
        return int(digits) if digits.isascii() and digits.isdigit() and (digits == "0" or digits[0] != "0") else None
    text, closed, rest = value[1:].partition(quote)
    rest = rest.strip()
    if not closed or (rest and not rest.startswith("#")) or (quote == '"' and "\\" in text):
        return None
    return text if text.isprintable() else None


def branch(folder: str) -> str:
    """Return the branch that is checked out in a folder or above it, or the beginning of a commit; empty where there is none."""
    at = folder
    try:
        for _ in range(_PARENTS_MOST):
            found = _head(os.path.join(at, ".git"))
            if found:
                break
            at, below = os.path.dirname(at), at
            if at == below:
                return ""
        else:
            return ""
    except (OSError, ValueError):
        return ""
    return found.removeprefix(_REF) if found.startswith(_REF) else found[:_SHORT]


def _head(git: str) -> str:
    """Return what is checked out by a `.git`; empty where there is none."""
    try:
        return _line(os.path.join(git, "HEAD"))
    except FileNotFoundError:
        return ""
    except NotADirectoryError:
        # A worktree or a submodule: a file that names the folder.
        named = _line(git).removeprefix("gitdir: ")
        return _line(os.path.join(os.path.dirname(git), named, "HEAD"))


def _line(path: str) -> str:
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.readline(4096).strip()
