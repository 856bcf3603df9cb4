"""The inventory as people at 80 and 120 columns read it, and as programs do."""

import json

import pytest
from tests.answers.sample import NOW, asked, book_of, ledger_of

from tallystick.answers import as_json
from tallystick.answers.answers import Answers
from tallystick.answers.health import Place, Uncounted
from tallystick.answers.inventory import Inventory, Stock
from tallystick.answers.reports.places import TOOLS
from tallystick.faces.text import inventory as face
from tallystick.faces.text.words import cells
from tallystick.tools.tool import DERIVED, EXACT

HOME = "/home/dev"
HOUR = 3_600_000


def place(name: str, files: int = 0, size: int = 0, *, exists: bool = True) -> Place:
    """Return a place below home."""
    return Place(f"{HOME}/{name}", exists, files, size)


CLAUDE = Stock(
    "claude-code",
    "Claude Code",
    (place(".config/claude/projects"), place(".claude/projects", 1_204, 81_300_000), place("x", exists=False)),
    19_012,
    3,
    NOW - 2 * HOUR,
    EXACT,
    (
        "The first is not told.",
        "Nor is the second, which takes many more words to say than a line of eighty has room for.",
    ),
)
QWEN = Stock("qwen-code", "Qwen Code", (place(".qwen/projects", exists=False),), 0, 0, 0, EXACT, ())
COPILOT = Stock(
    "copilot-cli",
    "GitHub Copilot CLI",
    tuple(place(f".copilot/{name}", 1, 1_000) for name in "abcde"),
    7,
    0,
    NOW - 50 * HOUR,
    DERIVED,
    (),
)
LOST = Stock("codex", "Codex", tuple(place(name, exists=False) for name in ("a", "b", "c")), 5, 0, NOW, EXACT, ())
KIRO = Uncounted("kiro", "Kiro", f"{HOME}/.kiro", "It writes none.", "Ask Kiro.", keeps_counts=False)
GOOSE, DROID = (
    Uncounted(name.lower(), name, f"{HOME}/{name}", "Later.", "Keep.", keeps_counts=True) for name in ("Goose", "Droid")
)
WHOLE = Inventory(NOW, (CLAUDE, QWEN, COPILOT, LOST), (KIRO, GOOSE, DROID))


def told(found: Inventory, width: int) -> list[str]:
    """Return the lines that a person is shown."""
    return face.plain(face.all_of(found, HOME, width)).splitlines()


def test_at_120_columns_what_was_found_is_a_table() -> None:
    assert told(WHOLE, 120)[:10] == [
        "Found here          Counts   Place                      Files     Size  Events  Newest",
        "─" * 90,
        "Claude Code         exact    ~/.claude/projects         1,204  81.3 MB  19,012  2h 00m ago",
        "                             ~/.config/claude/projects      0",
        "GitHub Copilot CLI  derived  ~/.copilot/a                   1   1.0 kB       7  2d 02h ago",
        "                             ~/.copilot/b                   1   1.0 kB",
        "                             ~/.copilot/c                   1   1.0 kB",
        "                             and 2 more places              2   2.0 kB",
        "Codex               exact    no logs any more                                5  just now",
        "",
    ]


def test_at_80_columns_each_place_has_a_line() -> None:
    assert told(WHOLE, 80)[:10] == [
        "Found here",
        "Claude Code         exact    19,012 events, the newest 2h 00m ago",
        "  ~/.claude/projects                                     1,204 files   81.3 MB",
        "  ~/.config/claude/projects                                  0 files",
        "GitHub Copilot CLI  derived  7 events, the newest 2d 02h ago",
        "  ~/.copilot/a                                               1 file     1.0 kB",
        "  ~/.copilot/b                                               1 file     1.0 kB",
        "  ~/.copilot/c                                               1 file     1.0 kB",
        "  and 2 more places                                          2 files    2.0 kB",
        "Codex               exact    5 events, the newest just now",
    ]


def test_what_is_not_here_is_told_quietly_below() -> None:
    text = told(WHOLE, 80)
    assert text[text.index("Not found") :] == [
        "Not found",
        "Qwen Code  ~/.qwen/projects",
        "",
        "Installed, but not counted",
        "Kiro: It writes none.",
        "  → Ask Kiro.",
        "Goose, Droid: keep counts, which Tallystick does not read yet.",
        "",
    ]


def test_an_empty_machine_has_only_places_that_were_looked_at() -> None:
    lost = LOST._replace(events=0)
    assert told(Inventory(NOW, (QWEN, lost), ()), 80) == [
        "Not found",
        "Qwen Code  ~/.qwen/projects",
        "Codex      ~/a, ~/b and 1 more",
        "",
    ]
    assert told(Inventory(NOW, (), ()), 80) == []


def test_a_single_tool_that_is_not_read_keeps_counts_in_the_singular() -> None:
    assert told(Inventory(NOW, (), (GOOSE,)), 80)[1] == "Goose: keeps counts, which Tallystick does not read yet."


