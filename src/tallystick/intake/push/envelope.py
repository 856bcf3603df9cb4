"""The envelope: what a machine sends to a server at once, as JSON that names its columns.

A batch of the ledger becomes a source of the envelope, so that a server settles the same sightings as the
machine itself. Every table says which columns it has: a server that is older takes those that it knows and keeps
what is new in the others aside, one that is newer does without what it is not told. Only the standard library is
used here, in the form that Python 3.9 has: the client that needs no installation holds this file.
"""

from collections.abc import Iterable, Mapping
from json import dumps
from typing import Any, Final, NamedTuple

from tallystick.ledger.ledger import Batch
from tallystick.usage.event import HIDDEN, Context

SCHEMA: Final = "tallystick.push/1"
"""Adding keys and columns is allowed, changing what one means is not."""
MOST_EVENTS: Final = 2_000
"""Rows of all tables together that a sender puts into one envelope."""
MOST_BYTES: Final = 1 << 20
"""Bytes of an envelope, gzipped, that a sender keeps below."""

CONTEXT: Final = ("tool", "session", "project", "branch", "agent", "version", "user", "open")
"""The machine is the one whose token is shown. `open` is not empty where a project was not known: its session's may stand there,
as it may not where the project was left out on purpose."""
VARIANT: Final = ("provider", "model", "tier", "speed", "geo")
TABLES: Final[Mapping[str, tuple[str, ...]]] = {
    "events": (
        "key", "request", "time", "context", "variant", "input", "cache_read", "cache_write_5m", "cache_write_1h", "output",
        "reasoning", "grade", "replay", "copied", "work_ms", "web_searches", "web_fetches", "cost_nano", "offset",
    ),
    "prompts": ("key", "time", "context", "offset"),
    "calls": ("key", "event", "name", "started", "ended", "failed"),
    "limits": ("provider", "window", "minutes", "used_percent", "resets_at", "time", "plan", "account"),
    "titles": ("session", "text", "time"),
    "skipped": ("offset", "reason"),
    "readings": (
        "meter", "rank", "time", "since", "context", "variant", "requests", "input", "cache_read", "cache_write_5m",
        "cache_write_1h", "output", "reasoning", "cost_nano", "offset",
    ),
    "tags": ("tool", "session", "name", "value"),
}  # fmt: skip
"""What a source holds, each with the columns of its rows; they are those of `ledger.Batch`, in its order."""


class Client(NamedTuple):
    """Who sends."""

    name: str
    """`tally`, or `client.pyz`."""
    version: str
    pending: int = 0
    """Rows that are still to be sent after these."""
    trouble: str = ""
    """What is wrong on the machine, in a sentence; empty when nothing is."""


def envelope(batches: Iterable[Batch], client: Client, sent_at: int) -> dict[str, Any]:
    """Return the envelope of some batches; `sent_at` is this machine's clock, in milliseconds since 1970, UTC."""
    return {
        "schema": SCHEMA,
        "client": client._asdict(),
        "sent_at": sent_at,
        "columns": {"context": CONTEXT, "variant": VARIANT, **TABLES},
        "sources": [_source(batch) for batch in batches],
    }


def encoded(made: Mapping[str, Any]) -> bytes:
    """Return an envelope as bytes: one line of JSON, in ASCII."""
    return dumps(made, separators=(",", ":")).encode("ascii")


def rows_in(batch: Batch) -> int:
    """Return how many rows a batch has, of all tables together."""
    return sum(len(getattr(batch, name)) for name in TABLES)


def _source(batch: Batch) -> dict[str, Any]:
    source = batch.source
    told: dict[str, Any] = {
        "path": source.path,
        "tool": source.tool,
        "witness": source.witness,
        "mtime": source.mtime,
        "last": source.last,
        "fresh": batch.fresh,
        "contexts": [_context(context) for context in batch.contexts],
        "variants": [tuple(variant) for variant in batch.variants],
    }
    for name in TABLES:
        rows = getattr(batch, name)
        if rows:
            told[name] = rows
    return told


def _context(context: Context) -> tuple[str, ...]:
    shown = context._replace(project="") if context.project == HIDDEN else context
    return (*shown[:6], context.user, "" if context.project else "1")
