"""What the vendor said about usage windows, as `token_count` events repeat it."""

from typing import Final

from tallystick.tools.codex.plain import Limits, Misshapen
from tallystick.tools.fields import EARLIEST, LATEST
from tallystick.usage.event import MOST_USED, LimitSample
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
        """Add the windows that differ from what was said before; raise `Misshapen` when one of them makes no sense.

        A window is named by its length, not by its slot: plans without a short window have the week first.
        """
        limit, plan, primary, secondary, *others = limits
        limit, fault = limit or "codex", ""
        for slot, window in (("primary", primary), ("secondary", secondary), *others):
            if window is None:
                continue
            used, minutes, at, left = window
            try:
                resets = _resets(at, left, time)
            except ValueError:
                fault = "resets_at is no time"
                continue
            if not 0 <= used <= MOST_USED:
                # Nothing is made to fit: what is no share is not 100 %.
                fault = "used_percent is no share"
            elif self._is_news(name := f"{limit}:{minutes or slot}", used, resets):
                found.append(tuple.__new__(LimitSample, (provider, name, minutes, used, resets, time, plan, "")))
        if fault:
            raise Misshapen(fault)

    def _is_news(self, name: str, used: float, resets: int) -> bool:
        """Tell whether a window differs from what was said of it before, and remember it."""
        before = self._last.get(name)
        if before is not None and before[0] == used and -_SAME_RESET_MS < resets - before[1] < _SAME_RESET_MS:
            return False
        if before is None and len(self._last) >= _WINDOWS_MOST:
            self._last.clear()
        self._last[name] = (used, resets)
        return True


def _resets(at: float | str | None, left: float | None, time: int) -> int:
    """Return a reset in milliseconds since 1970, 0 where none is said; raise ValueError for what is no time."""
    if isinstance(at, str):
        found = instant(at) if at else 0
    elif at is not None:
        found = int(at * 1000) if at < _EPOCH_MS else int(min(at, LATEST))
    else:
        found = time + int(min(left, LATEST) * 1000) if left is not None else 0
    if found and not EARLIEST <= found < LATEST:
        raise ValueError(at)
    return found
