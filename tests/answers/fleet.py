"""A ledger with several machines: its own, one that sends and is at work, one that fell silent, one that is in trouble."""

from zlib import crc32

from tests.answers.sample import MAIN, NOBODY, NOW, OPUS, THOUSAND, event

from tallystick.intake.packing import pack
from tallystick.ledger.ledger import Arrival, Batch, Source
from tallystick.tools.tool import Found
from tallystick.usage.event import UsageEvent
from tallystick.usage.tokens import Tokens

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
HERE = "box"


def on(machine: str, user: str, *events: UsageEvent, path: str = "") -> Batch:
    """Return a batch of what was used on a machine."""
    source = Source(path or f"push:{machine}:/home/dev/logs.jsonl", "claude-code")
    found = Found()
    found.events += [each._replace(key=crc32(machine.encode()) << 20 | number) for number, each in enumerate(events)]
    return pack(found, source, fresh=True, machine=machine, user=user)


def arrival(machine: str, ago: int, *, user: str = "", name: str = "", pending: int = 0) -> Arrival:
    """Return that a machine was heard of so many milliseconds ago."""
    return Arrival(machine, name or machine, user, NOW - ago, "tally", "0.4.1", 0, pending)


# Two thousand-token events on the ledger's own machine, three weeks ago: 2 x $0.285.
OWN = on(
    HERE,
    "ada",
    event("2026-11-01T10:00", OPUS, MAIN, THOUSAND),
    event("2026-11-01T11:00", OPUS, MAIN, THOUSAND),
    path="/home/dev/logs.jsonl",
)
# $0.285 five minutes ago, by somebody else, whose machine was heard of a minute ago.
LAPTOP = on("laptop", "grace", event("2026-11-22T04:14:42", OPUS, MAIN, THOUSAND))
# $0.855 within the last two weeks, and nothing heard for three days and an hour.
TOWER = on("tower", "ada", *(event(f"2026-11-1{day}T08:00", OPUS, MAIN, THOUSAND) for day in (2, 5, 8)))
# Ten tokens without a price, half a year ago: all that there ever was of a machine that sends nothing any more.
OLD = on("old", "", event("2026-05-01T08:00", NOBODY, MAIN, Tokens(7, 0, 0, 0, 3)))
BATCHES = (OWN, LAPTOP, TOWER, OLD)
ARRIVALS = (
    arrival("laptop", MINUTE),
    arrival("tower", 3 * DAY + HOUR, user="ada", pending=1_200),
    # Nothing was ever used on this one, whose clock is three hours ahead.
    arrival("runner", 30 * MINUTE)._replace(skew_ms=3 * HOUR, trouble="The disk is full."),
)
