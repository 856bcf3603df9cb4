"""How budgets stand: figures of reports, in the periods of a zone, and what they lead to."""

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.answers.sample import MAIN, OPUS, SONNET, THOUSAND, asked, at, event, ledger_of

from tallystick.answers.answers import Answers
from tallystick.answers.as_json import document
from tallystick.answers.budgets import OK, OVER, SOFT, Budget, Override, Standing, Standings, span, standings, state
from tallystick.answers.reports.times import DAILY
from tallystick.prices.price_book import PriceBook
from tallystick.usage.event import UsageEvent
from tallystick.usage.period import DAY_MS, HOUR_MS, Zone, period
from tallystick.usage.tokens import Tokens

USD = 10**12
BUDGET = Budget("1", {}, USD, "usd", "week", "UTC", 0.8, hard=False)
SUNDAY_NOON = at("2026-11-01T12:00")


def standing(
    book: PriceBook,
    budget: Budget,
    now: int,
    events: Sequence[UsageEvent] | None = None,
    overrides: Sequence[Override] = (),
) -> Standing:
    """Return how one budget stands over the sample's events, or others."""
    ledger = ledger_of() if events is None else ledger_of(events, (), (), ())
    return standings(Answers(ledger, lambda: book), [budget], now, overrides)[0]


def test_a_week_begins_on_monday_and_counts_to_the_pico_dollar(book: PriceBook) -> None:
    found = standing(book, BUDGET, at("2026-11-01T23:45"))
    assert (found.since, found.until) == (at("2026-10-26"), at("2026-11-02"))
    # Three times $0.285, and $0.0063 and a cent for a search.
    assert found.used == 871_300_000_000
    assert (found.share, found.state, found.unpriced_tokens) == (0.8713, SOFT, 0)


def test_filters_choose_as_those_of_reports_do(book: PriceBook) -> None:
    now = at("2026-11-01T23:45")
    assert standing(book, BUDGET._replace(where={"project": ("shop",)}), now).used == 871_300_000_000
    assert standing(book, BUDGET._replace(where={"model": ("*sonnet*",)}), now).used == 16_300_000_000
    assert standing(book, BUDGET._replace(where={"project": ("shop",), "machine": ("laptop",)}), now).used == (
        285_000_000_000
    )
    assert standing(book, BUDGET._replace(where={"project": ("nothing",)}), now).used == 0


def test_a_budget_of_tokens_counts_all_tokens_and_asks_for_no_prices(book: PriceBook) -> None:
    found = standing(book, BUDGET._replace(amount=100_000, unit="tokens"), SUNDAY_NOON)
    # Thrice 37 000 and once 800; that day's last call is in the same week.
    assert (found.used, found.state, found.unpriced_tokens) == (111_800, OVER, 0)


def test_the_zone_decides_in_which_week_a_late_call_is(book: PriceBook) -> None:
    # Half past eleven at night (UTC) is Monday in Berlin, where the rest was on Sunday.
    berlin = BUDGET._replace(zone="Europe/Berlin")
    sunday, monday = (standing(book, berlin, at(time)) for time in ("2026-11-01T22:30", "2026-11-02T10:00"))
    assert sunday.used == 586_300_000_000
    assert (monday.since, monday.until) == (at("2026-11-01T23:00"), at("2026-11-08T23:00"))
    assert monday.used == 285_000_000_000 + 4_900_000_000


def test_what_has_no_price_is_told_and_the_figure_is_not_taken_for_certain(book: PriceBook) -> None:
    found = standing(book, BUDGET, at("2026-11-02T12:00"))
    # The call to a model that nobody knows: ten tokens.
    assert (found.used, found.state, found.unpriced_tokens) == (4_900_000_000, OK, 10)
    assert not found.is_certain
    assert found.told()["certain"] is False
    assert standing(book, BUDGET._replace(unit="tokens"), at("2026-11-02T12:00")).is_certain


def test_a_month_is_one_of_the_calendar(book: PriceBook) -> None:
    found = standing(book, BUDGET._replace(period="month", amount=10 * USD), at("2026-11-16"))
    assert (found.since, found.until) == (at("2026-11-01"), at("2026-12-01"))
    assert found.used == 871_300_000_000 + 4_900_000_000
    # The 15th day is over, of 30.
    assert found.expected == 5 * USD
    assert found.projected == 2 * (871_300_000_000 + 4_900_000_000)
    assert found.runs_out is None
    assert len(found.days) == 16
    assert [(day.name, day.used, day.left) for day in found.days[:3]] == [
        ("2026-11-01", 871_300_000_000, 9_128_700_000_000),
        ("2026-11-02", 4_900_000_000, 9_123_800_000_000),
        ("2026-11-03", 0, 9_123_800_000_000),
    ]
    assert found.days[2].expected == USD


