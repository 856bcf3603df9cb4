"""Ties: what tells a server that a session which it is shown under several names is one, without telling its name.

Some tools keep running totals of a session, which mean nothing without the calls that they count. A machine that hides
the names of sessions, or begins to, shows both under another name than before. So with whatever it tells of a session
of such a tool goes a reading of a counter that counts nothing, whose meter is the session's own under each name:
sessions that share a meter are one to a ledger (`ledger.readings`), also to one that others push to. Only the standard
library is used here.
"""

from typing import Final

from tallystick.ledger.ledger import Batch, Row
from tallystick.tools.shelf import TOOLS
from tallystick.tools.tool import EXACT
from tallystick.usage.event import Context
from tallystick.usage.identity import key

_TOTALLING: Final = frozenset(tool.name for tool in TOOLS if tool.counts != EXACT)
_RANK: Final = 9
_NOTHING: Final = (0,) * 7
"""Requests, and the fields of `Tokens`."""


def tied(batch: Batch) -> Batch:
    """Return a batch with a tie for each session whose totals, or calls, it tells; its other rows stay in their places."""
    if all(context.tool not in _TOTALLING for context in batch.contexts):
        return batch
    ties: dict[int, Row] = {}
    # Where a row names its context, with the variant after it.
    for rows, place in ((batch.events, 3), (batch.readings, 4)):
        for row in rows:
            context = batch.contexts[row[place]]
            if context.tool in _TOTALLING and context.session:
                meter = _meter(context)
                # Nothing of it may differ from one time to the next, so that it is kept once.
                ties.setdefault(meter, (meter, _RANK, 0, 0, *row[place : place + 2], *_NOTHING, None, 0))
    return batch._replace(readings=[*batch.readings, *ties.values()]) if ties else batch


def _meter(context: Context) -> int:
    return key(context.tool, "session", context.session)
