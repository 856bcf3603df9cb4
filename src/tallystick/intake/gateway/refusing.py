"""What the gateway itself answers, where no upstream does: a sentence, and a header that tells it from an upstream's answer."""

import json
from typing import Any, Final, NamedTuple

from tallystick.intake.gateway.asgi import Headers, Scope, Send

MARK: Final = b"x-tally-gateway"


class Refusal(NamedTuple):
    """An answer of the gateway's own."""

    status: int
    code: str
    message: str


def unknown(name: str, names: list[str]) -> Refusal:
    """Return the answer where no upstream has that name."""
    return Refusal(404, "unknown-upstream", f"No upstream is called {name!r}: there are {', '.join(names)}.")


def unreachable(host: str, why: str) -> Refusal:
    """Return the answer where an upstream cannot be reached."""
    return Refusal(502, "upstream-unreachable", f"{host} cannot be reached: {why}.")


def used_up(why: str, *, heeds: bool) -> Refusal:
    """Return the answer where a budget is used up, by whether the client heeds that it is not to try again.

    Tried with real clients: those that do not heed it try again after a 429, OpenCode 1.18 and Gemini CLI 0.61 for minutes and in
    silence; Codex 0.169 ends, but tells its person nothing of what came with it. After a 400 all of them end at once and show the
    sentence.
    """
    return Refusal(429 if heeds else 400, "budget-used-up", why)


def closed(host: str, why: str) -> Refusal:
    """Return the answer where an upstream hung up, or talked nonsense, before it answered."""
    return Refusal(502, "upstream-closed", f"{host} ended the connection before it answered: {why}.")


LEADS_OUT: Final = Refusal(400, "path-leads-out", "With its .. this path may lead out of the upstream: say it plainly.")
NO_SOCKETS: Final = Refusal(426, "no-websockets", "Websockets are not relayed here: use plain requests.")


_KINDS: Final = {400: "invalid_request_error", 426: "invalid_request_error", 429: "rate_limit_error"}
_STATUSES: Final = {400: "INVALID_ARGUMENT", 426: "FAILED_PRECONDITION", 429: "RESOURCE_EXHAUSTED"}
_LASTING: Final = 429
_NOT_AGAIN: Final = (b"x-should-retry", b"false")
_HEEDS: Final = b"x-stainless-lang"


def heeds(scope: Scope, provider: str) -> bool:
    """Tell whether a client heeds `x-should-retry`: Anthropic's own library does, which names itself by its maker's headers."""
    return provider == "anthropic" and any(name == _HEEDS for name, _ in scope["headers"])


def _body(refusal: Refusal, provider: str | None) -> dict[str, Any]:
    """Return a refusal as a provider shapes its errors, so that a tool shows the sentence; None is no provider's."""
    status, message = refusal.status, refusal.message
    if provider is None:
        return {"error": message}
    kind = _KINDS.get(status, "api_error")
    if provider == "anthropic":
        return {"type": "error", "error": {"type": kind, "message": message}}
    if provider == "google":
        return {"error": {"code": status, "message": message, "status": _STATUSES.get(status, "UNAVAILABLE")}}
    return {"error": {"message": message, "type": kind, "param": None, "code": refusal.code}}


async def refuse(refusal: Refusal, scope: Scope, send: Send, provider: str | None = None) -> None:
    """Answer a request, or a websocket that was not accepted yet, in the words of the provider that was asked."""
    body = json.dumps(_body(refusal, provider)).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (MARK, refusal.code.encode()),
    ]
    if refusal.status == _LASTING:
        headers.append(_NOT_AGAIN)
    await answer(refusal.status, headers, body, scope, send)


async def answer(status: int, headers: Headers, body: bytes, scope: Scope, send: Send) -> None:
    """Answer with a whole body; a websocket by the answer that stands in the place of its handshake."""
    kind = "http"
    if scope["type"] == "websocket":
        if "websocket.http.response" not in scope.get("extensions", {}):
            await send({"type": "websocket.close", "code": 1008})
            return
        kind = "websocket.http"
    await send({"type": f"{kind}.response.start", "status": status, "headers": headers})
    await send({"type": f"{kind}.response.body", "body": body, "more_body": False})
