"""How much memory this process holds, looked at now and then, and waiting for a gap in which it can be started anew."""

import asyncio
import os
from collections.abc import Callable
from time import monotonic
from typing import Final

MOST: Final = 600 << 20
"""Bytes above which something is wrong: a proxy under load stays below 300 MiB."""
_EVERY_S: Final = 30.0
_TOLD_EVERY_S: Final = 3_600.0
GRACE_S: Final = 900.0
"""Seconds for which a gap in the traffic is waited for."""
_QUIET_S: Final = 1.0
"""Seconds that a gap lasts: within a session one request follows the next at once."""
_STEP_S: Final = 0.1


def resident_bytes(path: str = "/proc/self/statm") -> int:
    """Return the memory that is really held; 0 where the system does not tell."""
    try:
        with open(path, encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError, AttributeError):
        return 0


async def watched(
    tell: Callable[[int], None], held: Callable[[], int] = resident_bytes, most: int = MOST, every: float = _EVERY_S
) -> None:
    """Tell how much is held whenever that is too much, at most once an hour; it never ends by itself."""
    pause = 0.0
    while True:
        bytes_now = held()
        if bytes_now > most and pause <= 0:
            tell(bytes_now)
            pause = _TOLD_EVERY_S
        await asyncio.sleep(every)
        pause -= every


async def gap(busy: Callable[[], bool], grace: float = GRACE_S, quiet: float = _QUIET_S) -> bool:
    """Wait until nothing has been on its way for a moment, but not for ever; tell whether it came to that."""
    now = monotonic()
    last, end = now, now + grace
    while now - last < quiet:
        if now > end:
            return False
        await asyncio.sleep(min(_STEP_S, quiet / 4))
        now = monotonic()
        if busy():
            last = now
    return True
