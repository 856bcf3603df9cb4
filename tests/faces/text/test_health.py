"""Health as people and programs read it."""

import json

import pytest
from tests.answers.around import CLAUDE, IN_ORDER
from tests.answers.sample import MAIN, NOBODY, NOW, OPUS, THOUSAND, book_of, event, ledger_of

from tallystick.answers.advice import Finding, advice
from tallystick.answers.health import Health, Place, Skips, Uncounted, examine
from tallystick.faces.text import health as face
from tallystick.prices.price_book import PriceBook
from tallystick.usage.tokens import Tokens

HOME = "/home/dev"
DAY = 86_400_000
EVENTS = (
    event("2026-11-21T10:19:42.597", OPUS, MAIN, THOUSAND),
    event("2026-11-20T10:00:00", NOBODY, MAIN, Tokens(7, 0, 0, 0, 3)),
)


@pytest.fixture(scope="module")
def book() -> PriceBook:
    """Return the shipped price book."""
    return book_of()


@pytest.fixture
def health(book: PriceBook) -> Health:
    """Return the health of a machine with one model that has no price."""
    return examine(ledger_of(EVENTS, (), (), ()), book, IN_ORDER)


def shown(health: Health) -> list[str]:
    """Return the lines that a person is shown."""
    return [cell.text for cell in face.lines(health, advice(health), HOME)]


def test_what_was_found_where(health: Health) -> None:
    text = shown(health)
    assert text[:5] == [
        "Claude Code",
        "  found        ~/.claude/projects: 12 logs, 3.4 MB",
        "  not there    ~/.config/claude/projects",
        "  read         1 log, 0 bytes: 2 events, the newest 18h 00m ago",
        "  clean-up     Claude Code deletes logs after 30 days; all of them are read, so that no count will be lost",
    ]
    assert "  not logged   6 kinds of calls: `tally tools claude-code` names them" in text


def test_tools_without_logs_share_a_line_beside_those_with(health: Health) -> None:
    text = shown(health)
    place = text.index("Other tools")
    assert text[place + 1 : place + 3] == [
        "  not found    Codex; `tally tools NAME` tells where one was looked for",
        "",
    ]


def test_where_no_tool_has_logs_each_tells_its_first_places(health: Health) -> None:
    places = tuple(place._replace(path=f"/home/dev/{n}", exists=False) for n in "abc" for place in CLAUDE.places[:1])
    nothing = tuple(tool._replace(seen=tool.seen._replace(places=places), files_read=0) for tool in health.tools)
    text = shown(health._replace(tools=nothing))
    assert text[:5] == [
        "Not found",
        "  Claude Code  ~/a, ~/b and 1 more",
        "  Codex        ~/a, ~/b and 1 more",
        "  → `tally tools NAME` tells every place where one was looked for.",
        "",
    ]
    assert "Other tools" not in text


def test_many_places_are_told_by_the_first_and_the_sum_of_the_others(health: Health) -> None:
    places = tuple(Place(f"/home/dev/{name}", exists=True, files=2, bytes=500) for name in "abcde")
    tool = health.tools[0]._replace(seen=CLAUDE._replace(places=places))
    assert shown(health._replace(tools=(tool,)))[1:5] == [
        "  found        ~/a: 2 logs, 500 bytes",
        "               ~/b: 2 logs, 500 bytes",
        "               ~/c: 2 logs, 500 bytes",
        "               and 2 more places: 4 logs, 1.0 kB",
    ]


def test_tools_that_cannot_be_counted_are_named_in_a_line(health: Health) -> None:
    tools = tuple(
        Uncounted(name.lower(), name, f"/home/dev/{name}", "Why.", "Instead.", keeps_counts=False)
        for name in ("Kiro", "Cursor")
    )
    around = IN_ORDER._replace(unusable=tools)
    assert "  not counted  Kiro, Cursor; `tally tools` tells why, and what would count them" in shown(
        health._replace(surroundings=around)
    )
    found = json.loads(face.as_json(health._replace(surroundings=around), []))["unusable"]
    assert found[0] == {
        "tool": "kiro",
        "title": "Kiro",
        "place": "/home/dev/Kiro",
        "why": "Why.",
        "instead": "Instead.",
    }


def test_ledger_prices_and_time(health: Health) -> None:
    text = "\n".join(shown(health))
    assert (
        "  holds        2 events in 120.0 kB, version 1\n  state        checked quickly (--full checks all): sound\n"
        in text
    )
    assert "  unpriced     nobody-knows-1: 10 tokens\n" in text
    # 04:19 UTC in winter.
    assert "  zone         Europe/Berlin, from the system; it is 2026-11-22 05:19 there" in text


def test_findings_close_the_answer(health: Health) -> None:
    text = shown(health)
    assert text[-3] == "1 warning"
    assert text[-2].startswith("! These models have no known price")
    assert text[-1].startswith("  → `tally prices update` may bring it")


