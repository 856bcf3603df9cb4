"""What is told of sessions from parts of days that are kept: the same as from the whole ledger, whatever comes."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.answers.sample import CLI, HELPER, MAIN, OPUS, OTHER, SONNET, asked
from tests.ledger.sample import LOG, View, batch

from tallystick.answers import as_json
from tallystick.answers.answers import Answers
from tallystick.answers.foldbook import close_book, open_book
from tallystick.answers.parts import KEPT
from tallystick.answers.question import Question, Wish
from tallystick.answers.reports.work import SESSIONS
from tallystick.answers.stories import Kept
from tallystick.ledger.ledger import Batch, Ledger
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.prices.price_book import PriceBook
from tallystick.usage.event import Context
from tallystick.usage.period import DAY_MS, SLOT_MS
from tallystick.usage.tokens import Tokens

START = 20_756
"""2026-10-30: clocks in New York go back on the second of the three days that follow."""
HOUR = 3_600_000
CONTEXTS = (
    MAIN,
    HELPER,
    MAIN._replace(branch="fix"),
    OTHER,
    OTHER._replace(agent="a2"),
    CLI,
    CLI._replace(session="s5"),
)
WHERE: tuple[dict[str, list[str]], ...] = (
    {},
    {"model": ["*opus*"]},
    {"agent": [""]},
    {"branch": ["main"]},
    {"session": ["s1", "s5"]},
    {"tool": ["codex"]},
)
ORDERS = ("", "last:asc", "first", "first:desc", "total:asc", "session:desc", "branch", "prompts:desc", "tool_calls")

moments = st.builds(
    lambda day, part, ms: (START + day) * DAY_MS + part * SLOT_MS + ms,
    st.integers(0, 3),
    # Near the midnights of all zones that are asked about.
    st.sampled_from((0, 1, 16, 19, 20, 73, 74, 91, 92, 95)),
    st.sampled_from((0, 450_000, 899_999)),
)
lengths = st.sampled_from((0, 1, 4_000, 900_000, 2 * HOUR, DAY_MS + HOUR))
events = st.lists(
    st.tuples(moments, st.sampled_from(CONTEXTS), lengths, st.sampled_from((OPUS, SONNET))), min_size=1, max_size=7
)
uses = st.lists(st.tuples(st.integers(0, 9), moments, lengths), max_size=5)
prompts = st.lists(st.tuples(moments, st.sampled_from(CONTEXTS)), max_size=4)
parts = st.tuples(events, uses, prompts)
questions = st.builds(
    lambda where, order, limit, zone, since, until: asked(
        SESSIONS, Wish(where=where, order=order, limit=limit), zone, since, until
    ),
    st.sampled_from(WHERE),
    st.sampled_from(ORDERS),
    st.sampled_from((None, 0, 1, 2)),
    st.sampled_from(("UTC", "Asia/Kolkata", "America/New_York")),
    st.sampled_from(("", "2026-10-31", "2026-11-01")),
    st.sampled_from(("", "2026-11-01")),
)

type Came = tuple[Sequence[Any], Sequence[tuple[int, int, int]], Sequence[tuple[int, Context]]]
"""Events, uses of tools and prompts."""


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    close_book()


def packed(came: Came, first: int = 1) -> Batch:
    """Return a batch of what has come, numbered from `first` on; uses may be asked for by what came before."""
    seen, ran, said = came
    views = [
        View(first + number, time=time, context=context, variant=variant, tokens=Tokens(number, 7), work_ms=length)
        for number, (time, context, length, variant) in enumerate(seen)
    ]
    last = first + len(views) - 1
    calls = [
        (first * 10 + number, min(1 + event, last), "Bash", begin, begin + length if length else 0, False)
        for number, (event, begin, length) in enumerate(ran)
    ]
    return batch(LOG, views, calls=calls, prompts=[(first * 10 + n, *each, 0) for n, each in enumerate(said)])


def told(ledger: Ledger, book: PriceBook, question: Question) -> str:
    """Return all that is told of a question."""
    return as_json.report(Answers(ledger, lambda: book).ask(question))


@settings(max_examples=40, deadline=None)
@given(parts, parts, questions, questions)
def test_days_that_are_kept_tell_what_the_ledger_tells(
    book: PriceBook, seen: Came, more: Came, question: Question, other: Question
) -> None:
    with closing(SqliteLedger(":memory:", write=True)) as ledger:
        kept = []
        open_book()
        for batches in ([packed(seen)], [packed(more, 100)], [packed(seen, 200), packed(more, 300)]):
            ledger.add(batches)
            kept += [told(ledger, book, each) for each in (question, other, question)]
        keeper, KEPT.book = KEPT.book, None
        assert kept[-3:] == [told(ledger, book, each) for each in (question, other, question)]
        KEPT.book = keeper
        assert kept[-3:] == [told(ledger, book, each) for each in (question, other, question)]


def test_only_days_that_changed_are_worked_out_anew(book: PriceBook) -> None:
    seen = [(START * DAY_MS + day * DAY_MS, MAIN._replace(session=f"s{day}"), 5, OPUS) for day in range(4)]
    question = asked(SESSIONS)
    with closing(SqliteLedger(":memory:", write=True)) as ledger:
        ledger.add([packed((seen, (), ()))])
        open_book()
        keeper = KEPT.book
        assert keeper is not None
        told(ledger, book, question)
        # Of each day its sums, when its sessions were at work, what they asked for, and what of that began on another day.
        assert keeper.made == 16
        ledger.add([packed(([((START + 1) * DAY_MS + HOUR, OTHER, 5, OPUS)], (), ()), 100)])
        told(ledger, book, question)
        # A day that only grew goes on from what it was.
        assert keeper.made == 16
        # Filters by model leave what is told as it is, and other orders and limits everything.
        told(ledger, book, asked(SESSIONS, Wish(where={"model": ["*sonnet*"]}, limit=1, order="first")))
        assert keeper.made == 20


def test_with_a_limit_only_what_is_shown_is_gathered(book: PriceBook, monkeypatch: pytest.MonkeyPatch) -> None:
    gathered: list[list[str]] = []
    stories = Kept.stories

    def counted(kept: Kept, sessions: Sequence[str]) -> object:
        gathered.append(list(sessions))
        return stories(kept, sessions)

    monkeypatch.setattr(Kept, "stories", counted)
    seen = [(START * DAY_MS + day * DAY_MS, MAIN._replace(session=f"s{day}"), 5, OPUS) for day in range(4)]
    with closing(SqliteLedger(":memory:", write=True)) as ledger:
        ledger.add([packed((seen, (), ()))])
        open_book()
        for order, shown in (
            ("", ["s3", "s2"]),
            ("first", ["s0", "s1"]),
            ("cost", ["s3", "s2"]),
            ("session", ["s0", "s1"]),
        ):
            found = Answers(ledger, lambda: book).ask(asked(SESSIONS, Wish(order=order, limit=2)))
            assert [row.keys[0] for row in found.rows] == shown
            assert (gathered.pop(), found.left_off, found.totals.requests) == (shown, 2, 4)
