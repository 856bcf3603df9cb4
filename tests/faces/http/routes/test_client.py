"""The client as it is fetched from a server: made once, open to everybody, and not sent to whom has it."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.faces.http.live import SITE, Live, serving

from tallystick.errors import Unavailable
from tallystick.faces.http.routes import client

CONTENT = b"#!/usr/bin/env python3\nPK" + bytes(range(256)) * 300


class Builder:
    """Makes the file, slowly, and counts how often; at first it may fail."""

    def __init__(self) -> None:
        self.made = 0
        self.failures = 0

    def __call__(self) -> bytes:
        self.made += 1
        time.sleep(0.2)
        if self.made <= self.failures:
            raise Unavailable("The sources of this package are not there.")
        return CONTENT


@pytest.fixture
def builder() -> Builder:
    """Begin with none made."""
    return Builder()


@pytest.fixture
def live(tmp_path: Path, builder: Builder) -> Iterator[Live]:
    """Serve it where everything else wants a token."""
    site = SITE._replace(guarded=lambda: True, ways=client.WAYS)
    with serving(tmp_path, site, [client.router(builder)]) as made:
        yield made


def test_everybody_gets_it_and_it_is_made_once(live: Live, builder: Builder) -> None:
    assert live.get("/reports/daily").status_code == 401
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(live.client.get, ["/client.pyz"] * 4))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert {answer.content for answer in answers} == {CONTENT}
    assert answers[0].headers["content-type"] == "application/zip"
    assert answers[0].headers["content-disposition"] == 'attachment; filename="client.pyz"'
    assert builder.made == 1


def test_who_has_it_is_told_so(live: Live) -> None:
    tag = live.client.get("/client.pyz").headers["etag"]
    again = live.client.get("/client.pyz", headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert live.client.get("/client.pyz", headers={"If-None-Match": '"other"'}).content == CONTENT
    head = live.client.head("/client.pyz")
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(CONTENT)))


def test_what_cannot_be_made_is_told_and_tried_again(live: Live, builder: Builder) -> None:
    builder.failures = 1
    answer = live.client.get("/client.pyz")
    assert (answer.status_code, answer.json()["error"]["message"]) == (
        503,
        "The sources of this package are not there.",
    )
    assert live.client.get("/client.pyz").content == CONTENT
