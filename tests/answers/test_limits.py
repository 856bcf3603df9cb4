"""What was last said about each usage window."""

from contextlib import closing
from pathlib import Path

from tests.answers.sample import NOW, at
from tests.answers.stand import answers, fill

from tallystick.answers.answer import Moment
from tallystick.answers.limits import Window, history, limits
from tallystick.answers.pattern import Pattern, Spans
from tallystick.intake.packing import pack
from tallystick.ledger.ledger import Source
from tallystick.ledger.memory import MemoryLedger
from tallystick.tools.tool import Found
from tallystick.usage.event import LimitSample
from tallystick.usage.period import DAY_MS


def test_the_last_word_on_each_window_counts_and_one_from_long_ago_is_left_out(tmp_path: Path) -> None:
    fill(tmp_path / "ledger.db")
    with closing(answers(tmp_path / "ledger.db")) as asked:
        told = asked.limits(NOW).told()["windows"]
    assert [(each["name"], each["used_percent"], each["over"]) for each in told] == [
        ("codex:10080", 12.5, False),
        # It was reset at three, and now it is past four: what is used since, nobody has told.
        ("codex:300", None, True),
    ]
    assert told[1]["told_percent"] == 66.5
    assert told[1]["resets_at"] == Moment(at("2026-11-22T03:00"))


def test_the_pace_is_what_would_be_used_if_it_were_used_evenly(tmp_path: Path) -> None:
    fill(tmp_path / "ledger.db")
    with closing(answers(tmp_path / "ledger.db")) as asked:
        told = {each["name"]: each for each in asked.limits(at("2026-11-22T01:30")).told()["windows"]}
    # Three and a half hours of five have gone by.
    assert (told["codex:300"]["pace"], told["codex:300"]["used_percent"]) == (70.0, 66.5)
    assert (told["codex:300"]["stale"], told["codex:300"]["account"]) == (True, "")


def test_a_window_is_forecast_from_its_own_account_and_no_longer_once_it_was_reset() -> None:
    begin, minute = at("2026-11-22T00:00"), 60_000
    resets = begin + 300 * minute
    found = Found()
    for passed in range(1, 101):
        # One account uses half a point a minute, the other one nothing more.
        for whose, used in (("a", passed / 2), ("b", 3.0)):
            found.limits.append(
                LimitSample("anthropic", "five_hour", 300, used, resets, begin + passed * minute, "", whose)
            )
    ledger = MemoryLedger()
    ledger.add([pack(found, Source("/home/dev/a", "claude-code"), fresh=True, machine="box", user="dev")])
    one, other = limits(ledger, begin + 100 * minute).windows
    assert one.forecast is not None
    assert one.forecast.runs_out is not None
    # Half a point a minute: 150 at the reset, and all of it after 200 minutes or somewhat earlier.
    assert abs(one.forecast.at_reset - 150) < 3
    assert 0 < begin + 200 * minute - one.forecast.runs_out < 10 * minute
    assert other.forecast is not None
    assert other.forecast.runs_out is None
    told = limits(ledger, begin + 100 * minute).told()["windows"][0]["forecast"]
    assert told["runs_out"] == Moment(one.forecast.runs_out)
    assert [each.forecast for each in limits(ledger, resets).windows] == [None, None]


def test_the_pattern_is_asked_for_with_when_windows_were_used_up() -> None:
    begin, hour = at("2026-11-22T00:00"), 3_600_000
    found = Found()
    for used, passed in ((60, 1), (100, 2), (101, 3), (4, 6), (8, 7)):
        resets = begin + (5 if passed < 5 else 10) * hour
        found.limits.append(LimitSample("anthropic", "five_hour", 300, used, resets, begin + passed * hour, ""))
    ledger = MemoryLedger()
    ledger.add([pack(found, Source("/home/dev/a", "claude-code"), fresh=True, machine="box", user="dev")])
    asked: list[object] = []

    def habits(now: int, stopped: Spans) -> Pattern:
        asked.append((now, list(stopped)))
        return Pattern()

    limits(ledger, begin + 7 * hour, habits)
    assert asked == [(begin + 7 * hour, [(begin + 2 * hour, begin + 5 * hour)])]


def test_a_figure_that_says_neither_length_nor_reset_holds_for_a_day() -> None:
    told = at("2026-11-22T00:00")
    window = Window("anthropic", "extra_usage", 0, 80.0, 0, told, "")
    assert window.used(told + DAY_MS - 1) == 80.0
    assert (window.over(told + DAY_MS), window.used(told + DAY_MS)) == (True, None)
    # With a reset it holds until that.
    until = window._replace(resets_at=told + 3 * DAY_MS)
    assert [until.used(told + days * DAY_MS) for days in (2, 3)] == [80.0, None]


def test_history_tells_of_what_was_said_again_only_the_first_and_the_last_time() -> None:
    ledger = MemoryLedger()
    said = [(30.0, 1, ""), (30.0, 2, ""), (5.0, 2, "b"), (30.0, 3, ""), (31.0, 4, ""), (30.0, 5, ""), (400.0, 6, "")]
    found = Found()
    found.limits += [LimitSample("anthropic", "five_hour", 300, used, 9, time, "", whose) for used, time, whose in said]
    ledger.add([pack(found, Source("/home/dev/a", "claude-code"), fresh=True, machine="box", user="dev")])
    told = history(ledger, 1, 10, provider="anthropic", name="five_hour").samples
    assert [(each.used_percent, each.time, each.account) for each in told] == [
        *((30.0, 1, ""), (5.0, 2, "b"), (30.0, 3, ""), (31.0, 4, ""), (30.0, 5, "")),
    ]
    assert [each.time for each in history(ledger, 3, 5).samples] == [3, 4]
    assert history(ledger, 1, 10, name="seven_day").samples == []
