"""The end of an episode is told to whoever was told of it, once, and to nobody else."""

import pytest

from tallystick.alerts.chronicle import Chronicle
from tallystick.alerts.ending import is_ending, place
from tallystick.alerts.episodes import Episode
from tallystick.alerts.finding import CASE, FINE, Finding
from tallystick.alerts.keeper import Keeper
from tallystick.alerts.pending import Due, claim, finished, mute, unmute
from tallystick.alerts.rules.rule import Rule

MINUTE = 60_000
DAY = 24 * 60 * MINUTE
RULE = Rule("spend", "", lambda *_: None, {}, 0, 10 * MINUTE)
NOW = 1_000_000_000
IS = Finding("spend:x", CASE)


class Told:
    """A chronicle whose clock is turned by hand, and two ways out."""

    def __init__(self, keeper: Keeper) -> None:
        """Begin with an episode that `a` was told of, and `b` was not."""
        self.file, self.now = keeper, NOW
        self.look(IS)
        (first,) = claim(self.file, ["a"], self.now)
        finished(self.file, first, "", self.now)

    def look(self, *found: Finding) -> list[Episode]:
        """Look once."""
        return Chronicle(self.file, (RULE,)).look({"spend": list(found)}, self.now, lambda _: ["a", "b"])

    def end(self) -> None:
        """Have it be fine for long enough."""
        for _ in range(2):
            self.look(Finding("spend:x", FINE))
            self.now += 10 * MINUTE
        self.look(Finding("spend:x", FINE))

    def due(self) -> list[Due]:
        """Return what is due."""
        return claim(self.file, ["a", "b"], self.now)


@pytest.fixture
def told(keeper: Keeper) -> Told:
    """Return such a chronicle."""
    return Told(keeper)


def test_who_was_told_is_told_once_that_it_is_over(told: Told) -> None:
    told.end()
    (due,) = told.due()
    assert (due.place, due.is_ending, due.tries, due.episode.state, due.episode.why) == ("a", True, 1, "ended", "fine")
    finished(told.file, due, "", told.now)
    told.now += DAY // 2
    assert told.due() == []


def test_a_name_and_what_is_told_there_are_two_things(told: Told) -> None:
    told.end()
    (due,) = told.due()
    assert (place(due.outlet), is_ending(due.outlet), is_ending("a"), place("a")) == ("a", True, False, "a")


def test_what_failed_is_tried_again_but_not_after_a_day(told: Told) -> None:
    told.end()
    (due,) = told.due()
    finished(told.file, due, "answered 500", told.now)
    told.now += 30_000
    (again,) = told.due()
    assert (again.is_ending, again.tries) == (True, 2)
    finished(told.file, again, "answered 500", told.now)
    told.now += DAY + 1
    assert told.due() == []


def test_what_is_muted_waits(told: Told) -> None:
    mute(told.file, "spend", NOW)
    told.end()
    assert told.due() == []
    assert unmute(told.file, "spend")
    assert [each.is_ending for each in told.due()] == [True]


def test_what_goes_on_in_its_next_term_is_not_over(keeper: Keeper) -> None:
    made = Chronicle(keeper, (RULE,))
    for term in (DAY, 2 * DAY):
        made.look({"spend": [IS._replace(term=term)]}, NOW, lambda _: ["a"])
        for due in claim(made.file, ["a"], NOW):
            assert not due.is_ending
            finished(made.file, due, "", NOW)
    # And when the next one is fine, that is its end.
    made.look({"spend": [IS._replace(state=FINE, term=3 * DAY)]}, NOW, lambda _: ["a"])
    (due,) = claim(made.file, ["a"], NOW)
    assert (due.is_ending, due.episode.why) == (True, "term")


def test_what_is_so_again_after_all_is_not_told_to_be_over(keeper: Keeper) -> None:
    made = Chronicle(keeper, (RULE,))

    def look(term: int, state: str = CASE) -> None:
        made.look({"spend": [IS._replace(state=state, term=term, span=100)]}, NOW, lambda _: ["a"])

    look(1_000)
    (due,) = claim(made.file, ["a"], NOW)
    finished(made.file, due, "", NOW)
    # A clock that had jumped comes back, and later it is over indeed.
    look(2_000, FINE)
    look(1_000)
    assert claim(made.file, ["a"], NOW) == []
    look(3_000, FINE)
    assert [each.is_ending for each in claim(made.file, ["a"], NOW)] == [True]
