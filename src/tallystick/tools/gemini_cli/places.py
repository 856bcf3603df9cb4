"""Where Gemini CLI keeps its chats, and what a chat's path and the small files around it say."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from tallystick.tools.paths import expanded, listed
from tallystick.tools.tool import DOCUMENT, Root

_CHATS: Final = "/chats/"
_OWNER: Final = ".project_root"
_REGISTRY: Final = "projects.json"
_DIRECTORY: Final = "/.gemini"
_STORE: Final = "tmp"
"""In the settings' directory, where the chats are."""
_LEVELS: Final = 4
"""Folders between the place and a chat: project, `chats`, and the parent session of a subagent, with one to spare."""


def roots(home: str, environ: Mapping[str, str]) -> list[Root]:
    """Return every place that may hold chats, once for those of lines and once for the older documents.

    `GEMINI_DATA_DIR` is a list of such places, divided by commas; `GEMINI_CLI_HOME` stands for the home directory.
    """
    return [
        root
        for place in dict.fromkeys(_places(home, environ))
        for root in (
            Root(place, within=_CHATS, depth=_LEVELS),
            Root(place, (".json",), within=_CHATS, form=DOCUMENT, prefix="session-", depth=_LEVELS),
        )
    ]


def _places(home: str, environ: Mapping[str, str]) -> list[str]:
    if places := listed(environ, "GEMINI_DATA_DIR", home):
        return [f"{place}/{_STORE}" if place.endswith(_DIRECTORY) else place for place in places]
    other = environ.get("GEMINI_CLI_HOME", "").strip()
    if not other:
        return [f"{home}{_DIRECTORY}/{_STORE}"]
    place = expanded(other, home)
    # Some name the settings' directory itself.
    return [f"{place}{_DIRECTORY}/{_STORE}", *([f"{place}/{_STORE}"] if place.endswith(_DIRECTORY) else [])]


class Place(NamedTuple):
    """What a path tells."""

    folder: str
    """The project's folder: its short name, or in older versions the SHA-256 of its directory."""
    session: str
    """Of a subagent's chat the session that started it; otherwise the file's own name, until the chat tells better."""
    is_agent: bool
    agent: str = ""
    """What the subagent is called, where its id begins with that (`codebase_investigator-1x9k2f`)."""


def place_of(path: str) -> Place:
    """Return what the path of a chat says: `<folder>/chats/<chat>`, or `<folder>/chats/<session>/<subagent>`."""
    above, _, below = path.replace("\\", "/").rpartition(_CHATS)
    # Only reading needs it: a look at what there is does without dates.
    from tallystick.tools.fields import is_uuid

    parent, _, name = below.rpartition("/")
    stem = name.removesuffix(".jsonl").removesuffix(".json")
    folder = above.rpartition("/")[2]
    if not parent:
        return Place(folder, stem, is_agent=False)
    return Place(
        folder, parent.partition("/")[0], is_agent=True, agent="" if is_uuid(stem) else stem.rpartition("-")[0]
    )


def companions_of(path: str) -> tuple[str, ...]:
    """Return the files that tell which directory a chat's folder stands for: the folder's own mark, then the list of all."""
    above, found, _ = path.replace("\\", "/").rpartition(_CHATS)
    if not found:
        return ()
    top = above.rpartition("/")[0].rpartition("/")[0]
    return (f"{above}/{_OWNER}", f"{top}/{_REGISTRY}")


def project_of(folder: str, companions: Mapping[str, Any]) -> str:
    """Return the directory that a folder stands for; the folder's name where nobody says."""
    for path, content in companions.items():
        if path.endswith(f"/{_OWNER}") and isinstance(content, str) and content.strip():
            return content.strip().splitlines()[0]
    registries = [content for path, content in companions.items() if path.endswith(f"/{_REGISTRY}")]
    known = [content.get("projects") for content in registries if isinstance(content, dict)]
    listed = [item for projects in known if isinstance(projects, dict) for item in projects.items()]
    for path, name in listed:
        if name == folder:
            return str(path)
    from hashlib import sha256

    directories = (str(path) for path, _ in listed)
    return next((path for path in directories if sha256(path.encode("utf-8", "replace")).hexdigest() == folder), folder)
