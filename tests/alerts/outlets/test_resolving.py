"""Resolving: who asks waits no longer than it wants to, and who asks again while nobody answers starts nothing anew."""

import socket
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from tests.alerts.outlets.deaf import Deaf, deaf

from tallystick.alerts.outlets import resolving
from tallystick.alerts.outlets.resolving import addresses


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deaf]:
    """Have names resolved by nobody until the test ends."""
    with deaf(monkeypatch) as made:
        yield made


def test_a_host_is_where_the_system_says() -> None:
    assert addresses("127.0.0.1", 80, 5) == [(socket.AF_INET, ("127.0.0.1", 80))]


def test_who_waits_for_a_name_is_let_go_in_time(asked: Deaf) -> None:
    for seconds in (0.2, 0.1):
        begun = time.monotonic()
        with pytest.raises(TimeoutError):
            addresses("example.invalid", 80, seconds)
        assert seconds - 0.01 < time.monotonic() - begun < seconds + 1
    # It was asked once, and another place is another question.
    assert asked.names == ["example.invalid"]
    with pytest.raises(TimeoutError):
        addresses("other.invalid", 80, 0.05)
    assert asked.names == ["example.invalid", "other.invalid"]


def test_who_comes_while_it_is_asked_gets_the_answer_too(asked: Deaf) -> None:
    with pytest.raises(TimeoutError):
        addresses("late.invalid", 7, 0.05)
    threading.Timer(0.1, asked.hear).start()
    assert addresses("late.invalid", 7, 5) == [(socket.AF_INET, ("127.0.0.9", 7))]
    # And after that it is asked anew.
    assert addresses("late.invalid", 7, 5) == [(socket.AF_INET, ("127.0.0.9", 7))]
    assert asked.names == ["late.invalid", "late.invalid"]


def test_what_goes_wrong_is_told_to_whoever_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> Any:  # noqa: ANN401  it never returns
        raise socket.gaierror(-2, "no such host")

    monkeypatch.setattr(resolving, "socket", SimpleNamespace(getaddrinfo=fail, SOCK_STREAM=1))
    for _ in range(2):
        with pytest.raises(socket.gaierror):
            addresses("nowhere.invalid", 80, 5)
