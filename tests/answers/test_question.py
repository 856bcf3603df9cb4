"""Questions: what a wish means, and what cannot be asked."""

import pytest
from tests.answers.sample import asked

from tallystick.answers.question import Wish, patterns, worded
from tallystick.answers.report import Report
from tallystick.answers.reports import REPORTS
from tallystick.answers.reports.places import ANY, BRANCHES, MODELS
from tallystick.answers.reports.times import DAILY
from tallystick.answers.reports.work import BLOCKS, SESSIONS
from tallystick.errors import Misused
from tallystick.usage.hours import Hours
from tallystick.usage.period import Zone, period


@pytest.mark.parametrize("report", [each for each in REPORTS if each.group_by], ids=lambda each: each.name)
def test_a_report_groups_and_orders_as_it_says(report: Report) -> None:
    question = asked(report)
    assert question.group_by == report.group_by
    assert question.listed == report.listed
    column, _, direction = report.order.partition(":")
    assert question.order[0] == column
    assert not direction or question.order[1] == (direction == "desc")


@pytest.mark.parametrize(
    "report, by, keys",
    [
        (DAILY, "model", ("day", "model")),
        (DAILY, "day", ("day",)),
        (DAILY, "tool,project", ("day", "tool", "project")),
        (MODELS, "Day, tool", ("model", "day", "tool")),
        (ANY, "day,model", ("day", "model")),
        (ANY, "model,day,model", ("model", "day")),
        (SESSIONS, "day", ("session", "day")),
    ],
)
def test_a_report_stays_one_by_its_first_key(report: Report, by: str, keys: tuple[str, ...]) -> None:
    question = asked(report, Wish(by=by))
    assert question.group_by == keys
    # Whoever says how to group gets every group as a row of its own.
    assert question.listed == ()
    assert question.main_keys == len(keys)


@pytest.mark.parametrize(
    "report, wish, order",
    [
        (DAILY, Wish(), ("day", False)),
        (DAILY, Wish(order="desc"), ("day", True)),
        (DAILY, Wish(order="cost"), ("cost_usd", True)),
        (DAILY, Wish(order="cost:asc"), ("cost_usd", False)),
        (DAILY, Wish(order="Model"), ("model", False)),
        (DAILY, Wish(order="model:desc"), ("model", True)),
        (MODELS, Wish(), ("cost_usd", True)),
        (MODELS, Wish(order="asc"), ("cost_usd", False)),
        (MODELS, Wish(order="cost_usd"), ("cost_usd", True)),
        (SESSIONS, Wish(), ("last", True)),
        (SESSIONS, Wish(order="active_ms:desc"), ("active_ms", True)),
        # With another grouping, a session has no last event to order by.
        (SESSIONS, Wish(by="day"), ("cost_usd", True)),
        (ANY, Wish(by="model"), ("cost_usd", True)),
        (ANY, Wish(by="week,model"), ("week", False)),
        (ANY, Wish(by="week,model", order="desc"), ("week", True)),
    ],
)
def test_orders(report: Report, wish: Wish, order: tuple[str, bool]) -> None:
    assert asked(report, wish).order == order


@pytest.mark.parametrize(
    "report, wish, sentence",
    [
        (ANY, Wish(by="colour"), "--by 'colour' is no grouping: choose among hour, day, week, month, session,"),
        (ANY, Wish(by=" , "), "--by ' , ' is no grouping"),
        (BLOCKS, Wish(by="day"), "blocks cannot be grouped in another way: ask `tally report --by day` instead"),
        (
            DAILY,
            Wish(order="size"),
            r"--order 'size' is none: give asc, desc or a column \(day, model, requests, input,",
        ),
        (DAILY, Wish(order="cost:up"), "--order 'cost:up' is none"),
        (DAILY, Wish(order="asc:desc"), "--order 'asc:desc' is none"),
        (BRANCHES, Wish(order="last"), "--order 'last' is none"),
        (DAILY, Wish(limit=-1), "--limit -1 is no number of rows"),
    ],
)
def test_what_cannot_be_asked_is_told_in_a_sentence(report: Report, wish: Wish, sentence: str) -> None:
    with pytest.raises(Misused, match=sentence):
        asked(report, wish)


@pytest.mark.parametrize(
    "wish, needs",
    [
        (Wish(), False),
        (Wish(by="hour,provider,tier"), False),
        (Wish(where={"model": ["x"]}), False),
        (Wish(where={"model": []}), False),
        (Wish(by="tool"), True),
        (Wish(where={"machine": ["x"]}), True),
    ],
)
def test_who_ran_it_is_looked_up_only_where_it_matters(wish: Wish, needs: bool) -> None:  # noqa: FBT001  an expectation
    assert asked(DAILY, wish).needs_context is needs


def test_branches_of_two_projects_are_apart() -> None:
    assert asked(BRANCHES).group_by == ("project", "branch")


@pytest.mark.parametrize(
    "said, found",
    [
        (["a,b", " c "], ["a", "b", "c"]),
        (["a\\,b"], ["a,b"]),
        (["a\\,b,c", ","], ["a,b", "c"]),
        ([], []),
        (["C:\\dev\\shop"], ["C:\\dev\\shop"]),
    ],
)
def test_one_text_may_hold_several_patterns_and_one_pattern_a_comma(said: list[str], found: list[str]) -> None:
    assert patterns(said) == found
    assert patterns([worded(each) for each in found]) == found


def test_hours_and_moments_tell_questions_apart_and_are_told() -> None:
    whole = asked(ANY, Wish("day"), "Asia/Kolkata", "2026-11-01", "2026-11-02")
    mondays = whole._replace(hours=Hours("mon", 0))
    assert whole.key != mondays.key != whole._replace(hours=Hours("mon")).key
    days = {"timezone": "Asia/Kolkata", "since": "2026-11-01", "until": "2026-11-02"}
    assert whole.when == {**days, "weekday": None, "hour": None}
    assert mondays.when == {**days, "weekday": "mon", "hour": 0}
    span = period(Zone("Asia/Kolkata"), 0, "2026-11-01T14:00", moments=True)
    told = whole._replace(period=span, hours=Hours(hour=14)).when
    assert told == {
        "timezone": "Asia/Kolkata",
        "since": "2026-11-01T14:00+05:30",
        "until": None,
        "weekday": None,
        "hour": 14,
    }
