"""Logs that were brought from another machine: whatever lay at home there, or the transcripts in a bare folder."""

from pathlib import Path
from shutil import copytree

from tests.intake.push.test_tokenfold import SAMPLES

from tallystick.intake.brought import brought
from tallystick.intake.logs import bring_in
from tallystick.ledger.memory import MemoryLedger
from tallystick.tools.shelf import TOOLS

CODEX = SAMPLES.parent / "codex"


def found(folder: Path) -> dict[str, int]:
    """Return how many logs of each tool there are."""
    news, troubles = brought(str(folder), TOOLS, MemoryLedger())
    assert not troubles
    counts: dict[str, int] = {}
    for each in news:
        counts[each.tool.name] = counts.get(each.tool.name, 0) + 1
    return counts


def rollout() -> Path:
    """Return a log of Codex."""
    return next(iter(sorted(CODEX.rglob("rollout-*.jsonl"))))


def test_a_home_is_read_with_all_its_tools(tmp_path: Path) -> None:
    copytree(SAMPLES / "streamed", tmp_path / ".claude" / "projects")
    log = tmp_path / ".codex" / "sessions" / "2026" / "11" / "01" / rollout().name
    log.parent.mkdir(parents=True)
    log.write_bytes(rollout().read_bytes())
    (tmp_path / "notes.jsonl").write_text("{}\n")
    assert found(tmp_path) == {"claude-code": 1, "codex": 1}


def test_in_a_bare_folder_every_transcript_counts(tmp_path: Path) -> None:
    copytree(SAMPLES / "agents", tmp_path / "projects")
    (tmp_path / rollout().name).write_bytes(rollout().read_bytes())
    assert found(tmp_path) == {"claude-code": 3, "codex": 1}


def test_what_was_read_is_no_news(tmp_path: Path) -> None:
    copytree(SAMPLES / "streamed", tmp_path / "logs")
    ledger = MemoryLedger()
    news, _ = brought(str(tmp_path), TOOLS, ledger)
    assert bring_in(news, ledger, ("old", "alice")).receipt.new > 0
    assert brought(str(tmp_path), TOOLS, ledger)[0] == []
    assert {(row[7], row[8]) for row in ledger.ask("contexts")} == {("old", "alice")}
