"""The wire: what proxy and gateway saw pass by, as their spool tells it line by line."""

from collections.abc import Mapping, Sequence
from typing import Final

from tallystick.tools.tool import Reader, Root, State, Tool

NAME: Final = "wire"


def spool(folder: str, tools: Sequence[Tool] = ()) -> Tool:
    """Return the spool in a folder as something that is read like a tool's logs.

    The calls of tools that keep the ids of the API get the names that their own logs give them; those of the other
    tools are held until it is known whether a log has them too.
    """
    named = {tool.name: tool.on_the_wire for tool in tools}

    def roots(_home: str, _environ: Mapping[str, str]) -> list[Root]:
        # Only its own files count: looked at often, it is small.
        return [Root(folder, depth=0)]

    def reader(_path: str, state: State) -> Reader:
        # Most questions find nothing new to read: what reads is imported when there is something.
        from tallystick.tools.wire.reader import SpoolLines

        return SpoolLines(named, state)

    return Tool(
        name=NAME,
        title="The wire",
        roots=roots,
        reader=reader,
        blind_spots=("A tool that was led neither through the proxy nor to the gateway is not seen.",),
        witness="wire",
    )
