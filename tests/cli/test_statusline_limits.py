"""What the tool tells of usage windows goes into the inbox when it is news, in the form that the ledger reads."""

import json
from pathlib import Path

import pytest

from tallystick.cli.statusline_limits import note, windows
from tallystick.tools.claude_code.status_line import samples

NOW = 1_795_442_400_000
FIVE = {"used_percentage": 34, "resets_at": 1_795_446_000}


def told(session: str = "s", **limits: object) -> dict[str, object]:
    """Return what Claude Code tells."""
    return {"session_id": session, "rate_limits": limits or {"five_hour": FIVE}}


def lines(folder: Path) -> list[dict[str, object]]:
    """Return what is in the inbox."""
    return [json.loads(line) for path in folder.glob("inbox/limits/*.jsonl") for line in path.read_text().splitlines()]


def test_what_is_told_is_put_into_the_inbox_as_the_ledger_reads_it(tmp_path: Path) -> None:
    assert note(str(tmp_path), told(), NOW)
    (line,) = lines(tmp_path)
    assert line == {"v": 1, "time": NOW, "told": {"rate_limits": {"five_hour": FIVE}}}
    (sample,) = samples(line["told"], NOW)  # type: ignore[arg-type]
    assert (sample.window, sample.used_percent, sample.resets_at, sample.time) == (
        "five_hour",
        34.0,
        1_795_446_000_000,
        NOW,
    )


def test_the_same_word_of_a_session_is_put_once(tmp_path: Path) -> None:
    assert [note(str(tmp_path), told(), NOW + each) for each in range(3)] == [True, False, False]
    assert note(str(tmp_path), told(five_hour={**FIVE, "used_percentage": 35}), NOW + 3)
    # A session that rests repeats itself while another one goes on.
    assert note(str(tmp_path), told("other", five_hour={**FIVE, "used_percentage": 36}), NOW + 4)
    assert not note(str(tmp_path), told(five_hour={**FIVE, "used_percentage": 35}), NOW + 5)
    assert len(lines(tmp_path)) == 3


def test_only_so_many_sessions_are_remembered(tmp_path: Path) -> None:
    for each in range(70):
        assert note(str(tmp_path), told(f"s{each}"), NOW)
    assert len((tmp_path / "statusline.told").read_text().splitlines()) == 64
    assert not note(str(tmp_path), told("s69"), NOW)
    assert note(str(tmp_path), told("s5"), NOW)


@pytest.mark.parametrize(
    "said",
    [None, 7, [], {}, {"five_hour": None}, {"five_hour": {}}, {"five_hour": {"used_percentage": "34"}},
     {"five_hour": {"used_percentage": True}}, {"five_hour": {"used_percentage": float("nan")}}, {'a"b': FIVE}, {"ü": FIVE}],
)  # fmt: skip
def test_what_is_no_window_is_not_told(said: object) -> None:
    assert windows(said) == ""


@pytest.mark.parametrize("session", ["a\nb", "a\tb", "x" * 201])
def test_a_session_whose_name_is_none_is_passed_over(tmp_path: Path, session: str) -> None:
    assert not note(str(tmp_path), told(session), NOW)


def test_where_nothing_can_be_written_nothing_is(tmp_path: Path) -> None:
    (tmp_path / "inbox").write_text("a file")
    assert not note(str(tmp_path), told(), NOW)
    assert not (tmp_path / "statusline.told").exists()
