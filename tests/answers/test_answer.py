"""Answers as values: sums, order, limits and days."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.answers.sample import asked, at

from tallystick.answers.answer import (
    Answer,
    Coverage,
    Figures,
    Moment,
    Row,
    added,
    arranged,
    chosen,
    days,
    gathered,
    latest,
    measured,
)
from tallystick.answers.question import Wish
from tallystick.answers.report import Report
from tallystick.answers.reports.places import MODELS
from tallystick.answers.reports.times import DAILY


def row(*keys: str, requests: int = 1, total: int = 0, cost: int | None = 0) -> Row:
    """Return a row; a cost of None is unpriced."""
    priced = 0 if cost is None else requests
    return Row(keys, Figures(requests, total, 0, 0, 0, 0, 0, 0, cost or 0, priced, total if cost is None else 0))


ROWS = [
    row("2026-11-02", "b", total=5, cost=1),
    row("2026-11-01", "a", total=1, cost=None),
    row("2026-11-01", "b", total=9, cost=4),
    row("2026-11-03", "c", total=2, cost=None),
]


def test_the_total_is_each_token_once_and_reasoning_is_inside_output() -> None:
    assert Figures(1, 10, 200, 3_000, 40_000, 500_000, 400_000).total == 543_210


@pytest.mark.parametrize(
    "figures, cost",
    [
        (Figures(), 0),  # nothing was used: nothing was spent
        (Figures(requests=2, input=9, unpriced_tokens=9), None),  # never $0
        (Figures(requests=2, priced=1, priced_pico=7), 7),
        (Figures(requests=1, priced=1), 0),  # a price, and nothing to pay
    ],
)
def test_what_has_no_price_has_no_cost(figures: Figures, cost: int | None) -> None:
    assert figures.cost_usd == cost


def test_rows_are_gathered_by_their_first_keys() -> None:
    assert [(head.keys, head.figures.total, len(parts)) for head, parts in gathered(ROWS, 1)] == [
        (("2026-11-02",), 5, 1),
        (("2026-11-01",), 10, 2),
        (("2026-11-03",), 2, 1),
    ]


@pytest.mark.parametrize(
    "order, found",
    [
        # Days in order, and within a day the most tokens first.
        ("", ["1b", "1a", "2b", "3c"]),
        ("desc", ["3c", "2b", "1b", "1a"]),
        # What is unpriced altogether comes last, whatever the direction; a day's cost is that of what has a price.
        ("cost", ["1b", "1a", "2b", "3c"]),
        ("cost:asc", ["2b", "1b", "1a", "3c"]),
        ("total", ["1b", "1a", "2b", "3c"]),
        ("total:asc", ["3c", "2b", "1b", "1a"]),
        # By what only divides a day, each row stands for itself.
        ("model", ["1a", "1b", "2b", "3c"]),
    ],
)
def test_orders(order: str, found: list[str]) -> None:
    rows, left_off = arranged(asked(DAILY, Wish(order=order)), ROWS)
    assert [each.keys[0][-1] + each.keys[1] for each in rows] == found
    assert left_off == 0


def test_a_limit_counts_days_with_all_that_divides_them() -> None:
    rows, left_off = arranged(asked(DAILY, Wish(limit=1)), ROWS)
    assert [each.keys for each in rows] == [("2026-11-01", "b"), ("2026-11-01", "a")]
    assert left_off == 2
    assert arranged(asked(DAILY, Wish(limit=0)), ROWS)[1] == 0


def test_details_can_be_ordered_by() -> None:
    report = Report("x", "X", ("session",), "last:desc", (), details=("last",))
    rows = [
        Row((name,), Figures(1), {"last": Moment(moment) if moment else None})
        for name, moment in (("a", 3), ("b", 0), ("c", 5))
    ]
    assert [each.keys[0] for each in arranged(asked(report), rows)[0]] == ["c", "a", "b"]


def test_the_latest_rows_are_the_last_ones() -> None:
    rows, _ = arranged(asked(DAILY), ROWS)
    found = latest(Answer(asked(DAILY), rows, added(each.figures for each in rows), Coverage()), 2)
    assert [each.keys[0] for each in found.rows] == ["2026-11-02", "2026-11-03"]
    assert found.left_off == 1
    assert found.totals.total == 17
    assert latest(found, 0) == found


@pytest.mark.parametrize(
    "tokens, unpriced, share",
    [(0, 0, None), (10, 0, 1.0), (3, 3, 0.0), (3, 1, 0.6666), (1_000_000_000, 1, 0.9999)],
)
def test_the_priced_share_is_rounded_down(tokens: int, unpriced: int, share: float | None) -> None:
    assert Answer(asked(MODELS), [], Figures(1, tokens, unpriced_tokens=unpriced), Coverage()).priced_share == share


def test_days_are_those_asked_for_or_those_found() -> None:
    slots = (at("2026-11-02T23:45") // 900_000, at("2026-11-05T00:00") // 900_000)
    assert days(asked(DAILY), slots) == ("2026-11-02", "2026-11-05")
    assert days(asked(DAILY, zone="Asia/Kolkata"), slots) == ("2026-11-03", "2026-11-05")
    assert days(asked(DAILY, since="2026-11-01"), slots) == ("2026-11-01", "2026-11-05")
    assert days(asked(DAILY, until="2026-11-09"), None) == ("", "2026-11-09")


def test_a_moment_is_told_to_the_millisecond() -> None:
    assert Moment(at("2026-11-01T10:00:05") + 7).iso() == "2026-11-01T10:00:05.007Z"
    assert Moment(-1).iso() == "1969-12-31T23:59:59.999Z"


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from("xy"), st.integers(0, 9), st.none() | st.integers(0, 9)),
        max_size=8,
    )
)
def test_no_order_loses_a_row(values: list[tuple[str, str, int, int | None]]) -> None:
    unique = {(one, other): (total, cost) for one, other, total, cost in values}
    rows = [row(*keys, total=total, cost=cost) for keys, (total, cost) in unique.items()]
    for order in ("asc", "desc", "cost", "total:asc", "model"):
        found, left_off = arranged(asked(DAILY, Wish(order=order)), rows)
        assert sorted(each.keys for each in found) == sorted(unique)
        assert left_off == 0
    assert added(each.figures for each in rows).total == sum(total for total, _ in unique.values())


@given(
    st.lists(st.none() | st.integers(0, 3), max_size=9),
    st.booleans(),
    st.integers(0, 10),
    st.permutations("abcdefghi"),
)
def test_a_limit_shows_the_head_of_what_is_shown_without_one(
    values: list[int | None],
    greatest_first: bool,  # noqa: FBT001  drawn
    most: int,
    names: list[str],
) -> None:
    keys = [(name,) for name in names[: len(values)]]
    question = asked(MODELS)._replace(order=("total", greatest_first))
    sign = -1 if greatest_first else 1
    ranks = {place: (value is None, sign * (value or 0), keys[place]) for place, value in enumerate(values)}
    expected = sorted(ranks, key=ranks.__getitem__)
    assert chosen(question, keys, values) == expected
    assert chosen(question._replace(limit=most), keys, values) == (expected[:most] if most else expected)


def test_measures_of_plain_figures_are_those_of_rows() -> None:
    for column in ("requests", "output", "total", "cost_usd", "unpriced_tokens"):
        figures = [each.figures for each in ROWS]
        assert measured([tuple(each) for each in figures], column) == [getattr(each, column) for each in figures]
    # Nothing was used: nothing was spent.
    assert measured([tuple(Figures())], "cost_usd") == [0]
