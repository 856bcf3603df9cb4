"""Telling of the traffic: what fails there is told once, and never to the traffic."""

import logging
from collections.abc import Mapping

import pytest

from tallystick.intake.gateway.metering import Meter


class Heard:
    """Somebody who is told, and who fails when it comes to a word."""

    def __init__(self, fails: str = "") -> None:
        self._fails = fails
        self.heard: list[tuple[object, ...]] = []

    def _hear(self, *what: object) -> None:
        if what[0] == self._fails:
            raise RuntimeError("secret words of a prompt")
        self.heard.append(what)

    def sent(self, data: bytes) -> None:
        self._hear("sent", data)

    def head(self, status: int, headers: Mapping[str, str]) -> None:
        self._hear("head", status, headers)

    def took(self, data: bytes) -> None:
        self._hear("took", data)

    def end(self, *, cut: bool = False) -> None:
        self._hear("end", cut)

    def frame_sent(self, data: bytes) -> None:
        self._hear("frame_sent", data)

    def frame_took(self, data: bytes) -> None:
        self._hear("frame_took", data)


def tell(meter: Meter) -> None:
    """Tell of one of each."""
    meter.sent(b"a")
    meter.sent(b"")
    meter.head(200, {"x": "y"})
    meter.took(b"b")
    meter.took(b"")
    meter.frame("é", sent=True)
    meter.frame(b"d", sent=False)
    meter.end(cut=True)
    meter.end(cut=False)
    meter.took(b"late")


def test_everything_is_told_once_and_nothing_after_the_end() -> None:
    heard = Heard()
    tell(Meter(heard))
    assert heard.heard == [
        ("sent", b"a"),
        ("head", 200, {"x": "y"}),
        ("took", b"b"),
        ("frame_sent", "é".encode()),
        ("frame_took", b"d"),
        ("end", True),
    ]


@pytest.mark.parametrize("word", ["sent", "head", "took", "frame_sent", "frame_took", "end"])
def test_after_a_failure_nothing_more_is_told(word: str, caplog: pytest.LogCaptureFixture) -> None:
    heard = Heard(word)
    with caplog.at_level(logging.WARNING):
        tell(Meter(heard))
    words = ["sent", "head", "took", "frame_sent", "frame_took", "end"]
    assert [each[0] for each in heard.heard] == words[: words.index(word)]
    assert caplog.messages == ["A call is not metered: RuntimeError"]


def test_nobody_is_told_of_what_is_not_metered() -> None:
    tell(Meter(None))
    heard = Heard()
    meter = Meter(heard)
    meter.drop()
    tell(meter)
    assert heard.heard == []
