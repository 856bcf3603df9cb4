"""Metrics: what they say, how they are written, and that no counter falls."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.answers.sample import NOW, book_of, ledger_of
from tests.faces.prometheus.exposition import parsed, value

from tallystick.answers.answer import Answer, Coverage, Figures, Row, added
from tallystick.answers.answers import Answers
from tallystick.faces.prometheus.metrics import LABELS, SERIES_MOST, Shown, asked, of_ledger, of_meter

OPUS = ("anthropic", "claude-opus-4-1-20250805", "claude-code", "box")
FIGURES = Figures(2, 1_000, 30_000, 4_000, 500, 2_000, 700, 0, 285_000_000_000, 2, 0)


def answer(*rows: Row, unpriced: tuple[tuple[str, int], ...] = (), skipped: int = 0) -> Answer:
    """Return an answer with some rows."""
    return Answer(asked(NOW), list(rows), added(row.figures for row in rows), Coverage(skipped, unpriced=unpriced))


def test_the_question_has_bounded_labels_only() -> None:
    assert asked(NOW).group_by == LABELS == ("provider", "model", "tool", "machine")


def test_every_kind_of_tokens_is_told_once() -> None:
    found = parsed(of_ledger(answer(Row(OPUS, FIGURES)), {"claude-code": 1_795_321_182_097, "codex": 0}, {}))
    kinds = {dict(each.labels)["token_type"]: each.value for each in found["llm_tokens_total"]}
    assert kinds == {
        "input": "1000",
        "cache_read": "30000",
        "cache_write_5m": "4000",
        "cache_write_1h": "500",
        "output": "2000",
    }
    assert sum(map(int, kinds.values())) == FIGURES.total
    assert value(found, "llm_reasoning_tokens_total", model=OPUS[1]) == "700"
    assert value(found, "llm_requests_total", provider="anthropic", tool="claude-code", machine="box") == "2"
    assert value(found, "llm_cost_usd_total", kind="list") == "0.285"
    # Of a tool that never called a model nothing is told.
    assert [each.value for each in found["meter_last_event_timestamp_seconds"]] == ["1795321182.097"]


def test_the_sample_ledger_adds_up() -> None:
    asked_for = Answers(ledger_of(), book_of).ask(asked(NOW))
    found = parsed(of_ledger(asked_for, {}, {}))
    assert sum(int(each.value) for each in found["llm_tokens_total"]) == asked_for.totals.total > 0
    assert sum(int(each.value) for each in found["llm_requests_total"]) == asked_for.totals.requests > 0


def test_what_has_no_price_has_no_cost() -> None:
    nobody = Row(("", "nobody-1", "codex", "box"), FIGURES._replace(priced=0, priced_pico=0, unpriced_tokens=37_500))
    found = parsed(of_ledger(answer(nobody, unpriced=(("nobody-1", 37_500),), skipped=3), {}, {}))
    assert "llm_cost_usd_total" not in found
    assert value(found, "meter_unpriced_tokens_total", model="nobody-1") == "37500"
    assert value(found, "meter_unpriced_tokens", model="nobody-1") == "37500"
    assert value(found, "meter_skipped_records_total") == "3"


def test_an_empty_ledger_has_metrics_too() -> None:
    assert list(parsed(of_ledger(answer(), {}, {}))) == ["meter_skipped_records_total"]


def test_a_counter_waits_where_the_ledger_falls_and_goes_on_from_there() -> None:
    shown: Shown = {}
    told = []
    for tokens in (100, 70, 90, 130):
        text = of_ledger(answer(Row(OPUS, Figures(1, tokens))), {}, shown)
        told.append(int(value(parsed(text), "llm_tokens_total", token_type="input")))
    assert told == [100, 100, 100, 130]


def test_a_series_that_is_gone_is_not_shown_but_remembered() -> None:
    shown: Shown = {}
    other = Row(("anthropic", "other", "claude-code", "box"), Figures(1, 100))
    of_ledger(answer(Row(OPUS, Figures(1, 100))), {}, shown)
    gone = parsed(of_ledger(answer(other), {}, shown))
    assert [dict(each.labels)["model"] for each in gone["llm_requests_total"]] == ["other"]
    back = parsed(of_ledger(answer(Row(OPUS, Figures(1, 40)), other), {}, shown))
    assert value(back, "llm_tokens_total", model=OPUS[1], token_type="input") == "100"


def test_a_price_that_is_found_later_ends_the_gauge_only() -> None:
    shown: Shown = {}
    of_ledger(answer(unpriced=(("nobody-1", 500),)), {}, shown)
    found = parsed(of_ledger(answer(), {}, shown))
    assert "meter_unpriced_tokens" not in found


def test_there_are_never_more_series_than_that_and_nothing_is_lost() -> None:
    shown: Shown = {}
    first = Row(("p", "known", "t", "m"), Figures(1, 1))
    of_ledger(answer(first), {}, shown)
    many = [Row(("p", f"model-{number:05}", "t", "m"), Figures(1, number)) for number in range(2, SERIES_MOST + 500)]
    found = parsed(of_ledger(answer(first, *many), {}, shown))
    assert len(found["llm_requests_total"]) == SERIES_MOST + 1
    assert sum(int(each.value) for each in found["llm_requests_total"]) == len(many) + 1
    # What was shown stays, however small; of the new ones the smallest are together.
    assert value(found, "llm_requests_total", model="known") == "1"
    assert value(found, "llm_requests_total", model="other") == str(500 - 1)


def test_a_long_name_is_cut() -> None:
    rows = [Row(("p", "x" * 10_000 + end, "t", "m"), Figures(1, 10)) for end in "ab"]
    (found,) = parsed(of_ledger(answer(*rows), {}, {}))["llm_requests_total"]
    assert (len(dict(found.labels)["model"]), found.value) == (120, "2")


@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_a_model_is_called_comes_back_as_it_was(model: str, machine: str) -> None:
    text = of_ledger(answer(Row(("p", model, "t", machine), Figures(1, 10))), {}, {})
    (found,) = parsed(text)["llm_requests_total"]
    assert dict(found.labels) == {"provider": "p", "model": model, "tool": "t", "machine": machine}


@pytest.mark.parametrize("importing, ratio", [(None, "1"), (0.4321, "0.4321"), (0.0, "0.0000")])
def test_the_program_tells_of_itself(importing: float | None, ratio: str) -> None:
    found = parsed(of_meter("9.9.9", importing, alive=importing is None))
    assert value(found, "meter_build_info", version="9.9.9") == "1"
    assert value(found, "meter_import_ratio") == ratio
    assert value(found, "meter_follower_up") == ("1" if importing is None else "0")
