"""Sweeping the spool: files whose every line the ledger has taken in, and that nobody writes to any more, are removed."""

import os
from contextlib import suppress
from typing import Final

from tallystick.intake.walk import text_of
from tallystick.ledger.ledger import Ledger

_DAY_NS: Final = 86_400 * 10**9
"""A writer begins a new file with each day (UTC), so that after a day without a line nothing comes into the old one."""


def sweep(folder: str, ledger: Ledger, now_ns: int) -> int:
    """Remove a spool's files that have rested for a day and are in the ledger as they are; return how many.

    `now_ns` is nanoseconds since 1970. What cannot be removed stays for the next time.
    """
    try:
        entries = [entry for entry in os.scandir(folder) if entry.name.endswith(".jsonl")]
    except OSError:
        return 0
    removed = 0
    for entry in entries:
        with suppress(OSError):
            about = entry.stat(follow_symlinks=False)
            # The ledger knows it by what it was when it was read: whatever has changed since is still to be read.
            if about.st_mtime_ns < now_ns - _DAY_NS and _is_known(entry.path, about, ledger):
                os.unlink(entry.path)
                removed += 1
    return removed


def _is_known(path: str, about: os.stat_result, ledger: Ledger) -> bool:
    for _, _, _, inode, size, mtime, *_ in ledger.ask("source", path=text_of(path)):
        return (inode, size, mtime) == (about.st_ino & (2**63 - 1), about.st_size, about.st_mtime_ns)
    return False
