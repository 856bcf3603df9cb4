"""Single events: which fit, what they are, and what they cost."""

from tests.answers.sample import EVENTS, HELPER, READINGS, SONNET, asked, at, ledger_of

from tallystick.answers.question import Wish
from tallystick.answers.reports.places import ANY
from tallystick.answers.single import Finder, stretches
from tallystick.prices.price_book import PriceBook
from tallystick.usage.period import SLOT_MS
from tallystick.usage.tokens import Tokens

EVER = (-(2**40), 2**40)
NOON = at("2026-11-01T10:00:00") // SLOT_MS
"""The quarter-hour of the first events."""


def finder(book: PriceBook | None = None, **where: list[str]) -> Finder:
    """Return what finds the sample's events."""
    return Finder(ledger_of(), book, asked(ANY, Wish("day", where)))


def test_slots_are_those_in_which_something_fits() -> None:
    assert finder().slots(*EVER) == [NOON, NOON + 1, NOON + 54, NOON + 92]
    assert finder(model=["*opus*"]).slots(*EVER) == [NOON, NOON + 54]
    assert finder(agent=["a1"]).slots(*EVER) == [NOON]
    assert finder(agent=["a1"], model=["*sonnet*"]).slots(*EVER) == []
    assert finder().slots(NOON + 1, NOON + 54) == [NOON + 1]


def test_rows_are_those_that_fit() -> None:
    times = [row[1] for row in finder(project=["shop"], model=["*opus*"]).rows(0, 2**62)]
    assert times == [EVENTS[0].time, EVENTS[1].time, EVENTS[3].time]


def test_everything_is_told_of_an_event(book: PriceBook) -> None:
    found = finder(book, agent=["a1"])
    (row,) = found.rows(0, 2**62)
    single = found.single(row)
    assert single.context == HELPER._asdict()
    assert single.variant == EVENTS[1].variant
    assert (single.tokens, single.work_ms) == (EVENTS[1].tokens, 30_000)
    assert single.cost == 285 * 10**9
    assert (single.grade, single.dated, single.witness, single.views) == ("finished", "exact", "log", 1)
    told = single.told()
    assert told["total"] == 37_000
    assert (told["agent"], told["tier"], told["since"], told["reported_cost_usd"]) == ("a1", "standard", None, None)
    assert "cost_usd" not in single.told(prices=False)


def test_a_web_search_costs_and_no_book_no_price(book: PriceBook) -> None:
    # 6 300 millionths for the tokens, a cent for the search.
    (cost,) = (finder(book).single(row).cost for row in finder(model=["*sonnet*"]).rows(0, 2**62))
    assert cost == 16_300 * 10**6
    assert {finder().single(row).cost for row in finder().rows(0, 2**62)} == {None}


def test_what_a_counter_told_has_the_average_prompt_and_a_beginning(book: PriceBook) -> None:
    found = Finder(ledger_of((), (), (), (), readings=READINGS), book, asked(ANY, Wish("day")))
    first = found.single(found.rows(0, 2**62)[0])
    assert first.tokens == Tokens(300_000, 0, 0, 0, 1_000)
    assert (first.requests, first.views, first.dated, first.variant) == (3, 0, "coarse", SONNET)
    # Three calls with prompts of 100 000, below the higher tier: 0.9 + 0.015.
    assert first.cost == 915 * 10**9
    assert first.told()["since"] == at("2026-10-30T09:00")
    assert first.reported_nano == 9


def test_quarter_hours_that_follow_one_another_are_one_stretch() -> None:
    assert list(stretches([])) == []
    assert list(stretches([4])) == [(4 * SLOT_MS, 5 * SLOT_MS)]
    assert list(stretches([-1, 0, 1, 7])) == [(-SLOT_MS, 2 * SLOT_MS), (7 * SLOT_MS, 8 * SLOT_MS)]
