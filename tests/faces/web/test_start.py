"""The first run: it is one only while there is nothing at all, and says where was looked."""

from tests.answers.sample import EVENTS, NOW, READINGS, book_of, ledger_of
from tests.faces.web.paged import Read

from tallystick.answers.answers import Answers
from tallystick.faces.web.start import Looked, is_empty, nowhere, panel
from tallystick.usage.event import UsageEvent

BOOK = book_of()
HOSTILE = "</script><img src=x onerror=alert(1)>"


def empty(events: list[UsageEvent]) -> bool:
    """Tell whether a ledger of some events is empty."""
    return is_empty(Answers(ledger_of(events, (), (), ()), lambda: BOOK), NOW)


def test_one_event_of_any_day_ends_the_first_run() -> None:
    assert empty([])
    assert not empty([EVENTS[0]])
    assert not empty([EVENTS[0]._replace(time=1)])
    # A log from the future, by a clock that is wrong, is something too.
    assert not empty([EVENTS[0]._replace(time=NOW * 2)])


def test_sums_alone_end_it_too() -> None:
    assert not is_empty(Answers(ledger_of((), (), (), (), readings=READINGS), lambda: BOOK), NOW)


def test_each_tool_has_one_row_those_that_are_there_first() -> None:
    looked = [
        Looked("Claude Code", "~/.claude/projects", exists=False),
        Looked("Claude Code", "~/.config/claude/projects", exists=False),
        Looked("Codex", "~/.codex/sessions", exists=False),
        Looked("Codex", "~/.codex/archived_sessions", exists=True),
    ]
    page = Read(panel(looked))
    assert page.tables == [
        [
            ["Tool", "Found", "Looked in"],
            ["Codex", "there, nothing in it yet", "~/.codex/archived_sessions and 1 place more"],
            ["Claude Code", "not there", "~/.claude/projects and 1 place more"],
        ]
    ]
    assert ("title", "~/.claude/projects\n~/.config/claude/projects") in page.attributes
    assert "There is a tool" in page.text
    assert "tally demo serve" in page.text


def test_where_there_is_no_tool_it_says_what_to_do() -> None:
    assert "Use a coding tool" in Read(panel([Looked("Codex", "~/.codex", exists=False)])).text
    assert "There is a tool" not in Read(panel([Looked("Codex", "~/.codex", exists=False)])).text
    assert Read(panel(nowhere())).tables == []


def test_a_hostile_path_is_text() -> None:
    page = Read(panel([Looked("Codex", HOSTILE, exists=True)]))
    assert HOSTILE in page.text
    assert not {"img", "script"} & set(page.tags)
