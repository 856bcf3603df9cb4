"""A ledger for pages: weeks of made-up work until now, and one day on which everything has a hostile name."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tallystick.access.budgets import Budgets, Defined
from tallystick.access.store import Store
from tallystick.access.store import path as path_of_access
from tallystick.alerts.choices import Choices
from tallystick.alerts.file import File
from tallystick.alerts.file import path as path_of_alerts
from tallystick.alerts.lookout import Lookout
from tallystick.alerts.situation import Situation, Unpriced
from tallystick.intake import demo
from tallystick.intake.packing import pack
from tallystick.ledger.ledger import Batch, Source
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.tools.tool import Found
from tallystick.usage.event import Context, Prompt, Title, ToolCall, UsageEvent, Variant
from tallystick.usage.tokens import Tokens

SCRIPT: Final = "</script><img src=x onerror=alert(1)>"
HOSTILE: Final = (SCRIPT, "\u202egnp.exe\u202c", "x" * 10_000, '"onmouseover="alert(2)', "javascript:alert(3)")
"""An end of a script, a text that runs backwards, one without an end, one that leaves its quotes, and an address that runs."""
HOSTILE_DAY: Final = "2026-03-04"
_NOON_MS: Final = 1_772_625_600_000
"""4 March 2026, 12:00 UTC."""
_HOUR_MS: Final = 3_600_000
_DAY_MS: Final = 24 * _HOUR_MS


def fill(path: Path, now: int) -> None:
    """Make the ledger as of a moment (milliseconds since 1970, UTC)."""
    path.parent.mkdir(parents=True)
    ledger = SqliteLedger(str(path), write=True)
    ledger.add([*demo.batches(now), *hostile(HOSTILE), _elsewhere(now)])
    ledger.close()


def keep(data: Path, now: int) -> None:
    """Have a budget and an alert in a folder of data, as persons and servers leave them."""
    store = Store(path_of_access(str(data)))
    Budgets(store).define(Defined("", {}, 10**12, "usd", "month", "UTC", 0.8, hard=False), "", "cli", now)
    store.close()
    found = Situation(now, unpriced=(Unpriced("house-model-1", 99_999),))
    Lookout(File(path_of_alerts(str(data))), Choices(), print).look(found)


def hostile(names: Sequence[str]) -> list[Batch]:
    """Return a call for each name, which is that of everything about it."""
    made = []
    for number, name in enumerate(names):
        time = _NOON_MS + number * _HOUR_MS
        context = Context(name, name, name, name, name, name)
        found = Found()
        found.titles.append(Title(name, name, time))
        found.prompts.append(Prompt(2_000 + number, time - 5_000, context, 0))
        for agent in ("", name):
            key = 1_000 + 10 * number + bool(agent)
            at = context._replace(agent=agent)
            found.events.append(
                UsageEvent(key, 0, time, Variant(name, name), Tokens(100, 20, 0, 0, 30), at, work_ms=900)
            )
            found.calls.append(ToolCall(key + 5, key, name, time, time + 800, failed=bool(agent)))
        found.skip(7, name)
        made.append(pack(found, Source(f"/home/dev/{name[:50]}", name), fresh=True, machine=name, user=name))
    return made


def _elsewhere(now: int) -> Batch:
    found, time = Found(), now - 2 * _DAY_MS
    context = Context("codex", "elsewhere", "/home/dev/work/notes", "main")
    found.events.append(UsageEvent(7, 0, time, Variant("openai", "gpt-5.5"), Tokens(900, 0, 0, 0, 40), context))
    return pack(found, Source("demo/elsewhere", "codex"), fresh=True, machine="laptop", user="demo")
