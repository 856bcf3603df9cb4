"""Codex: OpenAI's coding agent (CLI, IDE, desktop, exec), whose rollouts hold one file for each thread."""

from typing import Final

from tallystick.tools.codex.places import roots
from tallystick.tools.tool import Named, Reader, Seen, State, Tool


def _reader(path: str, state: State) -> Reader:
    # Most questions find nothing new to read: what reads is imported when there is something.
    from tallystick.tools.codex.rollout import Rollout

    return Rollout(path, state)


def _on_the_wire(seen: Seen) -> Named | None:
    from tallystick.usage.identity import key

    if not seen.answer:
        return None
    number = key(CODEX.name, seen.answer, seen.part) if seen.part else key(CODEX.name, seen.answer)
    return Named(number, 0, seen.agent or ("subagent" if seen.parent else ""))


CODEX: Final = Tool(
    name="codex",
    title="Codex",
    roots=roots,
    reader=_reader,
    blind_spots=(
        "A request that failed, was cut off or was interrupted is not in the rollout, though its prompt may have been billed.",
        "The answer of a subagent that arrives as the main turn ends may be missing from its rollout.",
        "Versions before 0.153 did not write down requests that compact the context.",
        "Versions before September 2025 did not write down usage at all.",
        "What `codex exec --json` prints is not read: the same run leaves a rollout.",
    ),
    on_the_wire=_on_the_wire,
)
