"""A look around finds every place, counts what lies there, and knows what the ledger has not read."""

import json
import os
from pathlib import Path

import pytest

from tallystick.intake.logs import bring_in, look
from tallystick.intake.survey import Place, Seen, installed, places, survey
from tallystick.intake.walk import Trouble
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.tools.claude_code import CLAUDE_CODE as CLAUDE
from tallystick.tools.codex import CODEX
from tallystick.tools.shelf import TOOLS
from tallystick.tools.tool import DOCUMENT, Root
from tallystick.tools.unusable import Unusable

ANSWER = {
    "type": "assistant",
    "timestamp": "2026-11-01T10:00:00.000Z",
    "sessionId": "s",
    "requestId": "req_1",
    "message": {
        "id": "msg_1",
        "model": "claude-opus-4-8",
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 1, "output_tokens": 2},
    },
}
LINE = json.dumps(ANSWER).encode() + b"\n"


def log(home: Path, name: str, content: bytes = LINE) -> Path:
    """Write a transcript."""
    path = home / ".claude" / "projects" / "p" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def seen(home: Path, ledger: SqliteLedger | None = None, **environ: str) -> Seen:
    """Return what is seen of Claude Code."""
    return survey((CLAUDE,), str(home), environ, ledger).seen[0]


def test_every_place_is_told_whether_it_is_there_or_not(tmp_path: Path) -> None:
    log(tmp_path, "one.jsonl")
    log(tmp_path, "two.jsonl", LINE * 3)
    places = seen(tmp_path).places
    assert places[0] == Place(f"{tmp_path}/.claude/projects", exists=True, files=2, bytes=4 * len(LINE))
    assert Place(f"{tmp_path}/.config/claude/projects", exists=False, files=0, bytes=0) in places
    assert [place.path for place in places] == [root.path for root in CLAUDE.roots(str(tmp_path), {})]


def test_a_place_that_the_environment_names_is_looked_at(tmp_path: Path) -> None:
    log(tmp_path / "elsewhere", "one.jsonl")
    places = seen(tmp_path, CLAUDE_CONFIG_DIR=f"{tmp_path}/elsewhere/.claude").places
    assert places[0] == Place(f"{tmp_path}/elsewhere/.claude/projects", exists=True, files=1, bytes=len(LINE))


def test_a_folder_that_two_places_lead_to_counts_once(tmp_path: Path) -> None:
    log(tmp_path, "one.jsonl")
    (tmp_path / ".config").mkdir()
    (tmp_path / ".config" / "claude").symlink_to(tmp_path / ".claude")
    assert sum(place.files for place in seen(tmp_path).places) == 1


def test_without_a_ledger_everything_is_unread(tmp_path: Path) -> None:
    os.utime(log(tmp_path, "one.jsonl"), (2_000, 2_000))
    os.utime(log(tmp_path, "two.jsonl"), (1_000, 1_000))
    found = seen(tmp_path)
    assert (found.unread_files, found.unread_bytes, found.unread_oldest) == (2, 2 * len(LINE), 1_000_000)


def test_what_the_ledger_has_read_is_not_unread(tmp_path: Path) -> None:
    path = log(tmp_path, "one.jsonl")
    ledger = SqliteLedger(str(tmp_path / "ledger.db"), write=True)
    news, _ = look((CLAUDE,), str(tmp_path), {}, ledger)
    bring_in(news, ledger, ("box", "dev"))
    found = seen(tmp_path, ledger)
    assert (found.unread_files, found.unread_bytes, found.unread_oldest) == (0, 0, 0)
    with path.open("ab") as file:
        file.write(LINE)
    found = seen(tmp_path, ledger)
    # The last answer will be read again, for more of it may have followed.
    assert (found.unread_files, found.unread_bytes) == (1, 2 * len(LINE))
    ledger.close()


@pytest.mark.parametrize(
    "settings, days",
    [
        (None, 30),
        ('{"cleanupPeriodDays": 9}', 9),
        ('{"cleanupPeriodDays": 99999}', 99_999),
        ('{"theme": "dark"}', 30),
        ("{torn", 30),
        ("[]", 30),
        ("[" * 100_000, 30),
    ],
)
def test_the_tools_settings_say_how_long_it_keeps_logs(tmp_path: Path, settings: str | None, days: int) -> None:
    if settings is not None:
        (tmp_path / ".claude").mkdir()
        (tmp_path / ".claude" / "settings.json").write_text(settings)
    found = seen(tmp_path)
    assert (found.settings, found.keeps_days) == (f"{tmp_path}/.claude/settings.json", days)


def test_a_tool_that_never_deletes_is_told_apart(tmp_path: Path) -> None:
    (found,) = survey((CODEX,), str(tmp_path), {}, None).seen
    assert (found.settings, found.keeps_days) == ("", None)


