"""Shares of machines and hours in what no model is billed for: prompts and uses of tools; and when each machine was last at work."""

from collections import defaultdict
from typing import NamedTuple

from tallystick.answers.book import BOOK
from tallystick.answers.uses import prompted, used
from tallystick.ledger.ledger import Ledger
from tallystick.usage.period import SLOT_MS, Period


class Share(NamedTuple):
    """What falls to one machine, or to one hour."""

    prompts: int = 0
    calls: int = 0
    """Uses of tools."""


class Shares(NamedTuple):
    """What there was in a period."""

    machines: dict[str, Share]
    hours: dict[str, Share]
    """By the local hour, as reports name it."""
    last: dict[str, int]
    """By machine, when the last answer ended: milliseconds since 1970, UTC."""


def shares(ledger: Ledger, period: Period) -> Shares:
    """Return the shares in a period."""
    whose: dict[int, str] = {row[0]: row[7] for row in ledger.ask("contexts")}
    machines: defaultdict[str, Share] = defaultdict(Share)
    hours: defaultdict[str, Share] = defaultdict(Share)

    def add(slot: int, context: int, more: Share) -> None:
        for of, name in ((machines, whose[context]), (hours, period.zone.span("hour", slot)[0])):
            of[name] = Share(of[name].prompts + more.prompts, of[name].calls + more.calls)

    booked = BOOK.worth(ledger, period)
    for (slot, context), told in prompted(ledger, period, booked=booked):
        add(slot, context, Share(prompts=told.number))
    if booked:
        for (slot, context), uses in used(ledger, period):
            add(slot, context, Share(calls=len(uses.names)))
    else:
        for _, context, started, *_ in ledger.ask("runs", since=period.since, until=period.until):
            add(started // SLOT_MS, context, Share(calls=1))
    first, after = period.slots
    last: dict[str, int] = {}
    for context, _, latest, _ in ledger.ask("reach", since=first, until=after):
        last[whose[context]] = max(latest, last.get(whose[context], 0))
    return Shares(dict(machines), dict(hours), last)
