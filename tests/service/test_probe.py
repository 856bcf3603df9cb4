"""An address is asked for its health, whoever may be behind it."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
from tests.service.world import free_port

from tallystick.service.probe import FOREIGN, HEALTHY, SILENT, Answer, ask


@contextmanager
def answering(said: bytes) -> Iterator[int]:
    """Answer one connection with these bytes."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(said)

        thread = Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


def http(body: str, status: str = "200 OK") -> bytes:
    """Return an answer as HTTP has it."""
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


TOKENGATE = http('{"status":"ok","version":"1.0.0","adapters":[]}').replace(
    b"\r\n", b"\r\nAccess-Control-Allow-Origin: *\r\n", 1
)
"""What tokengate-server answers on the same port."""


@pytest.mark.parametrize(
    "said, found",
    [
        (http('{"status":"ok","version":"1.2","adapters":[]}'), Answer(HEALTHY, "1.2")),
        (http('{"status":"ok","version":"1.2","pid":7,"uptime_seconds":3}'), Answer(HEALTHY, "1.2", 7, 3.0)),
        (http('{"status":"ok","version":"1.2","pid":"x","uptime_seconds":"y"}'), Answer(HEALTHY, "1.2")),
        (http('{"status":"ok"}'), Answer(FOREIGN)),
        (http('{"status":"ill","version":"1.2"}'), Answer(FOREIGN)),
        (http("[]"), Answer(FOREIGN)),
        (TOKENGATE, Answer(FOREIGN)),
        (http("<html>"), Answer(FOREIGN)),
        (http('{"status":"ok","version":"1.2"}', "503 Busy"), Answer(FOREIGN)),
        (b"SSH-2.0-x\r\n", Answer(FOREIGN)),
        (b"", Answer(FOREIGN)),
    ],
)
def test_only_what_speaks_like_ours_is_healthy(said: bytes, found: Answer) -> None:
    with answering(said) as port:
        assert ask("127.0.0.1", port) == found


def test_where_nobody_listens_it_is_silent() -> None:
    assert ask("127.0.0.1", free_port()) == Answer(SILENT)


def test_one_that_listens_and_says_nothing_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert ask("127.0.0.1", server.getsockname()[1], 0.2) == Answer(FOREIGN)


@pytest.mark.parametrize("host", ["0.0.0.0", ""])  # noqa: S104  nothing is bound
def test_one_that_listens_everywhere_is_asked_here(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with answering(http('{"status":"ok","version":"1"}')) as port:
        assert ask(host, port).kind == HEALTHY
