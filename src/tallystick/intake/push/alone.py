"""Being alone: a lock that ends with its process, so that two clients never read the same at once."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def alone(path: str) -> Iterator[bool]:
    """Give whether nobody else holds the lock at `path`, which is held meanwhile; raise OSError when it cannot be made."""
    os.makedirs(os.path.dirname(path) or ".", mode=0o700, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield _locked(handle)
    finally:
        os.close(handle)


def _locked(handle: int) -> bool:
    try:
        import fcntl
    except ImportError:
        return _locked_on_windows(handle)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _locked_on_windows(handle: int) -> bool:
    from importlib import import_module

    windows = import_module("msvcrt")
    try:
        windows.locking(handle, windows.LK_NBLCK, 1)
    except OSError:
        return False
    return True
