"""What a provider promises: a watch over one exchange that turns its bytes into billed calls."""

from collections.abc import Mapping
from typing import Final, NamedTuple, Protocol

from tallystick.usage.tokens import NO_TOKENS, Tokens

DONE: Final = "done"
CUT: Final = "cut"
"""The answer broke off: the counts are what was known by then."""
FAILED: Final = "failed"
"""An error answered: nothing is billed, and the try is told so that retries show."""
MISSING: Final = "missing"
"""The answer came to its end and told no usage."""
PREWARM: Final = "prewarm"
"""A connection was warmed up: nothing was to be generated."""


class Asked(NamedTuple):
    """The head of a request."""

    method: str
    host: str
    """Lower case, without port."""
    path: str
    """With its query, as sent."""
    headers: Mapping[str, str]
    """By names in lower case; several of one name are joined by `, `."""


class Call(NamedTuple):
    """One billed (or tried) call, as the wire told it."""

    provider: str
    """Id as the price book has it (`usage.event.Variant.provider`)."""
    model: str
    """As answered, else as asked for, else as in the path."""
    tokens: Tokens = NO_TOKENS
    outcome: str = DONE
    id: str = ""
    """The answer's own id, from its body."""
    request: str = ""
    """The request's id, from the answer's headers."""
    status: int = 200
    asked_model: str = ""
    tier: str = ""
    speed: str = ""
    geo: str = ""
    web_searches: int = 0
    web_fetches: int = 0
    cost_nano: int | None = None
    """What the vendor put as the cost, in billionths of a dollar."""
    part: int = 0
    """0 is the call itself; more is a further billed part of it, with a model of its own."""
    kind: str = ""
    """What it is where it is no plain answer.

    Of a call: `embedding`, `compaction`, `refusal` (declined before any output, which is not billed), `retrieval` (an earlier
    answer told once more), `begun` (worked out while nobody waits: what asks for it later tells its counts), `later` (such a
    one, told when it was asked for). Of a further part: `advisor`, `compaction`, `attempt`, `image`; `part` then is one more than the
    part's place in the answer's list, so that `kind:part-1` names it as Claude Code's reader does.
    """
    mismatch: bool = False
    """Whether a total that the vendor tells does not fit the counts."""


class Limit(NamedTuple):
    """What a vendor said about one usage window; when it said so, the exchange knows."""

    provider: str
    window: str
    """The vendor's own name for it."""
    minutes: int
    """Length of the window; 0 when it is not said."""
    used_percent: float
    resets_at: int
    """Milliseconds since 1970, UTC; 0 when it is not said."""
    plan: str = ""


class Watch(Protocol):
    """Follows one exchange; never raises, whatever it is fed, and keeps no more than 16 MiB of it."""

    limits: list[Limit]
    """What the answer's headers or frames have told so far."""

    def sent(self, data: bytes) -> None:
        """Take the next piece of the request's body, decoded."""

    def head(self, status: int, headers: Mapping[str, str]) -> None:
        """Take the answer's status and headers, by names in lower case."""

    def took(self, data: bytes) -> list[Call]:
        """Take the next piece of the answer's body, decoded; return the calls that are complete by now."""

    def end(self, *, cut: bool) -> list[Call]:
        """Take the end of the answer, whole or cut off; return the calls not told so far."""

    def frame_sent(self, data: bytes) -> list[Call]:
        """Take a client's message on a websocket; return the calls that are complete by now."""

    def frame_took(self, data: bytes) -> list[Call]:
        """Take a server's message on a websocket; return the calls that are complete by now."""
