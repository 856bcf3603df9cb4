"""One request and its answer while they pass: decoded aside, watched, timed, and told to the spool."""

import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from tallystick.intake.wire.decoding import Decoder, Undecodable
from tallystick.intake.wire.runs import NO_RUN, Run
from tallystick.intake.wire.spool import Spool
from tallystick.providers.accounts import account_in
from tallystick.providers.clients import Client, client
from tallystick.providers.provider import CUT, DONE, MISSING, Asked, Call, Limit, Watch

UNDECODABLE: Final = "undecodable"
"""Why a call is not metered: its body could not be decoded."""
UNREADABLE: Final = "unreadable"
"""Why a call is not metered: reading what it says failed."""
_WORD_MOST: Final = 512
"""Characters of an id or a name that are kept. Ids are shorter than 100, those of some gateways a few hundred."""
_PATH_MOST: Final = 1_024
_TAGS_MOST: Final = 16
_TAG_MOST: Final = 64
_NOBODY: Final = Client("")


class Exchange:
    """One exchange. It never raises, holds no content, and takes the bytes as they are on the wire, still encoded."""

    def __init__(
        self,
        watch: Watch,
        asked: Asked,
        via: str,
        spool: Spool,
        now: Callable[[], float],
        run: Run = NO_RUN,
    ) -> None:
        """Begin with a request's head. `via` is the receiver; `now` gives seconds since 1970."""
        self._watch, self._asked, self._via, self._spool, self._now = watch, asked, via, spool, now
        self._attributed = {**_attributed(asked), "project": _short(run.project, _PATH_MOST), "tags": _few(run.tags)}
        if run.token:
            self._attributed["run"] = _short(run.token)
        self._began = self._ms()
        self._first: int | None = None
        self._request = Decoder(asked.headers.get("content-encoding", ""))
        self._answer = Decoder("")
        self._status = 0
        self._broken = ""
        self._ended = False
        self._told = 0
        self._limits = 0
        self._account = ""

    def sent(self, data: bytes) -> None:
        """Take the next bytes of the request's body."""
        try:
            for piece in self._request.feed(data):
                self._watch.sent(piece)
        except Undecodable:
            # The answer tells the counts; only what was asked for stays unknown.
            self._request = _DEAF
        except Exception:  # noqa: BLE001  traffic goes on whatever fails here
            self._break(UNREADABLE)

    def head(self, status: int, headers: Mapping[str, str]) -> None:
        """Take the answer's status and headers, by names in lower case."""
        self._status = status
        self._answer = Decoder(headers.get("content-encoding", ""))
        try:
            self._account = account_in(self._asked.headers, headers)
            self._watch.head(status, headers)
            self._tell_limits()
        except Exception:  # noqa: BLE001  traffic goes on whatever fails here
            self._break(UNREADABLE)

    def took(self, data: bytes) -> None:
        """Take the next bytes of the answer's body."""
        if self._broken or self._ended or not data:
            return
        self._arrived()
        try:
            for piece in self._answer.feed(data):
                self._tell(self._watch.took(piece))
        except Undecodable:
            self._break(UNDECODABLE)
        except Exception:  # noqa: BLE001  traffic goes on whatever fails here
            self._break(UNREADABLE)

    def end(self, *, cut: bool = False) -> None:
        """Take the end of the answer, whole or cut off; what comes later is ignored."""
        if self._ended:
            return
        self._ended = True
        try:
            self._tell(self._watch.end(cut=cut or bool(self._broken)))
            self._tell_limits()
        except Exception:  # noqa: BLE001  traffic goes on whatever fails here
            self._break(UNREADABLE)
        if self._broken and not self._told:
            self._tell((Call("", "", status=self._status or 200),))

    def frame_sent(self, data: bytes) -> None:
        """Take a client's message on a websocket, from which the next answer is timed."""
        if self._broken or self._ended:
            return
        self._began, self._first = self._ms(), None
        try:
            self._tell(self._watch.frame_sent(data))
        except Exception:  # noqa: BLE001  traffic goes on whatever fails here
            self._break(UNREADABLE)

    def frame_took(self, data: bytes) -> None:
        """Take a server's message on a websocket."""
        if self._broken or self._ended:
            return
        self._arrived()
        try:
            self._tell(self._watch.frame_took(data))
            self._tell_limits()
        except Exception:  # noqa: BLE001  traffic goes on whatever fails here
            self._break(UNREADABLE)

    def _arrived(self) -> None:
        if self._first is None:
            self._first = self._ms() - self._began

    def _break(self, why: str) -> None:
        """Stop reading and note why, once; the call itself is told at its end."""
        if not self._broken:
            self._broken = why
            self._spool.put({"v": 1, "note": {"at": self._ms(), "host": self._asked.host, "why": why}})

    def _tell(self, calls: Iterable[Call]) -> None:
        for call in calls:
            self._told += 1
            self._spool.put(self._line(call))

    def _tell_limits(self) -> None:
        for limit in self._watch.limits[self._limits :]:
            self._limits += 1
            self._spool.put({"v": 1, "limit": {**_limit(limit, self._ms()), "account": self._account}})

    def _line(self, call: Call) -> Mapping[str, Any]:
        # What could not be read to its end is not known, however well it began.
        outcome = MISSING if self._broken and call.outcome in {DONE, CUT} else call.outcome
        return {
            "v": 1,
            "at": self._ms(),
            "began": self._began,
            "first": self._first or 0,
            "via": self._via,
            "host": _short(self._asked.host),
            "provider": _short(call.provider),
            "model": _short(call.model),
            "asked": _short(call.asked_model),
            "id": _short(call.id),
            "request": _short(call.request),
            "status": call.status,
            "outcome": outcome,
            "tokens": list(call.tokens),
            "tier": _short(call.tier),
            "speed": _short(call.speed),
            "geo": _short(call.geo),
            "searches": call.web_searches,
            "fetches": call.web_fetches,
            "cost": call.cost_nano,
            "part": call.part,
            "kind": _short(call.kind),
            "mismatch": call.mismatch,
            **self._attributed,
            "nonce": secrets.token_hex(8),
        }

    def _ms(self) -> int:
        return int(self._now() * 1000)


class _Deaf(Decoder):
    """A decoder for what nobody can read any more."""

    def __init__(self) -> None:
        super().__init__("")

    def feed(self, data: bytes) -> Any:  # noqa: ANN401, ARG002  an iterator of nothing
        """Yield nothing."""
        return iter(())


_DEAF: Final = _Deaf()


def _attributed(asked: Asked) -> dict[str, Any]:
    """Return who asked."""
    try:
        who = client(asked)
    except Exception:  # noqa: BLE001  traffic goes on whatever fails here
        who = _NOBODY
    return {name: _short(value) for name, value in who._asdict().items()}


def _few(tags: Mapping[str, str]) -> dict[str, str]:
    return {_short(name, _TAG_MOST): _short(tags[name], _TAG_MOST) for name in list(tags)[:_TAGS_MOST]}


def _short(text: str, most: int = _WORD_MOST) -> str:
    """Return a text that JSON can hold (no half of a surrogate pair), cut where it is too long to be what it should be."""
    return text[:most].encode(errors="replace").decode()


def _limit(limit: Limit, now_ms: int) -> Mapping[str, Any]:
    return {
        "provider": limit.provider,
        "window": _short(limit.window),
        "minutes": limit.minutes,
        "used_percent": limit.used_percent,
        "resets_at": limit.resets_at,
        "time": now_ms,
        "plan": _short(limit.plan),
    }
