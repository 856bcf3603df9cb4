"""Every report and every page: the same of one month's work on ClickHouse as in a file, to the last token and nano-dollar."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, NamedTuple

import pytest
from tests.answers.sample import NOW, book_of
from tests.ledger.engines import ENGINES

from tallystick.answers.answers import Answers
from tallystick.answers.question import Question, Wish, question
from tallystick.answers.report import KEYS
from tallystick.answers.reports import REPORTS
from tallystick.answers.reports.places import ANY
from tallystick.intake.demo import batches
from tallystick.ledger.ledger import Ledger
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.usage.period import Zone, period

BERLIN = Zone("Europe/Berlin")
MONTH = period(BERLIN, NOW, "30d")


class Pair(NamedTuple):
    """Answers of two engines that were told the same, in another order."""

    here: Answers
    there: Answers


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    """Return answers from a file and from ClickHouse."""
    if "clickhouse" not in ENGINES:
        pytest.skip("chdb is not installed: make engine")
    told = list(batches(NOW))
    with closing(SqliteLedger(":memory:", write=True)) as here, closing(ENGINES["clickhouse"]()) as there:
        here.add(told)
        # The later half first, and a part of it twice.
        for part in (told[len(told) // 2 :], told[: len(told) * 2 // 3]):
            there.add(part)
        yield Pair(_answers(here), _answers(there))


def _answers(ledger: Ledger) -> Answers:
    return Answers(ledger, book_of, "demo")


def asked(by: str = "day") -> Question:
    return question(ANY, MONTH, Wish(by), NOW)


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.name)
def test_reports(pair: Pair, report: Any) -> None:  # noqa: ANN401  a report
    for prices in (True, False):
        put = question(report, MONTH, Wish("" if report.group_by else "day,model", prices=prices), NOW)
        here = pair.here.ask(put)
        assert here.rows
        assert here == pair.there.ask(put)


@pytest.mark.parametrize("key", KEYS)
def test_sums_by_every_key(pair: Pair, key: str) -> None:
    assert pair.here.ask(asked(key)) == pair.there.ask(asked(key))


def without_numbers(told: str) -> str:
    """Return a text without the numbers of events, which each ledger has of its own."""
    return re.sub(r"\b(number|event)=\d+", "", told)


PAGES: dict[str, Callable[[Answers], Any]] = {
    "why": lambda answers: answers.why(asked()),
    "overview": lambda answers: answers.overview(BERLIN, NOW),
    "session": lambda answers: answers.session("demo-0-now", BERLIN),
    "punchcard": lambda answers: answers.punchcard(asked()),
    "calls": lambda answers: answers.calls(asked()),
    "compare": lambda answers: answers.compare(asked()),
    "year": lambda answers: answers.year(asked(), 2026),
    "energy": lambda answers: answers.energy(asked()),
    "limits": lambda answers: answers.limits(NOW),
    "history": lambda answers: answers.limits_history(0, NOW + 1),
    "live": lambda answers: answers.live(asked()),
    "shares": lambda answers: answers.shares(MONTH),
    "machines": lambda answers: answers.machines(asked()),
    "receivers": lambda answers: answers.receivers(NOW),
    "tools": lambda answers: answers.tools(NOW),
}


@pytest.mark.parametrize("page", PAGES)
def test_pages(pair: Pair, page: str) -> None:
    here, there = (PAGES[page](answers) for answers in pair)
    assert without_numbers(repr(here)) == without_numbers(repr(there))


def test_names(pair: Pair) -> None:
    # Among equals, those of a file come first that came last.
    here, there = (answers.names(("project", "session", "model")) for answers in pair)
    assert {key: sorted(found) for key, found in here.items()} == {key: sorted(found) for key, found in there.items()}


def test_single_events(pair: Pair) -> None:
    here, there = (answers.events(asked()) for answers in pair)
    assert [event._replace(number=0) for event in here.events] == [event._replace(number=0) for event in there.events]
    assert len(here.events) > 20