@pytest.mark.parametrize(
    "zone, day, hours",
    [
        ("Europe/Berlin", "2026-10-25", 25),
        ("Europe/Berlin", "2026-03-29", 23),
        ("Europe/Berlin", "2026-11-22", 24),
        ("UTC", "2026-03-29", 24),
        # Half an hour more, or less.
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
        ("Australia/Lord_Howe", "2026-10-04", 23.5),
        # Clocks skip midnight.
        ("Africa/Cairo", "2026-04-24", 23),
    ],
)
def test_a_day_is_as_long_as_it_is_in_its_zone(book: PriceBook, zone: str, day: str, hours: float) -> None:
    local = Zone(zone)
    noon = local.midnight(at(day) // DAY_MS) + 12 * HOUR_MS
    budget = BUDGET._replace(period="day", zone=zone)
    found = span(budget, noon)
    assert found.until - found.since == hours * HOUR_MS
    assert found == period(local, noon, "today", "today")
    even = standing(book, budget, noon)
    assert even.expected == pytest.approx(USD * 12 / hours)
    last = standing(book, budget, found.until - 1)
    assert [each.since for each in last.days[1:]] == [each.until for each in last.days[:-1]]
    assert (last.days[0].since, last.days[-1].until) == (found.since, found.until)


def test_a_week_of_the_change_of_clocks_has_an_hour_more() -> None:
    berlin = BUDGET._replace(zone="Europe/Berlin")
    found = span(berlin, at("2026-10-25T12:00"))
    assert (found.since, found.until) == (at("2026-10-18T22:00"), at("2026-10-25T23:00"))
    assert found.until - found.since == 7 * DAY_MS + HOUR_MS


def test_a_period_ends_with_the_moment_before_the_next() -> None:
    budget = BUDGET._replace(period="month", zone="Europe/Berlin")
    edge = at("2026-10-31T23:00")
    assert span(budget, edge - 1).until == span(budget, edge).since == edge


def test_hours_of_a_day_are_told_one_by_one(book: PriceBook) -> None:
    found = standing(book, BUDGET._replace(period="day"), at("2026-11-01T12:30"))
    assert len(found.days) == 13
    assert [each.used for each in found.days] == [0] * 10 + [586_300_000_000] + [0, 0]
    assert found.days[10].name == "2026-11-01T10:00+00:00"


def test_what_was_used_up_is_over_and_the_soft_limit_counts_from_itself_on() -> None:
    budget = BUDGET._replace(amount=1_000, unit="tokens")
    assert [state(budget, used) for used in (0, 799, 800, 999, 1_000, 1_001)] == [OK, OK, SOFT, SOFT, OVER, OVER]
    # Without a rounding error where a float has one: 0.07 of a hundred.
    assert state(budget._replace(amount=100, soft=0.07), 7) == SOFT
    assert state(budget._replace(soft=1.0), 999) == OK
    # With 500 more: the soft limit of 1500 is at 1200.
    assert [state(budget, used, 500) for used in (1_000, 1_199, 1_200, 1_499, 1_500)] == [OK, OK, SOFT, SOFT, OVER]


def test_nothing_is_said_of_the_end_before_there_is_something_to_say_it_by(book: PriceBook) -> None:
    events = [event("2026-11-02T00:10", OPUS, MAIN, THOUSAND)]
    # A twentieth of a week is 8.4 hours.
    early, later = (standing(book, BUDGET, at(time), events) for time in ("2026-11-02T08:23", "2026-11-02T08:24"))
    assert (early.projected, early.runs_out) == (None, None)
    assert later.projected == 20 * 285_000_000_000
    # Of a dollar, $0.285 in 8.4 hours: the rest lasts until 29.47 hours.
    assert later.runs_out == at("2026-11-02") + 504 * 60_000 * 1_000 // 285


def test_where_the_amount_is_used_already_it_does_not_run_out_again(book: PriceBook) -> None:
    found = standing(book, BUDGET._replace(amount=USD // 10), SUNDAY_NOON)
    assert (found.state, found.runs_out) == (OVER, None)


def test_a_hard_budget_refuses_what_comes_beyond_it(book: PriceBook) -> None:
    hard = BUDGET._replace(amount=USD // 2, hard=True)
    assert standing(book, hard, SUNDAY_NOON).refuses(SUNDAY_NOON)
    assert not standing(book, hard._replace(hard=False), SUNDAY_NOON).refuses(SUNDAY_NOON)
    assert not standing(book, hard._replace(amount=USD), SUNDAY_NOON).refuses(SUNDAY_NOON)


def test_a_person_lifts_a_cap_for_so_long(book: PriceBook) -> None:
    hard = BUDGET._replace(amount=USD // 2, hard=True)
    made = [Override("1", SUNDAY_NOON, until=SUNDAY_NOON + HOUR_MS), Override("2", SUNDAY_NOON, SUNDAY_NOON + DAY_MS)]
    found = standing(book, hard, SUNDAY_NOON, None, made)
    assert not found.refuses(SUNDAY_NOON + HOUR_MS - 1)
    assert found.refuses(SUNDAY_NOON + HOUR_MS)


def test_a_person_allows_so_much_more_in_this_period(book: PriceBook) -> None:
    hard = BUDGET._replace(amount=USD // 2, hard=True)
    # Used is $0.8713 in that week: $0.37 more are not enough, $0.38 are.
    cents = USD // 100
    little = [Override("1", SUNDAY_NOON, more=30 * cents), Override("1", SUNDAY_NOON, more=7 * cents)]
    assert standing(book, hard, SUNDAY_NOON, None, little).refuses(SUNDAY_NOON)
    enough = [*little, Override("1", SUNDAY_NOON, more=cents)]
    found = standing(book, hard, SUNDAY_NOON, None, enough)
    assert (found.refuses(SUNDAY_NOON), found.more, found.state) == (False, 38 * cents, SOFT)
    # What was allowed in another week says nothing about this one.
    before = [each._replace(made=at("2026-10-25T23:59")) for each in enough]
    assert standing(book, hard, SUNDAY_NOON, None, before).refuses(SUNDAY_NOON)


def test_it_is_told_in_dollars_or_in_tokens(book: PriceBook) -> None:
    budgets = [BUDGET._replace(where={"model": ("*opus*",)}), BUDGET._replace(id="2", amount=10**6, unit="tokens")]
    found = standings(Answers(ledger_of(), lambda: book), budgets, SUNDAY_NOON)
    told = json.loads(document(Standings(SUNDAY_NOON, found)))
    assert told["schema"] == "tallystick.budgets/1"
    money, tokens = told["budgets"]
    assert (money["amount"], money["used"], money["filter"]) == (1.0, 0.855, "model=*opus*")
    assert (tokens["amount"], tokens["used"], tokens["share"]) == (1_000_000, 111_800, 0.1118)
    assert money["since"] == "2026-10-26T00:00:00.000Z"
    assert [day["used"] for day in money["days"]] == [0.0] * 6 + [0.855]


def test_no_budgets_are_none(book: PriceBook) -> None:
    assert standings(Answers(ledger_of(), lambda: book), [], SUNDAY_NOON) == []


CALLS = st.lists(
    st.tuples(
        st.integers(at("2026-10-20") // 60_000, at("2026-11-10") // 60_000), st.booleans(), st.integers(1, 300_000)
    ),
    max_size=12,
)


@given(
    calls=CALLS,
    unit=st.sampled_from(["usd", "tokens"]),
    length=st.sampled_from(["day", "week", "month"]),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns"]),
    minute=st.integers(at("2026-10-20") // 60_000, at("2026-11-10") // 60_000),
)
def test_each_figure_is_that_of_the_daily_report(
    book: PriceBook, calls: list[tuple[int, bool, int]], unit: str, length: str, zone: str, minute: int
) -> None:
    events = [
        event("2026-11-01", OPUS if opus else SONNET, MAIN, Tokens(size, size * 2, 0, 0, 7))._replace(
            key=place, time=when * 60_000
        )
        for place, (when, opus, size) in enumerate(calls)
    ]
    answers, now = Answers(ledger_of(events, (), (), ()), lambda: book), minute * 60_000
    found = standings(answers, [BUDGET._replace(unit=unit, period=length, zone=zone)], now)[0]
    first, last = (str(Zone(zone).local(time).date()) for time in (found.since, found.until - 1))
    reported = answers.ask(asked(DAILY, zone=zone, since=first, until=last)).totals
    assert found.used == (reported.priced_pico if unit == "usd" else reported.total)
    # What is after this moment is in the total, and on no day yet.
    ahead = sum(1 for each in events if found.days[-1].until <= each.time < found.until)
    if not ahead:
        assert found.days[-1].left == found.budget.amount - found.used
    assert found.since <= now < found.until


def test_what_a_person_let_be_exceeded_says_no_to_nobody() -> None:
    found = Standing(BUDGET._replace(amount=1_000, unit="tokens"), 0, DAY_MS, 1_100, 1.1, 500.0, None, 0)
    assert (found.state, found.says_no(5), found.is_let(5)) == (OVER, True, False)
    lifted = found._replace(lifted=6)
    assert [(lifted.says_no(now), lifted.is_let(now)) for now in (5, 6)] == [(False, True), (True, False)]
    allowed = found._replace(more=101)
    assert (allowed.state, allowed.limit, allowed.says_no(5), allowed.is_let(5)) == (SOFT, 1_101, False, True)
    assert found._replace(more=100).says_no(5)
    assert not found._replace(used=999).is_let(5)


def test_it_runs_out_with_what_is_allowed_beyond_it(book: PriceBook) -> None:
    # 156 of 168 hours are over: $0.8713 reach $0.90 in 161.1 hours, and $0.95 not in this week.
    budget = BUDGET._replace(amount=88 * USD // 100)
    hour = 3_600_000
    begin = SUNDAY_NOON - 156 * hour
    for more, runs_out in ((2, begin + 90 * USD // 100 * 156 * hour // 871_300_000_000), (7, None)):
        allowed = [Override("1", SUNDAY_NOON, more=more * USD // 100)]
        assert standing(book, budget, SUNDAY_NOON, None, allowed).runs_out == runs_out
