"""Progress is one line on a terminal that comes late, changes seldom and leaves nothing behind."""

import os
import pty
from io import StringIO

import pytest

from tallystick.faces.text.progress import ProgressLine, line, listener
from tallystick.intake.logs import Progress

HALF = Progress(files=600, files_all=1_300, bytes=1_500_000_000, bytes_all=3_000_000_000, events=123_456)


class Clock:
    """Stands where it is put."""

    now = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def test_a_short_import_says_nothing() -> None:
    stream, clock = StringIO(), Clock()
    show = ProgressLine(stream, clock)
    clock.now = 0.29
    show(HALF)
    show.close()
    assert stream.getvalue() == ""


def test_the_line_is_written_over_and_taken_away() -> None:
    stream, clock = StringIO(), Clock()
    show = ProgressLine(stream, clock)
    clock.now = 5.0
    show(HALF)
    show.close()
    # Half of the bytes took 5 seconds, so that the other half takes 5 more.
    assert (
        stream.getvalue() == "\r\x1b[KReading logs: 1.5 of 3.0 GB, 5 s left, 600 of 1,300 files, 123,456 events\r\x1b[K"
    )


def test_what_was_closed_is_not_erased_twice() -> None:
    stream, clock = StringIO(), Clock()
    show = ProgressLine(stream, clock)
    clock.now = 5.0
    show(HALF)
    show.close()
    length = len(stream.getvalue())
    show.close()
    assert len(stream.getvalue()) == length


def test_there_are_at_most_ten_updates_a_second() -> None:
    stream, clock = StringIO(), Clock()
    show = ProgressLine(stream, clock)
    for millisecond in range(2000):
        clock.now = millisecond / 1000
        show(HALF)
    # From 0.3 s to 2 s.
    assert 15 <= stream.getvalue().count("Reading logs") <= 17


@pytest.mark.parametrize(
    "seconds, done, left",
    [
        (0.5, 1_500_000_000, ""),
        (2.0, 0, ""),
        (2.0, 2_990_000_000, ", nearly done"),
        (30.0, 1_500_000_000, ", 30 s left"),
        (100.0, 1_500_000_000, ", 1 min 40 s left"),
        (7_260.0, 1_500_000_000, ", 2 h 1 min left"),
    ],
)
def test_the_time_left_follows_from_the_time_taken(seconds: float, done: int, left: str) -> None:
    text = line(HALF._replace(bytes=done), seconds, 200)
    assert text == f"Reading logs: {done / 1e9:.1f} of 3.0 GB{left}, 600 of 1,300 files, 123,456 events"


@pytest.mark.parametrize(
    "size, shown",
    [
        (900, "450 of 900 bytes"),
        (90_000, "45 of 90 KB"),
        (90_000_000, "45 of 90 MB"),
        (9_000_000_000_000, "4.5 of 9.0 TB"),
    ],
)
def test_bytes_are_shown_in_a_unit_that_fits(size: int, shown: str) -> None:
    assert line(HALF._replace(bytes=size // 2, bytes_all=size), 0, 200).startswith(f"Reading logs: {shown},")


def test_the_line_never_wraps() -> None:
    assert all(len(line(HALF, 5.0, width)) < width for width in range(21, 100))


def test_a_narrow_terminal_is_told_the_most_important_part() -> None:
    assert line(HALF, 5.0, 40) == "Reading logs: 1.5 of 3.0 GB, 5 s left"


def test_only_a_terminal_is_told() -> None:
    assert listener(StringIO(), {"TERM": "xterm"}) is None


@pytest.mark.parametrize("environ", [{"TERM": "dumb"}, {}])
def test_a_terminal_that_cannot_write_over_a_line_is_told_nothing(environ: dict[str, str]) -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w", encoding="utf-8") as stream:
        assert listener(stream, environ) is None
    os.close(ours)


def test_a_terminal_is_told() -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w", encoding="utf-8") as stream:
        assert isinstance(listener(stream, {"TERM": "xterm"}), ProgressLine)
    os.close(ours)


def test_a_terminal_that_went_away_stops_nothing() -> None:
    ours, theirs = pty.openpty()
    stream, clock = os.fdopen(theirs, "w", encoding="utf-8"), Clock()
    show = ProgressLine(stream, clock)
    stream.close()
    os.close(ours)
    clock.now = 5.0
    show(HALF)
    show.close()
