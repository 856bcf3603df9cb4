"""Where Copilot CLI keeps what it knows: two databases, a journal for each session, and telemetry files for whoever asked for them."""

from collections.abc import Mapping
from typing import Final

from tallystick.tools.paths import expanded
from tallystick.tools.tool import DATABASE, Root

_JOURNALS: Final = "session-state"
_TELEMETRY: Final = "otel"
_LINES: Final = (".jsonl",)


def roots(home: str, environ: Mapping[str, str]) -> list[Root]:
    """Return every place that may hold counts.

    `COPILOT_HOME` stands for `~/.copilot`; `COPILOT_OTEL_FILE_EXPORTER_PATH` names the one file for telemetry.
    """
    base = expanded(environ.get("COPILOT_HOME", ""), home) or f"{home}/.copilot"
    found = [
        Root(base, ("session-store.db", "data.db"), form=DATABASE, depth=0),
        # A journal is `<session>/events.jsonl`, in the first versions `<session>.jsonl`; deeper down lie the session's own files.
        Root(f"{base}/{_JOURNALS}", _LINES, depth=1),
        Root(f"{base}/{_TELEMETRY}", _LINES),
    ]
    folder, name = _divided(expanded(environ.get("COPILOT_OTEL_FILE_EXPORTER_PATH", ""), home))
    if name and not (folder == f"{base}/{_TELEMETRY}" and name.endswith(_LINES)):
        found.append(Root(folder, (name,), prefix=name, depth=0))
    return found


def session_of(path: str) -> str:
    """Return the session that a journal's place names."""
    folder, _, name = path.replace("\\", "/").rpartition("/")
    return folder.rpartition("/")[2] if name == "events.jsonl" else name.removesuffix(".jsonl")


def _divided(path: str) -> tuple[str, str]:
    """Return folder and name of a file; both empty for a path that depends on where the tool was started."""
    plain = path.replace("\\", "/")
    if not (plain.startswith("/") or plain[1:3] == ":/"):
        return "", ""
    folder, _, name = plain.rpartition("/")
    return folder or "/", name
