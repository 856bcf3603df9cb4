"""The progress of a long import: one line on a terminal that is written over as it goes, and gone when it is done."""

import os
from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from typing import Any, Final, Protocol, TextIO

_QUIET_S: Final = 0.3
"""An import that is done by then says nothing."""
_EVERY_S: Final = 0.1
_JUDGED_AFTER_S: Final = 1.0
"""Before that, the time left would be a guess."""
_NARROWEST: Final = 20
_ERASE: Final = "\r\x1b[K"
_UNITS: Final = ("bytes", "KB", "MB", "GB", "TB")
_STEP: Final = 1000
_MINUTE: Final = 60
_HOUR: Final = 3600


class Progress(Protocol):
    """How far an import has come, as the logs' receiver tells it."""

    @property
    def files(self) -> int:
        """Return the logs read so far."""

    @property
    def files_all(self) -> int:
        """Return the logs to be read."""

    @property
    def bytes(self) -> int:
        """Return the bytes read so far."""

    @property
    def bytes_all(self) -> int:
        """Return the bytes to be read."""

    @property
    def events(self) -> int:
        """Return the events found so far."""


type Shown = Callable[[Any, float, int], str]
"""Returns what is shown of how far it has come, after so many seconds, with so much room."""


class ProgressLine:
    """Hears how far an import has come and shows it, at most ten times a second."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = monotonic, shown: "Shown | None" = None) -> None:
        """Begin now, in seconds of the clock; nothing is shown yet. What is shown is told by `line`, unless by another one."""
        self._stream, self._clock = stream, clock
        self._line: Shown = shown or line
        self._began = self._shown = clock()
        self._visible = False

    def __call__(self, done: Any) -> None:  # noqa: ANN401  whatever the one tells and the other shows
        """Show how far it has come, unless it is too early or too soon."""
        now = self._clock()
        if now - self._began < _QUIET_S or now - self._shown < _EVERY_S:
            return
        self._shown = now
        self._visible = True
        self._write(_ERASE + self._line(done, now - self._began, _width(self._stream)))

    def close(self) -> None:
        """Take the line away."""
        if self._visible:
            self._visible = False
            self._write(_ERASE)

    def _write(self, text: str) -> None:
        # A terminal that has gone away is no reason to stop an import.
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            self._visible = False


def listener(stream: TextIO, environ: Mapping[str, str], shown: "Shown | None" = None) -> ProgressLine | None:
    """Return what shows progress on a stream; None where that is no terminal that can write over a line."""
    if environ.get("TERM", "dumb") == "dumb" or not stream.isatty():
        return None
    return ProgressLine(stream, shown=shown)


def line(done: Progress, seconds: float, width: int) -> str:
    """Return what is shown after so many seconds, with as much of it as the width has room for."""
    size, unit = _scaled(done.bytes_all)
    parts = [
        f"Reading logs: {done.bytes / _STEP**unit:.{size}f} of {done.bytes_all / _STEP**unit:.{size}f} {_UNITS[unit]}"
    ]
    if left := time_left(done.bytes, done.bytes_all, seconds):
        parts.append(left)
    parts += [f"{done.files:,} of {done.files_all:,} files", f"{done.events:,} events"]
    return fitting(parts, width)


def fitting(parts: Sequence[str], width: int) -> str:
    """Return as many parts in one line as the width has room for."""
    text = parts[0]
    for part in parts[1:]:
        if len(text) + len(part) + 2 < width:
            text += f", {part}"
    return text[: max(width - 1, _NARROWEST)]


def _scaled(count: int) -> tuple[int, int]:
    """Return the decimals and the unit's number in which a count of bytes is shown."""
    unit = 0
    while count >= _STEP ** (unit + 1) and unit < len(_UNITS) - 1:
        unit += 1
    return int(unit > 2), unit  # noqa: PLR2004  from GB on


def time_left(done: int, of: int, seconds: float) -> str:
    """Return how long the rest will take, in words, when so much took so many seconds; nothing while that would be a guess."""
    if seconds < _JUDGED_AFTER_S or not done:
        return ""
    left = round(seconds * (of - done) / done)
    if left < 1:
        return "nearly done"
    if left < _MINUTE:
        return f"{left} s left"
    return (
        f"{left // _MINUTE} min {left % _MINUTE} s left"
        if left < _HOUR
        else f"{left // _HOUR} h {left % _HOUR // _MINUTE} min left"
    )


def _width(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError):
        return 80