def test_tools_come_in_the_order_of_the_shelf(tmp_path: Path) -> None:
    found = survey(TOOLS, str(tmp_path), {}, None)
    assert [each.tool for each in found.seen] == [tool.name for tool in TOOLS]
    assert found.troubles == ()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_must_not_be_read_is_a_trouble(tmp_path: Path) -> None:
    path = log(tmp_path, "one.jsonl")
    path.chmod(0)
    assert survey((CLAUDE,), str(tmp_path), {}, None).troubles == (Trouble(str(path), "permission denied"),)
    path.chmod(0o600)


def test_a_link_that_leads_round_is_a_trouble_once(tmp_path: Path) -> None:
    log(tmp_path, "one.jsonl")
    loop = tmp_path / ".claude" / "projects" / "loop.jsonl"
    loop.symlink_to(loop)
    assert survey((CLAUDE,), str(tmp_path), {}, None).troubles == (
        Trouble(str(loop), "too many levels of symbolic links"),
    )


def test_another_home_has_places_of_its_own_without_the_environment(tmp_path: Path) -> None:
    log(tmp_path / "own", "one.jsonl")
    log(tmp_path / "other", "two.jsonl", LINE * 2)
    others = (str(tmp_path / "other"),)
    environ = {"CLAUDE_CONFIG_DIR": f"{tmp_path}/own/.claude"}
    found = survey((CLAUDE,), str(tmp_path / "own"), environ, None, others).seen[0]
    there = [place for place in found.places if place.exists]
    assert there == [
        Place(f"{tmp_path}/own/.claude/projects", exists=True, files=1, bytes=len(LINE)),
        Place(f"{tmp_path}/other/.claude/projects", exists=True, files=1, bytes=2 * len(LINE)),
    ]
    # What the variable names stands for both defaults of one's own home, and for none of the other's.
    assert f"{tmp_path}/own/.config/claude/projects" not in [place.path for place in found.places]
    assert f"{tmp_path}/other/.config/claude/projects" in [place.path for place in found.places]
    assert found.unread_files == 2
    assert places(CLAUDE, str(tmp_path / "own"), environ, others) == found.places


def test_a_home_within_another_or_by_another_path_is_read_once(tmp_path: Path) -> None:
    log(tmp_path, "one.jsonl")
    log(tmp_path / "srv", "two.jsonl")
    (tmp_path / "link").symlink_to(tmp_path / "srv")
    found = survey((CLAUDE,), str(tmp_path), {}, None, (str(tmp_path / "srv"), str(tmp_path / "link"))).seen[0]
    assert sum(place.files for place in found.places) == 2
    assert found.unread_files == 2


def test_roots_in_one_directory_are_one_place(tmp_path: Path) -> None:
    log(tmp_path, "one.jsonl")
    top = f"{tmp_path}/.claude/projects"
    tool = CLAUDE._replace(roots=lambda *_: [Root(top), Root(top, (".json",), form=DOCUMENT)])
    assert places(tool, str(tmp_path), {}) == (Place(top, exists=True, files=1, bytes=len(LINE)),)


def test_a_place_within_another_has_its_own_files(tmp_path: Path) -> None:
    top = f"{tmp_path}/.claude"
    log(tmp_path, "one.jsonl")
    (tmp_path / ".claude" / "two.jsonl").write_bytes(LINE * 2)
    tool = CLAUDE._replace(roots=lambda *_: [Root(top, depth=0), Root(f"{top}/projects")])
    assert places(tool, str(tmp_path), {}) == (
        Place(top, exists=True, files=1, bytes=2 * len(LINE)),
        Place(f"{top}/projects", exists=True, files=1, bytes=len(LINE)),
    )


def test_a_tool_without_places_is_nowhere(tmp_path: Path) -> None:
    assert places(CLAUDE._replace(roots=lambda *_: []), str(tmp_path), {}) == ()


def test_an_installed_tool_is_known_by_the_first_place_that_is_there(tmp_path: Path) -> None:
    other = tmp_path / "other"
    (other / "AppData" / "Roaming" / "A").mkdir(parents=True)
    (tmp_path / "b").mkdir()
    known = (
        Unusable("a", "A", (".a", "{config}/A"), "Why.", "Instead."),
        Unusable("b", "B", ("b",), "Why.", "Instead."),
        Unusable("c", "C", ("c",), "Why.", "Instead.", "C_HOME"),
    )
    assert installed(known, str(tmp_path), {}) == [(known[1], f"{tmp_path}/b")]
    assert installed(known, str(tmp_path), {"C_HOME": str(other)}, (str(other),)) == [
        (known[0], f"{other}/AppData/Roaming/A"),
        (known[1], f"{tmp_path}/b"),
        (known[2], str(other)),
    ]
