"""The way in: zones that are set wrongly, troubles on the way, encodings that lack a letter."""

import io
import sys

import pytest
from tests.cli.stage import Stage

from tallystick.cli import entrance
from tallystick.house import House
from tallystick.intake.logs import Summary
from tallystick.intake.walk import Trouble
from tallystick.ledger.sqlite.opening import WriterLock


def test_a_wrong_zone_names_who_set_it(stage: Stage) -> None:
    stage.say('timezone = "Mars/Olympus"\n')
    found = stage.tally("daily")
    assert found.code == 2
    assert found.err.endswith(f"It was set by {stage.config}.\n")


def test_prices_of_ones_own_are_used(stage: Stage) -> None:
    stage.answers(1, "house-model-1")
    stage.say("[prices.house-model-1]\ninput = 100\noutput = 1000\n")
    # 10 x 100 and 20 x 1000 millionths of a dollar.
    assert '"cost_usd": 0.021,' in stage.tally("daily", "--json").out


def test_what_cannot_be_read_is_told_and_the_rest_answers(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    # As if there were two: root, who may run this, can read everything.
    troubles = (Trouble("/home/dev/a", "permission denied"), Trouble("/home/dev/b", "permission denied"))
    monkeypatch.setattr(House, "refresh", lambda *_: Summary(troubles=troubles[:1]))
    found = stage.tally("daily", "--json")
    assert (found.code, found.err) == (0, "tally: 1 file or folder could not be read; `tally doctor` tells which.\n")
    monkeypatch.setattr(House, "refresh", lambda *_: Summary(troubles=troubles))
    assert stage.tally("daily").err.startswith("tally: 2 files or folders could not be read")


def test_while_another_one_reads_the_logs_what_is_known_answers(stage: Stage) -> None:
    stage.answers(1)
    stage.tally("daily")
    lock = WriterLock(str(stage.home / "data" / "ledger.db"))
    assert lock.take(wait=False)
    try:
        stage.answers(2, "claude-opus-4-6")
        found = stage.tally("daily", "--json")
    finally:
        lock.release()
    assert found.code == 0
    assert found.err == "tally: Another tally is reading the logs; this is what was known before.\n"
    assert '"requests": 1' in found.out


def test_a_terminal_hears_of_a_long_import_only(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.answers(1)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    assert stage.tally("daily", "--json").err == ""


def test_letters_that_an_encoding_lacks_are_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", out)
    entrance.write("5 €\n")
    out.flush()
    assert out.buffer.getvalue() == b"5 \\u20ac\n"


def test_letters_that_nothing_can_encode_are_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    # A name in a file system need not be text; Python carries its bytes as lone surrogates.
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    monkeypatch.setattr(sys, "stdout", out)
    entrance.write("a\udcff\n")
    out.flush()
    assert out.buffer.getvalue() == b"a\\udcff\n"


def test_new_prices_are_fetched_behind_an_answer_where_the_config_wants_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[int] = []
    monkeypatch.setattr("tallystick.cli.behind.refresh_prices", lambda _, now: started.append(now))
    stage.tally("daily")
    assert started == []
    stage.say("[prices]\nrefresh = true\n")
    stage.answers(1)
    stage.tally("daily")
    stage.tally()
    assert len(started) == 2


def test_names_in_messages_steer_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    entrance.say("\x1b[31mred\x07 \u202eltr\x00,\nand on")
    assert capsys.readouterr().err == "tally: \ufffd[31mred\ufffd \ufffdltr\ufffd,\nand on\n"
