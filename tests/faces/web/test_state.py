"""What an address says, and that addresses made from it say the same."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.answers.sample import NOW, at

from tallystick.answers.reports.places import ANY
from tallystick.errors import Misused
from tallystick.faces.web.state import FILTERS, SPLITS, UNITS, Place, State, state
from tallystick.usage.hours import Hours

PLACE = Place("Europe/Berlin", NOW)
TEXTS = st.text(min_size=1, max_size=20).filter(lambda text: text == text.strip() and text)


def said(address: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(address).query)


def test_nothing_said_is_thirty_days_in_the_servers_zone() -> None:
    found = state([], PLACE)
    assert found == State(PLACE)
    assert found.zone.name == "Europe/Berlin"
    # It is the 22nd: thirty days, today included.
    assert found.period.days == ("2026-10-24", "")
    assert found.address() == "/"


def test_all_has_neither_beginning_nor_end() -> None:
    found = state([("since", "all")], PLACE)
    assert found.period.days == ("", "")
    assert found.said() == []
    assert found.address() == "/?since=all"


def test_a_zone_of_its_own_moves_the_days() -> None:
    found = state([("since", "2026-11-01"), ("until", "2026-11-01"), ("timezone", "Asia/Kolkata")], PLACE)
    assert (found.period.since, found.period.until) == (at("2026-10-31T18:30"), at("2026-11-01T18:30"))


def test_an_address_can_be_changed_in_one_thing() -> None:
    found = state([("since", "7d"), ("model", "a"), ("model", "b"), ("tool", "codex"), ("unit", "tokens")], PLACE)
    assert found.where == {"model": ("a", "b"), "tool": ("codex",)}
    assert said(found.address("/events", model="c", after="1.2")) == [
        ("since", "7d"),
        ("unit", "tokens"),
        ("tool", "codex"),
        ("model", "c"),
        ("after", "1.2"),
    ]
    assert said(found.address("/", tool="", since="30d")) == [("unit", "tokens"), ("model", "a"), ("model", "b")]


def test_a_form_of_days_carries_everything_else_along() -> None:
    found = state(
        [("since", "7d"), ("timezone", "UTC"), ("split", "tool"), ("unit", "tokens"), ("model", "a"), ("model", "b")],
        PLACE,
    )
    assert found.carried() == [("split", "tool"), ("unit", "tokens"), ("model", "a"), ("model", "b")]
    assert state(found.carried(), PLACE) == found._replace(since="30d", timezone="")
    assert State(PLACE, "7d", timezone="UTC").carried() == []


def test_subagents_are_filtered_by_their_names() -> None:
    found = state([("agent", "Explore")], PLACE)
    assert (found.where, found.address()) == ({"agent": ("Explore",)}, "/?agent=Explore")
    assert found.said() == [("since", "30d"), ("agent", "Explore")]


def test_what_is_not_of_the_state_is_left_to_others() -> None:
    assert state([("after", "1.2"), ("theme", "dark"), ("model", " ")], PLACE) == State(PLACE)


@pytest.mark.parametrize(
    "pairs, sentence",
    [
        ([("since", "never")], "--since 'never' is no day"),
        ([("timezone", "Mars/Base")], "no time zone 'Mars/Base'"),
        ([("split", "colour")], "split 'colour' is none: choose among model"),
        ([("unit", "euro")], "unit 'euro' is none: choose among cost, tokens"),
        ([("since", "2026-11-02"), ("until", "2026-11-01")], "ends before it begins"),
        ([("model", "x" * 1_001)], "too long"),
        ([("model", str(number)) for number in range(21)], "too many values"),
    ],
)
def test_what_cannot_be_shown_is_told_in_a_sentence(pairs: list[tuple[str, str]], sentence: str) -> None:
    with pytest.raises(Misused, match=sentence.replace("(", r"\(")):
        state(pairs, PLACE)


@given(
    where=st.dictionaries(st.sampled_from(FILTERS), st.lists(TEXTS, min_size=1, max_size=3).map(tuple)),
    since=st.sampled_from(["30d", "all", "2026-01-01", "today"]),
    split=st.sampled_from(list(SPLITS)),
    unit=st.sampled_from(list(UNITS)),
    zone=st.sampled_from(["", "UTC", "America/New_York"]),
)
def test_the_address_holds_the_whole_state(
    where: dict[str, tuple[str, ...]], since: str, split: str, unit: str, zone: str
) -> None:
    whole = State(PLACE, since, "", zone, where, split, unit)
    assert state(said(whole.address()), PLACE) == whole
    assert whole.key == state(said(whole.address()), PLACE).key


def test_a_question_has_its_period_and_filters() -> None:
    asked = state([("since", "7d"), ("tool", "codex")], PLACE).question(ANY, "day", limit=3)
    assert (asked.group_by, asked.where, asked.limit, asked.now) == (("day",), {"tool": ("codex",)}, 3, NOW)
    assert asked.period.days == ("2026-11-16", "")


def test_rounded_it_is_found_again_until_the_step_is_over() -> None:
    early, late = (State(PLACE._replace(now=at(text))) for text in ("2026-11-22T04:15:00", "2026-11-22T04:29:59"))
    assert early.rounded() == late.rounded() == early
    assert late.rounded(60_000).place.now == at("2026-11-22T04:29")


def test_a_text_may_hold_several_and_a_name_a_comma_as_everywhere() -> None:
    found = state([("tool", "codex,claude-code"), ("project", "a\\,b")], PLACE)
    assert found.where == {"tool": ("codex", "claude-code"), "project": ("a,b",)}
    assert said(found.address()) == [("tool", "codex"), ("tool", "claude-code"), ("project", "a\\,b")]
    assert state(said(found.address()), PLACE) == found


def test_a_period_of_thousands_of_years_is_too_long() -> None:
    with pytest.raises(Misused, match="give 100 years at most"):
        state([("since", "2026-01-01"), ("until", "9998-12-30")], PLACE)
    assert state([("since", "1970-01-01"), ("until", "2069-12-31")], PLACE).period
    assert state([("since", "all"), ("until", "9998-12-30")], PLACE).period


CLOSER = [
    ("since", "2026-11-22T02:00"),
    ("until", "2026-11-22T03:00"),
    ("weekday", "Sun"),
    ("hour", "02"),
    ("model", "a"),
]


def test_a_page_that_looks_closer_knows_moments_and_hours() -> None:
    found = state(CLOSER, PLACE, closer=True)
    assert (found.period.since, found.period.until) == (at("2026-11-22T01:00"), at("2026-11-22T02:00"))
    assert found.hours == Hours("sun", 2)
    assert found.question(ANY, "day").hours == Hours("sun", 2)
    assert found.said() == [
        ("since", "2026-11-22T02:00"),
        ("until", "2026-11-22T03:00"),
        ("weekday", "sun"),
        ("hour", "2"),
        ("model", "a"),
    ]
    assert state(said(found.address()), PLACE, closer=True) == found
    assert found.carried() == [("weekday", "sun"), ("hour", "2"), ("model", "a")]
    assert said(found.address("/why", hour="", since="7d", until="")) == [
        ("since", "7d"),
        ("weekday", "sun"),
        ("model", "a"),
    ]
    assert found.key != found._replace(hour="3").key
    assert found.key != found._replace(weekday="").key
    assert state([("hour", "00")], PLACE, closer=True).hours == Hours(hour=0)


@pytest.mark.parametrize("pair", CLOSER[:4])
def test_other_pages_are_of_whole_days(pair: tuple[str, str]) -> None:
    with pytest.raises(Misused, match="of whole days: only /why and /events take moments, weekday and hour"):
        state([pair], PLACE)


@pytest.mark.parametrize(
    "pair, sentence",
    [
        (("weekday", "noday"), "--weekday 'noday' is none"),
        (("hour", "24"), "--hour 24 is none"),
        (("hour", "-1"), "hour '-1' is none: give 0 to 23"),
        (("hour", "²"), "hour '²' is none"),
        (("since", "2026-11-22T2"), "--since '2026-11-22T2' is no moment"),
    ],
)
def test_what_is_no_hour_is_told_in_a_sentence(pair: tuple[str, str], sentence: str) -> None:
    with pytest.raises(Misused, match=sentence):
        state([pair], PLACE, closer=True)


def test_a_stretch_is_that_of_two_moments() -> None:
    # In Berlin both are two o'clock.
    begin, end = at("2026-10-25T00:00"), at("2026-10-25T01:00")
    found = State(PLACE, "7d", split="tool").stretch(begin, end)
    assert said(found.address("/why")) == [
        ("since", "2026-10-25T02:00+02:00"),
        ("until", "2026-10-25T02:00+01:00"),
        ("split", "tool"),
    ]
    assert found.period[1:3] == (begin, end)


def test_users_are_filtered_by_their_names() -> None:
    found = state([("user", "ada"), ("user", "grace")], PLACE)
    assert (found.where, found.address()) == ({"user": ("ada", "grace")}, "/?user=ada&user=grace")
    assert found.address(user="ada", machine="box") == "/?machine=box&user=ada"
