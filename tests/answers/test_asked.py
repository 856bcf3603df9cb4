"""Questions as plain values: the same question comes out again, and nothing that cannot be asked gets in."""

from json import dumps, loads
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.answers.sample import NOW, at

from tallystick.answers.asked import BY_NAME, FILTERS, asked, said
from tallystick.answers.question import Question, Wish, question
from tallystick.answers.report import KEYS
from tallystick.answers.reports import REPORTS
from tallystick.answers.reports.places import ANY
from tallystick.answers.reports.times import DAILY
from tallystick.cli import reporting
from tallystick.errors import Misused
from tallystick.usage.hours import hours
from tallystick.usage.period import Zone, period

WORLD = Zone("Europe/Berlin")


def carried(asked_for: Question) -> Question:
    """Return a question as it is on the other side."""
    return asked(loads(dumps(said(asked_for))))


def changed(**more: Any) -> dict[str, Any]:  # noqa: ANN401  what JSON holds
    """Return the values of a plain question, with some of them changed."""
    return {**said(question(DAILY, period(WORLD, NOW, "7d"), Wish(), NOW)), **more}


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.name)
def test_each_reports_own_question_comes_out_again(report: Any) -> None:  # noqa: ANN401  a report
    wish = Wish("" if report.group_by else "day,model", {"model": ["claude-*", "a,b"]}, "", 3, prices=False)
    for span in (period(WORLD, NOW), period(Zone(), NOW, "7d", "yesterday")):
        meant = question(report, span, wish, NOW)
        assert carried(meant) == meant


def test_moments_hours_and_open_ends_come_out_again() -> None:
    span = period(WORLD, NOW, "2026-11-01T14:00", moments=True)
    meant = question(ANY, span, Wish("day"), NOW)._replace(hours=hours("mon", 14))
    found = carried(meant)
    assert found == meant
    assert found.period.since == at("2026-11-01T13:00")
    assert carried(meant._replace(hours=hours("", 0))).hours == ("", 0)
    assert carried(meant._replace(hours=hours("sun"))).hours == ("sun", None)


def test_the_filters_are_those_of_the_command_line() -> None:
    assert set(FILTERS) == set(reporting.FILTERS)


@pytest.mark.parametrize("by", ["model", "model,project", "hour,tool", "week", ",".join(KEYS)])
@pytest.mark.parametrize("order", ["", "cost:asc", "desc", "total"])
def test_any_grouping_and_order_come_out_again(by: str, order: str) -> None:
    for report in (DAILY, ANY):
        meant = question(report, period(WORLD, NOW), Wish(by, order=order), NOW)
        assert carried(meant) == meant


@pytest.mark.parametrize(
    "values, told",
    [
        ({"report": "nope"}, "no report"),
        ({"report": 5}, "report must be a text"),
        ({"report": "x" * 1001}, "report must be a text"),
        ({"timezone": "Nowhere/At_all"}, "no time zone"),
        ({"timezone": None}, "timezone must be a text"),
        ({"since": "7d"}, "since must be a number"),
        ({"since": True}, "since must be a number"),
        ({"since": 10**308}, "since must be a number"),
        ({"until": -(10**18)}, "until must be a number"),
        ({"since": 5, "until": 5}, "ends before it begins"),
        ({"group_by": []}, "cannot be grouped by nothing"),
        ({"group_by": ["model"]}, "cannot be grouped by model"),
        ({"group_by": ["day", "colour"]}, "cannot be grouped by"),
        ({"group_by": "day"}, "group_by must be a list"),
        ({"group_by": [["day"]]}, "group_by must be a list"),
        ({"report": "blocks", "group_by": ["day", "model"]}, "blocks cannot be grouped by"),
        ({"listed": ["day"]}, "listed must be"),
        ({"listed": ["day", "model"]}, "listed must be"),
        ({"where": {"day": ["x"]}}, "where must be filters"),
        ({"where": []}, "where must be filters"),
        ({"where": {"model": "x"}}, "model must be a list"),
        ({"where": {"model": ["\ud800"]}}, "model must be a list"),
        ({"where": {"model": [5]}}, "model must be a list"),
        ({"where": {"model": ["x"] * 101}}, "model must be a list"),
        ({"order": ["colour", True]}, "order must be"),
        ({"order": ["day", 1]}, "order must be"),
        ({"order": "day"}, "order must be"),
        ({"limit": -1}, "limit must be"),
        ({"limit": 1.5}, "limit must be"),
        ({"prices": 1}, "prices must be"),
        ({"now": None}, "now must be"),
        ({"now": 10**14}, "now must be"),
        ({"hours": ["xxx", 3]}, "--weekday"),
        ({"hours": ["mon", 24]}, "--hour"),
        ({"hours": ["mon", True]}, "hours must be"),
        ({"hours": "mon"}, "hours must be"),
        ({"hours": ["mon", 10**400]}, "--hour"),
    ],
)
def test_what_cannot_be_asked_is_told(values: dict[str, Any], told: str) -> None:
    assert asked(changed())
    with pytest.raises(Misused, match=told):
        asked(changed(**values))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(sorted(changed())), JSON)
def test_whatever_is_sent_is_a_question_or_misused(name: str, value: object) -> None:
    try:
        found = asked(changed(**{name: value}))
    except Misused:
        return
    assert found.report in BY_NAME.values()
    assert carried(found) == found


@given(JSON)
def test_what_is_no_question_at_all_is_misused(value: object) -> None:
    with pytest.raises(Misused):
        asked(value)
