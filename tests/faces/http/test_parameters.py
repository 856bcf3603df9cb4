"""What an address may say, and what is told when it says something else."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import QueryParams
from tests.answers.sample import NOW, at
from tests.faces.http.live import SITE

from tallystick.answers.reports.places import ANY
from tallystick.answers.reports.work import BLOCKS
from tallystick.errors import Misused
from tallystick.faces.http.parameters import BY, FILTERS, OF_MOMENTS, OF_REPORTS, ORDER, asked, read, where
from tallystick.usage.hours import Hours


def said(text: str) -> dict[str, Any]:
    """Read an address as a report's."""
    return read(QueryParams(text), OF_REPORTS)


def test_it_says_what_a_command_line_says() -> None:
    words = said(
        "since=2026-11-01&until=today&model=claude*,gpt*&model=o3&by=day,model&order=cost&limit=5&no_cost=true&timezone=Europe/Berlin"
    )
    question = asked(ANY, words, SITE, NOW)
    assert question.period.since == at("2026-11-01T00:00+01:00")
    assert question.period.until == at("2026-11-23T00:00+01:00")
    assert question.where == {"model": ("claude*", "gpt*", "o3")}
    assert (question.group_by, question.order, question.limit, question.prices) == (
        ("day", "model"),
        ("cost_usd", True),
        5,
        False,
    )


@pytest.mark.parametrize(
    "text, sentence",
    [
        ("sinse=7d", "There is no parameter 'sinse' here: those there are since, until, timezone, tool, project"),
        ("since=7d&since=8d", "since is said twice"),
        ("since=noon", "since 'noon' is no day: give a date"),
        ("until=2026-11-32", "--until '2026-11-32' is no day"),
        ("since=today&until=yesterday", "ends before it begins"),
        ("limit=-1", "limit '-1' is no number from 0 to 1000000"),
        ("limit=", "limit '' is no number"),
        ("limit=1e3", "is no number"),
        ("limit=٣", "is no number"),
        ("no_cost=maybe", "neither true nor false"),
        ("by=", "by '' is no grouping: choose among hour, day"),
        ("by=day,moon", "by 'day,moon' is no grouping"),
        ("order=up", "--order 'up' is none"),
        ("timezone=Mars/Olympus", "There is no time zone"),
        ("timezone=../../etc/passwd", "There is no time zone"),
        ("project=" + "x" * 1001, "project is too long"),
        ("&".join(["tool=x"] * 101), "There are 101 values"),
        ("&".join(["tool=x"] * 21), "tool is said too often: give 20 at most"),
    ],
)
def test_what_cannot_be_asked_is_told_in_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(Misused, match=re.escape(sentence)):
        asked(ANY, {"by": "day", **said(text)}, SITE, NOW)


def test_what_is_needed_has_to_be_said() -> None:
    with pytest.raises(Misused, match="Say by, for example by=day,model"):
        read(QueryParams(""), [BY._replace(needed=True)])
    with pytest.raises(Misused, match="here: there is none"):
        read(QueryParams("a=1"), [])


def test_a_parameter_may_be_shorter_than_others() -> None:
    short = ORDER._replace(schema={"type": "string", "maxLength": 3})
    assert read(QueryParams("order=abc"), [short]) == {"order": "abc"}
    with pytest.raises(Misused, match="order is too long: give 3 characters at most"):
        read(QueryParams("order=abcd"), [short])


def test_empty_filters_filter_nothing() -> None:
    assert where(said("project=&tool=,&model=a, b,")) == {"project": [], "tool": [], "model": ["a", "b"]}
    assert not asked(ANY, {"by": "day", **said("project=&tool=,")}, SITE, NOW).where


@given(
    st.dictionaries(
        st.sampled_from([each.name for each in FILTERS]), st.lists(st.text(max_size=8), min_size=1, max_size=3)
    ),
    st.integers(0, 9),
)
def test_a_key_tells_questions_apart_and_nothing_else(filters: dict[str, list[str]], limit: int) -> None:
    words = {"by": "day", "limit": limit, **filters}
    one, same = asked(ANY, words, SITE, NOW), asked(ANY, dict(reversed(words.items())), SITE, NOW + 1)
    assert one.key == same.key
    hash(one.key)
    assert one.key != asked(ANY, {**words, "limit": limit + 1}, SITE, NOW).key
    assert one.key != asked(ANY, {**words, "timezone": "Europe/Berlin", "since": "today"}, SITE, NOW).key


def test_what_changes_with_time_has_the_moment_in_its_key() -> None:
    assert asked(BLOCKS, {}, SITE, NOW).key != asked(BLOCKS, {}, SITE, NOW + 1).key


def test_of_single_events_moments_and_hours_can_be_asked() -> None:
    words = read(
        QueryParams("since=2026-11-01T14:00&until=2026-11-02T01:00+01:00&weekday=mon&hour=0&timezone=Asia/Kolkata"),
        OF_MOMENTS,
    )
    # A plus that stands in an address as it is comes as a blank.
    assert words["until"] == "2026-11-02T01:00 01:00"
    question = asked(ANY, {"by": "day", **words}, SITE, NOW, moments=True)
    assert (question.period.since, question.period.until) == (at("2026-11-01T08:30"), at("2026-11-02T00:00"))
    assert question.hours == Hours("mon", 0)
    assert asked(ANY, {"by": "day"}, SITE, NOW).hours is None


@pytest.mark.parametrize(
    "text, sentence",
    [
        (
            "since=2026-11-01T1400",
            "since '2026-11-01T1400' is neither a day, such as 2026-11-01, today or 7d, nor a moment",
        ),
        ("since=2026-11-01T25:00", "--since '2026-11-01T25:00' is no moment"),
        ("until=2026-10-25T02:30&timezone=Europe/Berlin", "came twice in Europe/Berlin: say 2026-10-25T02:30+02:00 or"),
        ("weekday=monday", "weekday 'monday' is none: choose among mon, tue"),
        ("hour=24", "hour '24' is no number from 0 to 23"),
    ],
)
def test_what_is_no_moment_and_no_hour_is_told_in_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(Misused, match=re.escape(sentence)):
        asked(ANY, {"by": "day", **read(QueryParams(text), OF_MOMENTS)}, SITE, NOW, moments=True)


def test_a_report_says_who_takes_moments() -> None:
    with pytest.raises(Misused, match=r"since '2026-11-01T14:00' is no day: .* Only why and events take moments"):
        said("since=2026-11-01T14:00")
    with pytest.raises(Misused, match="There is no parameter 'weekday' here"):
        said("weekday=mon")
