"""Which headers go on: all that are about the message, none that are about one connection."""

import pytest

from tallystick.intake.gateway.headers import back, onward, told


def test_what_is_about_one_connection_stays_behind() -> None:
    sent = [
        (b"host", b"localhost:3847"),
        (b"connection", b"keep-alive, X-Own , te"),
        (b"keep-alive", b"timeout=5"),
        (b"x-own", b"1"),
        (b"te", b"trailers"),
        (b"proxy-authorization", b"Basic eA=="),
        (b"authorization", b"Bearer key-1"),
        (b"x-api-key", b"key-2"),
        (b"x-tally-token", b"ours"),
        (b"anthropic-beta", b"a"),
        (b"accept", b"*/*"),
        (b"anthropic-beta", b"b"),
    ]
    assert onward(sent) == [
        (b"authorization", b"Bearer key-1"),
        (b"x-api-key", b"key-2"),
        (b"anthropic-beta", b"a"),
        (b"accept", b"*/*"),
        (b"anthropic-beta", b"b"),
    ]


def test_a_length_beside_pieces_means_nothing() -> None:
    assert onward([(b"content-length", b"5"), (b"transfer-encoding", b"chunked")]) == []
    assert back([(b"Content-Length", b"5"), (b"Transfer-Encoding", b"chunked")]) == []
    assert onward([(b"content-length", b"5")]) == [(b"content-length", b"5")]


def test_an_answer_goes_back_as_it_was_written() -> None:
    answered = [(b"Set-Cookie", b"a=1"), (b"X-\xe9", b"caf\xe9"), (b"Connection", b"close"), (b"Set-Cookie", b"b=2")]
    assert back(answered) == [(b"Set-Cookie", b"a=1"), (b"X-\xe9", b"caf\xe9"), (b"Set-Cookie", b"b=2")]


def test_our_own_session_stays_here() -> None:
    sent = [
        (b"cookie", b"a=1; tally_session=ours;b=tally_session"),
        (b"cookie", b"tally_session=ours"),
        (b"cookie", b" tally_session = ours ; tally_session=again"),
        (b"cookie", b"my_tally_session=1;  tally_sessions=2;"),
        (b"cookie", b""),
        (b"x-cookie", b"tally_session=1"),
    ]
    assert onward(sent) == [
        (b"cookie", b"a=1;b=tally_session"),
        (b"cookie", b"my_tally_session=1;  tally_sessions=2;"),
        (b"cookie", b""),
        (b"x-cookie", b"tally_session=1"),
    ]
    assert onward(sent, socket=True) == onward(sent)


@pytest.mark.parametrize("socket", [False, True])
def test_nobody_behind_sets_our_session(*, socket: bool) -> None:
    answered = [
        (b"Set-Cookie", b"tally_session=theirs; Path=/"),
        (b"set-cookie", b" tally_session ="),
        (b"set-cookie", b"tally_session"),
        (b"Set-Cookie", b"a=tally_session=1; Path=/"),
    ]
    assert back(answered, socket=socket) == [(b"Set-Cookie", b"a=tally_session=1; Path=/")]


def test_a_handshake_is_made_anew_on_each_side() -> None:
    sent = [
        (b"upgrade", b"websocket"),
        (b"connection", b"Upgrade"),
        (b"sec-websocket-key", b"x"),
        (b"sec-websocket-protocol", b"a, b"),
        (b"openai-beta", b"responses_websockets=1"),
    ]
    assert onward(sent, socket=True) == [(b"openai-beta", b"responses_websockets=1")]
    answered = [(b"Sec-WebSocket-Accept", b"x"), (b"Upgrade", b"websocket"), (b"x-request-id", b"req_1")]
    assert back(answered, socket=True) == [(b"x-request-id", b"req_1")]
    # In a plain request they are headers like any other.
    assert onward([(b"sec-websocket-key", b"x")]) == [(b"sec-websocket-key", b"x")]


def test_several_of_one_name_are_told_joined() -> None:
    assert told([(b"X-A", b"1"), (b"x-b", b"caf\xe9"), (b"x-a", b"2")]) == {"x-a": "1, 2", "x-b": "café"}
