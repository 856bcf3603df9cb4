"""Logs that were brought from another machine: a home that was copied, or a bare folder of transcripts."""

import os
from collections.abc import Sequence
from typing import Final

from tallystick.intake.logs import News, look
from tallystick.intake.walk import Trouble
from tallystick.ledger.ledger import Ledger
from tallystick.tools.claude_code import CLAUDE_CODE
from tallystick.tools.codex import CODEX
from tallystick.tools.tool import Root, Tool

_ROLLOUT: Final = "rollout-"
"""How the names of Codex's logs begin, which lie in folders of their own at home."""
_NO_LOGS: Final = ("journal.jsonl", "index.jsonl", "history.jsonl", "session_index.jsonl")


def brought(folder: str, tools: Sequence[Tool], ledger: Ledger) -> tuple[list[News], list[Trouble]]:
    """Return the logs in a folder that hold something new, and what could not be looked at.

    Where the tools' own places are below the folder, it is a home; else every transcript in it counts.
    """
    places = [root.path for tool in tools for root in tool.roots(folder, {})]
    if any(os.path.isdir(place) for place in places):
        return look(tools, folder, {}, ledger)
    claude = CLAUDE_CODE._replace(roots=lambda home, _: [Root(home, skip=_NO_LOGS)])
    codex = CODEX._replace(roots=lambda home, _: [Root(home, prefix=_ROLLOUT)])
    # Where a name tells that it is another tool's log, it is no transcript.
    found, troubles = look((claude,), folder, {}, ledger)
    rollouts, more = look((codex,), folder, {}, ledger)
    transcripts = [each for each in found if not os.path.basename(each.file.path).startswith(_ROLLOUT)]
    return transcripts + rollouts, list(dict.fromkeys((*troubles, *more)))
