"""Price tables come over https or from a file, and what is damaged, absurd or not to be had leaves the old book alone."""

import json
from collections.abc import Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from genai_prices.data_snapshot import get_snapshot

from tallystick.errors import Misused, NotFound, Unavailable
from tallystick.intake import price_tables
from tallystick.intake.price_tables import attempted, due, fetched, from_file, replace
from tallystick.prices.book import Unusable
from tallystick.prices.compile import fresh, plain
from tallystick.prices.price_book import PriceBook, read
from tallystick.usage.event import Variant

NOW = 1_795_321_182_597
DAY = 86_400_000
OPUS = Variant("anthropic", "claude-opus-4-1-20250805")


class Pages(BaseHTTPRequestHandler):
    """Answers each path as its name says."""

    asked: list[str]

    def do_GET(self) -> None:
        """Answer."""
        self.asked.append(self.path)
        match self.path:
            case "/table":
                self._send(200, b'{"a": 1}')
            case "/moved":
                self._send(302, b"", location="/table")
            case "/downgraded":
                self._send(302, b"", location="http://prices.example/table")
            case "/to-a-file":
                self._send(302, b"", location="file:///etc/hostname")
            case "/round":
                self._send(302, b"", location="/round")
            case "/empty":
                self._send(200, b"")
            case "/long":
                self._send(200, b"x" * 5000)
            case _:
                self._send(404, b"nothing here")

    def _send(self, status: int, body: bytes, location: str = "") -> None:
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Site(ThreadingHTTPServer):
    """Waits for all of its answers when it is closed."""

    daemon_threads = False


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve `Pages` on this machine and return the address."""
    monkeypatch.setenv("no_proxy", "*")
    Pages.asked = []
    with Site(("127.0.0.1", 0), Pages) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_what_an_address_holds_is_fetched(site: str) -> None:
    assert fetched(f"{site}/table") == b'{"a": 1}'


def test_a_redirect_within_this_machine_is_followed(site: str) -> None:
    assert fetched(f"{site}/moved") == b'{"a": 1}'


@pytest.mark.parametrize(
    "url",
    [
        "http://prices.example/table",
        "file:///etc/hostname",
        "ftp://127.0.0.1/table",
        "prices.json",
        "",
        "https://",
        "http://[bad",
    ],
)
def test_only_https_is_asked(url: str) -> None:
    with pytest.raises(Misused, match="https://"):
        fetched(url)


@pytest.mark.parametrize("page, reason", [("downgraded", "not https"), ("to-a-file", "not allowed")])
def test_a_redirect_away_from_https_is_not_followed(site: str, page: str, reason: str) -> None:
    with pytest.raises(Unavailable, match=reason):
        fetched(f"{site}/{page}")


@pytest.mark.parametrize(
    "page, reason", [("nowhere", "HTTP 404, not found"), ("empty", "it is empty"), ("round", "HTTP 302")]
)
def test_what_cannot_be_had_is_told(site: str, page: str, reason: str) -> None:
    with pytest.raises(Unavailable, match=reason):
        fetched(f"{site}/{page}")


def test_what_is_too_long_is_refused(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(price_tables, "BYTES_MOST", 4000)
    with pytest.raises(Unavailable, match="longer than"):
        fetched(f"{site}/long")


def test_what_takes_too_long_is_given_up(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(price_tables, "_SECONDS_MOST", -1.0)
    with pytest.raises(Unavailable, match="takes longer"):
        fetched(f"{site}/table")


def test_nobody_there_is_told_with_what_to_do(site: str) -> None:
    # Port 1 of this machine: nobody listens there.
    with pytest.raises(Unavailable, match=r"connection refused.*The prices stay as they are.*--from FILE"):
        fetched(site.rsplit(":", 1)[0] + ":1/table")


def test_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "table.json").write_bytes(b"[]")
    assert from_file(str(tmp_path / "table.json")) == b"[]"


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no such file"):
        from_file(str(tmp_path / "none.json"))


def test_a_huge_file_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "table.json").write_bytes(b"x" * 101)
    monkeypatch.setattr(price_tables, "BYTES_MOST", 100)
    with pytest.raises(Misused, match="no price table"):
        from_file(str(tmp_path / "table.json"))


@pytest.fixture(scope="module")
def published() -> list[dict[str, Any]]:
    """Return the data of genai-prices as its repository publishes it."""
    return json.loads(_text(plain(get_snapshot().providers)))  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def installed() -> bytes:
    """Return the book that comes with an installation."""
    return fresh()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Return where a fetched book goes; there is none yet, nor its folder."""
    return tmp_path / "data" / "prices.bin"


