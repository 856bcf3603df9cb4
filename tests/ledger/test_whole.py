"""What a ledger tells whoever copies it: every engine the same rows, in portions that leave nothing out."""

from contextlib import closing
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledger.sample import COPY, LATER, LOG, MAIN, OPUS, View, batch, reading
from tests.ledger.worlds import deliveries, worlds

from tallystick.ledger.ledger import Batch, Ledger, Row
from tallystick.ledger.memory import MemoryLedger
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.usage.tokens import Tokens

EVERYTHING: dict[str, int | str] = {"since": -(2**62), "until": 2**62, "least": -(2**63), "named": "", "most": 10_000}
KEPT = ("events", "views", "prompts", "calls", "limits", "readings", "contexts", "sources", "titles", "tags", "renamed")
NUMBERED = {"events": (3, 4, 19), "views": (3, 4, 19), "prompts": (3, None, 1), "readings": (4, 5, 15)}
"""Where a row names context, variant and source by numbers."""
WIRE = LOG._replace(path="/home/dev/w", witness="wire")


def told(ledger: Ledger) -> dict[str, list[Row]]:
    """Return everything that a ledger tells, with what numbers stand for in their place."""
    every = {name: ledger.ask(f"all_{name}", **EVERYTHING) for name in KEPT}
    contexts = {row[0]: row[1:] for row in every["contexts"]}
    sources = {row[0]: row[1:] for row in every["sources"]}
    variants = {row[0]: row[1:] for row in ledger.ask("variants")}
    for name, (context, variant, source) in NUMBERED.items():
        rows: list[list[Any]] = [list(row) for row in every[name]]
        for row in rows:
            row[context], row[source] = contexts[row[context]], sources[row[source]][0]
            if variant is not None:
                row[variant] = variants[row[variant]]
        every[name] = [tuple(row) for row in rows]
    # Of a prompt, the ledger in memory keeps no place.
    every["prompts"] = [(*row[:4], row[5]) for row in every["prompts"]]
    every |= {"contexts": list(contexts.values()), "sources": list(sources.values())}
    return {name: sorted(rows, key=repr) for name, rows in every.items()}


def test_an_event_is_told_with_its_views(ledger: Ledger) -> None:
    once = View(
        7, 9, 5_000, tokens=Tokens(10, 20, 30, 40, 50, 6), work_ms=3, searches=2, fetches=1, cost_nano=8, place=99
    )
    ledger.add([batch(LOG, [once, View(8)]), batch(LATER, [View(8, context=COPY, place=4)])])
    every = told(ledger)
    (first,) = (row for row in every["events"] if row[0] == 7)
    named = (tuple(MAIN), tuple(OPUS))
    assert first == (7, 9, 5_000, *named, 10, 20, 30, 40, 50, 6, 3, 0, 0, 3, 2, 1, 8, 99, LOG.path, 1, 1, 1, 0, 0)
    assert [row[0] for row in every["events"]] == [7, 8]
    assert [(row[0], row[3], row[18], row[19]) for row in every["views"]] == [
        (8, tuple(MAIN), 0, LOG.path),
        (8, tuple(COPY), 4, LATER.path),
    ]


def test_what_is_told_of_a_time_is_of_no_other(ledger: Ledger) -> None:
    ledger.add([batch(LOG, [View(1, time=10), View(2, time=20), View(3, time=20), View(4, time=30)])])
    assert [row[0] for row in ledger.ask("all_events", since=10, until=20, most=9)] == [1]
    assert sorted(row[0] for row in ledger.ask("all_events", since=20, until=31, most=9)) == [2, 3, 4]
    assert [row[2] for row in ledger.ask("all_events", since=0, until=31, most=2)] == [10, 20]


@pytest.mark.parametrize(
    "question, place", [("prompts", 0), ("calls", 0), ("limits", 5), ("readings", 2), ("contexts", 0), ("sources", 0)]
)
def test_portions_begin_where_they_are_to_and_are_no_larger(ledger: Ledger, question: str, place: int) -> None:
    more: dict[str, Any] = {
        "prompts": [(key, 7, MAIN, 0) for key in (-5, 3, 9)],
        "calls": [(key, 1, "Read", 1, 2, False) for key in (-5, 3, 9)],
        "limits": [("openai", "primary", 300, 1.0, 0, time, "", "") for time in (-5, 3, 9)],
    }
    readings = [reading(time, Tokens(90)) for time in (-5, 3, 9)]
    views = [View(1), View(2, context=COPY), View(3, context=MAIN._replace(agent="a"))]
    ledger.add([batch(LOG, views, readings=readings, **more), batch(LATER), batch(WIRE)])
    every = ledger.ask(f"all_{question}", least=-(2**63), most=9)
    assert [row[place] for row in every] == sorted(row[place] for row in every)
    assert len(every) == 3
    assert ledger.ask(f"all_{question}", least=every[1][place], most=9) == every[1:]
    assert ledger.ask(f"all_{question}", least=every[1][place], most=1) == every[1:2]


def test_titles_and_tags_are_told_from_a_session_on(ledger: Ledger) -> None:
    titles: list[Row] = [(each, f"title {each}", 4) for each in ("a", "b", "c")]
    tags: list[Row] = [("codex", each, "ticket", "X-1") for each in ("a", "b", "c")]
    ledger.add([batch(LOG, titles=titles, tags=tags)])
    assert ledger.ask("all_titles", named="b", most=9) == titles[1:]
    assert ledger.ask("all_titles", named="", most=2) == titles[:2]
    assert ledger.ask("all_tags", named="b", most=1) == tags[1:2]


def test_what_was_withdrawn_is_told(ledger: Ledger) -> None:
    ledger.add([batch(LOG, [View(5)]), batch(WIRE, [View(5, time=8_000, tokens=Tokens(), place=3)])])
    ((key, time, *_, place, _),) = ledger.ask("all_withdrawn", least=-(2**63), most=9)
    assert (key, time, place) == (5, 8_000, 3)
    assert told(ledger)["events"] == []


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_engines_tell_the_same(data: st.DataObject) -> None:
    world = data.draw(worlds(withdrawals=False))
    transactions: list[list[Batch]] = data.draw(deliveries(world))
    memory = MemoryLedger()
    with closing(SqliteLedger(":memory:", write=True)) as file:
        for ledger in (memory, file):
            for each in transactions:
                ledger.add(each)
        assert told(file) == told(memory)
