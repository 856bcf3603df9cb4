"""By what a request is known, wherever it is stored and however often it was copied.

A fork copies messages under new ids, and a migration may give them new ones too; the moment at which the request was
made stays, as do its model and its place among the steps of its message. Agents that start in the same millisecond
share those and are told apart by their sessions, as are a fork's copies, which say so themselves: their ids or their
session are younger than the request.
"""

from typing import Final, NamedTuple

from tallystick.tools.opencode.session import MAIN
from tallystick.usage.identity import key
from tallystick.usage.tokens import Tokens

_FAMILY: Final = "opencode"
"""One for all tools: some take over the sessions of others as they are."""
_SPAN: Final = 2**36
"""An id holds its moment in milliseconds up to this, every 795 days anew."""
_DIGITS: Final = 12
_AT_ONCE_MS: Final = 50
"""An id and its message's moment are taken at the same time, from the same clock."""


class Moment(NamedTuple):
    """When a request was made."""

    ms: int
    in_seconds: bool = False
    """True where the tool wrote no milliseconds, so that several requests may share a moment."""


def step_key(moment: Moment, model: str, step: int, tokens: Tokens) -> int:
    """Return the key of a step of an answer."""
    counts = [str(count) for count in tokens] if moment.in_seconds else []
    return key(_FAMILY, str(moment.ms), model, str(step), *counts)


def prompt_key(moment: Moment, session: str) -> int:
    """Return the key of a person's prompt."""
    return key(_FAMILY, "prompt", str(moment.ms), session)


def request_of(session: str, agent_id: str) -> int:
    """Return what tells apart requests of the same moment: the session, and the agent where several share one."""
    return key(_FAMILY, session, "" if agent_id in MAIN else agent_id)


def is_copy(message: str, moment: Moment, session_created: int) -> bool:
    """Tell whether a message was copied into its session: its id, or the session, is younger than its request."""
    slack = 1000 if moment.in_seconds else _AT_ONCE_MS
    return max(session_created, made_at(message, moment.ms)) > moment.ms + slack


def made_at(id_: str, near: int) -> int:
    """Return when an id was made, in milliseconds, as the one of its possible moments that is nearest to another one.

    0 where the id does not tell.
    """
    kind, _, rest = id_.partition("_")
    digits = rest[:_DIGITS]
    if not kind.isalpha() or len(digits) < _DIGITS or not digits.isalnum():
        return 0
    try:
        # The last three digits count the ids of one millisecond.
        later = ((int(digits, 16) >> 12) - near) % _SPAN
    except ValueError:
        return 0
    return near + later - (_SPAN if later >= _SPAN // 2 else 0)
