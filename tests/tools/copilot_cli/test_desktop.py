"""The desktop app's database: names of sessions, and none of its sums."""

from pathlib import Path

import pytest
from tests.tools.copilot_cli.journals import answer, fill

from tallystick.tools.copilot_cli.desktop import Desktop
from tallystick.tools.tool import Unknown
from tallystick.usage.event import Title

TABLE = "CREATE TABLE sessions (id TEXT, title TEXT, total_input_tokens INTEGER, created_at, updated_at INTEGER);"
ROW = "INSERT INTO sessions VALUES ('one', 'Paint the shed', 5000, '2026-11-20T10:00:00Z', 1795172420000);"


def test_a_session_has_the_name_that_the_app_gave_it(tmp_path: Path) -> None:
    reader = Desktop({})
    answer(fill(tmp_path / "data.db", (), TABLE + ROW), reader)
    found, state = reader.finish()
    assert found.titles == [Title("one", "Paint the shed", 1_795_172_420_000)]
    assert (found.events, found.readings, state) == ([], [], {})


def test_a_name_is_one_short_line(tmp_path: Path) -> None:
    row = "INSERT INTO sessions VALUES ('one', 'Paint' || char(10) || 'the ' || hex(zeroblob(500)), 1, 1, 1);"
    reader = Desktop({})
    answer(fill(tmp_path / "data.db", (), TABLE + row), reader)
    assert [title.text for title in reader.finish()[0].titles] == ["Paint the " + 190 * "0"]


def test_a_name_that_is_none_is_left_out(tmp_path: Path) -> None:
    rows = "INSERT INTO sessions VALUES ('a', NULL, 1, 1, 1), ('b', '', 1, 1, 1), (NULL, 'x', 1, 1, 1), ('c', x'00', 1, 1, 1);"
    reader = Desktop({})
    answer(fill(tmp_path / "data.db", (), TABLE + rows), reader)
    assert reader.finish()[0].titles == []


@pytest.mark.parametrize("tables", ["CREATE TABLE notes (id TEXT);", "CREATE TABLE sessions (id TEXT);"])
def test_another_database_is_not_read(tmp_path: Path, tables: str) -> None:
    with pytest.raises(Unknown, match="titles"):
        answer(fill(tmp_path / "data.db", (), tables), Desktop({}))
