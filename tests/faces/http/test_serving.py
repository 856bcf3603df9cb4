"""How answers are sent: packed, tagged, and not at all to whom has them."""

import gzip
import socket
import struct
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fastapi import APIRouter, Request
from starlette.datastructures import Headers
from starlette.responses import Response
from tests.answers.sample import MAIN, OPUS, THOUSAND, event
from tests.answers.stand import fill
from tests.faces.http.live import SITE, Live, serving

from tallystick.answers.answers import Answers
from tallystick.faces.http.serving import body, held, served


def test_small_bodies_are_not_packed_and_large_ones_are_the_same_when_unpacked() -> None:
    assert body("short") == (b"short", b"")
    long = "a long answer, " * 1000
    plain, packed = body(long)
    assert gzip.decompress(packed).decode() == plain.decode() == long
    assert len(packed) < len(plain) / 10


@pytest.mark.parametrize(
    "said, packed",
    [
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("*", True),
        ("gzip;q=0", False),
        ("gzip; q=0.0", False),
        ("br", False),
        ("", False),
    ],
)
def test_whoever_can_unpack_gets_it_packed(live: Live, said: str, packed: bool) -> None:  # noqa: FBT001
    answer = live.get("/receivers", headers={"Accept-Encoding": said})
    assert (answer.headers.get("content-encoding") == "gzip") == packed
    assert answer.json()["schema"] == "tallystick.receivers/1"
    assert "Accept-Encoding" in answer.headers["vary"]


def test_whoever_has_it_already_is_told_so_until_something_changes(tmp_path: Path) -> None:
    with serving(tmp_path) as live:
        first = live.get("/reports/daily")
        tag = first.headers["etag"]
        again = live.get("/reports/daily", headers={"If-None-Match": f'"other", {tag}'})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert live.get("/reports/daily?limit=1", headers={"If-None-Match": tag}).status_code == 200
        fill(live.ledger, [event("2026-11-03T10:00:00", OPUS, MAIN, THOUSAND)])
        live.desk.changed()
        new = live.get("/reports/daily", headers={"If-None-Match": tag})
        assert (new.status_code, new.json()["totals"]["requests"]) == (200, first.json()["totals"]["requests"] + 1)


def test_nothing_is_worked_out_for_whom_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(tmp_path) as live:
        tag = live.get("/reports/daily").headers["etag"]

        def never(*_: object) -> None:
            raise AssertionError

        monkeypatch.setattr(live.desk, "get", never)
        assert live.get("/reports/daily", headers={"If-None-Match": tag}).status_code == 304
        assert live.get("/reports/daily").status_code == 500


def test_a_client_that_goes_away_takes_nothing_from_the_others(tmp_path: Path) -> None:
    begun, go, times = threading.Event(), threading.Event(), []
    router = APIRouter()

    def work(_: Answers) -> str:
        times.append(1)
        begun.set()
        go.wait(8)
        return "done"

    async def slow(request: Request) -> Response:
        return await served(request, holder[0].desk, ("slow",), work)

    router.add_api_route("/slow", slow)
    holder: list[Live] = []
    with serving(tmp_path, SITE, [router]) as live:
        holder.append(live)
        try:
            with socket.create_connection(("127.0.0.1", live.port), 5) as gone:
                gone.sendall(b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n")
                assert begun.wait(5)
                # Reset, as when a program is killed.
                gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            with ThreadPoolExecutor(1) as other:
                waiting = other.submit(live.client.get, "/slow")
                time.sleep(0.2)
                go.set()
                assert waiting.result(10).text == "done"
        finally:
            go.set()
        assert len(times) == 1
        # As many as there are workers, and one more.
        for number in range(3):
            assert live.get(f"/reports/daily?limit={number}").status_code == 200
        assert all(thread.is_alive() for thread in live.desk._threads)


def test_tags_are_compared_weakly() -> None:
    tag = 'W/"v-1"'
    for said, same in (
        ('W/"v-1"', True),
        ('"v-1"', True),
        ("*", True),
        ('"a",W/"v-1"', True),
        ('"v"', False),
        ("v-1", False),
        ("", False),
    ):
        assert held(Headers({"if-none-match": said}), tag) == same, said


def test_while_logs_are_read_in_answers_say_how_far_that_is_and_nobody_keeps_them(tmp_path: Path) -> None:
    with serving(tmp_path) as live:
        before = live.get("/reports/daily")
        live.desk.tell(importing=0.4371)
        # Also to whom has what there was before.
        meanwhile = live.get("/reports/daily", headers={"If-None-Match": before.headers["etag"]})
        assert meanwhile.status_code == 200
        assert meanwhile.json() == {"importing": 0.4371, **before.json()}
        assert "etag" not in meanwhile.headers
        assert meanwhile.headers["cache-control"] == "no-store"
        live.desk.tell(importing=None)
        assert live.get("/reports/daily").text == before.text
