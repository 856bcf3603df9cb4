"""What the vendor said about usage windows, as `token_count` events repeat it."""

from typing import Final

from tallystick.tools.codex.plain import Limits
from tallystick.usage.event import LimitSample
from tallystick.usage.instant import instant

_SAME_RESET_MS: Final = 60_000
"""Resets told as seconds from now, and the vendor's own rounding, shift by less than this."""
_EPOCH_MS: Final = 10**11
"""A number of seconds since 1970 is below this for three thousand years, one of milliseconds is above."""
_WINDOWS_MOST: Final = 32


class Windows:
    """Remembers each window's last state, so that only changes are told."""

    __slots__ = ("_last",)

    def __init__(self, state: dict[str, tuple[float, int]] | None = None) -> None:
        """Begin, or go on from `state()`."""
        self._last = dict(state or {})

    def state(self) -> dict[str, tuple[float, int]] | None:
        """Return what another one needs to go on, as JSON holds it."""
        return self._last or None

    def sample(self, limits: Limits, time: int, provider: str, found: list[LimitSample]) -> None:
        """Add the windows that differ from what was said before; raise ValueError where a reset is no time.

        A window is named by its length, not by its slot: plans without a short window have the week first.
        """
        limit, plan = limits[0] or "codex", limits[1]
        for slot, window in (("primary", limits[2]), ("secondary", limits[3])):
            if window is None:
                continue
            used, minutes, at, left = window
            name = f"{limit}:{minutes or slot}"
            resets = _resets(at, left, time)
            before = self._last.get(name)
            if before is None or before[0] != used or not -_SAME_RESET_MS < resets - before[1] < _SAME_RESET_MS:
                if before is None and len(self._last) >= _WINDOWS_MOST:
                    self._last.clear()
                self._last[name] = (used, resets)
                found.append(tuple.__new__(LimitSample, (provider, name, minutes, used, resets, time, plan, "")))


def _resets(at: float | str | None, left: float | None, time: int) -> int:
    if isinstance(at, str):
        return instant(at) if at else 0
    if at is not None:
        return int(at * 1000) if at < _EPOCH_MS else int(at)
    return time + int(left * 1000) if left is not None else 0
