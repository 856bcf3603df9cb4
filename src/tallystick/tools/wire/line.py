"""One line of the spool: its fields as values of the right kind, or what is wrong with it."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from tallystick.tools.fields import stamp, text_of
from tallystick.usage.tokens import Tokens

FORM: Final = 1
"""The form of lines that is understood."""
_MOST: Final = 1 << 40
"""Tokens, uses and milliseconds beyond this are damage."""
_DEAREST_NANO: Final = 10**15
"""A million dollars; a recorded cost beyond is damage."""
_DAY_MS: Final = 86_400_000
_KINDS: Final = len(Tokens._fields)


class Unfit(ValueError):
    """A line that is none of the spool's; its text is the reason, without any content."""


class Told(NamedTuple):
    """One call as the spool tells it."""

    time: int
    """When the answer ended: milliseconds since 1970, UTC."""
    work_ms: int
    outcome: str
    answered: bool
    """Whether anything came back."""
    tokens: Tokens
    provider: str
    model: str
    asked: str
    """The model that was asked for, as a log may name it."""
    tier: str
    speed: str
    geo: str
    searches: int
    fetches: int
    cost_nano: int | None
    answer: str
    """The id in the answer's body; those in its headers and of the line are `request` and `nonce`."""
    request: str
    nonce: str
    part: str
    """Which further billed part of the answer it is; empty for the answer itself."""
    kind: str
    mismatch: bool
    tags: tuple[tuple[str, str], ...]
    """What a person noted with the run: names and values."""
    tool: str
    version: str
    session: str
    agent: str
    parent: str
    project: str
    host: str
    run: str
    """By what the run of a program is known in which it was made; empty outside of any."""


def told(line: Mapping[str, Any]) -> Told:
    """Return what a line tells of a call; raise `Unfit`."""
    time = stamp(line.get("at"))
    if not time:
        raise Unfit("no readable time")
    began = stamp(line.get("began"))
    part, kind = _count(line, "part"), _text(line, "kind")
    return Told(
        time,
        time - began if 0 <= time - began <= _DAY_MS and began else 0,
        _text(line, "outcome"),
        _count(line, "status") > 0,
        _tokens(line.get("tokens")),
        _text(line, "provider"),
        _text(line, "model"),
        _text(line, "asked"),
        _text(line, "tier"),
        _text(line, "speed"),
        _text(line, "geo"),
        _count(line, "searches"),
        _count(line, "fetches"),
        _cost(line.get("cost")),
        _text(line, "id"),
        _text(line, "request"),
        _text(line, "nonce"),
        # Numbered from 1 in the spool, from 0 in the answer's own list, by which a log names it.
        f"{kind}:{part - 1}" if part else "",
        kind,
        line.get("mismatch") is True,
        _tags(line.get("tags")),
        *(_text(line, name) for name in ("tool", "version", "session", "agent", "parent", "project", "host", "run")),
    )


def _text(line: Mapping[str, Any], name: str) -> str:
    said = line.get(name)
    if said is not None and not isinstance(said, str):
        raise Unfit(f"{name} is not a text")
    return text_of(said)


def _count(line: Mapping[str, Any], name: str) -> int:
    return _number(line.get(name, 0), name)


def _number(said: Any, name: str) -> int:
    if not isinstance(said, int) or isinstance(said, bool) or not 0 <= said < _MOST:
        raise Unfit(f"{name} is not a count")
    return said


def _tokens(said: Any) -> Tokens:
    if not isinstance(said, list) or len(said) != _KINDS:
        raise Unfit(f"tokens are not {_KINDS} counts")
    return Tokens(*(_number(count, "tokens") for count in said))


def _tags(said: Any) -> tuple[tuple[str, str], ...]:
    if said is None:
        return ()
    if not isinstance(said, dict) or not all(isinstance(value, str) for value in said.values()):
        raise Unfit("tags are no texts")
    return tuple((text_of(name), text_of(value)) for name, value in said.items() if name and value)


def _cost(said: Any) -> int | None:
    if isinstance(said, int) and not isinstance(said, bool) and 0 <= said < _DEAREST_NANO:
        return said
    if said is not None:
        raise Unfit("cost is not an amount")
    return None
