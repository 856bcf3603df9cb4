"""Posting: whatever the other end does, it is over in time, and nothing of it is told that may be a secret."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from tests.alerts.outlets.deaf import deaf
from tests.alerts.places import Manner, answers, certified, drips, goes_on, hangs, place, talks_nonsense

from tallystick.alerts.outlets import posting
from tallystick.alerts.outlets.posting import post, wrong


def test_what_is_posted_arrives() -> None:
    with place(answers(204)) as at:
        assert post(f"{at.url}/a/b?c=d", b'{"x": 1}', {"X-More": "yes"}, 5) == ""
    (asked,) = at.asked
    assert asked.line == "POST /a/b?c=d HTTP/1.1"
    assert asked.json == {"x": 1}
    assert (asked.headers["x-more"], asked.headers["content-type"]) == ("yes", "application/json")
    assert asked.headers["host"] == f"127.0.0.1:{at.port}"


@pytest.mark.parametrize("manner", [hangs, drips])
def test_who_hangs_or_drips_is_left_in_time(manner: Manner) -> None:
    with place(manner) as at:
        begun = time.monotonic()
        assert post(f"{at.url}/hunter2", b"{}", {}, 0.4) == "no answer within 0.4 s"
        assert 0.3 < time.monotonic() - begun < 2


@contextmanager
def full() -> Iterator[tuple[str, int]]:
    """Give an address that answers nobody who wants to connect: who waits there already are too many."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        address = server.getsockname()
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)  # noqa: FBT003  as socket has it
            waiting.connect_ex(address)
        time.sleep(0.05)
        yield address


def test_many_addresses_have_no_more_time_than_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with full() as address:
        monkeypatch.setattr(posting, "addresses", lambda *_: [(socket.AF_INET, address)] * 4)
        begun = time.monotonic()
        assert post("http://127.0.0.1/", b"{}", {}, 0.5) == "no answer within 0.5 s"
        assert 0.4 < time.monotonic() - begun < 0.9


def test_a_name_that_nobody_resolves_has_no_more_time_either(monkeypatch: pytest.MonkeyPatch) -> None:
    with deaf(monkeypatch):
        begun = time.monotonic()
        assert post("http://example.invalid/hunter2", b"{}", {}, 0.3) == "no answer within 0.3 s"
        assert 0.2 < time.monotonic() - begun < 1


def test_an_address_that_cannot_be_reached_leaves_time_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    with full() as address, place(answers(200)) as at:
        both = [(socket.AF_INET, address), (socket.AF_INET, ("127.0.0.1", at.port))]
        monkeypatch.setattr(posting, "addresses", lambda *_: both)
        assert post(at.url, b"{}", {}, 1) == ""
    assert len(at.asked) == 1


def test_who_took_it_and_goes_on_to_speak_has_taken_it() -> None:
    with place(goes_on) as at:
        begun = time.monotonic()
        assert post(at.url, b"{}", {}, 0.4) == ""
        assert time.monotonic() - begun < 2


def test_who_says_where_else_to_go_is_not_followed() -> None:
    with place(answers(200)) as other, place(answers(307, f"Location: {other.url}/\r\n")) as at:
        assert post(at.url, b"{}", {}, 5) == "answered 307, which leads elsewhere and is not followed"
    assert (len(at.asked), other.connections) == (1, 0)


def test_failures_are_told_without_secrets() -> None:
    with place(answers(500, body="hunter2")) as failing, place(talks_nonsense) as odd:
        assert post(f"{failing.url}/hunter2", b"{}", {"Authorization": "Bearer hunter2"}, 5) == "answered 500"
        assert post(f"{odd.url}/hunter2", b"{}", {}, 5) == "it answered something that is no HTTP"
    assert post(f"{failing.url}/hunter2", b"{}", {}, 5) == "it cannot be reached (connection refused)"


def test_certificates_count(tmp_path: Path) -> None:
    context, ca = certified(tmp_path)
    with place(answers(200), context) as at:
        url = at.url.replace("http:", "https:")
        assert post(url, b"{}", {}, 5) == "its certificate is not trusted"
        assert at.asked == []
        assert post(url, b"{}", {}, 5, ca) == ""
        assert post(url, b"{}", {}, 5, str(tmp_path / "none.pem")) == "it cannot be reached (no such file or directory)"
    with place(hangs) as at:
        # It never answers the first word of TLS.
        assert post(at.url.replace("http:", "https:"), b"{}", {}, 0.3, ca) == "no answer within 0.3 s"


@pytest.mark.parametrize(
    "url", ["", 7, None, "ftp://example.org/", "https://", "http://x y/", "http://example.org:99999/", "https://bücher.example/", "http://e\n/"]
)  # fmt: skip
def test_what_is_no_address_is_told(url: object) -> None:
    assert wrong(url) == "must be an address such as https://example.org/path"


def test_addresses_are_fine() -> None:
    assert [wrong(url) for url in ("http://127.0.0.1:8123", "https://example.org/x?y=z", "http://[::1]/")] == ["", "", ""]  # fmt: skip
