"""The inventory: what the ledger holds of each tool, beside where it was looked for."""

from tests.answers.sample import CLI, MAIN, NOBODY, NOW, OPUS, THOUSAND, at, event, ledger_of
from tests.ledger.sample import batch, reading

from tallystick.answers.health import Place, Uncounted
from tallystick.answers.inventory import MEANINGS, inventory
from tallystick.ledger.ledger import Source
from tallystick.ledger.memory import MemoryLedger
from tallystick.tools.claude_code import CLAUDE_CODE
from tallystick.tools.codex import CODEX
from tallystick.tools.tool import COARSE, DERIVED, EXACT
from tallystick.usage.event import CUT_OFF
from tallystick.usage.tokens import Tokens

HERE = Place("/home/dev/.claude/projects", exists=True, files=2, bytes=300)
GONE = Place("/home/dev/.codex/sessions", exists=False, files=0, bytes=0)
KIRO = Uncounted("kiro", "Kiro", "/home/dev/.kiro", "Why.", "Instead.", keeps_counts=False)
GOOSE = Uncounted("goose", "Goose", "/home/dev/goose", "Why.", "Instead.", keeps_counts=True)


def ledger() -> MemoryLedger:
    """Return three events of Claude Code, one of which broke off, and one of Codex."""
    first = event("2026-11-20T10:00:00", OPUS, MAIN, THOUSAND)
    broken = event("2026-11-21T10:00:00", OPUS, MAIN, THOUSAND)._replace(grade=CUT_OFF)
    last = event("2026-11-21T09:00:00", OPUS, MAIN, THOUSAND)
    other = event("2026-11-01T09:00:00", NOBODY, CLI, Tokens(7, 0, 0, 0, 3))
    return ledger_of((first, broken, last, other), (), (), ())


def test_what_there_is_of_each_tool() -> None:
    found = inventory(ledger(), [(CLAUDE_CODE, (HERE,)), (CODEX, (GONE,))], (KIRO,), NOW)
    claude, codex = found.tools
    assert (claude.tool, claude.title, claude.places, claude.found) == ("claude-code", "Claude Code", (HERE,), True)
    assert (claude.events, claude.cut_off, claude.newest) == (3, 1, at("2026-11-21T10:00:00"))
    assert (claude.counts, claude.blind_spots) == (EXACT, CLAUDE_CODE.blind_spots)
    # Logs may be gone while what they told is kept.
    assert (codex.found, codex.events, codex.cut_off, codex.newest) == (False, 1, 0, at("2026-11-01T09:00:00"))
    assert (found.unusable, found.now) == ((KIRO,), NOW)


def test_a_tool_that_was_never_used_has_nothing() -> None:
    (tool,) = inventory(ledger_of((), (), (), ()), [(CODEX, (GONE,))], (), NOW).tools
    assert (tool.found, tool.events, tool.newest) == (False, 0, 0)


def test_a_filter_by_tool_is_one_of_the_inventory_too() -> None:
    whole = inventory(ledger(), [(CLAUDE_CODE, (HERE,)), (CODEX, (GONE,))], (KIRO, GOOSE), NOW)
    assert whole.only(()) == whole
    some = whole.only(("co*", "Kiro"))
    assert ([tool.tool for tool in some.tools], some.unusable) == (["codex"], (KIRO,))
    assert whole.only(("none",)).tools == ()


def test_every_way_of_counting_is_explained() -> None:
    assert set(MEANINGS) == {EXACT, DERIVED, COARSE}


def test_what_is_known_as_sums_only_is_told_in_tokens() -> None:
    kept = ledger()
    first = reading(at("2026-11-10T10:00:00"), Tokens(100, 0, 0, 0, 20), context=CLI, variant=NOBODY)
    second = first._replace(time=at("2026-11-10T18:00:00"), tokens=Tokens(150, 0, 0, 0, 25))
    kept.add([batch(Source("/home/dev/store.db", "codex"), readings=(first, second))])
    claude, codex = inventory(kept, [(CLAUDE_CODE, (HERE,)), (CODEX, (GONE,))], (), NOW).tools
    assert (claude.derived, claude.coarse) == (0, 0)
    # Nobody knows when the first 120 came, less the 10 of the event that is known; the other 55 came between the readings.
    assert (codex.derived, codex.coarse) == (55, 110)
