"""`tally live` in a real terminal: keys, sizes, colours, and a terminal that is as it was afterwards; and printed once."""

import json
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from time import time_ns

import pytest
from tests.cli.running import children, until
from tests.cli.spending import spend
from tests.cli.stage import Stage
from tests.cli.tmux import Pane, tally

from tallystick.cli import live as module
from tallystick.intake.demo import batches
from tallystick.ledger.sqlite.engine import SqliteLedger


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home whose ledger holds made-up work up to now."""
    found = tmp_path_factory.mktemp("live")
    (found / "data").mkdir()
    ledger = SqliteLedger(str(found / "data" / "ledger.db"), write=True)
    ledger.add(batches(time_ns() // 1_000_000))
    ledger.close()
    return found


@pytest.fixture
def pane(home: Path) -> Iterator[Pane]:
    """Return a terminal in which the view runs."""
    with tally(home, "live") as found:
        found.until("Sessions", "● live")
        yield found


def restored(home: Path, pane: Pane, code: int = 0) -> None:
    """Assert that the view has ended and left the terminal as it found it."""
    seen = pane.until(f"code {code}")
    assert seen.splitlines()[0] == "first"
    assert until((home / "after").exists)
    pane.until(absent="Sessions")
    assert (home / "after").read_text() == (home / "before").read_text()
    flags = ("alternate_on", "mouse_any_flag", "mouse_sgr_flag", "keypad_cursor_flag")
    assert [pane.asked(f"#{{{flag}}}") for flag in flags] == ["0", "0", "0", "0"]
    assert pane.asked("#{cursor_flag}") == "1"
    (home / "after").unlink()


@pytest.mark.parametrize("key", ["q", "C-c"])
def test_keys_end_it_and_the_terminal_is_as_it_was(home: Path, pane: Pane, key: str) -> None:
    assert pane.asked("#{alternate_on}") == "1"
    pane.press(key)
    restored(home, pane)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_end_it_and_the_terminal_is_as_it_was(home: Path, pane: Pane, number: signal.Signals) -> None:
    pane.until("? help")
    (shell,) = children(int(pane.asked("#{pid}")))
    (view,) = children(shell)
    # It draws before it listens: the keys work once it does.
    pane.press("?")
    pane.until("Looking around")
    os.kill(view, number)
    restored(home, pane)


def test_a_signal_before_it_listens_ends_it_too(home: Path) -> None:
    with tally(home, "live") as pane:
        (shell,) = children(int(pane.asked("#{pid}")))
        assert until(lambda: pane.asked("#{alternate_on}") == "1")
        (view,) = children(shell)
        os.kill(view, signal.SIGTERM)
        restored(home, pane)


def test_it_follows_keys_and_the_size_of_the_terminal(pane: Pane) -> None:
    pane.until("Models", "Tools", "Machines", "Calls")
    pane.resize(60, 24)
    seen = pane.until("1 Sessions 2 Models", absent="Calls  the newest")
    assert max(map(len, seen.splitlines())) <= 60
    pane.press("2")
    pane.until("gpt-5.5", absent="Settle entries")
    pane.resize(20, 5)
    pane.until("today", absent="Sessions")
    pane.resize(120, 36)
    pane.until("Models", "Calls  the newest")
    pane.press("1", "Enter")
    pane.until("Calls, the newest first")
    pane.press("Escape")
    pane.until("Calls  the newest")
    pane.press("/", *"tool=codex", "Enter")
    pane.until("only tool=codex", absent="claude-code")


def test_it_has_colours_unless_they_are_not_wanted(home: Path) -> None:
    colour = re.compile(r"\x1b\[[\d;]*\b(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])\b")
    with tally(home, "live") as pane:
        pane.until("● live")
        pane.press("?")
        pane.until("Looking around")
        assert len(colour.findall(pane.seen(colours=True))) > 20
    with tally(home, "live", NO_COLOR="1") as pane:
        pane.until("● live")
        assert not colour.findall(pane.seen(colours=True))
        pane.press("?")
        pane.until("Looking around")
        pane.press("Escape")
        # The row that is chosen is to be seen without them.
        pane.until("Calls  the newest")
        assert not colour.findall(pane.seen(colours=True))
        assert "\x1b[7m" in pane.seen(colours=True)


def test_what_is_new_in_the_logs_comes_by_itself(tmp_path: Path, stage: Stage) -> None:
    with tally(tmp_path, "live", "--timezone", "UTC") as pane:
        pane.until("Nobody was at work", "● live")
        stage.answers(3)
        pane.press("/")
        pane.press(*"model=*opus*", "Enter")
        pane.until("only model=*opus*", "11-01 10:02", "opus-4-1")


def test_a_theme_that_was_chosen_is_that_of_the_next_view(home: Path, pane: Pane) -> None:
    light = "48;2;251;251;249"
    pane.press("?")
    pane.until("Looking around")
    assert light not in pane.seen(colours=True)
    pane.press("Escape")
    pane.until("Calls  the newest")
    pane.press("t")
    assert until(lambda: light in pane.seen(colours=True))
    with tally(home, "live") as other:
        other.until("Sessions", "● live")
        assert light in other.seen(colours=True)
    # What is asked for once is not kept.
    with tally(home, "live", "--theme", "dark") as other:
        other.until("Sessions", "● live")
        assert light not in other.seen(colours=True)
    assert (home / "data" / "live.json").read_text() == '{"theme": "light"}'
    (home / "data" / "live.json").unlink()


def test_a_terminal_that_cannot_draw_gets_it_once(home: Path) -> None:
    with tally(home, "live", "--no-refresh", TERM="dumb") as pane:
        seen = pane.until("code 0")
        assert "Calls  the newest" in seen


def test_printed_once_it_is_plain_text(stage: Stage) -> None:
    stage.answers(2)
    said = stage.tally("live")
    assert (said.code, said.err) == (0, "")
    assert "\x1b" not in said.out
    assert " Sessions  none at work" in said.out
    assert "opus-4-1" in said.out


def test_budgets_and_alerts_stand_above_it(stage: Stage) -> None:
    spend(stage, 4)
    assert stage.tally("budget", "set", "project=shop", "1usd/month").code == 0
    assert stage.tally("alert", "check").code == 0
    said = stage.tally("live", "--once")
    (line,) = [line for line in said.out.splitlines() if line.startswith(" Budgets")]
    assert line.startswith(" Budgets  project=shop $1.14 of $1.00/month used up")
    assert "! 1 alert" in said.out


def test_as_json_it_is_for_scripts(stage: Stage) -> None:
    stage.answers(2)
    said = stage.tally("live", "--json", "--timezone", "Europe/Berlin", "--model", "claude-*")
    found = json.loads(said.out)
    assert (found["schema"], found["timezone"], found["where"]) == (
        *("tallystick.live/1", "Europe/Berlin"),
        {"model": ["claude-*"]},
    )
    assert [call["total"] for call in found["calls"]] == [30, 30]
    assert "cost_usd" not in json.loads(stage.tally("live", "--json", "--no-cost").out)["today"]


def test_what_is_missing_is_said_and_what_works_without(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "is_terminal", lambda: True)
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    said = stage.tally("live")
    assert said.code == 3
    assert "pip install 'tallystick[live]'" in said.err
    assert "--once" in said.err
    assert stage.tally("live", "--once").code == 0
