"""The running totals of a journal: what a session's end tells of each model, and the output of its messages added up.

A `session.shutdown` tells everything since the session began, over all times that it was resumed; a compaction may
have begun it anew. Messages of older versions tell their output alone. Once per shutdown the sum of the messages is
told again, so that the ledger sees both counters at one time and finds that they count the same. AI units are not begun anew.
"""

from typing import Any, Final

from tallystick.tools.copilot_cli.counts import (
    Fields,
    Misshapen,
    cost_of,
    count,
    inner,
    moment,
    text,
    tokens_of,
)
from tallystick.tools.copilot_cli.names import ROUTED, TOOL
from tallystick.tools.fields import text_of
from tallystick.usage.event import Context, Reading, Variant
from tallystick.usage.identity import key
from tallystick.usage.tokens import NO_TOKENS, Tokens

_SHUTDOWN: Final = 2
_MESSAGES: Final = 3


class Totals:
    """The counters of one journal, which all belong to one session."""

    __slots__ = ("_bills", "_last", "_sums")

    def __init__(self, state: list[Any] | None = None) -> None:
        """Begin, or go on from `state()`."""
        self._sums: dict[str, list[Any]] = {}
        """Of each model's messages: output, how many, provider."""
        self._last: list[Any] = [0, ""]
        """Time and id of the last message that was added."""
        self._bills: dict[str, list[Any]] = {}
        """Of each model at the last end: tokens, AI units, and what of those was before the tokens last began anew."""
        if state:
            self._sums, self._last, self._bills = state

    def state(self) -> list[Any]:
        """Return what another one needs to go on, as JSON holds it."""
        return [self._sums, self._last, self._bills]

    def message(
        self, said: tuple[str, int], variant: Variant, output: int, context: Context, offset: int
    ) -> list[Reading]:
        """Take a message's output, by its id and time; one that was written down again adds nothing."""
        identity, time = said
        if not output or time < self._last[0] or [time, identity] == self._last:
            return []
        self._last = [time, identity]
        sums = self._sums.setdefault(variant.model, [0, 0, variant.provider])
        sums[0] += output
        sums[1] += 1
        return [_of_messages(variant.model, sums, time, context, offset)]

    def shutdown(
        self, data: Fields, time: int, provider: str, context: Context, offset: int
    ) -> tuple[list[Reading], str]:
        """Return what stood at the end of a session, and the reason when a part of it is not understood."""
        readings: list[Reading] = []
        fault = ""
        since = moment(data.get("sessionStartTime"))
        for name, metrics in inner(data, "modelMetrics").items():
            try:
                model = (text(data, "currentModel") or name) if name == ROUTED else text_of(name)
                variant = Variant(provider, model)
                requests, tokens, nano_aiu = _metrics(metrics)
            except Misshapen as error:
                fault = str(error)
                continue
            if tokens != NO_TOKENS:
                cost = cost_of(nano_aiu - self._billed(model, tokens, nano_aiu))
                meter = key(TOOL, "shutdown", context.session, model)
                reading = Reading(meter, _SHUTDOWN, time, since, variant, context, requests, tokens, cost, offset)
                readings.append(reading)
        again = [_of_messages(model, sums, time, context, offset) for model, sums in self._sums.items()]
        return readings + again, fault

    def _billed(self, model: str, tokens: Tokens, nano_aiu: int) -> int:
        """Return the AI units from before the tokens began anew: these run on over a compaction, like a bill."""
        before, billed, base = self._bills.get(model, [[], 0, 0])
        if any(now < then for now, then in zip(tokens, before, strict=False)):
            base = billed if nano_aiu >= billed else 0
        self._bills[model] = [list(tokens), nano_aiu, base]
        return int(base)


def _metrics(metrics: Any) -> tuple[int, Tokens, int]:
    if not isinstance(metrics, dict):
        raise Misshapen("modelMetrics has something that is not an object")
    usage = inner(metrics, "usage")
    tokens = tokens_of(
        count(usage, "inputTokens"),
        count(usage, "cacheReadTokens"),
        count(usage, "cacheWriteTokens"),
        count(usage, "outputTokens"),
        count(usage, "reasoningTokens"),
    )
    return count(inner(metrics, "requests"), "count"), tokens, count(metrics, "totalNanoAiu")


def _of_messages(model: str, sums: list[Any], time: int, context: Context, offset: int) -> Reading:
    output, requests, provider = sums
    meter = key(TOOL, "messages", context.session, model)
    # Nobody says when the sum began: a journal may have lost its beginning.
    return Reading(
        meter, _MESSAGES, time, 0, Variant(provider, model), context, requests, Tokens(output=output), None, offset
    )
