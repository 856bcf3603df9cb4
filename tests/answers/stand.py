"""A real ledger in a file, with the sample's events in it, before which a desk can stand."""

from collections.abc import Sequence
from pathlib import Path

from tests.answers.sample import CALLS, EVENTS, PROMPTS, TITLES, at, book_of

from tallystick.answers.answers import Answers
from tallystick.intake.packing import pack
from tallystick.ledger.ledger import Source
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.tools.tool import Found
from tallystick.usage.event import LimitSample, UsageEvent

BOOK = book_of()
LIMITS = (
    LimitSample("openai", "codex:300", 300, 40.0, at("2026-11-22T02:00"), at("2026-11-21T22:00"), "plus"),
    LimitSample("openai", "codex:300", 300, 66.5, at("2026-11-22T03:00"), at("2026-11-22T01:00"), "plus"),
    LimitSample("openai", "codex:10080", 10_080, 12.5, at("2026-11-25T00:00"), at("2026-11-22T01:00"), "plus"),
    LimitSample("somewhere", "old", 0, 1.0, 0, at("2026-08-01T00:00")),
)


def fill(path: Path, events: Sequence[UsageEvent] = EVENTS) -> None:
    """Add events to a ledger, which is made where there is none."""
    found: dict[str, Found] = {}
    for place, each in enumerate(events):
        of = found.setdefault(each.context.tool, Found())
        of.events.append(each._replace(offset=100 * place))
        of.calls += [call for call in CALLS if call.event == each.key]
        of.prompts += [prompt for prompt in PROMPTS if prompt.context == each.context and prompt not in of.prompts]
    ledger = SqliteLedger(str(path), write=True)
    for number, (tool, of) in enumerate(found.items()):
        if not number:
            of.titles += TITLES
            of.limits += LIMITS
            of.skip(7, "not JSON")
        source = Source(f"/home/dev/logs/{tool}-{events[0].key}.jsonl", tool)
        ledger.add([pack(of, source, fresh=True, machine="box", user="dev")])
    ledger.close()


def answers(path: Path) -> Answers:
    """Return answers from a ledger that is there."""
    return Answers(SqliteLedger(str(path)), lambda: BOOK)
