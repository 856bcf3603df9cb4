"""OpenCode, an open coding agent, and the tools on its schema, Kilo CLI and MiMo Code: SQLite rows that are updated in place."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from tallystick.tools.opencode import dialect, places
from tallystick.tools.tool import Root, State, Tool


def _roots(folder: places.Folder, home: str, environ: Mapping[str, str]) -> list[Root]:
    return places.roots(folder, home, environ)


def _reader(kind: dialect.Dialect, path: str, state: State) -> Any:
    # Most questions find nothing new to read: what reads is imported when there is something.
    if path.endswith(".json"):
        from tallystick.tools.opencode.storage import StoredMessage

        return StoredMessage(kind, path, state)
    from tallystick.tools.opencode.database import Database

    return Database(kind, state)


_UNSEEN: Final = (
    "The request behind a new session's title is not stored.",
    "A request that failed, was cut off or was retried is not stored, though its prompt may have been billed.",
    "Cache writes are stored as one number, without their lifetime: they count as written for five minutes.",
    "Messages of a session that was deleted before it was first read are gone.",
)

OPENCODE: Final = Tool(
    name="opencode",
    title="OpenCode",
    roots=partial(_roots, places.OPENCODE),
    reader=partial(_reader, dialect.OPENCODE),
    blind_spots=_UNSEEN,
    companions=places.companions_of,
)

KILO_CLI: Final = Tool(
    name="kilo-cli",
    title="Kilo CLI",
    roots=partial(_roots, places.KILO_CLI),
    reader=partial(_reader, dialect.KILO_CLI),
    blind_spots=_UNSEEN,
    companions=places.companions_of,
)

MIMO_CODE: Final = Tool(
    name="mimo-code",
    title="MiMo Code",
    roots=partial(_roots, places.MIMO_CODE),
    reader=partial(_reader, dialect.MIMO_CODE),
    blind_spots=(
        *_UNSEEN,
        "Sessions that it took over from Claude Code, Codex or OpenCode are told by those tools' own logs, and not again here.",
    ),
    companions=places.companions_of,
)
