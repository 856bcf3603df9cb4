"""Prices are refreshed behind the person's back only when that was asked for, once a day, and in nobody's way."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from tests.cli.stage import Stage

from tallystick.cli import entrance
from tallystick.cli.behind import refresh_prices

DAY = 86_400_000


def start(now: int) -> bool:
    """Start a refresh as a command would."""
    return refresh_prices(entrance.settings(), now)


@pytest.mark.parametrize("config", ["", "[prices]\nrefresh = false\n", '[prices]\nrefresh = "yes"\n'])
def test_nothing_is_started_unless_it_was_asked_for(stage: Stage, config: str) -> None:
    stage.say(config)
    assert not start(entrance.now())
    assert not (stage.home / "data").exists()


@pytest.fixture(autouse=True)
def nobody_is_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Wait for what was started in the background: here its parent lives on, which has other children, too."""
    begun: list[int] = []

    class Noted(subprocess.Popen[bytes]):
        def __init__(self, *command: Any, **more: Any) -> None:  # noqa: ANN401  whatever the class takes
            super().__init__(*command, **more)
            begun.append(self.pid)

    monkeypatch.setattr(subprocess, "Popen", Noted)
    yield
    for number in begun:
        with suppress(ChildProcessError):
            os.waitpid(number, 0)


def test_a_table_arrives_behind_the_persons_back(stage: Stage, site: str) -> None:
    stage.say(f'[prices]\nrefresh = true\nurl = "{site}/table.json"\n')
    begin = time.monotonic()
    assert start(entrance.now())
    # Starting another Python alone would take longer.
    assert time.monotonic() - begin < 1
    book = stage.home / "data" / "prices.bin"
    for _ in range(300):
        if book.exists() and stage.tally("prices", "show", "house-model-1").code == 0:
            return
        time.sleep(0.05)
    pytest.fail("the table never arrived")


def test_it_is_tried_once_a_day_also_when_it_fails(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    # The program that would fetch ends at once.
    monkeypatch.setattr(sys, "executable", "/bin/true")
    stage.say("[prices]\nrefresh = true\n")
    now = entrance.now()
    assert start(now)
    assert not start(now + 1)
    assert not start(now + DAY - 1)
    assert start(now + DAY)


def test_where_nothing_can_be_remembered_nothing_is_tried(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    (stage.home / "file").write_text("")
    monkeypatch.setenv("TALLY_DATA_DIR", str(stage.home / "file" / "data"))
    stage.say("[prices]\nrefresh = true\n")
    assert not start(entrance.now())