def test_nothing_wrong_is_said(book: PriceBook) -> None:
    assert shown(examine(ledger_of(EVENTS[:1], (), (), ()), book, IN_ORDER))[-1] == "Nothing is wrong."


def test_troubles_and_warnings_are_counted(health: Health) -> None:
    findings = [
        Finding(trouble=True, about="logs", what="A.", todo="B."),
        Finding(trouble=True, about="logs", what="C.", todo="D."),
        Finding(trouble=False, about="time", what="E.", todo="F."),
    ]
    assert [cell.text for cell in face.lines(health, findings, HOME)][-7:] == [
        "2 troubles and 1 warning",
        "✗ A.",
        "  → B.",
        "✗ C.",
        "  → D.",
        "! E.",
        "  → F.",
    ]


def test_skipped_cut_off_and_unread_are_told(health: Health) -> None:
    tool = health.tools[0]
    seen = tool.seen._replace(unread_files=2, unread_bytes=1_500, unread_oldest=NOW - 20 * DAY)
    tool = tool._replace(
        seen=seen, cut_off=1, skipped=3, reasons=(Skips("not JSON", 3, "/home/dev/.claude/projects/p/s.jsonl:70"),)
    )
    text = shown(health._replace(tools=(tool, health.tools[1])))
    assert "  cut off      1 answer, counted with what was known when they broke off" in text
    assert "  skipped      3 x not JSON, as in ~/.claude/projects/p/s.jsonl:70" in text
    assert "  unread       2 logs, 1.5 kB" in text
    assert "  clean-up     Claude Code deletes logs after 30 days; the first unread one in 10 days" in text


def test_a_ledger_that_cannot_be_used_is_told(health: Health) -> None:
    around = IN_ORDER._replace(file=IN_ORDER.file._replace(closed="The ledger is damaged. Keep it."))
    text = shown(health._replace(surroundings=around))
    assert "  state        cannot be used, see below" in text
    assert "✗ The ledger is damaged." in text


def test_what_would_steer_a_terminal_is_not_shown(health: Health) -> None:
    tool = health.tools[0]._replace(skipped=1, reasons=(Skips("not JSON", 1, "/home/dev/\x1b[2J.jsonl:0"),))
    around = IN_ORDER._replace(troubles=(("/home/dev/\x1b[31mred", "permission denied"),))
    assert "\x1b" not in "".join(shown(health._replace(tools=(tool, health.tools[1]), surroundings=around)))


def test_a_command_to_run_keeps_its_path_whole(health: Health) -> None:
    # A shell does not know ~ within quotes.
    around = IN_ORDER._replace(troubles=(("/home/dev/my logs", "permission denied"),))
    text = "\n".join(shown(health._replace(surroundings=around)))
    assert "✗ ~/my logs cannot be read" in text
    assert "chmod u+rX '/home/dev/my logs'" in text


def test_a_program_gets_everything(health: Health) -> None:
    found = json.loads(face.as_json(health, advice(health)))
    assert (found["schema"], found["sound"]) == ("tallystick.health/1", True)
    assert [finding["about"] for finding in found["findings"]] == ["prices"]
    claude, codex = found["tools"]
    assert claude["places"][0] == {
        "path": "/home/dev/.claude/projects",
        "exists": True,
        "files": 12,
        "bytes": 3_400_000,
    }
    assert (claude["events"], claude["newest"], claude["keeps_days"]) == (2, "2026-11-21T10:19:42.597Z", 30)
    assert (codex["events"], codex["newest"], codex["keeps_days"]) == (0, None, None)
    assert found["unpriced"] == [{"model": "nobody-knows-1", "tokens": 10}]
    assert found["ledger"]["path"] == "/home/dev/data/ledger.db"
    assert found["time"] == {"now": "2026-11-22T04:19:42.597Z", "timezone": "Europe/Berlin", "source": "the system"}


def test_a_program_is_told_that_something_is_wrong(health: Health) -> None:
    around = IN_ORDER._replace(troubles=(("/home/dev/x", "permission denied"),))
    broken = health._replace(surroundings=around)
    found = json.loads(face.as_json(broken, advice(broken)))
    assert found["sound"] is False
    assert found["unreadable"] == [{"path": "/home/dev/x", "reason": "permission denied"}]


def test_lines_are_broken_within_their_column(
    health: Health, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    face.show(face.lines(health, advice(health), HOME))
    text = capsys.readouterr().out.splitlines()
    assert all(len(line) <= 60 for line in text)
    place = next(number for number, line in enumerate(text) if line.startswith("  clean-up"))
    assert text[place + 1].startswith(" " * 15 + "of them are read")
    place = next(number for number, line in enumerate(text) if line.startswith("  →"))
    assert text[place + 1].startswith("    ")
