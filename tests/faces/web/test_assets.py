"""The files of a page: none is sent twice to who has it, and another content has another tag."""

from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest
from tests.answers.stand import answers
from tests.faces.http.live import SITE, Live, serving

from tallystick.answers.desk import Desk
from tallystick.errors import Unavailable
from tallystick.faces.web.assets import file, router

MADE = [b"window.vegaEmbed = 1;"]


def script() -> "Future[bytes]":
    """Return what draws charts, or that it cannot be had."""
    future: Future[bytes] = Future()
    if MADE:
        future.set_result(MADE[0])
    else:
        future.set_exception(Unavailable("Charts need what is not installed."))
    return future


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Return a server with the files alone."""
    folder: Path = tmp_path_factory.mktemp("assets")
    desk = Desk(lambda: answers(folder / "ledger.db"), 1)
    try:
        with serving(folder, SITE, [router("9.9.9", script)]) as made:
            yield made
    finally:
        desk.close()


@pytest.mark.parametrize("name", ["tally.css", "tally.svg", "page.js", "live.js", "vega.js"])
def test_a_file_is_sent_once_to_who_keeps_it(site: Live, name: str) -> None:
    first = site.client.get(f"/static/{name}")
    tag = first.headers["etag"]
    assert (first.status_code, tag[0], tag[-1]) == (200, '"', '"')
    assert "no-cache" in first.headers["cache-control"]
    for told in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = site.client.get(f"/static/{name}", headers={"If-None-Match": told})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    for told in ('"other"', tag.strip('"'), tag[:-2] + '"'):
        assert site.client.get(f"/static/{name}", headers={"If-None-Match": told}).content == first.content


def test_another_content_has_another_tag_and_each_ending_its_kind() -> None:
    one, same, other = file(b"a", "a.css"), file(b"a", "a.css"), file(b"b", "a.css")
    assert one == same
    assert one.tag != other.tag
    assert [file(b"", f"a.{ending}").media for ending in ("css", "js", "svg")] == [
        "text/css",
        "text/javascript",
        "image/svg+xml",
    ]


def test_a_newer_script_of_the_charts_is_fetched_anew(site: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    tag = site.client.get("/static/vega.js").headers["etag"]
    monkeypatch.setitem(globals(), "MADE", [b"window.vegaEmbed = 2;"])
    newer = site.client.get("/static/vega.js", headers={"If-None-Match": tag})
    assert (newer.status_code, newer.content) == (200, b"window.vegaEmbed = 2;")


def test_without_what_draws_charts_a_script_is_told_why(site: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "MADE", [])
    found = site.client.get("/static/vega.js")
    assert found.status_code == 503
    assert found.json() == {"error": {"code": "unavailable", "message": "Charts need what is not installed."}}
