"""What the gateway answers itself: a sentence in JSON, and a header that says whose it is."""

import asyncio
import json
from typing import Any

import pytest

from tallystick.intake.gateway import refusing


def refused(refusal: refusing.Refusal, scope: dict[str, Any]) -> list[Any]:
    """Return what is sent."""
    sent: list[Any] = []

    async def send(message: Any) -> None:  # noqa: ANN401  as ASGI has it
        sent.append(message)

    asyncio.run(refusing.refuse(refusal, scope, send))
    return sent


def test_a_request_is_answered_with_a_sentence() -> None:
    start, body = refused(refusing.unreachable("api.anthropic.com", "refused"), {"type": "http"})
    assert (start["type"], start["status"]) == ("http.response.start", 502)
    assert dict(start["headers"])[b"x-tally-gateway"] == b"upstream-unreachable"
    assert dict(start["headers"])[b"content-length"] == str(len(body["body"])).encode()
    assert json.loads(body["body"]) == {"error": "api.anthropic.com cannot be reached: refused."}
    assert body["more_body"] is False


def test_a_name_that_leads_nowhere_is_told_with_those_that_do() -> None:
    start, body = refused(refusing.unknown("gogle", ["google", "openai"]), {"type": "http"})
    assert start["status"] == 404
    assert json.loads(body["body"]) == {"error": "No upstream is called 'gogle': there are google, openai."}


def test_a_websocket_is_answered_in_place_of_its_handshake() -> None:
    scope = {"type": "websocket", "extensions": {"websocket.http.response": {}}}
    start, body = refused(refusing.NO_SOCKETS, scope)
    assert (start["type"], start["status"]) == ("websocket.http.response.start", 426)
    assert body["type"] == "websocket.http.response.body"
    assert refused(refusing.NO_SOCKETS, {"type": "websocket"}) == [{"type": "websocket.close", "code": 1008}]


@pytest.mark.parametrize(
    "provider, body",
    [
        ("anthropic", {"type": "error", "error": {"type": "invalid_request_error", "message": "{}"}}),
        ("google", {"error": {"code": 400, "message": "{}", "status": "INVALID_ARGUMENT"}}),
        (
            "openai",
            {"error": {"message": "{}", "type": "invalid_request_error", "param": None, "code": "path-leads-out"}},
        ),
        ("own", {"error": {"message": "{}", "type": "invalid_request_error", "param": None, "code": "path-leads-out"}}),
    ],
)
def test_a_tool_finds_the_sentence_where_its_provider_has_it(provider: str, body: dict[str, Any]) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:  # noqa: ANN401  as ASGI has it
        sent.append(message)

    asyncio.run(refusing.refuse(refusing.LEADS_OUT, {"type": "http"}, send, provider))
    wanted = json.dumps(body).replace("{}", refusing.LEADS_OUT.message)
    assert (sent[0]["status"], json.loads(sent[1]["body"])) == (400, json.loads(wanted))
