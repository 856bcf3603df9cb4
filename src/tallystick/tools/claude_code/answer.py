"""One answer of the model, gathered from the several lines in which Claude Code writes it.

An answer is written as one line for each block of its content, all with the same `message.id` and
`requestId`. Up to 2.1.96 the early lines hold placeholders and only the last one the true output;
later versions repeat the final counts. The best line counts whole, never a maximum field by field:
one that reports the cache's part beats one that does not, then the greatest output, the greatest
total, the one that tells the speed, the latest, the first.
"""

from typing import Any, Final

from tallystick.tools.claude_code.calls import Waiting
from tallystick.tools.claude_code.counts import main_tokens, own_bills, rank_of
from tallystick.usage.activity import AWAY_MS
from tallystick.usage.event import BARE, FINISHED, Context, UsageEvent, Variant
from tallystick.usage.identity import key

PROVIDER: Final = "anthropic"
_STARTED_ONLY: Final = 8
"""Output tokens that a stream's first event claims at the most."""
_FINAL_ON_EVERY_LINE: Final = (2, 1, 97)
"""The version from which on a missing stop reason means that the answer was cut off."""
_DEAREST: Final = 1e6
"""Dollars; a recorded cost beyond is damage."""
_NONE: Final[dict[str, Waiting]] = {}
_MOST_USES: Final = 10_000
"""Uses of the provider's own tools in one answer; more is damage."""


class Answer:
    """The lines of one answer so far, of which only the best one is kept."""

    __slots__ = (
        "aborted", "again", "asked", "best", "context", "copied", "first", "id", "key", "last", "offset", "open", "rank", "replay",
        "request", "request_id", "searches", "turn", "waiting", "worked",
    )  # fmt: skip

    def __init__(self, line: Any, time: int, offset: int, context: Context, asked: int) -> None:
        """Begin with a first line; `asked` is when the request went out, 0 when not known. Raise `Implausible`."""
        message = line.message
        self.rank = rank_of(message.usage)
        self.id = message.id or ""
        self.request_id: str | None = line.requestId
        self.request: str = line.requestId or _own_name(line, context)
        self.key = key(self.id or f"{line.uuid or context.session}@{'' if line.uuid else offset}")
        self.first = self.offset = offset
        self.context = context
        self.asked = asked
        self.worked = time - asked if asked and 0 < time - asked <= AWAY_MS else 0
        self.last = time
        self.best = line
        self.open = message.stop_reason is None
        self.aborted = line.isAbortedMidStream is True
        self.replay = line.isSidechain is True and is_replay(line)
        self.copied = (line.requestSessionId is not None or line.sessionKind is not None) and is_copy(line)
        self.searches = 0
        """Web searches that the tool made on this answer's behalf; the provider's own are in its usage."""
        self.again = False
        """Whether earlier lines of it were told already, as those of an answer that came to its end."""
        self.turn = 0
        """How many lines that the model answers to came before it."""
        self.waiting: dict[str, Waiting] = _NONE
        """The uses of tools that waited for their results when it began."""

    def add(self, line: Any, time: int, offset: int) -> None:
        """Take a further line of the same answer; raise `Implausible` and leave all as it was when it cannot be."""
        usage = line.message.usage
        rank = self.rank
        if usage == self.best.message.usage:
            better = time > self.last
        else:
            rank = rank_of(usage)
            better = rank > self.rank or (rank == self.rank and self._wins_tie(usage, time))
        if better:
            self.rank, self.best, self.offset = rank, line, offset
        if time > self.last:
            if time - self.last <= AWAY_MS:
                self.worked += time - self.last
            self.last = time
        self.open = line.message.stop_reason is None
        if line.isAbortedMidStream is True:
            self.aborted = True

    def _wins_tie(self, usage: Any, time: int) -> bool:
        """Tell which of two lines with the same sums counts; where nothing is later, as the ledger settles it."""
        best = self.best.message.usage
        if time > self.last:
            return usage.speed is not None or best.speed is None
        return main_tokens(usage) > main_tokens(best)

    def broke_off(self) -> bool:
        """Tell whether the lines themselves show that the answer did not reach its end."""
        return self.aborted or (self.open and _version(self.context.version) >= _FINAL_ON_EVERY_LINE)

    def may_have_broken_off(self) -> bool:
        """Tell whether the answer may have been cut where something else says that one was.

        An answer of which only the beginning came has the counts with which the stream began, and from 2.1.330
        on (seen there) even a stop reason that nobody sent.
        """
        return self.broke_off() or (self.best.message.usage.output_tokens or 0) <= _STARTED_ONLY

    def events(self, grade: int) -> list[UsageEvent]:
        """Return the answer as events of a grade: itself, and what is billed beside it."""
        line = self.best
        usage, cost = line.message.usage, line.costUSD
        used = usage.server_tool_use
        main = tuple.__new__(
            UsageEvent,
            (
                self.key,
                key(self.request) if self.id else 0,
                self.last,
                _variant(line.message.model or "", usage),
                main_tokens(usage),
                self.context,
                BARE if not self.rank[0] else FINISHED if self.again else grade,
                self.replay,
                self.copied,
                self.worked,
                self.searches + (_uses(used.web_search_requests) if used and used.web_search_requests else 0),
                _uses(used.web_fetch_requests) if used and used.web_fetch_requests else 0,
                round(cost * 1e9) if cost is not None and 0 < cost < _DEAREST else None,
                self.offset,
            ),
        )
        return [main, *self._beside(main)] if usage.iterations and len(usage.iterations) > 1 else [main]

    def _beside(self, main: UsageEvent) -> list[UsageEvent]:
        line = self.best
        return [
            main._replace(
                key=key(self.id or str(self.key), what),
                variant=_variant(model, line.message.usage),
                tokens=tokens,
                work_ms=0,
                web_searches=0,
                web_fetches=0,
                cost_nano=None,
            )
            for what, model, tokens in own_bills(
                line.message.usage, line.message.model or "", line.requestedModel or ""
            )
        ]


