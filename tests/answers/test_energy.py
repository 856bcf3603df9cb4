"""The estimate: its figures per token are those of docs/energy.md, and it is a range."""

import re
from pathlib import Path

import pytest
from tests.answers.sample import EVENTS, MAIN, OPUS, asked, event, ledger_of

from tallystick.answers.answer import Figures
from tallystick.answers.as_json import document
from tallystick.answers.energy import KINDS, SOURCES, WATER, WATT_HOURS, energy, estimate
from tallystick.answers.fold import answer
from tallystick.answers.question import Wish
from tallystick.answers.reports.places import ANY
from tallystick.usage.tokens import Tokens

DOCS = Path(__file__).parents[2] / "docs" / "energy.md"


def test_the_published_figures_give_the_ends() -> None:
    # 0.3 Wh for 500 tokens; 2.5 and 40 Wh with prompts of 10 000 and 100 000, the answer's 0.3 taken off.
    assert WATT_HOURS["output"][0] == pytest.approx(0.3 / 500 * 10**6)
    assert WATT_HOURS["input"][0] == pytest.approx((2.5 - 0.3) / 10_000 * 10**6)
    assert WATT_HOURS["input"][1] == pytest.approx((40 - 0.3) / 100_000 * 10**6, rel=0.01)
    assert WATT_HOURS["output"][1] == pytest.approx(2.78 / 1_000 * 10**6)
    assert WATT_HOURS["cache_read"] == (0, WATT_HOURS["input"][1] // 10)
    assert WATER[0] == pytest.approx(0.26 / 0.24, rel=0.01)
    assert WATER[1] == pytest.approx(0.55 + 1.17 * 3.14, rel=0.01)
    assert all(low < high for low, high in (*WATT_HOURS.values(), WATER))


def test_the_document_says_the_same() -> None:
    text = DOCS.read_text()
    told = {
        words: (int(low), int(high))
        for words, low, high in re.findall(r"^\| ([a-z ,]+) \| (\d+) \| (\d+) \|", text, re.MULTILINE)
    }
    assert told == {
        "output": WATT_HOURS["output"],
        "input, and what is written to a cache": WATT_HOURS["cache_write_1h"],
        "read from a cache": WATT_HOURS["cache_read"],
    }
    assert f"| {WATER[0]} | {WATER[1]} |" in text
    assert all(source in text for source in SOURCES)


def test_a_million_of_each_kind() -> None:
    found = estimate("x", Figures(1, *[10**6] * 5))
    assert {kind: tuple(ends) for kind, ends in found.watt_hours.items()} == dict(WATT_HOURS)
    # 3 x 220 + 0 + 600, and 3 x 400 + 40 + 2 780.
    assert tuple(found.energy) == (1_260, 4_020)
    assert found.water == pytest.approx((1.26 * 1.08, 4.02 * 4.22))


def test_models_add_up_to_the_whole_and_tokens_to_the_report() -> None:
    question = asked(ANY, Wish("day", {"tool": ["claude-code"]}))
    found = energy(ledger_of(), question)
    assert [each.name for each in found.models] == [OPUS.model, EVENTS[2].variant.model]
    for kind in KINDS:
        assert found.total.watt_hours[kind].high == pytest.approx(
            sum(each.watt_hours[kind].high for each in found.models)
        )
    assert found.total.figures.total == answer(ledger_of(), None, question).totals.total


def test_nothing_takes_nothing() -> None:
    found = energy(ledger_of((), (), (), ()), asked(ANY, Wish("day")))
    assert tuple(found.total.energy) == tuple(found.total.water) == (0, 0)


def test_its_json_says_that_it_is_an_estimate_and_how() -> None:
    events = [event("2026-11-01T10:00", OPUS, MAIN, Tokens(output=1_000_000))]
    found = energy(ledger_of(events, (), (), ()), asked(ANY, Wish("day")))
    told = found.told()
    assert told["estimate"] is True
    assert told["totals"]["watt_hours"] == [600, 2_780]
    assert told["method"]["sources"] == list(SOURCES)
    assert '"schema": "tallystick.energy/1"' in document(found)
