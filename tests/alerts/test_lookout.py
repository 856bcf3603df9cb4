"""A month of looks: each rule tells once per episode, and nothing of a month in which nothing is wrong."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest
from tests.alerts.month import BEGIN, DAY, DAYS, HOUR, MINUTE, STEP, changed, pico, quiet, with_model

from tallystick.alerts.choices import Choices
from tallystick.alerts.chronicle import Chronicle
from tallystick.alerts.file import File, path
from tallystick.alerts.finding import CASE
from tallystick.alerts.lookout import Lookout
from tallystick.alerts.outlets.outlet import To
from tallystick.alerts.rules.shelf import RULES
from tallystick.alerts.situation import Hour, Machined, Situation, Unread, Windowed

TO = (To("here", "command", {"run": ["true"]}),)


def file_of(folder: Path) -> File:
    """Return the file of a data folder."""
    return File(path(str(folder)))


def told(folder: Path, situations: Iterable[Situation], every: int = 1) -> list[str]:
    """Return the keys of what begins, in order; every so many looks the program is started anew."""
    found: list[str] = []
    troubles: list[str] = []
    lookout = None
    for number, each in enumerate(situations):
        if lookout is None or number % every == 0:
            lookout = Lookout(file_of(folder), Choices(to=TO), troubles.append)
        found += [episode.finding.key for episode in lookout.look(each)]
    assert not troubles
    return found


def used(each: Situation, part: float) -> Situation:
    """Return a situation in which so much of a budget is used."""
    assert each.budgets is not None
    return each._replace(budgets=tuple(one._replace(used=round(one.amount * part)) for one in each.budgets))


def running_out(each: Situation) -> Situation:
    """Return a situation in which the window is predicted to run out half an hour before its reset, and now and then not at all."""
    assert each.windows is not None
    (window,) = each.windows
    early = window.resets_at - 30 * MINUTE
    flickers = each.now // STEP % 5 < 2
    return each._replace(
        windows=(
            window._replace(
                used_percent=60,
                runs_out=None if flickers else early,
                low=60 if flickers else 99,
                high=80 if flickers else 110,
            ),
        )
    )


def dear(each: Situation) -> Situation:
    """Return a situation in which the running hour and the one before cost 200 dollars."""
    assert each.spent is not None
    start = each.now // HOUR * HOUR
    days = (start - BEGIN) // DAY
    hours = [Hour(one, days % 7, (one - BEGIN) // HOUR % 24, pico(200)) for one in (start - HOUR, start)]
    return each._replace(spent=(*(one for one in each.spent if one.start < start - HOUR), *hours))


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_is_told_of_a_month_in_which_nothing_is_wrong(tmp_path: Path, seed: int) -> None:
    # Those of a laptop that is off all weekend are 62 hours; three days are meant to be longer than that.
    assert told(tmp_path, quiet(seed), every=50) == []
    assert not Path(path(str(tmp_path))).exists()


def test_each_rule_tells_once_per_episode_over_a_month(tmp_path: Path) -> None:
    at = BEGIN + 7 * DAY
    month = quiet(4)
    # Monday, 10:00 to 14:00; and once more on Thursday.
    for day in (0, 3):
        month = changed(month, at + day * DAY + 10 * HOUR, at + day * DAY + 14 * HOUR, dear)
    # In two windows, with two others between them.
    for begin in (at + DAY + 2 * HOUR, at + DAY + 17 * HOUR):
        first = (begin - begin % (5 * HOUR)) + 2 * HOUR
        month = changed(month, first, first + 2 * HOUR, running_out)
    # In the second week to nine tenths, in the third beyond all of it until its end.
    month = changed(month, at + 4 * DAY, at + 7 * DAY, lambda each: used(each, 0.9))
    month = changed(month, at + 11 * DAY, at + 14 * DAY, lambda each: used(each, 1.2))
    # Twelve days of silence.
    since = at + 2 * DAY + 12 * HOUR
    month = changed(month, since, since + 12 * DAY, lambda each: each._replace(machines=(Machined("laptop", since),)))
    month = changed(month, at, at + 5 * DAY, lambda each: each._replace(unread=(Unread("claude-code", 9, 2.5),)))
    month = changed(month, at, BEGIN + DAYS * DAY, with_model)
    assert Counter(told(tmp_path, month, every=37)) == {
        "spend": 2,
        "window:anthropic:five_hour::ahead": 2,
        "budget:1:soft": 1,
        "budget:1:over": 1,
        "machine:laptop": 1,
        "logs:claude-code": 1,
        "unpriced:house-model-1": 1,
    }
    open_now = [each.episode.finding.key for each in Chronicle(file_of(tmp_path), RULES).told(100) if not each.episode.ended]  # fmt: skip
    assert open_now == ["unpriced:house-model-1"]


def test_a_budget_that_is_over_in_the_next_week_too_is_another_alert_though_nobody_looked_between(
    tmp_path: Path,
) -> None:
    week = [each for each in quiet(5) if each.now == BEGIN + 3 * DAY or each.now == BEGIN + 10 * DAY]
    assert told(tmp_path, (used(each, 1.5) for each in week)) == ["budget:1:over"] * 2


@pytest.mark.parametrize("levels", [(), ("critical",)])
def test_that_a_window_is_used_up_is_told_though_it_was_foretold(tmp_path: Path, levels: tuple[str, ...]) -> None:
    wants = To("here", "command", {"run": ["true"]}, levels=levels)
    lookout = Lookout(file_of(tmp_path), Choices(to=(wants,)), print)
    reset, said = BEGIN + 5 * HOUR, list[str]()
    for minute in range(0, 300, 5):
        # 60 % after two hours, and all of it after three and a half.
        used = min(minute / 2, 60) if minute < 120 else min(60 + (minute - 120) * 40 / 90, 100)
        now = BEGIN + minute * MINUTE
        window = Windowed("anthropic", "five_hour", "a", 300, used, reset, now)
        if 60 <= used < 100:
            window = window._replace(forecast=True, runs_out=BEGIN + 210 * MINUTE, low=99, high=130)
        said += [f"{one.finding.level} {minute}" for one in lookout.look(Situation(now, windows=(window,)))]
    # Each some minutes after it is so.
    assert said == ["warning 125", "critical 215"]
    rows = file_of(tmp_path).rows(
        "SELECT level FROM tellings JOIN episodes ON episodes.id = tellings.episode ORDER BY level"
    )
    assert [row[0] for row in rows] == (["critical"] if levels else ["critical", "warning"])


def used_up(minute: int, *accounts: str) -> Situation:
    """Return a situation some minutes after the begin in which a window of some accounts is used up."""
    now, reset = BEGIN + minute * MINUTE, BEGIN + 5 * HOUR
    return Situation(now, windows=tuple(Windowed("anthropic", "five_hour", each, 300, 100, reset, now) for each in accounts))  # fmt: skip


def test_a_window_whose_account_becomes_known_is_told_once(tmp_path: Path) -> None:
    looks = [used_up(minute, "" if minute < 20 else "a") for minute in range(0, 200, 5)]
    assert told(tmp_path, looks, every=7) == ["window:anthropic:five_hour::out"]
    (kept,) = Chronicle(file_of(tmp_path), RULES).told(10)
    assert (kept.episode.finding.key, kept.episode.state) == ("window:anthropic:five_hour:a:out", "open")
    # That of another account is another one, and so is the next window of the same.
    assert told(tmp_path, [used_up(minute, "a", "b") for minute in (200, 205)]) == ["window:anthropic:five_hour:b:out"]
    looks = [used_up(300 + minute, "a") for minute in (0, 5)]
    assert told(tmp_path, (each._replace(windows=tuple(one._replace(resets_at=one.resets_at + 5 * HOUR) for one in each.windows or ())) for each in looks)) == ["window:anthropic:five_hour:a:out"]  # fmt: skip


def test_a_window_beside_one_without_a_name_is_another_one(tmp_path: Path) -> None:
    looks = [used_up(0, ""), used_up(5, ""), used_up(10, "", "a"), used_up(15, "", "a")]
    assert told(tmp_path, looks) == ["window:anthropic:five_hour::out", "window:anthropic:five_hour:a:out"]


def test_a_window_of_an_account_in_another_stretch_is_another_one(tmp_path: Path) -> None:
    later = used_up(300, "a")
    (window,) = later.windows or ()
    later = later._replace(windows=(window._replace(resets_at=window.resets_at + 5 * HOUR),))
    looks = [used_up(0, ""), used_up(5, ""), later, later._replace(now=later.now + 5 * MINUTE)]
    assert told(tmp_path, looks) == ["window:anthropic:five_hour::out", "window:anthropic:five_hour:a:out"]


def test_a_clock_that_jumps_tells_nothing_twice(tmp_path: Path) -> None:
    lookout = Lookout(file_of(tmp_path), Choices(to=TO), print)
    (now,) = [used(each, 1.5) for each in quiet(6) if each.now == BEGIN + 3 * DAY]
    assert now.budgets
    (budget,) = now.budgets
    keys = []
    # A year ahead, where the week is another one, and nothing of its budget is used; and back again.
    year = 364 * DAY
    ahead = now._replace(
        now=now.now + year,
        budgets=(budget._replace(used=0, since=budget.since + year, until=budget.until + year),),
    )
    for each in (now, ahead, ahead._replace(now=ahead.now + STEP), now, now._replace(now=now.now - DAY), now):
        keys += [one.finding.key for one in lookout.look(each)]
    assert keys == ["budget:1:over"]
    (kept,) = Chronicle(file_of(tmp_path), RULES).told(10)
    assert kept.episode.state == "open"


def test_a_server_that_slept_itself_waits_for_those_who_send(tmp_path: Path) -> None:
    lookout = Lookout(file_of(tmp_path), Choices(to=TO), print)
    asleep = BEGIN + 100 * HOUR
    for now, seen in (
        (BEGIN, BEGIN),
        (asleep, BEGIN),
        (asleep + MINUTE, BEGIN),
        (asleep + 2 * MINUTE, asleep + 2 * MINUTE),
    ):
        assert lookout.look(Situation(now, machines=(Machined("laptop", seen),))) == []
    # One that goes on to be silent is told of.
    for minute in range(3, 13):
        assert lookout.look(Situation(asleep + minute * MINUTE, machines=(Machined("other", BEGIN),))) == []
    assert len(lookout.look(Situation(asleep + 13 * MINUTE, machines=(Machined("other", BEGIN),)))) == 1


def test_what_is_not_known_for_a_while_ends_nothing(tmp_path: Path) -> None:
    lookout = Lookout(file_of(tmp_path), Choices(), print)
    now = Situation(BEGIN, unpriced=with_model(Situation(BEGIN)).unpriced)
    assert len(lookout.look(now)) == 1
    for step in range(1, 1000):
        assert lookout.look(Situation(BEGIN + step * STEP)) == []
    assert lookout.look(now._replace(now=BEGIN + 1000 * STEP)) == []


def test_a_rule_that_fails_silences_no_other(tmp_path: Path) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError

    troubles: list[str] = []
    rules = (RULES[0]._replace(look=fails), *RULES[1:])
    lookout = Lookout(file_of(tmp_path), Choices(rules), troubles.append)
    assert len(lookout.look(with_model(Situation(BEGIN)))) == 1
    lookout.look(with_model(Situation(BEGIN + STEP)))
    assert troubles == ["The rule budget fails (ZeroDivisionError): it tells nothing for now."]


def test_a_rule_that_is_switched_off_ends_its_episodes(tmp_path: Path) -> None:
    now = with_model(Situation(BEGIN))
    assert len(Lookout(file_of(tmp_path), Choices(), print).look(now)) == 1
    without = Choices(tuple(rule for rule in RULES if rule.name != "unpriced"))
    assert Lookout(file_of(tmp_path), without, print).look(now._replace(now=BEGIN + STEP)) == []
    (kept,) = Chronicle(file_of(tmp_path), RULES).told(10)
    assert (kept.episode.state, kept.episode.why) == ("ended", "off")


PROCESS = """
import sys, time
from tallystick.alerts.choices import Choices
from tallystick.alerts.file import File
from tallystick.alerts.lookout import Lookout
from tallystick.alerts.outlets.outlet import To
from tallystick.alerts.situation import Situation, Unpriced
lookout = Lookout(File(sys.argv[1]), Choices(to=(To("here", "command", {"run": ["true"]}),)), print)
print("ready", flush=True)
sys.stdin.readline()
begun = 0
for number in range(100):
    models = tuple(Unpriced(f"model-{each}", 99_999) for each in range(number + 1))
    begun += len(lookout.look(Situation(1_800_000_000_000 + number, unpriced=models)))
print(begun, flush=True)
"""


def test_of_two_processes_that_look_at_once_one_tells(tmp_path: Path) -> None:
    file = file_of(tmp_path)
    command = [sys.executable, "-c", PROCESS, file.path]
    both = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    try:
        for each in both:
            assert each.stdout is not None
            assert each.stdout.readline() == "ready\n"
        for each in both:
            assert each.stdin is not None
            each.stdin.write("\n")
            each.stdin.flush()
        begun = [int(each.communicate(timeout=30)[0]) for each in both]
    finally:
        for each in both:
            each.kill()
            each.wait()
    assert sum(begun) == 100
    assert len(file.rows("SELECT 1 FROM tellings")) == 100
    assert {each.episode.finding.state for each in Chronicle(file, RULES).told(100)} == {CASE}