def is_replay(line: Any) -> bool:
    """Tell whether a line may only repeat a line of the main session under another request.

    A side question's transcript begins with its parent's answers. Every subagent's line is marked the same way
    (`isSidechain`), so that only the ledger can tell, by whether there is an original. Where no request ids
    are written a gateway may use message ids again, and what a line is must show in the agent's id: those of
    side questions, compactions and the like have a name (`aside_question-3f…`), those of subagents have none.
    """
    return line.isSidechain is True and (line.requestId is not None or "-" in (line.agentId or ""))


def is_copy(line: Any) -> bool:
    """Tell whether the line itself says that another session made the request."""
    elsewhere = line.requestSessionId
    return bool(elsewhere and elsewhere != line.sessionId) or line.sessionKind == "bg"


def _own_name(line: Any, context: Context) -> str:
    """Return what stands in for a missing request id: a message id alone is no identity, for gateways use them again.

    A line's `uuid` stays the same wherever it is copied.
    """
    return line.uuid or f"{context.session}@{line.timestamp}"


def _uses(count: int) -> int:
    return min(max(count, 0), _MOST_USES)


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.partition("-")[0].split(".")[:3] if part.isdecimal() and len(part) < 10)  # noqa: PLR2004 - no version is that long


_variants: dict[tuple[str, str | None, str | None, str | None], Variant] = {}
_MOST_VARIANTS: Final = 1_000
_USUAL: Final = (None, "", "standard")
_NO_GEO: Final = (None, "", "not_available", "global")


def _variant(model: str, usage: Any) -> Variant:
    said = (model, usage.service_tier, usage.speed, usage.inference_geo)
    found = _variants.get(said)
    if found is None:
        if len(_variants) >= _MOST_VARIANTS:
            _variants.clear()
        tier = "" if usage.service_tier in _USUAL else usage.service_tier
        speed = "" if usage.speed in _USUAL else usage.speed
        found = Variant(PROVIDER, model, tier, speed, "" if usage.inference_geo in _NO_GEO else usage.inference_geo)
        _variants[said] = found
    return found
