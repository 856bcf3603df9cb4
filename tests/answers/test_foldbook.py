"""The foldbook: the same answers, to the digit, whatever is kept of which days, and only days that changed are folded anew."""

from collections.abc import Iterator, Sequence
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.answers.sample import CLI, HELPER, MAIN, NOBODY, OPUS, OTHER, SONNET, asked
from tests.ledger.sample import LOG, View, batch

from tallystick.answers import as_json
from tallystick.answers.answers import Answers
from tallystick.answers.foldbook import Foldbook, close_book, open_book
from tallystick.answers.parts import KEPT
from tallystick.answers.question import Question, Wish
from tallystick.answers.reports import REPORTS
from tallystick.answers.reports.places import ANY, PROJECTS
from tallystick.answers.reports.times import ACTIVITY, DAILY, MONTHLY
from tallystick.ledger.ledger import Ledger
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.prices.price_book import PriceBook
from tallystick.usage.event import Context, Variant
from tallystick.usage.period import DAY_MS, SLOT_MS, Zone
from tallystick.usage.tokens import Tokens

START = 20_756
"""2026-10-30: clocks in New York go back on the second of the three days that follow."""
LATE = Variant("anthropic", "claude-opus-4-8")
WHERE: tuple[dict[str, list[str]], ...] = (
    {},
    {"model": ["*opus*"]},
    {"project": ["shop"]},
    {"agent": [""], "tier": ["standard"]},
)
BY = ("", "hour,project", "week,machine,tier", "month,session", "user,day")
ASKED = [report for report in REPORTS if report.group_by]

type Told = tuple[int, Context, Variant, int]
"""Moment, context, variant and uncached input of an event."""

moments = st.builds(
    lambda day, part, ms: (START + day) * DAY_MS + part * SLOT_MS + ms,
    st.integers(0, 4),
    # Near the midnights of all zones that are asked about.
    st.sampled_from((0, 1, 16, 19, 20, 73, 74, 91, 92, 95)),
    st.sampled_from((0, 450_000, 899_999)),
)
views = st.lists(
    st.tuples(
        moments,
        st.sampled_from((MAIN, HELPER, OTHER, CLI)),
        st.sampled_from((OPUS, SONNET, LATE, NOBODY)),
        st.sampled_from((1, 150_000, 250_000)),
    ),
    min_size=1,
    max_size=8,
)


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    close_book()


def ledger_with(*parts: Sequence[Told]) -> SqliteLedger:
    """Return a ledger that holds events."""
    ledger = SqliteLedger(":memory:", write=True)
    for part in parts:
        add(ledger, part)
    return ledger


def add(ledger: SqliteLedger, part: Sequence[Told], first: int = 0) -> None:
    """Add events, numbered from `first` on."""
    ledger.add(
        [
            batch(
                LOG,
                [
                    View(
                        first + number,
                        time=time,
                        context=context,
                        variant=variant,
                        tokens=Tokens(size, 7, 5, 3, 11, 2),
                        work_ms=60_000,
                    )
                ],
            )
            for number, (time, context, variant, size) in enumerate(part)
        ]
    )


def told(ledger: Ledger, book: PriceBook, question: Question) -> str:
    """Return all that is told of a question."""
    found = Answers(ledger, lambda: book).ask(question)
    return f"{as_json.report(found)} {found.coverage} {found.days}"


questions = st.builds(
    lambda report, by, where, zone, since, until: asked(
        ANY if by else report, Wish(by=by, where=where), zone, since, until
    ),
    st.sampled_from(ASKED),
    st.sampled_from(BY),
    st.sampled_from(WHERE),
    st.sampled_from(("UTC", "Asia/Kolkata", "America/New_York")),
    st.sampled_from(("", "2026-10-31", "2026-11-01")),
    st.sampled_from(("", "2026-11-01")),
)


@settings(max_examples=100, deadline=None)
@given(views, views, questions)
def test_days_that_are_kept_tell_what_all_of_them_tell(
    book: PriceBook, seen: Sequence[Told], more: Sequence[Told], question: Question
) -> None:
    with closing(ledger_with(seen)) as ledger:
        close_book()
        plain = told(ledger, book, question)
        open_book()
        assert [told(ledger, book, question) for _ in range(2)] == [plain] * 2
        add(ledger, more, 100)
        kept = told(ledger, book, question)
        close_book()
        assert kept == told(ledger, book, question)


