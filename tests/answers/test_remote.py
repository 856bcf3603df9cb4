"""Answers of a server are those of the ledger behind it: every one of them, in two zones, with filters."""

import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from tests.answers.sample import NOW, asked
from tests.answers.stand import answers
from tests.faces.http.live import Live, serving

from tallystick.answers.answers import Answers
from tallystick.answers.exact import packed
from tallystick.answers.question import Question, Wish
from tallystick.answers.reaching import Reach
from tallystick.answers.remote import Remote
from tallystick.answers.reports import REPORTS
from tallystick.answers.reports.places import ANY
from tallystick.errors import Misused, NotFound, Unavailable
from tallystick.usage.hours import hours
from tallystick.usage.period import Zone

ZONES = ("America/Los_Angeles", "Asia/Kolkata")
FILTERS: tuple[dict[str, list[str]], ...] = ({}, {"project": ["shop"], "model": ["claude-*"]}, {"machine": ["laptop"]})
type Source = Answers | Remote

LOOKS: dict[str, Callable[[Source, Question], object]] = {
    "why": lambda source, question: source.why(question),
    "overview": lambda source, question: source.overview(question.period.zone, question.now),
    "events": lambda source, question: source.events(question, newest_first=False),
    "event": lambda source, _: source.event(3),
    "session": lambda source, question: source.session("s1", question.period.zone),
    "punchcard": lambda source, question: source.punchcard(question),
    "calls": lambda source, question: source.calls(question),
    "compare": lambda source, question: source.compare(question, weekdays=True),
    "year": lambda source, question: source.year(question, 2026),
    "the last year": lambda source, question: source.year(question),
    "energy": lambda source, question: source.energy(question),
    "limits": lambda source, question: source.limits(question.now),
    "points of a session": lambda source, question: source.points("s1", question.now),
    "history of limits": lambda source, question: source.limits_history(0, question.now, "openai", "codex:300"),
    "live": lambda source, question: source.live(question),
    "machines": lambda source, question: source.machines(question),
}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Return a server before the sample's ledger."""
    with serving(tmp_path_factory.mktemp("remote")) as made:
        yield made


@pytest.fixture
def there(live: Live) -> Remote:
    """Return what answers from the server."""
    return Remote(Reach(f"http://127.0.0.1:{live.port}"))


@pytest.fixture
def here(live: Live) -> Iterator[Answers]:
    """Return what answers from its ledger."""
    with closing(answers(live.ledger)) as found:
        yield found


def same(one: object, other: object) -> None:
    """Assert that two answers are the same, in the kinds of their values too."""
    assert packed(one, "") == packed(other, "")
    assert one == other


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.name)
def test_each_report_is_the_same_there(here: Answers, there: Remote, report: Any, zone: str) -> None:  # noqa: ANN401
    for where in FILTERS:
        question = asked(report, Wish("" if report.group_by else "day,model", where), zone)
        same(there.ask(question), here.ask(question))
        assert there.ask(question).question is question


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("name", LOOKS)
def test_each_closer_look_is_the_same_there(here: Answers, there: Remote, name: str, zone: str) -> None:
    for where in FILTERS:
        question = asked(ANY, Wish("day", where), zone, "2026-11-01", "2026-11-20")
        same(LOOKS[name](there, question), LOOKS[name](here, question))


def test_pages_go_on_where_the_one_before_ended(here: Answers, there: Remote) -> None:
    question = asked(ANY, Wish("day", limit=2))._replace(hours=hours("sun"))
    first = there.events(question)
    assert first.after
    same(there.events(question, first.after), here.events(question, first.after))
    assert [event.number for event in there.events(question, first.after).events] != [
        event.number for event in first.events
    ]


def test_what_is_not_there_is_not_found(there: Remote) -> None:
    with pytest.raises(NotFound, match="no event 99"):
        there.event(99)
    with pytest.raises(NotFound, match="nope"):
        there.session("nope", Zone())


def test_what_cannot_be_asked_is_misused(there: Remote) -> None:
    with pytest.raises(Misused, match="first day"):
        there.compare(asked(ANY, Wish("day")))
    with pytest.raises(Misused, match="1 to 1000"):
        there.why(asked(ANY, Wish("day", limit=0)))
    with pytest.raises(Misused, match="no size of a page"):
        there.events(asked(ANY, Wish("day", limit=501)))


def test_names_that_addresses_have_to_quote_arrive_as_they_are(here: Answers, there: Remote) -> None:
    for odd in ("a&b=c#d%41+ ünï\n", "☃" * 200, '"\\'):
        question = asked(ANY, Wish("day", {"project": [odd], "session": ["s*"]}), "UTC")
        same(there.ask(question), here.ask(question))
        with pytest.raises(NotFound):
            there.session(odd, Zone())


def test_a_server_that_still_reads_is_heard(live: Live) -> None:
    heard: list[float] = []
    remote = Remote(Reach(f"http://127.0.0.1:{live.port}"), heard.append)
    question = asked(ANY, Wish("day"))
    remote.ask(question)
    assert heard == []
    live.desk.tell(importing=0.25)
    try:
        remote.ask(question)
    finally:
        live.desk.tell(importing=None)
    assert heard == [0.25]


def test_an_answer_to_something_else_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tallystick.answers.remote.fetched", lambda *_: packed(Zone(), "1.0"))
    with pytest.raises(Unavailable, match=r"another question.*same version"):
        Remote(Reach("http://127.0.0.1:9")).ask(asked(ANY, Wish("day")))
    monkeypatch.setattr("tallystick.answers.remote.fetched", lambda *_: '{"schema": "tallystick.exact/2"}')
    with pytest.raises(Unavailable, match=r"tallystick.exact/2.*same version"):
        Remote(Reach("http://127.0.0.1:9")).overview(Zone(), NOW)


def test_nobody_there_is_told() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        with pytest.raises(Unavailable, match="cannot be reached"):
            Remote(Reach(f"http://127.0.0.1:{bound.getsockname()[1]}")).overview(Zone(), NOW)