@pytest.mark.parametrize("width", [60, 80, 90, 100, 120, 200])
def test_every_line_fits(width: int) -> None:
    deep = CLAUDE._replace(places=(place("d" * 150, 1, 1), place("e" * 150, exists=False)))
    for found in (WHOLE, WHOLE._replace(tools=(deep, *WHOLE.tools))):
        for text in told(found, width):
            assert cells(text) <= min(width, 120) - 2


def test_a_long_path_keeps_its_end() -> None:
    deep = CLAUDE._replace(places=(place("d" * 150 + "/projects", 1, 1),))
    assert told(Inventory(NOW, (deep,), ()), 80)[2].startswith("  …ddd")
    assert "/projects  " in told(Inventory(NOW, (deep,), ()), 80)[2]


def test_one_tool_is_told_in_full() -> None:
    assert face.plain(face.one(Inventory(NOW, (CLAUDE,), ()), HOME, 80)).splitlines() == [
        "Claude Code (claude-code)",
        "  counts       exact: each call is told one by one, with its own counts and",
        "               its own time",
        "  ledger       19,012 events, the newest 2h 00m ago",
        "               3 of them broke off and are counted with what was known by then",
        "  found        ~/.config/claude/projects: 0 files, 0 bytes",
        "               ~/.claude/projects: 1,204 files, 81.3 MB",
        "  not there    ~/x",
        "  not logged   · The first is not told.",
        "               · Nor is the second, which takes many more words to say than a",
        "                 line of eighty has room for.",
        "",
    ]


def test_one_tool_with_all_of_its_places() -> None:
    partly = COPILOT._replace(derived=1_234_567, coarse=90)
    text = face.plain(face.one(Inventory(NOW, (partly, LOST), ()), HOME, 120)).splitlines()
    assert text[3:5] == [
        "               1,234,567 tokens of it are known only as the difference of two running totals",
        "               90 tokens of it are known only as a sum over a longer time",
    ]
    del text[3:5]
    assert text[1] == "  counts       derived: some calls are known only as the difference of two running totals"
    assert text[3:8] == [
        "  found        ~/.copilot/a: 1 file, 1.0 kB",
        *(f"               ~/.copilot/{name}: 1 file, 1.0 kB" for name in "bcde"),
    ]
    assert text[-5:] == [
        "  found        no logs any more",
        "  not there    ~/a",
        "               ~/b",
        "               ~/c",
        "",
    ]


def test_one_tool_that_cannot_be_counted() -> None:
    assert face.plain(face.one(Inventory(NOW, (), (KIRO,)), HOME, 80)).splitlines() == [
        "Kiro (kiro)",
        "  found        ~/.kiro",
        "  not counted  It writes none.",
        "  instead      Ask Kiro.",
        "",
    ]


def test_a_terminal_shows_the_same_set_in_by_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for width in (80, 120):
        monkeypatch.setenv("COLUMNS", str(width))
        face.show(face.all_of(WHOLE, HOME, width))
        shown = capsys.readouterr().out.splitlines()
        assert shown == [f" {text}" if text else "" for text in told(WHOLE, width)]
        assert max(map(cells, shown)) <= width - 1


def test_what_would_steer_a_terminal_is_not_shown() -> None:
    sick = CLAUDE._replace(places=(place("\x1b[2J", 1, 1), place("\x1b[3J", exists=False)))
    bad = KIRO._replace(place=f"{HOME}/\x1b[2J")
    for width in (80, 120):
        assert "\x1b" not in "".join(told(Inventory(NOW, (sick, sick._replace(places=sick.places[1:])), (bad,)), width))
    assert "\x1b" not in face.plain(face.one(Inventory(NOW, (sick,), (bad,)), HOME, 80))


def test_a_program_gets_the_report_and_the_inventory_beside_its_rows() -> None:
    answer = Answers(ledger_of(), book_of).ask(asked(TOOLS))
    text = face.report(answer, WHOLE)
    found = json.loads(text)
    tools, unusable = found.pop("tools"), found.pop("unusable")
    assert found == json.loads(as_json.report(answer))
    assert tools[0] == {
        "tool": "claude-code",
        "title": "Claude Code",
        "found": True,
        "places": [
            {"path": f"{HOME}/.config/claude/projects", "files": 0, "bytes": 0},
            {"path": f"{HOME}/.claude/projects", "files": 1_204, "bytes": 81_300_000},
        ],
        "looked_at": [f"{HOME}/x"],
        "events": 19_012,
        "cut_off": 3,
        # Two hours before 2026-11-22T04:19:42.597Z.
        "newest": "2026-11-22T02:19:42.597Z",
        "counts": "exact",
        "dated": {"derived": 0, "coarse": 0},
        "blind_spots": list(CLAUDE.blind_spots),
    }
    assert (tools[1]["found"], tools[1]["places"], tools[1]["newest"]) == (False, [], None)
    assert unusable[0] == {
        "tool": "kiro",
        "title": "Kiro",
        "place": f"{HOME}/.kiro",
        "why": "It writes none.",
        "instead": "Ask Kiro.",
    }


def test_a_program_gets_empty_lists_where_there_is_nothing() -> None:
    found = json.loads(face.report(Answers(ledger_of(), book_of).ask(asked(TOOLS)), Inventory(NOW, (), ())))
    assert (found["tools"], found["unusable"]) == ([], [])
