"""JSON by hand: the contract's shape, and valid whatever the texts."""

import json
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.answers.sample import EVENTS, MAIN, OPUS, READINGS, asked, book_of, event, ledger_of

from tallystick.answers.answer import Answer, Coverage, Figures, Moment, Money, Row
from tallystick.answers.answers import Answers
from tallystick.answers.as_json import Moments, document, dollars, report, string, value
from tallystick.answers.question import Wish
from tallystick.answers.report import MEASURES
from tallystick.answers.reports import REPORTS
from tallystick.answers.reports.times import ACTIVITY, DAILY
from tallystick.answers.reports.work import SESSIONS
from tallystick.usage.tokens import Tokens

BOOK = book_of()
ANSWERS = Answers(ledger_of(), lambda: BOOK)


def read(text: str) -> Any:  # noqa: ANN401  JSON
    """Read JSON as strictly as can be: no NaN, no infinities, no key twice."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len(dict(pairs)) == len(pairs)
        return dict(pairs)

    return json.loads(text, object_pairs_hook=once, parse_constant=pytest.fail, parse_float=Decimal)


def test_a_day_as_the_contract_has_it() -> None:
    found = read(report(ANSWERS.ask(asked(DAILY, since="2026-11-01", until="2026-11-22"))))
    assert found["rows"][0] == {
        "day": "2026-11-01",
        "model": "claude-opus-4-1-20250805",
        "requests": 3,
        "input": 3_000,
        "cache_read": 90_000,
        "cache_write_5m": 12_000,
        "cache_write_1h": 0,
        "output": 6_000,
        "reasoning": 0,
        "total": 111_000,
        "cost_usd": Decimal("0.855"),
        "unpriced_tokens": 0,
    }
    assert found["rows"][-1]["cost_usd"] is None
    assert found["rows"][-1]["unpriced_tokens"] == 10
    assert {name: found[name] for name in ("schema", "report", "timezone", "since", "until")} == {
        "schema": "tallystick.report/1",
        "report": "daily",
        "timezone": "UTC",
        "since": "2026-11-01",
        "until": "2026-11-22",
    }
    assert list(found["totals"]) == list(MEASURES)
    # 0.855 + 0.0063 + 0.01 + 0.0049
    assert found["totals"]["cost_usd"] == Decimal("0.8762")
    assert found["coverage"] == {
        "priced_share": Decimal("0.9999"),
        "skipped": 0,
        "witnesses": {"log": 6},
        # 3 x 37 000, 800, 11 100 and 10.
        "dated": {"exact": 122_910, "derived": 0, "coarse": 0},
    }
    assert list(found) == ["schema", "report", "timezone", "since", "until", "rows", "totals", "coverage"]


def test_the_sum_of_rows_is_exactly_the_total() -> None:
    found = read(report(ANSWERS.ask(asked(DAILY))))
    for name in MEASURES:
        assert sum(row[name] or 0 for row in found["rows"]) == found["totals"][name]


def test_without_cost_nothing_is_said_of_prices() -> None:
    text = report(ANSWERS.ask(asked(DAILY, Wish(prices=False))))
    assert "cost" not in text
    assert "priced" not in text
    assert set(read(text)["coverage"]) == {"skipped", "witnesses", "dated"}


def test_what_is_not_dated_exactly_is_told_in_tokens() -> None:
    told = Answers(ledger_of(readings=READINGS), lambda: BOOK)
    found = read(report(told.ask(asked(DAILY))))["coverage"]["dated"]
    # 300 000 + 1 000 before the first reading, 60 000 + 200 to the second; one call of 2 tokens to the third is exact.
    assert found == {"exact": 122_912, "derived": 60_200, "coarse": 301_000}


def test_nothing_found_is_an_empty_list() -> None:
    found = read(report(ANSWERS.ask(asked(DAILY, since="2026-11-10"))))
    assert found["rows"] == []
    assert found["totals"]["cost_usd"] == 0
    assert found["coverage"]["priced_share"] is None
    assert found["until"] is None


def test_sessions_tell_their_details_after_the_measures() -> None:
    row = read(report(ANSWERS.ask(asked(SESSIONS))))["rows"][2]
    assert list(row) == ["session", *MEASURES, *SESSIONS.details]
    assert row["first"] == "2026-11-01T10:00:00.000Z"
    assert row["active_ms"] == 51_000


@pytest.mark.parametrize("each", [each for each in REPORTS if each.group_by], ids=lambda each: each.name)
def test_every_report_is_valid(each: Any) -> None:  # noqa: ANN401  a report
    found = read(report(ANSWERS.ask(asked(each, zone="Pacific/Chatham"))))
    assert all(list(row)[: len(each.group_by)] == list(each.group_by) for row in found["rows"])
    assert found["totals"]["requests"] == len(EVENTS)


@pytest.mark.parametrize(
    "pico, number",
    [
        (0, "0.0"),
        (1, "0.000000000001"),
        (855 * 10**9, "0.855"),
        (12 * 10**12, "12.0"),
        (-15 * 10**11, "-1.5"),
        (10**24 + 1, f"{10**12}.000000000001"),
    ],
)
def test_dollars_are_exact(pico: int, number: str) -> None:
    assert dollars(pico) == number
    assert Decimal(number) * 10**12 == pico


@given(st.text(st.characters()))
@example('a "b"')
@example("a\\b")
@example("a\nb\x7f\0")
@example("\ud800 \u2028 €")
def test_any_text_comes_back(text: str) -> None:
    assert read(string(text)) == text
    assert string(text).isascii()


@given(st.text(st.characters(codec="utf-8"), max_size=10), st.text(st.characters(), max_size=10))
def test_a_report_is_valid_whatever_things_are_called(project: str, branch: str) -> None:
    context = MAIN._replace(project=project, branch=branch)
    ledger = ledger_of([event("2026-11-01T10:00:00", OPUS, context, Tokens(1))], (), (), ())
    found = read(report(Answers(ledger, lambda: BOOK).ask(asked(DAILY, Wish(by="project,branch")))))
    # No ledger holds half a character: a question mark stands for it.
    kept = branch.encode("utf-8", "replace").decode()
    assert (found["rows"][0]["project"], found["rows"][0]["branch"]) == (project, kept)


THINGS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(THINGS)
def test_any_detail_comes_back(thing: Any) -> None:  # noqa: ANN401  drawn
    assert json.loads(value(thing)) == thing


def test_moments_and_money_among_details() -> None:
    assert value({"when": Moment(0), "cost": Money(5 * 10**11), "rest": [None, True]}) == (
        '{"when": "1970-01-01T00:00:00.000Z", "cost": 0.5, "rest": [null, true]}'
    )


class Told(NamedTuple):
    """An answer that is no report."""

    things: dict[str, Any]
    schema: str = "tallystick.thing/1"

    def told(self) -> dict[str, Any]:
        """Return what it holds."""
        return self.things


@given(st.dictionaries(st.text(min_size=1).filter(lambda name: name != "schema"), THINGS, max_size=4))
def test_any_answer_is_valid_json(things: dict[str, Any]) -> None:
    assert json.loads(document(Told(things))) == {"schema": "tallystick.thing/1", **things}


def test_rows_of_an_answer_have_a_line_each() -> None:
    told = Told({"a": [{"n": 1}, {"n": 2}], "b": [1, 2], "c": []})
    assert document(told) == (
        '{"schema": "tallystick.thing/1",\n "a": [\n  {"n": 1},\n  {"n": 2}],\n "b": [1, 2],\n "c": []}\n'
    )


def test_what_a_report_tells_of_everything_stands_with_the_totals() -> None:
    found = read(report(ANSWERS.ask(asked(ACTIVITY))))
    assert found["totals"]["prompts"] == 2
    assert list(found["totals"])[: len(MEASURES)] == list(MEASURES)


def test_what_a_limit_leaves_off_is_told() -> None:
    found = read(report(ANSWERS.ask(asked(SESSIONS, Wish(limit=1)))))
    assert (len(found["rows"]), found["left_off"]) == (1, 2)
    assert list(found) == ["schema", "report", "timezone", "since", "until", "left_off", "rows", "totals", "coverage"]
    assert "left_off" not in read(report(ANSWERS.ask(asked(SESSIONS, Wish(limit=3)))))


@given(st.integers(-(10**13), 10**14))
@example(-1)
@example(86_400_000 - 1)
def test_moments_of_rows_are_those_of_moments(time: int) -> None:
    moments = Moments()
    # The second one is of a day that is known.
    assert [moments.text(Moment(time)) for _ in range(2)] == [f'"{Moment(time).iso()}"'] * 2


@given(st.dictionaries(st.text(), THINGS | st.builds(Moment, st.integers(0, 10**13)) | st.builds(Money, st.integers())))
def test_details_of_rows_are_written_as_any_others(details: dict[str, Any]) -> None:
    row = Row(('a "b"',), Figures(2, 3), details)
    text = report(Answer(asked(ACTIVITY, Wish(prices=False)), [row], Figures(), Coverage()))
    told = ", ".join(f"{string(name)}: {value(thing)}" for name, thing in details.items())
    counts = ", ".join(
        f'"{name}": {row.figures.total if name == "total" else getattr(row.figures, name)}' for name in MEASURES[:8]
    )
    assert text.splitlines()[2] == f'  {{"day": "a \\"b\\"", {counts}{", " * bool(told)}{told}}}],'
