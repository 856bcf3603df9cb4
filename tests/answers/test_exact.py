"""Answers as exact text: the very same values come out again, of this version or one beside it, and of nothing else."""

from collections.abc import Callable
from functools import partial
from json import dumps, loads
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.answers.sample import NOW, asked, at, book_of, ledger_of

from tallystick.answers import exact
from tallystick.answers.answer import Answer, Coverage, Figures, Moment, Money, Row
from tallystick.answers.answers import Answers
from tallystick.answers.exact import NotUnderstoodError, packed, shapes, unpacked
from tallystick.answers.question import Wish
from tallystick.answers.report import Report
from tallystick.answers.reports import REPORTS
from tallystick.answers.reports.places import ANY
from tallystick.answers.reports.times import DAILY
from tallystick.usage.period import Period, Zone
from tallystick.usage.tokens import Tokens


def over(value: Any) -> Any:  # noqa: ANN401  any value
    """Return a value as it is on the other side."""
    return unpacked(packed(value, "1.0")).value


def alike(one: Any, other: Any) -> bool:  # noqa: ANN401  any value
    """Tell whether two values are the same, in their kinds too, which `==` does not ask about."""
    if isinstance(one, MappingProxyType | dict):
        return isinstance(other, dict) and list(one) == list(other) and all(alike(one[key], other[key]) for key in one)
    if type(one) is not type(other):
        return False
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    return bool(one == other)


BOOK = book_of()
ANSWERS = Answers(ledger_of(skipped=2), lambda: BOOK)
DAY = asked(ANY, Wish("day"), "Europe/Berlin", "2026-11-01")


def _report(report: Report) -> Answer:
    return ANSWERS.ask(asked(report, Wish("" if report.group_by else "day,model"), "Europe/Berlin"))


EVERY: dict[str, Callable[[], Any]] = {
    **{report.name: partial(_report, report) for report in REPORTS},
    "why": lambda: ANSWERS.why(DAY),
    "overview": lambda: ANSWERS.overview(Zone("Asia/Tokyo"), NOW),
    "events": lambda: ANSWERS.events(DAY),
    "event": lambda: ANSWERS.event(1),
    "session": lambda: ANSWERS.session("s1", Zone("Asia/Tokyo")),
    "punchcard": lambda: ANSWERS.punchcard(DAY),
    "calls": lambda: ANSWERS.calls(DAY),
    "compare": lambda: ANSWERS.compare(DAY),
    "year": lambda: ANSWERS.year(DAY, 2026),
    "energy": lambda: ANSWERS.energy(DAY),
    "machines": lambda: ANSWERS.machines(DAY),
}


@pytest.mark.parametrize("name", EVERY)
def test_every_answer_comes_out_as_it_was(name: str) -> None:
    answer = EVERY[name]()
    assert alike(answer, over(answer))


def test_every_kind_of_value_has_a_name_of_its_own() -> None:
    known = shapes()
    assert all(kind.__name__ == name for name, kind in known.items())
    assert len(set(known.values())) == len(known)
    assert not set(known) & {"tuple", "map", "money", "moment", "question", "zone", "period"}


FIGURES = st.builds(Figures, *(st.integers(0, 10**30) for _ in Figures._fields))
PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(
    PLAIN
    | FIGURES
    | st.builds(Money, st.integers())
    | st.builds(Moment, st.integers(0, 10**13))
    | st.builds(Tokens, *(st.integers(0, 10**12) for _ in Tokens._fields)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(), inner, max_size=3)
        | st.builds(Row, st.tuples(st.text()), FIGURES, st.none() | st.dictionaries(st.text(), inner, max_size=2))
    ),
    max_leaves=10,
)


@given(VALUES)
def test_any_value_comes_out_as_it_was(value: object) -> None:
    assert alike(value, over(value))


def test_costs_stay_whole_to_the_last_pico_dollar() -> None:
    assert over(Figures(priced_pico=10**20 + 1)).priced_pico == 100_000_000_000_000_000_001
    assert over([Period(Zone("Asia/Tokyo")), Zone()]) == [Period(Zone("Asia/Tokyo")), Zone("UTC")]
    assert over(Moment(at("2026-11-01T10:00"))).iso() == "2026-11-01T10:00:00.000Z"


def test_what_no_answer_holds_is_a_mistake_of_the_program() -> None:
    with pytest.raises(TypeError, match="set"):
        packed({1}, "1.0")


def altered(change: Callable[[dict[str, Any]], object]) -> str:
    """Return the text of an answer with something in it changed."""
    told = loads(packed(Coverage(3, {"log": 2}), "1.0"))
    change(told)
    return dumps(told)


def test_fields_of_a_newer_version_are_passed_over_and_missing_ones_are_as_by_default() -> None:
    def newer(told: dict[str, Any]) -> None:
        told["shapes"]["Coverage"].append("mood")
        told["answer"]["Coverage"].append({"map": [["is", "good"]]})
        told["more"] = 1

    assert unpacked(altered(newer)).value == Coverage(3, {"log": 2})

    def older(told: dict[str, Any]) -> None:
        told["shapes"]["Coverage"] = ["skipped"]
        told["answer"]["Coverage"] = [3]

    assert unpacked(altered(older)).value == Coverage(3)


@pytest.mark.parametrize(
    "change, told",
    [
        (lambda told: told.update(schema="tallystick.exact/2"), "tallystick.exact/2, not tallystick.exact/1"),
        (lambda told: told.pop("schema"), "no answer"),
        (lambda told: told.pop("shapes"), "no answer"),
        (lambda told: told.update(shapes=5), "no answer"),
        (lambda told: told.update(answer={"Nobody": []}), "no answer"),
        (lambda told: told.update(answer={}), "no answer"),
        (lambda told: told.update(answer={"money": "much"}), "no answer"),
        (lambda told: told.update(answer={"zone": "Nowhere/At_all"}), "no answer"),
        (lambda told: told.update(answer={"question": {}}), "no answer"),
        (lambda told: told["answer"]["Coverage"].pop(), "no answer"),
        (lambda told: told.update(shapes={"Row": ["keys"]}, answer={"Row": [[]]}), "no answer"),
    ],
)
def test_what_is_not_understood_is_told(change: Callable[[dict[str, Any]], object], told: str) -> None:
    assert unpacked(altered(lambda _: None)).version == "1.0"
    with pytest.raises(NotUnderstoodError, match=told):
        unpacked(altered(change))


def test_a_text_that_is_cut_or_none_of_ours_is_not_understood() -> None:
    text = packed(ANSWERS.ask(asked(DAILY)), "1.0").rstrip("\n")
    for end in range(0, len(text), 97):
        with pytest.raises(NotUnderstoodError):
            unpacked(text[:end])
    for other in ("[" * 100_000, "<html>", "[]", "5", '"x"', "null", '{"schema": "tallystick.report/1"}'):
        with pytest.raises(NotUnderstoodError):
            unpacked(other)


def test_how_far_a_server_has_come_is_told() -> None:
    text = packed(None, "1.0")
    assert unpacked(text).importing is None
    assert unpacked('{"importing": 0.2500, ' + text.removeprefix("{")).importing == 0.25
    assert exact.SCHEMA in text
