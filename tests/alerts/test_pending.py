"""Pending: each alert goes once by each way out; what is muted waits, what is over is left, what fails is tried again."""

import pytest

from tallystick.alerts.chronicle import Chronicle, Telling
from tallystick.alerts.finding import CASE, FINE, Finding
from tallystick.alerts.keeper import Keeper
from tallystick.alerts.pending import AGAIN_MS, LEASE_MS, claim, finished, mute, mutes, put_back, unmute
from tallystick.alerts.rules.rule import Rule

MINUTE = 60_000
DAY = 24 * 60 * MINUTE
RULE = Rule("spend", "", lambda *_: None, {}, 0, 10 * MINUTE)
NOW = 1_000_000_000


@pytest.fixture
def file(keeper: Keeper) -> Keeper:
    """Return what keeps one alert that is to be told by two ways out."""
    made = keeper
    Chronicle(made, (RULE,)).look({"spend": [Finding("spend:x", CASE)]}, NOW, lambda _: ["a", "b"])
    return made


def telling(file: Keeper, outlet: str = "a") -> Telling:
    """Return how the alert fares on a way out."""
    (told,) = Chronicle(file, (RULE,)).told(10)
    return next(each for each in told.tellings if each.outlet == outlet)


def test_who_claims_first_has_it(file: Keeper) -> None:
    (mine,) = claim(file, ["a"], NOW)
    assert (mine.outlet, mine.tries, mine.episode.finding.key) == ("a", 1, "spend:x")
    assert [each.outlet for each in claim(file, ["a", "b"], NOW)] == ["b"]
    assert claim(file, ["a", "b"], NOW) == []
    finished(file, mine, "", NOW + 5)
    assert telling(file) == Telling("a", "told", 1, NOW + 5, "")
    assert claim(file, ["a"], NOW + 100 * LEASE_MS) == []


def test_who_never_comes_back_is_not_waited_for(file: Keeper) -> None:
    (lost,) = claim(file, ["a"], NOW)
    assert claim(file, ["a"], NOW + LEASE_MS - 1) == []
    (again,) = claim(file, ["a"], NOW + LEASE_MS)
    assert again.tries == 2
    # Who was late changes nothing any more.
    finished(file, lost, "", NOW + LEASE_MS)
    assert telling(file).state == "sending"


def test_what_fails_is_tried_again_later_and_later_and_then_given_up(file: Keeper) -> None:
    now = NOW
    for tries, wait in enumerate(AGAIN_MS, 1):
        (due,) = claim(file, ["a"], now)
        assert due.tries == tries
        finished(file, due, "answered 500", now)
        assert telling(file) == Telling("a", "waiting", tries, now, "answered 500")
        assert claim(file, ["a"], now + wait - 1) == []
        now += wait
    (last,) = claim(file, ["a"], now)
    finished(file, last, "answered 500", now)
    assert telling(file) == Telling("a", "failed", len(AGAIN_MS) + 1, now, "answered 500")
    assert claim(file, ["a"], now + 10**9) == []
    assert sorted(AGAIN_MS) == list(AGAIN_MS)


def test_what_is_put_back_was_no_try(file: Keeper) -> None:
    (due,) = claim(file, ["a"], NOW)
    put_back(file, due, NOW + 10)
    assert claim(file, ["a"], NOW + 9) == []
    (again,) = claim(file, ["a"], NOW + 10)
    assert again.tries == 1


def test_a_clock_that_was_ahead_puts_nothing_off_for_long(file: Keeper) -> None:
    (due,) = claim(file, ["a"], NOW + 10**10)
    finished(file, due, "answered 500", NOW + 10**10)
    assert len(claim(file, ["a"], NOW)) == 1


@pytest.mark.parametrize("what", ["spend", "spend:x", "*"])
def test_what_is_muted_waits_until_it_is_not(file: Keeper, what: str) -> None:
    mute(file, what, NOW, NOW + MINUTE)
    assert [(each.what, each.until) for each in mutes(file, NOW)] == [(what, NOW + MINUTE)]
    assert claim(file, ["a"], NOW) == []
    assert len(claim(file, ["a"], NOW + MINUTE)) == 1
    assert mutes(file, NOW + MINUTE) == []
    mute(file, what, NOW)
    assert claim(file, ["b"], NOW + 10**12) == []
    assert unmute(file, what)
    assert not unmute(file, what)
    assert len(claim(file, ["b"], NOW)) == 1


def test_something_else_that_is_muted_changes_nothing(file: Keeper) -> None:
    mute(file, "spend:y", NOW)
    mute(file, "budget", NOW)
    assert len(claim(file, ["a"], NOW)) == 1


def test_in_quiet_hours_it_waits_and_what_is_over_by_then_is_left(file: Keeper) -> None:
    assert [each.outlet for each in claim(file, ["a", "b"], NOW, quiet=["a"])] == ["b"]
    for minute in range(0, 31, 10):
        Chronicle(file, (RULE,)).look({"spend": [Finding("spend:x", FINE)]}, NOW + minute * MINUTE, lambda _: [])
    assert claim(file, ["a"], NOW + 60 * MINUTE) == []
    assert telling(file).state == "left"
    # It was begun: what was tried is told, though it is over.
    assert telling(file, "b").state == "sending"


def ended(file: Keeper) -> int:
    """End the alert; return when."""
    for minute in range(0, 21, 10):
        Chronicle(file, (RULE,)).look({"spend": [Finding("spend:x", FINE)]}, NOW + minute * MINUTE, lambda _: [])
    (told,) = Chronicle(file, (RULE,)).told(10)
    assert told.episode.ended
    return told.episode.ended


def test_what_was_tried_is_left_a_day_after_it_was_over(file: Keeper) -> None:
    (due, _) = claim(file, ["a", "b"], NOW)
    over = ended(file)
    finished(file, due, "answered 500", over)
    assert telling(file).state == "waiting"
    (again, _) = claim(file, ["a", "b"], over + DAY)
    finished(file, again, "answered 500", over + DAY)
    assert telling(file).tries == 2
    assert claim(file, ["a", "b"], over + DAY + AGAIN_MS[1]) == []
    assert (telling(file).state, telling(file, "b").state) == ("left", "sending")
    # Nobody came back from the other one either.
    assert claim(file, ["a", "b"], over + DAY + LEASE_MS) == []
    assert telling(file, "b").state == "left"


@pytest.mark.parametrize("quiet", [[], ["a"]])
def test_what_goes_to_nowhere_any_more_is_left_after_an_hour(file: Keeper, quiet: list[str]) -> None:
    # Somebody who knows of it may be about to tell it.
    assert claim(file, ["a"], NOW + 60 * MINUTE - 1, quiet=["a"]) == []
    assert telling(file, "b").state == "waiting"
    assert len(claim(file, ["a"], NOW + 60 * MINUTE, quiet=quiet)) == 1 - len(quiet)
    assert telling(file, "b").state == "left"
    assert telling(file).state == ("waiting" if quiet else "sending")


@pytest.mark.parametrize("waits", ["muted", "quiet", "gone"])
def test_what_waits_locks_nothing_when_it_is_looked_at(file: Keeper, waits: str) -> None:
    if waits == "muted":
        mute(file, "*", NOW)
    with file.changing():
        # Who wanted to change something would wait for the other, and fail.
        assert claim(file, [] if waits == "gone" else ["a", "b"], NOW, quiet=["a", "b"] if waits == "quiet" else []) == []  # fmt: skip
