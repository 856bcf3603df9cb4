"""`tally doctor` on real files: 0 while nothing is wrong, 1 when something is, and never a traceback."""

import json
import os
from pathlib import Path

import pytest
from tests.cli.stage import Said, Stage

from tallystick.ledger.sqlite.opening import WriterLock
from tallystick.tools.shelf import TOOLS


def found(said: Said) -> dict[str, object]:
    """Return what a program is told."""
    return json.loads(said.out)  # type: ignore[no-any-return]


def abouts(said: Said) -> list[tuple[bool, str]]:
    """Return of each finding whether it is a trouble, and what it is about."""
    return [(each["trouble"], each["about"]) for each in json.loads(said.out)["findings"]]


def test_an_empty_machine_is_warned_of_and_told_where_it_was_looked(stage: Stage) -> None:
    said = stage.tally("doctor")
    assert said.code == 0
    lines = said.out.splitlines()
    assert lines[0] == "Not found"
    # One line for each tool.
    assert [line.partition("  ~/")[0].strip() for line in lines[1 : len(TOOLS) + 1]] == [tool.title for tool in TOOLS]
    assert "  ~/.claude/projects, ~/.config/claude/projects and " in lines[1]
    assert "! There are no logs of " in said.out
    assert said.err == ""


def test_a_machine_in_order(stage: Stage) -> None:
    stage.answers(3)
    said = stage.tally("doctor")
    assert said.code == 0
    assert "  found        ~/.claude/projects: 1 log" in said.out
    # What is not here takes one line, however many tools there are.
    assert said.out.count("  not found    ") == 1
    assert "Not found" not in said.out
    assert ": 3 events, the newest" in said.out
    assert said.out.endswith("Nothing is wrong.\n")


def test_everything_is_read_before_it_is_judged(stage: Stage) -> None:
    stage.answers(3)
    first = json.loads(stage.tally("doctor", "--json").out)["tools"][0]
    assert (first["events"], first["unread"]) == (3, {"files": 0, "bytes": 0})


def test_without_reading_the_unread_logs_are_told(stage: Stage) -> None:
    stage.answers(3)
    tool = json.loads(stage.tally("doctor", "--json", "--no-refresh").out)["tools"][0]
    assert (tool["events"], tool["unread"]) == (0, {"files": 1, "bytes": stage.log.stat().st_size})


def test_unread_logs_before_their_deletion_are_a_trouble(stage: Stage) -> None:
    stage.answers(1)
    days_29 = stage.log.stat().st_mtime - 29 * 86_400
    os.utime(stage.log, (days_29, days_29))
    said = stage.tally("doctor", "--json", "--no-refresh")
    assert (said.code, abouts(said)) == (1, [(True, "claude-code")])
    assert stage.tally("doctor").code == 0


def test_a_small_clean_up_period_is_a_warning(stage: Stage) -> None:
    stage.answers(1)
    (stage.home / ".claude" / "settings.json").write_text('{"cleanupPeriodDays": 3}')
    said = stage.tally("doctor", "--json")
    assert (said.code, abouts(said)) == (0, [(False, "claude-code")])


def test_skipped_input_is_a_warning_with_its_place(stage: Stage) -> None:
    stage.answers(1)
    with stage.log.open("a") as file:
        file.write('{"type":"assistant","usage":garbage\n')
    said = stage.tally("doctor")
    assert said.code == 0
    assert "as in ~/.claude/projects/p/s.jsonl:" in said.out
    assert "! 1 piece of input was not understood." in said.out


def test_a_link_that_leads_round_is_a_trouble(stage: Stage) -> None:
    stage.answers(1)
    loop = stage.log.with_name("loop.jsonl")
    loop.symlink_to(loop)
    said = stage.tally("doctor")
    assert said.code == 1
    assert "✗ ~/.claude/projects/p/loop.jsonl cannot be read (too many levels of symbolic links)." in said.out


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_folder_is_a_trouble(stage: Stage) -> None:
    stage.answers(1)
    stage.log.parent.chmod(0)
    said = stage.tally("doctor")
    stage.log.parent.chmod(0o700)
    assert said.code == 1
    assert "cannot be read (permission denied)" in said.out


def test_a_price_that_is_none_is_a_trouble(stage: Stage) -> None:
    stage.answers(1)
    stage.say('[prices]\nrefresh = false\n[prices."mine"]\ninput = -1\noutput = 2\n')
    said = stage.tally("doctor")
    assert said.code == 1
    assert '✗ Your price for "mine" does not count: input is not a price' in said.out
    assert f"Mend it in {stage.config}." in said.out


def test_a_model_without_a_price_is_a_warning(stage: Stage) -> None:
    stage.answers(2, model="house-model-1")
    said = stage.tally("doctor")
    assert said.code == 0
    assert "  unpriced     house-model-1: 60 tokens" in said.out


def test_a_damaged_fetched_book_is_a_warning(stage: Stage) -> None:
    stage.answers(1)
    (stage.home / "data").mkdir()
    (stage.home / "data" / "prices.bin").write_bytes(b"no book")
    said = stage.tally("doctor", "--json")
    assert (said.code, abouts(said)) == (0, [(False, "prices")])


