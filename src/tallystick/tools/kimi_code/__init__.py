"""Kimi Code, Moonshot's coding agent: each agent of a session keeps a log of its own."""

from collections.abc import Mapping
from typing import Final

from tallystick.tools.paths import expanded
from tallystick.tools.tool import Reader, Root, State, Tool


def _roots(home: str, environ: Mapping[str, str]) -> list[Root]:
    base = expanded(environ.get("KIMI_CODE_HOME", ""), home) or f"{home}/.kimi-code"
    # sessions/<directory>/<session>/agents/<agent>/wire.jsonl
    return [Root(f"{base}/sessions", ("wire.jsonl",), within="/agents/", depth=4)]


def _reader(path: str, state: State) -> Reader:
    # Most questions find nothing new to read: what reads is imported when there is something.
    from tallystick.tools.kimi_code.reader import KimiLog

    return KimiLog(path, state)


def _companions(path: str) -> tuple[str, ...]:
    session, agents, _ = path.replace("\\", "/").rpartition("/agents/")
    return (f"{session}/state.json",) if agents else ()


KIMI_CODE: Final = Tool(
    name="kimi-code",
    title="Kimi Code",
    roots=_roots,
    reader=_reader,
    blind_spots=(
        "A request that failed, was cut off or was retried is not written down, though its prompt may have been billed.",
        "What was written to a cache is not told apart by lifetime: all of it counts as written for five minutes.",
        "Thoughts are counted within the answer and not told apart.",
        "Kimi Work, the desktop application, keeps its logs elsewhere, which are not read.",
    ),
    companions=_companions,
)
