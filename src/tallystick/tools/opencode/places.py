"""Where OpenCode and its relatives keep databases and, from before version 1.2, one JSON file for each message."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from tallystick.tools.paths import expanded, listed
from tallystick.tools.tool import DATABASE, DOCUMENT, Root

_MESSAGES: Final = "/storage/message/"


class Folder(NamedTuple):
    """How one of the tools names its places; the same on every system."""

    name: str
    """The folder below the place for data."""
    prefix: str
    """How the names of its databases begin: each release channel has one of its own."""
    variable: str = ""
    """An environment variable with folders to look in instead, divided by commas."""
    file_variable: str = ""
    """An environment variable with one database, anywhere."""


OPENCODE: Final = Folder("opencode", "opencode", "OPENCODE_DATA_DIR", "OPENCODE_DB")
KILO_CLI: Final = Folder("kilo", "kilo", "KILO_DATA_DIR", "KILO_DB")
MIMO_CODE: Final = Folder("mimocode", "mimocode")


def roots(folder: Folder, home: str, environ: Mapping[str, str]) -> list[Root]:
    """Return every place that may hold a tool's databases and messages."""
    named = listed(environ, folder.variable, home) if folder.variable else []
    share = [f"{home}/.local/share/{folder.name}"]
    if environ.get("XDG_DATA_HOME"):
        share.insert(0, f"{environ['XDG_DATA_HOME']}/{folder.name}")
    places = list(dict.fromkeys(named or share))
    found = _file(environ.get(folder.file_variable, ""), places[0], home) if folder.file_variable else []
    for place in places:
        found.append(Root(place, (".db",), form=DATABASE, prefix=folder.prefix, depth=0))
        found.append(Root(f"{place}/storage/message", (".json",), form=DOCUMENT, prefix="msg_", depth=1))
    return found


def _file(path: str, place: str, home: str) -> list[Root]:
    """Return the place of one database that was named; a name without a folder lies with the others."""
    path = expanded(path, home)
    if not path or path == ":memory:":
        return []
    top, slash, name = path.replace("\\", "/").rpartition("/")
    is_whole = path.startswith(("/", "\\")) or path[1:2] == ":"
    top = top if is_whole else f"{place}/{top}".rstrip("/")
    return [Root(top or slash, (name,), form=DATABASE, prefix=name, depth=0)]


def companions_of(path: str) -> tuple[str, ...]:
    """Return where the session and the parts of a message lie that is a file; a database needs none."""
    path = path.replace("\\", "/")
    top, found, below = path.rpartition(_MESSAGES)
    session, slash, name = below.partition("/")
    if not found or not slash:
        return ()
    return (f"{top}/storage/session/*/{session}.json", f"{top}/storage/part/{name.removesuffix('.json')}/*.json")
