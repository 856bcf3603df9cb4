"""Where transcripts lie, and what their paths say."""

from pathlib import Path

import pytest

from tallystick.intake.walk import walk
from tallystick.tools.claude_code.places import Place, companions_of, place_of, roots
from tallystick.tools.tool import Root

SESSION = "5e551011-0000-4000-8000-000000000001"


def paths(environ: dict[str, str]) -> list[str]:
    """Return the places for transcripts, without those of the desktop application."""
    return [root.path for root in roots("/home/dev", environ) if not root.within]


@pytest.mark.parametrize(
    "environ, expected",
    [
        ({}, ["/home/dev/.claude/projects", "/home/dev/.config/claude/projects"]),
        ({"XDG_CONFIG_HOME": "/home/dev/cfg"}, ["/home/dev/.claude/projects", "/home/dev/cfg/claude/projects"]),
        ({"CLAUDE_CONFIG_DIR": ""}, ["/home/dev/.claude/projects", "/home/dev/.config/claude/projects"]),
        ({"CLAUDE_CONFIG_DIR": " , "}, ["/home/dev/.claude/projects", "/home/dev/.config/claude/projects"]),
        ({"CLAUDE_CONFIG_DIR": "/srv/a"}, ["/srv/a/projects"]),
        ({"CLAUDE_CONFIG_DIR": "/srv/a/, /srv/b/projects"}, ["/srv/a/projects", "/srv/b/projects"]),
        ({"CLAUDE_CONFIG_DIR": "/srv/a,/srv/a/projects/"}, ["/srv/a/projects"]),
        ({"CLAUDE_CONFIG_DIR": "~/mine,~"}, ["/home/dev/mine/projects", "/home/dev/projects"]),
        ({"CLAUDE_CONFIG_DIR": "~other/x"}, ["~other/x/projects"]),
    ],
)
def test_every_config_directory_is_looked_at(environ: dict[str, str], expected: list[str]) -> None:
    assert paths(environ) == expected


def test_the_desktop_application_keeps_config_directories_of_its_own() -> None:
    found = {root for root in roots("/home/dev", {"APPDATA": "C:/Roaming"}) if root.within}
    for place in ("/home/dev/Library/Application Support/Claude", "/home/dev/.config/Claude", "C:/Roaming/Claude"):
        assert (
            Root(f"{place}/local-agent-mode-sessions", (".jsonl",), ("journal.jsonl",), "/.claude/projects/") in found
        )
    assert len(found) == 6


def test_the_notes_of_workflows_are_no_transcripts() -> None:
    assert all(root.skip == ("journal.jsonl",) for root in roots("/home/dev", {}))


@pytest.mark.parametrize(
    "path, expected",
    [
        (f"/home/dev/.claude/projects/-home-dev-p/{SESSION}.jsonl", Place(SESSION, is_agent=False)),
        (f"/p/-home-dev-p/{SESSION}/subagents/agent-a1b2.jsonl", Place(SESSION, is_agent=True)),
        (f"/p/-home-dev-p/{SESSION}/subagents/workflows/wf-1/agent-a1b2.jsonl", Place(SESSION, is_agent=True)),
        (f"/p/{SESSION}/subagents/agent-a1/subagents/agent-b2.jsonl", Place(SESSION, is_agent=True)),
        (f"/p/{SESSION}/subagents/x/agent-a1/subagents/workflows/agent-b2.jsonl", Place(SESSION, is_agent=True)),
        (f"/home/dev/subagents/.claude/projects/p/{SESSION}/subagents/agent-a1.jsonl", Place(SESSION, is_agent=True)),
        (
            f"/p/{SESSION}/subagents/agent-aside_question-3f.jsonl",
            Place(SESSION, is_agent=True, agent="aside_question"),
        ),
        ("/p/-home-dev-p/agent-0a1b2c3.jsonl", Place("", is_agent=True)),
        (f"C:\\Users\\dev\\.claude\\projects\\p\\{SESSION}.jsonl", Place(SESSION, is_agent=False)),
        ("/p/subagents/agent-a1.jsonl", Place("p", is_agent=True)),
        ("subagents/agent-a1.jsonl", Place("", is_agent=True)),
        ("a.jsonl", Place("a", is_agent=False)),
    ],
)
def test_a_path_tells_the_session(path: str, expected: Place) -> None:
    assert place_of(path) == expected


def test_only_agents_are_described_beside_their_transcript() -> None:
    assert companions_of(f"/p/{SESSION}/subagents/agent-a1.jsonl") == (f"/p/{SESSION}/subagents/agent-a1.meta.json",)
    assert companions_of(f"/p/{SESSION}.jsonl") == ()


def test_of_the_desktop_application_s_records_only_transcripts_are_read(tmp_path: Path) -> None:
    session = tmp_path / ".config" / "Claude" / "local-agent-mode-sessions" / "a" / "b" / "local_c"
    for name in (
        ".claude/projects/-p/s1.jsonl",
        ".claude/projects/-p/s1/subagents/agent-a1.jsonl",
        "audit.jsonl",
        ".claude/other.jsonl",
    ):
        path = session / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"{}\n")
    found = walk(roots(str(tmp_path), {}), [])
    assert sorted(Path(file.path).name for file in found) == ["agent-a1.jsonl", "s1.jsonl"]
