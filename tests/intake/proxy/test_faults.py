"""Whatever goes wrong, with us or with others, traffic is what it would be without us, and what is known is told."""

import gzip
import http.client
import json
import logging
import ssl
import time

import pytest
from tests.intake.proxy.origin import Authority, Origin, asked, connected
from tests.intake.proxy.passing import PLAIN, Proxy, last, sha


def test_a_client_that_leaves_in_the_middle_ends_it_there_too_and_the_call_is_cut(
    proxy: Proxy, ours: Authority, origin: Origin, before: int
) -> None:
    origin.gone.clear()
    connection = connected(proxy.port, "listed.test", ours.certificate)
    connection.request("GET", "/endless")
    answer = connection.getresponse()
    assert answer.read(9) == b"data: 0\n\n"
    answer.close()
    connection.close()
    assert origin.gone.wait(10)
    (line,) = last(proxy, before)
    assert line["outcome"] == "cut"
    assert line["request"] == "req_s"


def test_an_answer_that_the_server_breaks_off_breaks_off_here_and_the_call_is_cut(
    proxy: Proxy, ours: Authority, origin: Origin, before: int
) -> None:
    connection = connected(proxy.port, "listed.test", ours.certificate)
    connection.request("GET", "/reset")
    answer = connection.getresponse()
    assert answer.read(27) == b"data: 0\n\ndata: 1\n\ndata: 2\n\n"
    origin.go.set()
    with pytest.raises((http.client.IncompleteRead, ConnectionError, ssl.SSLError)):
        answer.read()
    connection.close()
    (line,) = last(proxy, before)
    assert line["outcome"] == "cut"
    assert line["tokens"] == [0, 0, 0, 0, len("data: 0\n\n") * 3, 0]


@pytest.mark.parametrize("at", ["sent", "head", "took", "end"])
def test_a_watch_that_fails_changes_no_byte_and_the_call_is_missing(
    proxy: Proxy, ours: Authority, origin: Origin, before: int, at: str
) -> None:
    origin.answers[f"/raising/{at}"] = PLAIN, {}
    connection = connected(proxy.port, "listed.test", ours.certificate)
    assert asked(connection, f"/raising/{at}", PLAIN) == PLAIN
    assert asked(connection, "/after", b"") == b'{"path": "/after"}'
    connection.close()
    assert sha(PLAIN) in origin.bodies
    note, call, after = last(proxy, before, 3)
    assert note["note"]["why"] == "unreadable"
    assert (call["outcome"], call["host"], call["status"]) == ("missing", "listed.test", 200)
    assert after["outcome"] == "done"
    assert "secret" not in json.dumps(last(proxy, before, 3))


def test_a_shelf_that_fails_changes_no_byte_and_its_words_are_not_logged(
    proxy: Proxy, ours: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    connection = connected(proxy.port, "listed.test", ours.certificate)
    with caplog.at_level(logging.INFO):
        assert asked(connection, "/no-shelf", PLAIN) == b'{"path": "/no-shelf"}'
    connection.close()
    assert "_begin failed (ValueError)" in caplog.text
    assert "secret" not in caplog.text


def test_what_cannot_be_decoded_passes_and_the_call_is_missing(
    proxy: Proxy, ours: Authority, origin: Origin, before: int
) -> None:
    # A block of the kind that does not exist (RFC 1951, 3.2.3).
    broken = gzip.compress(PLAIN)[:10] + b"\xff" * 4000
    origin.answers["/broken"] = broken, {"Content-Encoding": "gzip"}
    connection = connected(proxy.port, "listed.test", ours.certificate)
    assert asked(connection, "/broken", b"") == broken
    connection.close()
    note, call = last(proxy, before, 2)
    assert note["note"]["why"] == "undecodable"
    assert call["outcome"] == "missing"


def test_a_connection_that_the_server_closes_while_it_rests_does_not_fail_the_next_call(
    proxy: Proxy, ours: Authority, before: int
) -> None:
    connection = connected(proxy.port, "listed.test", ours.certificate)
    for _ in range(3):
        assert asked(connection, "/idle", b"x") == b"idle"
        time.sleep(0.2)
    connection.close()
    assert [line["outcome"] for line in last(proxy, before, 3)] == ["done"] * 3


@pytest.mark.parametrize("said", ["Basic", "Basic x", "Basic =é", "Bearer abc", "Negotiate", "Basic " + "A" * 9_000])
def test_whatever_is_said_to_the_proxy_a_call_passes_and_is_counted(
    proxy: Proxy, ours: Authority, before: int, said: str
) -> None:
    connection = connected(proxy.port, "listed.test", ours.certificate)
    connection.set_tunnel("listed.test", 443, {"Proxy-Authorization": said})
    assert asked(connection, "/j", b"x") == b'{"path": "/j"}'
    connection.close()
    assert last(proxy, before)[0]["tags"] == {}
