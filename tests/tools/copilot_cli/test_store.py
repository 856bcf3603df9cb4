"""The store of all sessions: rows that add up to one running total for each session and model."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tools.copilot_cli.journals import MODEL, SESSION, TABLES, answer, consult, fill, row

from tallystick.tools.copilot_cli.store import Store
from tallystick.tools.tool import Unknown
from tallystick.usage.event import Context, Skipped, Variant
from tallystick.usage.identity import key
from tallystick.usage.tokens import Tokens

COLUMNS = {
    "assistant_usage_events": frozenset({"id", "session_id", "model", "input_tokens", "output_tokens", "created_at"})
}


def test_rows_add_up_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    rows = [
        row(10, (15_805, 0, 15_802, 120), total_nano_aiu=4_018_300_000, reasoning_tokens=0),
        row(20, (16_200, 15_802, 390, 80), total_nano_aiu=584_770_000, reasoning_tokens=20, agent_id="scout"),
    ]
    one, two = consult(fill(tmp_path / "store.db", rows))[0].readings
    assert one.meter == two.meter == key("copilot-cli", "store", SESSION, MODEL)
    assert (one.rank, one.time, one.since, one.requests) == (1, 1_795_168_810_000, 1_795_168_800_000, 1)
    assert one.variant == Variant("github-copilot", MODEL)
    assert one.context == Context("copilot-cli", SESSION, "/home/dev/shop", "main")
    assert two.context.agent == "scout"
    assert one.tokens == Tokens(3, 0, 15_802, 0, 120)
    assert (two.requests, two.tokens) == (2, Tokens(11, 15_802, 16_192, 0, 200, 20))
    # 4.60307 AI units are 4.60307 cents.
    assert [one.cost_nano, two.cost_nano] == [40_183_000, 46_030_700]


def test_a_later_read_goes_on_where_the_last_one_ended(tmp_path: Path) -> None:
    path = fill(tmp_path / "store.db", [row(10, (100, 0, 0, 1))])
    _, state = consult(path)
    assert consult(path, state)[0].readings == []
    fill(path, [row(20, (200, 0, 0, 2)), row(30, (50, 0, 0, 5), model="gpt-5")])
    found, state = consult(path, state)
    assert [(each.variant.model, each.requests, each.tokens.input) for each in found.readings] == [
        (MODEL, 2, 300),
        ("gpt-5", 1, 50),
    ]
    whole = consult(path)[0].readings
    assert found.readings == whole[1:]


def test_rows_that_were_deleted_lower_nothing(tmp_path: Path) -> None:
    path = fill(tmp_path / "store.db", [row(10, (100, 0, 0, 1)), row(20, (200, 0, 0, 2))])
    _, state = consult(path)
    with closing(sqlite3.connect(path)) as database:
        database.execute("DELETE FROM assistant_usage_events WHERE id = 1")
        database.commit()
    fill(path, [row(30, (5, 0, 0, 5))])
    (reading,) = consult(path, state)[0].readings
    assert (reading.requests, reading.tokens.input) == (3, 305)


def test_a_store_that_was_made_anew_is_read_from_its_beginning(tmp_path: Path) -> None:
    _, state = consult(fill(tmp_path / "old.db", [row(10, (100, 0, 0, 1)), row(20, (200, 0, 0, 2))]))
    shorter = consult(fill(tmp_path / "short.db", [row(30, (7, 0, 0, 1))]), state)[0].readings
    assert [(each.requests, each.tokens.input) for each in shorter] == [(1, 7)]
    # It has grown beyond the place already, but another row stands there.
    rows = [row(30, (7, 0, 0, 1)), row(40, (8, 0, 0, 1)), row(50, (9, 0, 0, 1))]
    longer = consult(fill(tmp_path / "long.db", rows), state)[0].readings
    assert [each.tokens.input for each in longer] == [7, 15, 24]


def test_several_rows_of_one_second_stand_in_their_order(tmp_path: Path) -> None:
    rows = [row(10, (100, 0, 0, 1), created_at="2026-11-20 10:00:10") for _ in range(3)]
    readings = consult(fill(tmp_path / "store.db", rows))[0].readings
    assert [each.time - 1_795_168_810_000 for each in readings] == [0, 1, 2]


def test_a_clock_that_was_set_back_does_not_turn_a_total_round(tmp_path: Path) -> None:
    readings = consult(fill(tmp_path / "store.db", [row(60, (100, 0, 0, 1)), row(10, (100, 0, 0, 1))]))[0].readings
    assert [each.time - 1_795_168_860_000 for each in readings] == [0, 1]


def test_rows_with_empty_columns(tmp_path: Path) -> None:
    nothing = row(10, (0, 0, 0, 0)) | dict.fromkeys(("input_tokens", "output_tokens", "cache_read_tokens"))
    some = row(20, (100, 0, 0, 7)) | {"cache_read_tokens": None, "cache_write_tokens": None, "total_nano_aiu": None}
    timeless = row(0, (50, 0, 0, 1)) | {"created_at": None, "session_id": "unknown"}
    found = consult(fill(tmp_path / "store.db", [nothing, some, timeless]))[0]
    assert [(each.tokens.input, each.tokens.output, each.cost_nano) for each in found.readings] == [
        (100, 7, None),
        (50, 1, None),
    ]
    # A row without a time, of a session that nobody dates, is as old as the newest one before it.
    assert found.readings[1].time == 1_795_168_820_000
    assert not found.skipped


def test_a_call_that_nothing_dates_is_told_of(tmp_path: Path) -> None:
    found = consult(fill(tmp_path / "store.db", [row(0, (50, 0, 0, 1), created_at=None, session_id="unknown")]))[0]
    assert found.skipped == [Skipped(1, "a call without a time")]
    assert not found.readings


def test_columns_that_an_older_store_lacks_are_empty(tmp_path: Path) -> None:
    tables = "CREATE TABLE assistant_usage_events (id INTEGER PRIMARY KEY, session_id TEXT, copilot_usage_model TEXT, output_tokens INTEGER, created_at TEXT);"
    rows = [
        {"session_id": "s", "copilot_usage_model": "gpt-5", "output_tokens": 7, "created_at": "2026-11-20 10:00:00"}
    ]
    (reading,) = consult(fill(tmp_path / "store.db", rows, tables))[0].readings
    assert (reading.variant.model, reading.tokens, reading.time) == ("gpt-5", Tokens(output=7), 1_795_168_800_000)


def test_a_compaction_has_a_row_like_any_other_call(tmp_path: Path) -> None:
    rows = [row(10, (100, 0, 0, 1)), row(20, (90_000, 0, 0, 900), initiator="compaction")]
    readings = consult(fill(tmp_path / "store.db", rows))[0].readings
    assert (readings[-1].requests, readings[-1].tokens.input) == (2, 90_100)


def test_a_row_that_is_not_understood_is_told_of_by_its_number(tmp_path: Path) -> None:
    rows = [
        row(10, (100, 0, 0, 1)),
        row(20, (0, 0, 0, 1)) | {"input_tokens": "many"},
        row(30, (1, 0, 0, 1), session_id=None),
    ]
    found, state = consult(fill(tmp_path / "store.db", rows))
    assert found.skipped == [Skipped(2, "input_tokens is not a count"), Skipped(3, "session_id is not a text")]
    assert len(found.readings) == 1
    assert state["mark"][0] == 3


def test_a_store_from_before_there_were_counts_has_none(tmp_path: Path) -> None:
    tables = "CREATE TABLE sessions (id TEXT PRIMARY KEY, cwd_ TEXT); CREATE TABLE turns (id INTEGER);"
    found, _ = consult(fill(tmp_path / "store.db", (), tables))
    assert not [*found.readings, *found.skipped]


@pytest.mark.parametrize(
    "tables, reason",
    [
        ("CREATE TABLE message (id TEXT);", "no table `assistant_usage_events`"),
        ("CREATE TABLE assistant_usage_events (id INTEGER);", "no column `session_id`"),
    ],
)
def test_another_database_is_not_read(tmp_path: Path, tables: str, reason: str) -> None:
    with pytest.raises(Unknown, match=reason):
        answer(fill(tmp_path / "store.db", (), tables), Store({}))


def test_nothing_that_was_said_is_asked_for() -> None:
    questions = Store({}).read({**COLUMNS, "sessions": frozenset({"id", "cwd", "summary", "branch", "created_at"})})
    assert "summary" not in next(questions).sql
    assert "summary" not in TABLES


CELL = (
    st.none()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.text(max_size=5)
    | st.binary(max_size=5)
    | st.just("\ud83d")
)


@given(st.lists(st.tuples(*[CELL] * 14), max_size=4))
def test_wrong_types_anywhere_raise_nothing(records: list[tuple[Any, ...]]) -> None:
    reader = Store({})
    questions = reader.read(COLUMNS)
    next(questions)
    good = (99, "s", "gpt-5", None, None, "2026-11-20T10:00:00Z", 10, 0, 0, 1, 0, None, None, None, None)
    with pytest.raises(StopIteration):
        questions.send([*((number, *each) for number, each in enumerate(records)), good])
    found, state = reader.finish()
    json.dumps(state)
    assert sum(each.offset == 99 for each in found.readings) == 1
    for each in found.readings:
        "".join((*each.context, *each.variant)).encode()
