"""What goes on from what was there tells, to the digit, what is told by who begins anew, whatever comes in whatever order."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.answers.sample import HELPER, MAIN, NOBODY, OPUS, OTHER, SONNET, asked
from tests.ledger.sample import EVER, LATER, LOG, View, batch

from tallystick.answers import as_json
from tallystick.answers import growth as room
from tallystick.answers.answers import Answers
from tallystick.answers.book import BOOK
from tallystick.answers.daybook import Daybook
from tallystick.answers.foldbook import close_book, open_book
from tallystick.answers.growing import Growing
from tallystick.answers.growth import GROWTH, Growth
from tallystick.answers.pages import Page, pages
from tallystick.answers.parts import KEPT
from tallystick.answers.question import Question, Wish
from tallystick.answers.reports import REPORTS
from tallystick.answers.reports.places import ANY
from tallystick.ledger.ledger import Ledger
from tallystick.ledger.memory import MemoryLedger
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.prices.price_book import PriceBook
from tallystick.usage.event import Variant
from tallystick.usage.period import DAY_MS, SLOT_MS
from tallystick.usage.tokens import Tokens

START = 20_756
"""2026-10-30."""
SPAN = START * 96, (START + 1) * 96
LATE = Variant("openai", "gpt-5.5")
ASKED = tuple(report for report in REPORTS if report.group_by)
WHERE: tuple[dict[str, list[str]], ...] = ({}, {"model": ["*opus*"]}, {"project": ["shop"]}, {"agent": [""]})

type Move = tuple[str, int, int, int, int]
"""What comes (an event, one of another witness, a use of a tool, a prompt), whose, when, how long, how much."""

moves = st.lists(
    st.lists(
        st.tuples(
            st.sampled_from(("event", "event", "event", "again", "use", "prompt")),
            st.integers(0, 3),
            st.builds(
                lambda day, slot, ms: (START + day) * DAY_MS + slot * SLOT_MS + ms,
                st.integers(0, 1),
                st.sampled_from((0, 1, 2, 40, 41, 94, 95)),
                st.sampled_from((0, 1, 450_000, 899_999)),
            ),
            st.sampled_from((0, 1_000, 900_000, 3_600_000)),
            st.sampled_from((1, 150_000, 300_000)),
        ),
        min_size=1,
        max_size=5,
    ),
    min_size=2,
    max_size=6,
)
CONTEXTS = (MAIN, HELPER, OTHER, OTHER._replace(session="s9", machine="desk", user="eve"))
VARIANTS = (OPUS, SONNET, LATE, NOBODY)


@pytest.fixture(autouse=True)
def _closed() -> object:
    yield
    close_book()


def come(ledger: SqliteLedger, step: Sequence[Move], first: int) -> None:
    """Have a step's moves come to a ledger, in one transaction; keys count from `first` on."""
    batches = []
    for number, (what, whose, time, long, much) in enumerate(step):
        context, key = CONTEXTS[whose], first + number
        view = View(key, 0, time, context, VARIANTS[(whose + much) % 4], Tokens(much, 7, 5, 3, 11, 2), work_ms=long)
        if what == "event":
            batches.append(batch(LOG, [view], calls=[(key, key, "Bash", time, time + long, False)]))
        elif what == "again":
            # Of an event that came before, as another source has it.
            batches.append(batch(LATER, [view._replace(key=max(first - 100 + number, 1))]))
        elif what == "use":
            batches.append(
                batch(LOG, [], calls=[(10_000 + key, max(first - 100 + number, 1), "Read", time, time + long, True)])
            )
        elif what == "prompt":
            batches.append(batch(LOG, [], prompts=[(key, time, context, 0)]))
    ledger.add(batches)


def told(ledger: Ledger, book: PriceBook, question: Question) -> str:
    """Return all that is told of a question."""
    answers = Answers(ledger, lambda: book)
    found = answers.ask(question)
    return f"{as_json.report(found)} {found.coverage} {found.days} {answers.machines(question).told()}"


