"""Answers that are given at the door."""

import asyncio

from starlette.types import Message

from tallystick.faces.http.answering import CSP, Answer, Headers


def sent(call: str, *arguments: object, more: Headers | None = None) -> tuple[int, dict[bytes, bytes], bytes]:
    """Return status, headers and content of an answer."""
    messages: list[Message] = []

    async def send(message: Message) -> None:
        messages.append(message)

    answer = Answer(send, more or [])
    asyncio.run(getattr(answer, call)(*arguments))
    assert answer.begun
    assert answer.status == messages[0]["status"]
    return messages[0]["status"], dict(messages[0]["headers"]), messages[1]["body"]


def test_a_problem_tells_what_it_is_and_when_to_come_again() -> None:
    status, headers, content = sent("problem", 429, "too_often", "Wait.", 7)
    assert (status, headers[b"retry-after"], headers[b"cache-control"]) == (429, b"7", b"no-store")
    assert content == b'{"error": {"code": "too_often", "message": "Wait."}}\n'
    assert int(headers[b"content-length"]) == len(content)
    assert b"www-authenticate" not in headers
    _, headers, _ = sent("problem", 401, "unknown", "Show it.", more=[(b"vary", b"Origin")])
    assert headers[b"www-authenticate"] == b'Bearer realm="tallystick"'
    assert headers[b"vary"] == b"Origin"
    assert b"retry-after" not in headers


def test_every_answer_tells_browsers_to_be_careful_unless_a_route_says_more() -> None:
    assert sent("elsewhere", "/login?next=%2F")[1][b"content-security-policy"] == CSP.encode()
    own = [(b"Content-Security-Policy", b"sandbox")]
    headers = sent("plain", 200, own)[1]
    assert headers[b"Content-Security-Policy"] == b"sandbox"
    assert b"content-security-policy" not in headers


def test_a_browser_is_led_to_another_page_or_told_how_to_show_a_token() -> None:
    status, headers, content = sent("elsewhere", "/login?next=%2F")
    assert (status, headers[b"location"], content) == (303, b"/login?next=%2F", b"")
    status, headers, content = sent("how")
    assert (status, headers[b"www-authenticate"][:5]) == (401, b"Basic")
    assert b"as the password the token" in content
