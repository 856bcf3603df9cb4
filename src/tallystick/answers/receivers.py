"""Receivers: what the ledger took in from each tool, how exact that is, what was not understood, and what has no price."""

from collections.abc import Sequence
from typing import NamedTuple

from tallystick.answers.answer import Details, Moment
from tallystick.answers.health import Health, LedgerFile, Seen, Surroundings, ToolHealth, examine
from tallystick.answers.inventory import MEANINGS, Inventory, Stock, inventory
from tallystick.ledger.ledger import Ledger
from tallystick.prices.price_book import PriceBook
from tallystick.tools import wire
from tallystick.tools.shelf import TOOLS
from tallystick.tools.tool import Tool


class Receivers(NamedTuple):
    """How what came in fares."""

    health: Health
    schema: str = "tallystick.receivers/1"

    def told(self) -> Details:
        """Return it as the details of an answer."""
        prices = self.health.prices._asdict()
        del prices["bad_overrides"]
        return {
            "now": Moment(self.health.surroundings.now),
            "tools": [_fared(tool) for tool in self.health.tools],
            "unpriced": [{"model": model, "tokens": tokens} for model, tokens in self.health.unpriced],
            "prices": prices,
        }


class Tools(NamedTuple):
    """The tools that can be read, and what there is of each."""

    inventory: Inventory
    schema: str = "tallystick.tools/1"

    def told(self) -> Details:
        """Return it as the details of an answer."""
        return {"now": Moment(self.inventory.now), "tools": [_held(tool) for tool in self.inventory.tools]}


def receivers(ledger: Ledger, book: PriceBook, now: int, tools: Sequence[Tool] = TOOLS) -> Receivers:
    """Return how everything that came in fares; `now` is in milliseconds since 1970, UTC."""
    if any(row[0] == wire.NAME for row in ledger.ask("receivers")):
        tools = (*tools, wire.spool(""))
    unseen = tuple(Seen(tool.name, (), 0, 0, 0, "", None) for tool in tools)
    around = Surroundings(now, "UTC", "", "", tuple(tools), unseen, (), LedgerFile(""))
    return Receivers(examine(ledger, book, around))


def tools(ledger: Ledger, now: int, known: Sequence[Tool] = TOOLS) -> Tools:
    """Return what the ledger holds of each tool; `now` is in milliseconds since 1970, UTC."""
    return Tools(inventory(ledger, [(tool, ()) for tool in known], (), now))


def _fared(tool: ToolHealth) -> Details:
    return {
        "tool": tool.seen.tool,
        "title": tool.title,
        "files_read": tool.files_read,
        "bytes_read": tool.bytes_read,
        "events": tool.events,
        "cut_off": tool.cut_off,
        "newest": Moment(tool.newest) if tool.newest else None,
        "skipped": tool.skipped,
        "reasons": [each._asdict() for each in tool.reasons],
    }


def _held(tool: Stock) -> Details:
    return {
        "tool": tool.tool,
        "title": tool.title,
        "events": tool.events,
        "cut_off": tool.cut_off,
        "newest": Moment(tool.newest) if tool.newest else None,
        "counts": tool.counts,
        "meaning": MEANINGS[tool.counts],
        "dated": {"derived": tool.derived, "coarse": tool.coarse},
        "blind_spots": list(tool.blind_spots),
    }
