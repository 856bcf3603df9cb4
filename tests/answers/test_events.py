"""Pages of events: each event on one page, in order, whatever the size of a page, the filters and the direction."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.answers.sample import EVENTS, MAIN, NOW, OPUS, OTHER, asked, at, book_of, ledger_of

from tallystick.answers.as_json import document
from tallystick.answers.events import MOST, event, events
from tallystick.answers.question import Question, Wish
from tallystick.answers.reports.places import ANY
from tallystick.errors import Misused, NotFound
from tallystick.intake.packing import pack
from tallystick.ledger.ledger import Ledger, Source
from tallystick.ledger.memory import MemoryLedger
from tallystick.prices.price_book import PriceBook
from tallystick.tools.tool import Found
from tallystick.usage.event import CUT_OFF, UsageEvent
from tallystick.usage.hours import Hours
from tallystick.usage.period import Zone, period
from tallystick.usage.tokens import Tokens

BOOK = book_of()


def walked(ledger: Ledger, question: Question, *, newest_first: bool) -> list[int]:
    """Return the input tokens of all events, page after page."""
    found, after = [], ""
    while True:
        page = events(ledger, None, question, after, newest_first=newest_first)
        found += [each.tokens.input for each in page.events]
        assert page.after != after or not after
        after = page.after
        if not after:
            return found


def told(wish: Wish = Wish(limit=2), **more: str) -> Question:  # noqa: B008
    """Return a question for pages."""
    return asked(ANY, wish._replace(by="day"), **more)


def test_pages_go_on_where_the_one_before_ended() -> None:
    newest = [7, 1_000, 1_000, 100, 1_000, 1_000]
    assert walked(ledger_of(), told(), newest_first=True) == newest
    assert walked(ledger_of(), told(), newest_first=False) == newest[::-1]
    first = events(ledger_of(), None, told())
    assert [each.time for each in first.events] == [EVENTS[5].time, EVENTS[4].time]
    assert first.after == f"{EVENTS[4].time}.{first.events[1].number}"


def test_the_last_page_says_so() -> None:
    assert events(ledger_of(), None, told(Wish(limit=6))).after == ""
    assert events(ledger_of(), None, told(Wish(limit=5))).after != ""
    assert len(events(ledger_of(), None, told(Wish())).events) == 6


def test_filters_and_periods() -> None:
    where = {"model": ["*opus*"], "tool": ["claude-code"]}
    assert walked(ledger_of(), told(Wish(where=where, limit=1)), newest_first=True) == [1_000] * 3
    assert walked(ledger_of(), told(since="2026-11-02"), newest_first=True) == [7, 1_000]
    # 23:30 UTC is the next day in Berlin.
    assert walked(ledger_of(), told(zone="Europe/Berlin", until="2026-11-01"), newest_first=False) == [
        1_000,
        1_000,
        100,
    ]
    assert walked(ledger_of(), told(Wish(where={"session": ["nobody"]}, limit=2)), newest_first=True) == []
    assert walked(ledger_of((), (), (), ()), told(), newest_first=True) == []


MOMENTS = st.lists(st.sampled_from([0, 1, 899_999, 900_000, 86_400_000, 5 * 86_400_000, 10**10]), max_size=12)


@given(MOMENTS, st.integers(1, 4), st.booleans(), st.booleans())
def test_every_event_that_fits_is_on_one_page(
    moments: list[int],
    size: int,
    newest_first: bool,  # noqa: FBT001  drawn
    filtered: bool,  # noqa: FBT001  drawn
) -> None:
    # Several at the same moment are told apart by their numbers.
    made = [
        UsageEvent(10 + number, 0, moment, OPUS, Tokens(number), OTHER if number % 3 else MAIN)
        for number, moment in enumerate(moments)
    ]
    found = Found()
    found.events += made
    ledger = MemoryLedger()
    ledger.add([pack(found, Source("/home/dev/log", "claude-code"), fresh=True, machine="box", user="dev")])
    wish = Wish(where={"session": ["s2"]} if filtered else {}, limit=size)
    wanted = [each for each in made if not filtered or each.context is OTHER]
    walk = walked(ledger, told(wish), newest_first=newest_first)
    assert sorted(walk) == sorted(each.tokens.input for each in wanted)
    times = [made[number].time for number in walk]
    assert times == sorted(times, reverse=newest_first)


@pytest.mark.parametrize("limit", [0, MOST + 1])
def test_a_page_has_a_size(limit: int) -> None:
    with pytest.raises(Misused, match="size of a page"):
        events(ledger_of(), None, told(Wish(limit=limit)))


@pytest.mark.parametrize("after", ["x", "1", "1.", ".1", "1.2.3", f"{2**70}.1", "1.x"])
def test_a_place_is_one_that_a_page_told(after: str) -> None:
    with pytest.raises(Misused, match="no place among the events"):
        events(ledger_of(), None, told(), after)


def test_costs_add_up_to_those_of_the_report(book: PriceBook) -> None:
    page = events(ledger_of(), book, told(Wish()))
    # 3 x 0.285 + 0.0063 + 0.01 + 0.0049
    assert sum(each.cost or 0 for each in page.events) == 8_762 * 10**8
    assert all(each.cost is None for each in events(ledger_of(), book, told(Wish(prices=False))).events)
    assert '"schema": "tallystick.events/1"' in document(page)
    assert page.told()["order"] == "desc"


def test_one_event_with_all_its_sightings(book: PriceBook) -> None:
    ledger = MemoryLedger()
    for path, witness, output in (("/home/dev/a", "log", 5), ("/home/dev/b", "push", 3)):
        found = Found()
        grade = CUT_OFF if witness == "push" else 3
        found.events.append(
            UsageEvent(1, 0, at("2026-11-01T10:00"), OPUS, Tokens(output=output), MAIN, grade, offset=9)
        )
        source = Source(path, "claude-code", witness)
        ledger.add([pack(found, source, fresh=True, machine="box", user="dev")])
    found_one = event(ledger, book, 1)
    assert found_one.event.path == "/home/dev/a"
    assert found_one.event.views == 2
    (other,) = found_one.sightings
    assert (other.path, other.place, other.witness, other.grade) == ("/home/dev/b", 9, "push", "cut off")
    assert found_one.event.witnesses == ("log", "push")
    assert other.tokens == Tokens(output=3)
    told_of = found_one.told()
    assert told_of["others"][0]["state"] == "cut off"
    # 5 x 75 millionths
    assert told_of["event"]["cost_usd"] == 375 * 10**6


def test_each_event_of_a_page_names_all_who_saw_it() -> None:
    ledger = MemoryLedger()
    for path, witness, keys in (
        ("/spool/a", "wire", (1, 2)),
        ("/home/dev/a", "log", (1, 3)),
        ("/home/dev/b", "log", (1,)),
    ):
        found = Found()
        found.events += [
            UsageEvent(key, 0, at("2026-11-01T10:00"), OPUS, Tokens(output=5), MAIN, offset=key) for key in keys
        ]
        ledger.add([pack(found, Source(path, "claude-code", witness), fresh=True, machine="box", user="dev")])
    page = events(ledger, None, told(Wish(limit=5)))
    assert sorted(each.witnesses for each in page.events) == [("log",), ("wire",), ("wire", "log")]
    listed = page.told()["events"]
    assert isinstance(listed, list)
    assert sorted(each["witnesses"] for each in listed) == [["log"], ["wire"], ["wire", "log"]]


@pytest.mark.parametrize("number", [0, 7, -1, 2**80])
def test_an_event_that_is_not_there(book: PriceBook, number: int) -> None:
    with pytest.raises(NotFound, match="no event"):
        event(ledger_of(), book, number)


def test_the_moment_of_asking_changes_nothing() -> None:
    assert told().now == NOW
    assert walked(ledger_of(), told()._replace(now=0), newest_first=True)[0] == 7


def test_a_period_may_begin_and_end_within_a_day() -> None:
    def inputs(since: str, until: str) -> list[int]:
        span = period(Zone("Europe/Berlin"), NOW, since, until, moments=True)
        question = told()._replace(period=span)
        return walked(ledger_of(), question, newest_first=False)

    # 10:00:05, 10:01:00 and 10:20:00 UTC are an hour later there; the end is excluded, whatever the quarter-hour.
    assert inputs("2026-11-01T11:00:05", "2026-11-01T11:20") == [1_000, 1_000]
    assert inputs("2026-11-01T11:01", "2026-11-01T11:20:00.001") == [1_000, 100]
    assert inputs("2026-11-01T11:01:00.001", "2026-11-01T11:20") == []


@pytest.mark.parametrize("newest_first", [True, False])
def test_only_some_hours_of_the_week(*, newest_first: bool) -> None:
    def inputs(hours: Hours, zone: str) -> list[int]:
        question = told(Wish(limit=1), zone=zone)._replace(hours=hours)
        return sorted(walked(ledger_of(), question, newest_first=newest_first))

    assert inputs(Hours("sun", 10), "UTC") == [100, 1_000, 1_000]
    assert inputs(Hours("mon"), "UTC") == [7, 1_000]
    # 5:45 ahead: 10:00:05 and 10:01 are before four, 10:20 after it, and 23:30 is Monday's 5:15.
    assert inputs(Hours("sun", 15), "Asia/Kathmandu") == [1_000, 1_000]
    assert inputs(Hours(hour=16), "Asia/Kathmandu") == [100]
    assert inputs(Hours("mon", 5), "Asia/Kathmandu") == [1_000]
    assert inputs(Hours("tue"), "UTC") == []
