"""Patterns of hosts as what a certificate can be limited to: whole subtrees of names (RFC 5280, 4.2.1.10)."""

from collections.abc import Iterable
from string import ascii_lowercase, digits
from typing import Final

from tallystick.errors import Misused
from tallystick.trust.regions import SHARED

_SIGNS: Final = frozenset(f"{ascii_lowercase}{digits}-_.*")
_FEWEST_LABELS: Final = 2


def subtrees(patterns: Iterable[str]) -> tuple[str, ...]:
    """Return the names that cover all hosts of some patterns, each with all below it; raise Misused for one that covers too much.

    `*` at the front stands for any labels. Elsewhere a name can only be cut off behind it, except in domains of clouds, where
    it stands for each region that is known: cut off there, the rest would be the whole cloud. Where none is known, the pattern
    covers nothing, until somebody names the host in full.
    """
    found = {name for pattern in patterns for name in _names(pattern.strip().lower().rstrip("."))}
    return tuple(sorted(name for name in found if not any(_above(other, name) for other in found)))


def readable(patterns: Iterable[str]) -> tuple[str, ...]:
    """Return patterns of just those hosts for which a certificate with `subtrees` can speak.

    They differ from what was given where `*` is a region, for each that is known stands there by its name: whoever else
    matches would be shown a certificate that is refused.
    """
    found: dict[str, None] = {}
    for pattern in patterns:
        regional = _regional(pattern)
        found |= dict.fromkeys((pattern,) if regional is None else regional)
    return tuple(found)


def covered(names: Iterable[str], host: str) -> bool:
    """Tell whether a host is one of some names or below one."""
    return any(host == name or _above(name, host) for name in names)


def _above(other: str, name: str) -> bool:
    return name.endswith(f".{other}")


def _names(pattern: str) -> tuple[str, ...]:
    if not pattern or set(pattern) - _SIGNS or not all(pattern.split(".")):
        raise Misused(f"{pattern!r} is no host's name: give one such as api.example.com or *.example.com.")
    if "*" not in pattern:
        _check(pattern, pattern)
        return (pattern,)
    if (regional := _regional(pattern)) is not None:
        return regional
    rest = pattern[pattern.rindex("*") :].partition(".")[2]
    _check(rest, pattern)
    return (rest,)


def _regional(pattern: str) -> tuple[str, ...] | None:
    """Return a pattern within a cloud's domain with each region in it; None for any other."""
    regions = next((names for domain, names in SHARED.items() if f".{pattern}".endswith(f".{domain}")), None)
    if regions is None or "*" not in pattern:
        return None
    if pattern.count("*") > 1 or pattern.startswith("*."):
        raise _too_wide(pattern)
    return tuple(pattern.replace("*", region) for region in regions)


def _check(name: str, pattern: str) -> None:
    if len(name.split(".")) < _FEWEST_LABELS or name in SHARED:
        raise _too_wide(pattern)


def _too_wide(pattern: str) -> Misused:
    return Misused(
        f"{pattern!r} would cover far more than models: name the host, or at least what stands before its domain."
    )