@settings(max_examples=80, deadline=None)
@given(
    moves,
    st.lists(st.sampled_from(ASKED), min_size=2, max_size=3),
    st.sampled_from(WHERE),
    st.sampled_from(("UTC", "Asia/Kolkata")),
)
def test_who_goes_on_tells_what_is_told_by_who_begins(
    book: PriceBook, steps: list[list[Move]], reports: list[object], where: dict[str, list[str]], zone: str
) -> None:
    questions = [asked(report, Wish(where=where), zone) for report in reports]  # type: ignore[arg-type]
    questions.append(asked(ANY, Wish(by="hour,session,machine", where=where), zone))
    with closing(SqliteLedger(":memory:", write=True)) as ledger:
        open_book()
        kept = []
        for number, step in enumerate(steps):
            come(ledger, step, 1 + number * 100)
            kept.append([told(ledger, book, question) for question in questions])
        close_book()
    with closing(SqliteLedger(":memory:", write=True)) as ledger, pytest.MonkeyPatch.context() as patch:
        for number, step in enumerate(steps):
            come(ledger, step, 1 + number * 100)
            patch.setattr(BOOK, "worth", lambda *_: False)
            assert kept[number] == [told(ledger, book, question) for question in questions]


@settings(max_examples=60, deadline=None)
@given(moves)
def test_pages_that_grow_are_the_pages_that_are_made(steps: list[list[Move]]) -> None:
    grown: Daybook[Page] = Daybook(pages, Growing())
    with closing(SqliteLedger(":memory:", write=True)) as ledger:
        for number, step in enumerate(steps):
            come(ledger, step, 1 + number * 100)
            for day, leaf in grown.leaves(ledger).items():
                assert plain(leaf.page) == plain(pages(ledger, day, day + 1)[day])


def plain(page: Page) -> object:
    """Return what a page holds, in an order."""
    return (
        sorted((place, cell.times, cell.begins) for place, cell in page.sheet.cells.every()),
        sorted(page.sheet.through),
        {day: sorted(pieces) for day, pieces in page.strays.items()},
        set(page.contexts),
        page.reach,
        {place: sorted(zip(used.names, used.lengths, strict=True)) for place, used in page.used.items()},
        {place: sorted(used.failed) for place, used in page.used.items()},
        dict(page.prompted),
    )


def state(ledger: Ledger, day: int = START) -> int:
    """Return the state of a day."""
    found: dict[int, int] = dict(ledger.ask("days"))
    return found[day]


def event(key: int, slot: int = 0, tokens: int = 10) -> View:
    """Return an event of a quarter-hour of the first day."""
    return View(key, time=START * DAY_MS + slot * SLOT_MS + key, tokens=Tokens(tokens, 0, 0, 0, 1, 0), work_ms=50)


def test_news_are_what_came_since() -> None:
    with closing(SqliteLedger(":memory:", write=True)) as ledger:
        ledger.add([batch(LOG, [event(1)])])
        before = state(ledger)
        ledger.add([batch(LOG, [event(2), event(3)])])
        between = state(ledger)
        ledger.add([batch(LOG, [event(4, slot=5)])])
        growth = Growth()
        news = growth.news(ledger, SPAN, before)
        assert news is not None
        assert [(row[0] - SPAN[0], row[5], row[6]) for row in news.sums.rows] == [(0, 2, 20), (5, 1, 10)]
        assert [(first % SLOT_MS, last % SLOT_MS, *timed) for first, last, *timed in news.timed] == [
            (2, 3, 2, 100, 2),
            (4, 4, 1, 50, 1),
        ]
        assert news.whole
        later = growth.news(ledger, SPAN, between)
        assert later is not None
        assert [row[0] - SPAN[0] for row in later.sums.rows] == [5]
        # Half a day knows no more than its half.
        half = growth.news(ledger, (SPAN[0], SPAN[0] + 5), before)
        assert half is not None
        assert [row[6] for row in half.sums.rows] == [20]
        assert growth.news(ledger, SPAN, state(ledger)) is None


