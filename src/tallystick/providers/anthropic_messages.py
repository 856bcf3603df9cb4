"""Anthropic's Messages, whoever serves them: one JSON answer, or a stream whose counts are cumulative."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from tallystick.providers.anthropic_usage import (
    main_tokens,
    own_bills,
    served_by,
    tokens_of,
    uses_of,
    variation_of,
)
from tallystick.providers.decoded import count, decoder, gleaned, gleaned_text, text
from tallystick.providers.provider import CUT, DONE, FAILED, MISSING, Call, Limit
from tallystick.providers.shape import Place
from tallystick.usage.tokens import NO_TOKENS, Tokens

_REFUSAL: Final = "refusal"
_METRICS: Final = b"invocationMetrics"
_IN_HEADER: Final = ("input", "cache-read-input", "cache-write-input", "output")


class _Message(msgspec.Struct):
    id: Any = None
    model: Any = None
    usage: Any = None


class _Delta(msgspec.Struct):
    stop_reason: Any = None


class _Event(msgspec.Struct):
    """An event of a stream, or the answer as a whole; Bedrock adds its own counts to the last event."""

    type: Any = None
    id: Any = None
    model: Any = None
    usage: Any = None
    stop_reason: Any = None
    content: msgspec.Raw = msgspec.Raw()
    message: _Message | None = None
    delta: _Delta | None = None
    metrics: Any = msgspec.field(default=None, name="amazon-bedrock-invocationMetrics")


_event = decoder(_Event)


class Messages:
    """Reads one answer of the Messages API."""

    by_line = False

    def __init__(self, place: Place, *, whole_prompt_first: bool = False, named_by_path: bool = False) -> None:
        """Take where it was asked, and in what the vendor differs.

        `whole_prompt_first`: a stream begins with a prompt's count that holds the cache's part, and tells of the cache only at
        its end, as DashScope's do (github.com/jeremychone/rust-genai/pull/258). `named_by_path`: the model's id in the path
        has the price, as Bedrock's with their regions do; an ARN tells nothing.
        """
        self.limits: list[Limit] = []
        self._named = place.model if named_by_path and not place.model.startswith("arn:") else ""
        self._whole_prompt_first = whole_prompt_first
        self._usage: dict[str, Any] = {}
        self._first: dict[str, Any] = {}
        self._last: dict[str, Any] = {}
        self._metrics: dict[str, Any] = {}
        self._id = self._model = self._stop = ""
        self._streams = self._content = self._final = self._stopped = self._failed = False

    def head(self, headers: Mapping[str, str]) -> None:
        """Take the counts that Bedrock puts into headers, whatever model answers."""
        told = [headers.get(f"x-amzn-bedrock-{kind}-token-count", "") for kind in _IN_HEADER]
        if any(each.isdecimal() for each in told):
            numbers = [int(each) if each.isdecimal() else 0 for each in told]
            names = ("inputTokenCount", "cacheReadInputTokenCount", "cacheWriteInputTokenCount", "outputTokenCount")
            self._metrics = dict(zip(names, numbers, strict=True))

    def wants(self, data: bytes) -> bool:
        """Tell whether an event tells of counts, of an error, of the end, or that there is any content."""
        return (
            b'"usage"' in data
            or b'"message_stop"' in data
            or b'"error"' in data
            or (not self._content and b'"content_block_start"' in data)
            or _METRICS in data
        )

    def text(self, data: bytes) -> None:
        """Take an event, or the whole answer."""
        event = _event(data)
        if event is None:
            self._glean(data)
            return
        if isinstance(event.metrics, dict):
            self._metrics, self._final = event.metrics, True
        match event.type:
            case "message_start" if event.message is not None:
                self._streams = True
                self._name(event.message.id, event.message.model)
                self._first = self._add(event.message.usage)
            case "content_block_start":
                self._content = self._streams = True
            case "message_delta":
                self._streams = True
                self._stop = text(event.delta.stop_reason) if event.delta else self._stop
                self._last |= self._add(event.usage)
                # There may be several; the one that says why the answer stopped has the counts of all of it.
                self._final = self._final or bool(self._last and self._stop)
            case "message_stop":
                self._streams = self._stopped = True
                self._final = self._final or bool(self._last)
            case "error":
                self._failed = True
            case _ if event.usage is not None or event.id is not None:
                self._whole(event)

    def _whole(self, answer: _Event) -> None:
        self._name(answer.id, answer.model)
        self._final = bool(self._add(answer.usage))
        self._stop = text(answer.stop_reason)
        self._content = bytes(answer.content).strip(b"[] \r\n\t") != b""

    def _name(self, identity: object, model: object) -> None:
        self._id, self._model = text(identity) or self._id, text(model) or self._model

    def _add(self, usage: object) -> dict[str, Any]:
        """Take counts, which are cumulative: of each the last one holds. What a later event leaves out stays as it was."""
        told = {name: value for name, value in usage.items() if value is not None} if isinstance(usage, dict) else {}
        self._usage |= told
        return told

    def _glean(self, data: bytes) -> None:
        self._name(self._id or gleaned_text(data, "id"), self._model or gleaned_text(data, "model"))
        self._add(gleaned(data, ("usage",)))

    def calls(self, asked: str, *, cut: bool) -> list[Call]:
        """Return the answer and what is billed beside it."""
        usage = self._usage
        if not usage:
            return [self._untold(cut=cut)]
        tokens, kind = main_tokens(self._corrected()), ""
        if self._stop == _REFUSAL and not self._content and not served_by(usage):
            tokens, kind = NO_TOKENS, _REFUSAL
        tier, speed, geo = variation_of(usage)
        searches, fetches = uses_of(usage)
        main = Call(
            "",
            self._named or served_by(usage) or self._model,
            tokens,
            self._outcome(cut=cut),
            self._id,
            tier=tier,
            speed=speed,
            geo=geo,
            web_searches=searches,
            web_fetches=fetches,
            kind=kind,
        )
        beside = [
            main._replace(
                model=bill.model or self._model or asked,
                tokens=bill.tokens,
                web_searches=0,
                web_fetches=0,
                part=bill.place + 1,
                kind=bill.kind,
            )
            for bill in own_bills(usage)
        ]
        return [main, *beside]

    def _outcome(self, *, cut: bool) -> str:
        if self._final:
            return DONE
        if self._stopped:
            return MISSING
        return CUT if cut or self._streams or self._failed else DONE

    def _untold(self, *, cut: bool) -> Call:
        metrics = self._metrics
        if metrics and not self._failed:
            names = ("inputTokenCount", "cacheReadInputTokenCount", "cacheWriteInputTokenCount", "outputTokenCount")
            outcome = DONE if self._final or not cut else CUT
            fresh, read, written, output = (count(metrics.get(name)) for name in names)
            return Call("", self._named or self._model, Tokens(fresh, read, written, 0, output), outcome, self._id)
        broke_off = cut or (self._streams and not self._stopped)
        outcome = FAILED if self._failed and not self._streams else CUT if broke_off or self._failed else MISSING
        return Call("", self._named or self._model, NO_TOKENS, outcome, self._id)

    def _corrected(self) -> dict[str, Any]:
        """Return the counts with the cache's part taken out of a prompt that was told before it was known."""
        if not self._whole_prompt_first or not self._first or not self._last:
            return self._usage
        before = count(self._first.get("input_tokens"))
        if self._last.get("input_tokens", before) != before or "cache_read_input_tokens" in self._first:
            return self._usage
        counts = tokens_of(self._usage)
        inside = counts.cache_read + counts.cache_write_5m + counts.cache_write_1h
        return self._usage | {"input_tokens": max(0, before - inside)}
