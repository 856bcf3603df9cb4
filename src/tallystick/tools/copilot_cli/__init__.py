"""GitHub Copilot CLI: GitHub's coding agent, which tells of the same calls in a database, in journals and in telemetry files."""

from typing import Any, Final

from tallystick.tools.copilot_cli.places import roots
from tallystick.tools.tool import DERIVED, Named, Seen, State, Tool


def _reader(path: str, state: State) -> Any:
    # Most questions find nothing new to read: what reads is imported when there is something.
    folders = path.replace("\\", "/").split("/")
    name = folders[-1]
    if name.endswith("data.db"):
        from tallystick.tools.copilot_cli.desktop import Desktop

        return Desktop(state)
    if name.endswith(".db"):
        from tallystick.tools.copilot_cli.store import Store

        return Store(state)
    if "session-state" in folders:
        from tallystick.tools.copilot_cli.journal import Journal

        return Journal(path, state)
    from tallystick.tools.copilot_cli.telemetry import Telemetry

    return Telemetry()


def _on_the_wire(seen: Seen) -> Named | None:
    from tallystick.tools.copilot_cli.names import call_key, is_weak
    from tallystick.usage.identity import key

    # An id that comes again says something within its session only, and the wire does not know the session.
    if not seen.answer or (is_weak(seen.answer) and not seen.session):
        return None
    number = call_key(seen.session, seen.answer)
    return Named(key(str(number), seen.part) if seen.part else number, 0, seen.agent)


COPILOT_CLI: Final = Tool(
    name="copilot-cli",
    title="GitHub Copilot CLI",
    roots=roots,
    reader=_reader,
    counts=DERIVED,
    blind_spots=(
        "A request that failed or was cut off is not written down, though its prompt may have been billed.",
        "Versions before 1.0.69 tell of input only when a session ends cleanly; of one that was killed, the output alone is known.",
        "Of a subagent's calls, telemetry files tell the tokens but not what they cost.",
        "What was written to a cache is not told apart by lifetime: all of it counts as written for five minutes.",
        "The sums in the desktop app's own database (data.db) are not counted: the calls themselves are in session-store.db.",
        "Copilot in VS Code, Visual Studio, JetBrains and on GitHub's servers keeps its logs elsewhere, which are not read.",
    ),
    on_the_wire=_on_the_wire,
)