@pytest.mark.parametrize("at_once", [1, 2, 3])
def test_news_are_the_same_however_many_are_read_at_a_time(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_AT_ONCE", at_once)
    with closing(SqliteLedger(":memory:", write=True)) as ledger:
        ledger.add([batch(LOG, [event(1)])])
        before = state(ledger)
        for events in ([event(2), event(3)], [event(4, slot=5)], [event(5), event(6), event(7, slot=5)]):
            ledger.add([batch(LOG, events)])
        news = Growth().news(ledger, SPAN, before)
        assert news is not None
        assert [(row[0] - SPAN[0], row[5], row[6]) for row in news.sums.rows] == [
            (0, 2, 20),
            (0, 2, 20),
            (5, 1, 10),
            (5, 1, 10),
        ]
        assert [first % SLOT_MS for first, *_ in news.timed] == [2, 5, 4, 7]


@pytest.mark.parametrize("limit", [1, 2])
def test_of_too_much_there_are_no_news(limit: int) -> None:
    with closing(SqliteLedger(":memory:", write=True)) as ledger:
        ledger.add([batch(LOG, [event(1)])])
        before = state(ledger)
        ledger.add([batch(LOG, [event(2), event(3)])])
        assert (Growth(limit).news(ledger, SPAN, before) is None) == (limit == 1)


def test_a_day_of_which_more_changed_has_no_news() -> None:
    with closing(SqliteLedger(":memory:", write=True)) as ledger:
        ledger.add([batch(LOG, [event(1)])])
        before = state(ledger)
        ledger.add([batch(LATER, [event(1, tokens=99)])])
        assert GROWTH.news(ledger, SPAN, before) is None
        # From there on it can go on again.
        before = state(ledger)
        ledger.add([batch(LOG, [event(2)])])
        assert GROWTH.news(ledger, SPAN, before) is not None


def test_a_use_of_an_older_event_is_told_of() -> None:
    with closing(SqliteLedger(":memory:", write=True)) as ledger:
        ledger.add([batch(LOG, [event(1)])])
        before = state(ledger)
        ledger.add([batch(LOG, [event(2)], calls=[(5, 1, "Bash", START * DAY_MS, 0, False)])])
        news = GROWTH.news(ledger, SPAN, before)
        assert news is not None
        assert not news.whole


def test_a_state_before_is_gone_on_from_by_who_still_sees_it(tmp_path: Path, book: PriceBook) -> None:
    path = str(tmp_path / "ledger.db")
    question = asked(ASKED[0], Wish())
    open_book()
    assert KEPT.book is not None
    with closing(SqliteLedger(path, write=True)) as writer:
        writer.add([batch(LOG, [event(1)])])
        with closing(SqliteLedger(path)) as slow, closing(SqliteLedger(path)) as quick:

            def slowly() -> list[str]:
                found = [told(slow, book, question)]
                writer.add([batch(LOG, [event(2)])])
                told(quick, book, question)
                made = KEPT.book.made if KEPT.book else 0
                found.append(told(slow, book, question))
                assert KEPT.book is not None
                assert KEPT.book.made == made
                return found

            first, second = slow.snapshot(slowly)
            assert first == second
            assert told(quick, book, question) != first


def test_an_engine_without_an_account_of_it_is_asked_anew_each_time() -> None:
    ledger = MemoryLedger()
    ledger.add([batch(LOG, [event(1)])])
    before = state(ledger)
    ledger.add([batch(LOG, [event(2)])])
    assert ledger.ask("grown", day=START, state=before, **EVER) == []
    assert GROWTH.news(ledger, SPAN, before) is None