def _text(value: object) -> str:
    return json.dumps(value, default=lambda number: float(number) if isinstance(number, Decimal) else str(number))


def _opus(published: list[dict[str, Any]]) -> dict[str, Any]:
    (vendor,) = (each for each in published if each["id"] == "anthropic")
    (model,) = (each for each in vendor["models"] if each["id"] == "claude-opus-4-1")
    return model  # type: ignore[no-any-return]


def _book(path: Path) -> PriceBook:
    opened = read(path.read_bytes())
    assert not isinstance(opened, Unusable)
    return opened


def test_a_new_price_is_taken(target: Path, installed: bytes, published: list[dict[str, Any]]) -> None:
    changed = json.loads(_text(published))
    assert _opus(changed)["prices"]["input_mtok"] == 15
    _opus(changed)["prices"]["input_mtok"] = 12
    update = replace(_text(changed).encode(), "a file", "2026-11-22", installed, str(target))
    assert update.refused == ""
    assert "1 models changed in price" in update.notes
    quote = _book(target).quote(OPUS, 1000, NOW)
    assert quote is not None
    assert quote.input == 12_000_000
    assert _book(target).edition.genai == "data of 2026-11-22"


def test_a_table_of_litellm_is_added_to_the_book(target: Path, installed: bytes) -> None:
    # 1 USD and 2 USD per million tokens: a million and two million pico-dollars for each.
    table = {"house-model-1": {"input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06}}
    update = replace(json.dumps(table).encode(), "a file", "2026-11-22", installed, str(target))
    assert update == price_tables.Update("a file", "", ("1 models new",))
    quote = _book(target).quote(Variant("", "house-model-1"), 1000, NOW)
    assert quote is not None
    assert (quote.input, quote.output) == (1_000_000, 2_000_000)


def test_a_second_table_keeps_what_the_first_one_brought(
    target: Path, installed: bytes, published: list[dict[str, Any]]
) -> None:
    table = {"house-model-1": {"input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06}}
    replace(json.dumps(table).encode(), "one", "2026-11-21", installed, str(target))
    before = target.read_bytes()
    assert replace(_text(published).encode(), "other", "2026-11-22", before, str(target)).refused == ""
    edition = _book(target).edition
    assert (edition.genai, edition.litellm_as_of, edition.litellm_models) == ("data of 2026-11-22", "2026-11-21", 1)


@pytest.mark.parametrize("kept", [0, 1, 1000, -1])
def test_a_damaged_table_is_refused_and_the_old_book_stays(
    target: Path, installed: bytes, published: list[dict[str, Any]], kept: int
) -> None:
    table = {"house-model-1": {"input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06}}
    replace(json.dumps(table).encode(), "one", "2026-11-21", installed, str(target))
    before = target.read_bytes()
    update = replace(_text(published).encode()[:kept], "other", "2026-11-22", before, str(target))
    assert update.refused.startswith("damaged")
    assert target.read_bytes() == before


def test_an_absurd_table_is_refused_and_the_old_book_stays(
    target: Path, installed: bytes, published: list[dict[str, Any]]
) -> None:
    changed = json.loads(_text(published))
    _opus(changed)["prices"]["input_mtok"] = 0.015
    update = replace(_text(changed).encode(), "a file", "2026-11-22", installed, str(target))
    assert "claude-opus-4-1" in update.refused
    assert not target.exists()


def test_nothing_is_left_behind_where_the_book_cannot_be_stored(
    tmp_path: Path, target: Path, installed: bytes, published: list[dict[str, Any]]
) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    with pytest.raises(Unavailable, match="cannot be stored"):
        replace(_text(published).encode(), "a file", "2026-11-22", installed, str(target))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]


def test_what_is_no_book_is_no_ground_to_judge_on(target: Path) -> None:
    table = {"house-model-1": {"input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06}}
    assert replace(json.dumps(table).encode(), "a file", "2026-11-22", b"no book", str(target)).refused == ""
    assert _book(target).quote(OPUS, 1000, NOW) is not None


def test_an_attempt_is_due_once_a_day(tmp_path: Path) -> None:
    note = str(tmp_path / "data" / "prices.attempt")
    assert due(note, NOW)
    assert attempted(note, NOW)
    assert not due(note, NOW)
    assert not due(note, NOW + DAY - 1)
    assert due(note, NOW + DAY)


def test_an_attempt_in_the_far_future_was_a_wrong_clock(tmp_path: Path) -> None:
    note = str(tmp_path / "prices.attempt")
    attempted(note, NOW + 400 * DAY)
    assert due(note, NOW)


def test_an_attempt_that_cannot_be_remembered_is_none(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    assert not attempted(str(tmp_path / "data" / "prices.attempt"), NOW)