def test_another_writer_is_a_warning(stage: Stage) -> None:
    stage.answers(1)
    stage.tally("doctor")
    stage.answers(2, model="claude-opus-4-8")
    lock = WriterLock(str(stage.home / "data" / "ledger.db"))
    assert lock.take(wait=False)
    said = stage.tally("doctor", "--json")
    without_reading = stage.tally("doctor", "--json", "--no-refresh")
    lock.release()
    assert (said.code, abouts(said)) == (0, [(False, "ledger")])
    assert abouts(without_reading) == [(False, "ledger")]
    assert json.loads(said.out)["ledger"]["busy"] is True


def test_a_ledger_that_is_none_is_a_trouble_and_the_rest_is_told(stage: Stage) -> None:
    stage.answers(1)
    (stage.home / "data").mkdir()
    (stage.home / "data" / "ledger.db").write_bytes(b"this is no database at all, but long enough to look at" * 100)
    said = stage.tally("doctor")
    assert said.code == 1
    assert "  found        ~/.claude/projects: 1 log" in said.out
    assert "  state        cannot be used, see below" in said.out


def test_a_ledger_with_damaged_pages_is_a_trouble(stage: Stage) -> None:
    stage.answers(500)
    stage.tally("daily")
    stage.tally("ledger", "vacuum")
    path = stage.home / "data" / "ledger.db"
    content = bytearray(path.read_bytes())
    for page in range(4096, len(content), 4096):
        content[page : page + 2048] = b"\xff" * 2048
    path.write_bytes(content)
    said = stage.tally("doctor", "--no-refresh")
    assert said.code == 1
    assert "✗" in said.out


def test_a_data_folder_that_cannot_be_is_a_trouble(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.answers(1)
    (stage.home / "file").write_text("a file where a folder should be")
    monkeypatch.setenv("TALLY_DATA_DIR", str(stage.home / "file" / "data"))
    said = stage.tally("doctor")
    assert said.code == 1
    assert "cannot be used" in said.out


def test_full_checks_the_sums(stage: Stage) -> None:
    stage.answers(3)
    said = stage.tally("doctor", "--full", "--json")
    assert json.loads(said.out)["ledger"]["checked"] == "fully"
    assert said.code == 0


def test_the_time_zone_is_told_with_its_source(stage: Stage) -> None:
    stage.say('timezone = "Asia/Kolkata"\n')
    assert "  zone         Asia/Kolkata, from ~/.config/tallystick/config.toml; it is" in stage.tally("doctor").out


def test_the_memory_of_a_deleted_log_is_no_trouble(stage: Stage) -> None:
    stage.answers(3)
    stage.tally("doctor")
    stage.log.unlink()
    tool = json.loads(stage.tally("doctor", "--json").out)["tools"][0]
    assert (tool["places"][0]["files"], tool["files_read"], tool["events"]) == (0, 1, 3)


def test_a_profile_elsewhere_is_looked_at(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "second"))
    assert "  ~/second/projects" in stage.tally("doctor").out


def test_a_tool_whose_files_give_no_counts_is_mentioned_in_a_line(stage: Stage) -> None:
    stage.answers(1)
    (stage.home / ".kiro" / "sessions").mkdir(parents=True)
    (stage.home / ".factory" / "sessions").mkdir(parents=True)
    said = stage.tally("doctor")
    assert said.code == 0
    assert "  not counted  Kiro, Droid; `tally tools` tells why, and what would count them\n" in said.out
    assert said.out.endswith("Nothing is wrong.\n")
    told = json.loads(stage.tally("doctor", "--json").out)["unusable"]
    assert [(each["tool"], each["place"]) for each in told] == [
        ("kiro", f"{stage.home}/.kiro/sessions"),
        ("droid", f"{stage.home}/.factory/sessions"),
    ]


def test_a_home_that_is_named_and_not_there_is_a_warning(stage: Stage) -> None:
    stage.answers(1)
    stage.say('[tools]\nhomes = ["~/other", "~/third"]\n')
    (stage.home / "other").mkdir()
    said = stage.tally("doctor", "--json")
    assert (said.code, abouts(said)) == (0, [(False, "config")])
    assert json.loads(said.out)["missing_homes"] == [f"{stage.home}/third"]
    assert "! ~/third is named as a home" in stage.tally("doctor").out


def test_the_logs_of_another_home_are_looked_at_too(stage: Stage) -> None:
    stage.answers(1)
    stage.say('[tools]\nhomes = ["~/other"]\n')
    copy = stage.home / "other" / ".claude" / "projects" / "p" / "t.jsonl"
    copy.parent.mkdir(parents=True)
    copy.write_text(stage.log.read_text().replace("msg_", "msg_other_"))
    said = stage.tally("doctor").out
    assert "  found        ~/.claude/projects: 1 log" in said
    assert "               ~/other/.claude/projects: 1 log" in said
    assert ": 2 events, the newest" in said


def test_a_proxy_on_the_way_out_that_is_not_spoken_is_told(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    words = "ALL_PROXY names a proxy of the kind socks5, which is not spoken here: providers are asked directly."
    assert words not in stage.tally("doctor").out
    monkeypatch.setenv("ALL_PROXY", "socks5://corp.example:1080")
    found = stage.tally("doctor")
    assert (found.code, words in " ".join(found.out.split())) == (0, True)
