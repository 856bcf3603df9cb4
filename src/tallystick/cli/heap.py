"""The heap of a process that goes on: what was needed for a moment goes back to the system, and nobody waits for that for long.

The allocator of Linux (glibc) otherwise keeps a heap for each thread at its largest, up to eight for each core, and takes the
size of what was let go of as a reason to keep more.
"""

import ctypes
import gc
from contextlib import suppress
from typing import Final

_TRIM_THRESHOLD: Final = -1
_MMAP_THRESHOLD: Final = -3
_ARENA_MAX: Final = -8
"""Numbers of glibc's malloc.h."""
_HEAPS: Final = 2
_KEPT_BYTES: Final = 1 << 20
_LARGE_BYTES: Final = 1 << 17
_COLLECTED: Final = (5_000, 20, 20)
"""Objects that pile up before Python looks for garbage among them, during which all threads wait: a few milliseconds, thus; and
how often that is done before older ones are looked through, too."""


def lean() -> None:
    """Have few heaps, give large pieces back at once, and look for garbage often and briefly; another allocator is left as it is."""
    gc.set_threshold(*_COLLECTED)
    with suppress(OSError, AttributeError, TypeError):
        change = ctypes.CDLL(None).mallopt
        for option, value in ((_ARENA_MAX, _HEAPS), (_TRIM_THRESHOLD, _KEPT_BYTES), (_MMAP_THRESHOLD, _LARGE_BYTES)):
            change(option, value)
