"""Runs of tools that `tally run` started: their tags and project, found by the token in the proxy's address."""

import json
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Final, NamedTuple

_KEPT_S: Final = 30 * 86_400
"""Seconds after which a run that nobody ended is forgotten."""
_NONE: Final[Mapping[str, str]] = MappingProxyType({})


class Run(NamedTuple):
    """What a person said about a run of a tool."""

    project: str = ""
    """The directory in which it runs."""
    tags: Mapping[str, str] = _NONE
    token: str = ""
    """By which its lines in the spool are told from those of other runs; given when it is registered."""


NO_RUN: Final = Run()


def register(data_dir: str, run: Run, now: float) -> str:
    """Write a run down and return its token, the user in the proxy's address; raise OSError when that cannot be written.

    `now` is seconds since 1970; runs that are older than a month are removed.
    """
    folder = _folder(data_dir)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    _sweep(folder, now)
    token = f"t{secrets.token_hex(12)}"
    path = os.path.join(folder, f"{token}.json")
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump({"project": run.project, "tags": dict(run.tags)}, file)
    # By the caller's clock, as everything else is.
    os.utime(path, (now, now))
    return token


def forget(data_dir: str, token: str) -> None:
    """Remove a run that has ended."""
    if _is_token(token):
        with suppress(OSError):
            os.unlink(os.path.join(_folder(data_dir), f"{token}.json"))


def find(data_dir: str, token: str) -> Run:
    """Return the run with a token; one without tags where it is not known."""
    if not _is_token(token):
        return NO_RUN
    try:
        with open(os.path.join(_folder(data_dir), f"{token}.json"), "rb") as file:
            told = json.load(file)
        return Run(str(told["project"]), {str(name): str(value) for name, value in dict(told["tags"]).items()}, token)
    except (OSError, ValueError, KeyError, TypeError):
        return NO_RUN


def _folder(data_dir: str) -> str:
    return os.path.join(data_dir, "runs")


def _is_token(text: str) -> bool:
    """Tell whether a user may be a token: it becomes part of a path, and anybody may send one."""
    return text.isascii() and text.isalnum() and text.startswith("t")


def _sweep(folder: str, now: float) -> None:
    for entry in os.scandir(folder):
        with suppress(OSError):
            if entry.stat().st_mtime < now - _KEPT_S:
                os.unlink(entry.path)
