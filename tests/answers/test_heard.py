"""How old a total is: of which machines that send nothing was heard since, and for how many days."""

import pytest
from tests.answers.fleet import ARRIVALS, BATCHES, DAY, HOUR, arrival
from tests.answers.sample import NOW, asked, book_of

from tallystick.answers.answer import Answer
from tallystick.answers.answers import Answers
from tallystick.answers.as_json import report
from tallystick.answers.heard import ages
from tallystick.answers.question import Wish
from tallystick.answers.reports.times import DAILY
from tallystick.answers.reports.work import BLOCKS
from tallystick.ledger.ledger import Arrival
from tallystick.ledger.memory import MemoryLedger

BOOK = book_of()
ALL = [("tower", NOW - 3 * DAY - HOUR), ("runner", NOW - HOUR // 2), ("laptop", NOW - HOUR // 60)]


def daily(arrivals: tuple[Arrival, ...] = ARRIVALS, since: str = "", until: str = "", **where: list[str]) -> Answer:
    ledger = MemoryLedger()
    ledger.add(BATCHES, arrivals)
    return Answers(ledger, lambda: BOOK).ask(asked(DAILY, Wish(where=where), since=since, until=until))


def days(found: Answer) -> list[tuple[str, int]]:
    return ages(found.coverage, found.question.period, found.question.now)


def test_an_answer_tells_when_each_machine_was_heard_of_last() -> None:
    assert list(daily().coverage.heard) == ALL
    assert days(daily()) == [("tower", 3)]


def test_blocks_tell_it_too() -> None:
    ledger = MemoryLedger()
    ledger.add(BATCHES, ARRIVALS)
    assert list(Answers(ledger, lambda: BOOK).ask(asked(BLOCKS)).coverage.heard) == ALL


def test_filters_by_machine_and_user_hold() -> None:
    assert [name for name, _ in daily(machine=["lap*"]).coverage.heard] == ["laptop"]
    # The laptop was paired for nobody: its work tells whose it is.
    assert [name for name, _ in daily(user=["grace"]).coverage.heard] == ["laptop"]
    assert [name for name, _ in daily(user=["ada"]).coverage.heard] == ["tower"]
    # Whether another tool was used there since, nobody knows.
    assert [name for name, _ in daily(tool=["codex"]).coverage.heard] == ["tower", "runner", "laptop"]


def test_a_period_that_was_over_before_lacks_nothing() -> None:
    # The tower was heard of last on 19 November, in the morning.
    assert days(daily(until="2026-11-18")) == []
    assert days(daily(until="2026-11-19")) == [("tower", 3)]
    assert days(daily(since="today")) == [("tower", 3)]


@pytest.mark.parametrize("ago, told", [(DAY, []), (DAY + 1, [("far", 1)]), (2 * DAY, [("far", 2)])])
def test_a_day_of_silence_is_none(ago: int, told: list[tuple[str, int]]) -> None:
    assert days(daily((arrival("far", ago),))) == told


def test_a_machine_of_long_ago_is_missed_only_where_the_period_has_something_of_it() -> None:
    gone = (arrival("far", 40 * DAY),)
    assert days(daily(gone, since="30d")) == []
    assert days(daily(gone, since="60d")) == [("far", 40)]
    assert days(daily((arrival("far", 30 * DAY),), since="today")) == [("far", 30)]


def test_machines_of_one_name_are_as_young_as_the_youngest() -> None:
    both = (arrival("a", 9 * DAY, name="desk"), arrival("b", HOUR, name="desk"))
    assert list(daily(both).coverage.heard) == [("desk", NOW - HOUR)]


def test_the_json_of_a_report_tells_twenty_and_how_many_more() -> None:
    assert '"machines"' not in report(daily(()))
    told = '"machines": [{"machine": "tower", "last_seen": "2026-11-19T03:19:42.597Z"}, {"machine": "runner", '
    assert told in report(daily())
    assert '"machines_left_off": 0' in report(daily())
    many = report(daily(tuple(arrival(f"m{n:02}", n) for n in range(23))))
    # Those that were not heard of for longest.
    assert [f'"m{n:02}"' in many for n in range(23)] == [False] * 3 + [True] * 20
    assert '"machines_left_off": 3' in many


def test_an_answer_that_was_kept_is_as_old_as_whoever_asks_finds_it() -> None:
    from tallystick.answers.shared import Shared

    ledger = MemoryLedger()
    ledger.add(BATCHES, ARRIVALS)
    answers = Answers(ledger, lambda: BOOK)
    answers.share(Shared())
    assert days(answers.ask(asked(DAILY))) == [("tower", 3)]
    later = asked(DAILY)._replace(now=NOW + DAY)
    assert days(answers.ask(later)) == [("tower", 4), ("runner", 1), ("laptop", 1)]