def test_only_days_that_changed_are_folded_anew(book: PriceBook) -> None:
    days = [((START + day) * DAY_MS, MAIN, OPUS, 5) for day in range(4)]
    with closing(ledger_with(days)) as ledger:
        KEPT.book = kept = Foldbook()
        daily, projects = (asked(report, Wish()) for report in (DAILY, PROJECTS))
        told(ledger, book, daily)
        assert kept.made == 4
        told(ledger, book, daily)
        assert kept.made == 4
        add(ledger, [(START * DAY_MS + 5, OTHER, SONNET, 5), ((START + 9) * DAY_MS, OTHER, SONNET, 5)], 10)
        told(ledger, book, daily)
        # The first day only grew, and goes on from what it was.
        assert kept.made == 5
        told(ledger, book, projects)
        assert kept.made == 10
        # Another zone, and another period, are folded by themselves; a period within shares its whole days.
        told(ledger, book, asked(DAILY, Wish(), "Asia/Tokyo"))
        assert kept.made == 15
        told(ledger, book, asked(DAILY, Wish(), "UTC", "2026-11-01"))
        assert kept.made == 15


def test_beyond_some_room_what_was_asked_for_longest_ago_is_let_go(book: PriceBook) -> None:
    days = [((START + day) * DAY_MS, MAIN, OPUS, 5) for day in range(3)]
    with closing(ledger_with(days)) as ledger:
        # Some 300 bytes a day: there is room for two of three kinds; of packed sums and of trunks only the last ones are kept.
        KEPT.book = kept = Foldbook(room_most=2_000, rows_most=0, bytes_most=1)
        for report, made in ((DAILY, 3), (PROJECTS, 6), (DAILY, 6), (MONTHLY, 9), (DAILY, 9), (PROJECTS, 12)):
            told(ledger, book, asked(report, Wish()))
            assert (report.name, kept.made) == (report.name, made)


def test_sums_that_do_not_tell_what_they_cost_are_not_used() -> None:
    class Noon:
        """A book in which everything costs 1 before noon of the first day, and 3 after it."""

        version = "noon"

        def thresholds(self, _: Variant) -> tuple[int, ...]:
            return ()

        def quote(self, _variant: Variant, _prompt: int, time: int) -> object:
            from tallystick.prices.price_book import Quote
            from tallystick.usage.period import END

            noon = START * DAY_MS + DAY_MS // 2
            rate, since, until = (1, 0, noon) if time < noon else (3, noon, END)
            return Quote(rate, rate, rate, rate, rate, rate, 0, since, until)

    seen = [(START * DAY_MS + hour * 3_600_000, MAIN, OPUS, 72) for hour in (11, 13)]
    with closing(ledger_with(seen)) as ledger:
        open_book()
        # 72 + 7 + 5 + 3 + 11 tokens: once at 1, once at 3.
        found = Answers(ledger, Noon).ask(asked(DAILY, Wish()))  # type: ignore[arg-type]
        assert found.totals.priced_pico == 98 * 4


def test_activity_counts_each_session_of_a_day_once(book: PriceBook) -> None:
    seen = [(START * DAY_MS + minutes * 60_000, context, OPUS, 5) for minutes in (5, 25) for context in (MAIN, OTHER)]
    with closing(ledger_with(seen)) as ledger:
        open_book()
        found = Answers(ledger, lambda: book).ask(asked(ACTIVITY, Wish()))
        assert [row.details["sessions"] for row in found.rows if row.details] == [2]


def test_sums_outlive_a_run(book: PriceBook) -> None:
    days = [((START + day) * DAY_MS + 7, MAIN, OPUS, 5) for day in range(3)]
    zone = Zone("Asia/Tokyo")
    with closing(ledger_with(days)) as ledger:
        first = Foldbook()
        assert (first.prepare(ledger, zone), first.prepare(ledger, zone)) == (3, 0)
        KEPT.book = again = Foldbook()
        again.lay_ready(first.at_hand())
        assert again.prepare(ledger, zone) == 0
        kept = told(ledger, book, asked(PROJECTS, Wish(), "Asia/Tokyo"))
        close_book()
        assert kept == told(ledger, book, asked(PROJECTS, Wish(), "Asia/Tokyo"))
        add(ledger, [(START * DAY_MS + 5, OTHER, SONNET, 5)], 10)
        # What is there already is not replaced by what was laid ready later.
        assert again.prepare(ledger, zone) == 1
        again.lay_ready(first.at_hand())
        assert (again.prepare(ledger, zone), again.prepare(ledger, Zone())) == (0, 3)
