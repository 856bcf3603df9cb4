"""Standing by: who follows the logs for one view leaves that to whoever follows them for all, as long as there is one."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

from tallystick.intake.push.alone import alone

_LOOK_S: Final = 2.0


@contextmanager
def for_all(data: str) -> Iterator[None]:
    """Let others know, as long as this lasts, that the logs are followed here; a folder that cannot be written changes nothing."""
    handle = -1
    try:
        import fcntl

        os.makedirs(data, mode=0o700, exist_ok=True)
        handle = os.open(_path(data), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        # Several may follow for all. Who stands by holds it for a moment only, to see whether anybody does.
        fcntl.flock(handle, fcntl.LOCK_SH)
    except (OSError, ImportError):
        # Where there are no such locks, all follow beside one another, which costs more and harms nothing.
        pass
    try:
        yield
    finally:
        if handle >= 0:
            os.close(handle)


def is_followed(data: str) -> bool:
    """Tell whether somebody follows the logs for all."""
    try:
        import fcntl

        handle = os.open(_path(data), os.O_RDWR | os.O_CLOEXEC)
    except (OSError, ImportError):
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False


def stand_by(data: str, stop: threading.Event, follow: Callable[[threading.Event], object]) -> None:
    """Follow whenever nobody else does, until a flag is set; what is called to follow is given the flag that ends it.

    Of several who stand by, one follows.
    """
    while not stop.is_set():
        with ExitStack() as held:
            try:
                first = held.enter_context(alone(os.path.join(data, "follow.standby")))
            except OSError:
                # Nothing can be written here: what follows tells of it.
                first = True
            if first and not is_followed(data):
                _until_followed(data, stop, follow)
        stop.wait(_LOOK_S)


def _until_followed(data: str, stop: threading.Event, follow: Callable[[threading.Event], object]) -> None:
    enough = threading.Event()

    def look() -> None:
        while not enough.is_set():
            if stop.wait(_LOOK_S) or is_followed(data):
                enough.set()

    looking = threading.Thread(target=look, name="standby", daemon=True)
    looking.start()
    try:
        follow(enough)
    finally:
        enough.set()


def _path(data: str) -> str:
    return os.path.join(data, "follow.lock")
