"""What stops somebody: the file of caps as a hook reads it, without a reader of JSON and named fields, which take longer than all the rest.

A state is (moment, machine, user, number of hard budgets, caps), a cap (id, filters, end, lifted until, text): `caps` names them.
"""

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Final

    type Plain = tuple[str, Mapping[str, Sequence[str]], int, int, str]
    type Plainly[C: Plain] = tuple[int, str, str, int, tuple[C, ...]]

VERSION: "Final" = 1
STALE_MS: "Final" = 30_000
"""After that it is brought up to date behind whoever reads it."""
_VOID_MS: "Final" = 900_000
"""After that, something is wrong with whoever is to write it: it holds nobody up any more."""
_AHEAD_MS: "Final" = 60_000
"""So far in the future a clock that was set back leaves it."""
_BYTES_MOST: "Final" = 1 << 20


def path(data: str) -> str:
    """Return where the file lies in a data folder."""
    return os.path.join(data, "budgets.json")


def read(file: str) -> "Plainly[Plain] | None":
    """Return what the file holds; None where there is none that can be read."""
    try:
        with open(file, "rb") as opened:
            told = said(opened.read(_BYTES_MOST))
        if told["v"] != VERSION:
            return None
        caps = tuple(map(_cap, told["caps"]))
        return int(told["at"]), str(told["machine"]), str(told["user"]), int(told["hard"]), caps
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


class _Manner:
    """How `json` reads where nobody says otherwise."""

    strict = True
    object_hook = object_pairs_hook = array_hook = None
    parse_float, parse_int, parse_constant = float, int, float


def said(told: bytes) -> "Any":  # noqa: ANN401  whatever JSON holds
    """Return what JSON says; raise ValueError for what is none."""
    text = told.decode().strip(" \t\n\r")
    try:
        # The part of `json` that is in C: what lies around it brings regular expressions, and they all that they need.
        from _json import make_scanner

        found, end = make_scanner(_Manner)(text, 0)  # type: ignore[arg-type]  # of which only the names above are read
    except (ImportError, AttributeError):
        import json

        return json.loads(text)
    except StopIteration:
        raise ValueError(text[:40]) from None
    if end != len(text):
        raise ValueError(text[end : end + 40])
    return found


def is_stale(state: "Plainly[Plain] | None", now: int) -> bool:
    """Tell whether it is to be brought up to date; without hard budgets there is nothing that could change."""
    if state is None:
        return True
    at, _, _, hard, _ = state
    return hard != 0 and not -_AHEAD_MS < now - at < STALE_MS


def stopping[C: Plain](state: "Plainly[C] | None", who: "Mapping[str, str]", now: int) -> "C | None":
    """Return a cap that stops somebody; what is not known of them fits no filter. Milliseconds since 1970, UTC."""
    if state is None:
        return None
    known = {"machine": state[1], "user": state[2], **who}
    return next((cap for cap in possible(state, known, now) if set(cap[1]) <= set(known)), None)


def possible[C: Plain](state: "Plainly[C]", known: "Mapping[str, str]", now: int) -> "list[C]":
    """Return the caps that count at a moment and that nothing which is known speaks against."""
    at, _, _, _, caps = state
    if not -_AHEAD_MS < now - at < _VOID_MS:
        return []
    return [cap for cap in caps if _counts(cap, known, now)]


def _counts(cap: "Plain", known: "Mapping[str, str]", now: int) -> bool:
    _, where, until, lifted, _ = cap
    return lifted <= now < until and all(_fits(name, where[name], known) for name in where)


def _fits(name: str, patterns: "Sequence[str]", known: "Mapping[str, str]") -> bool:
    if name not in known:
        return True
    from tallystick.answers.fitting import fits

    # A run has several tags, an end of a line between them, which none has in it.
    values = known[name].split("\n") if name == "tag" else [known[name]]
    return any(fits(name, patterns, value) for value in values)


def _cap(told: "Mapping[str, Any]") -> "Plain":
    where = {str(name): tuple(map(str, found)) for name, found in told["where"].items()}
    return str(told["id"]), where, int(told["until"]), int(told["lifted"]), str(told["text"])
