"""A server asks from time to time, if it may."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType

import pytest
from tests.intake.endpoint import KEPT, Endpoint, keep, serving

from tallystick.cli import asking, entrance
from tallystick.cli.asking import Asker, allowed
from tallystick.intake.plan_usage import VARIABLE
from tallystick.settings import Settings

NOON = 1_795_348_800_000


@pytest.fixture
def endpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    """Return a stand-in of the vendor's endpoint, and somebody who has logged in here; it is noon."""
    keep(tmp_path / ".claude", KEPT)
    monkeypatch.delenv("CLAUDE_CONFIG_DIR", raising=False)
    monkeypatch.setattr(entrance, "now", lambda: NOON)
    with serving(Endpoint()) as made:
        monkeypatch.setenv(VARIABLE, made.address)
        yield made


def chosen(home: Path, *fetch: str) -> Settings:
    where = (str(home), str(home / "data"), "", "UTC", "box", "dev")
    return Settings(*where, limits=MappingProxyType({"fetch": list(fetch)}))


def until(done: object) -> None:
    """Wait for something, seconds at the most."""
    assert callable(done)
    for _ in range(500):
        if done():
            return
        time.sleep(0.01)
    pytest.fail("It did not come.")


def test_it_asks_if_it_may_and_no_more_often_than_the_vendor_likes(tmp_path: Path, endpoint: Endpoint) -> None:
    said: list[str] = []
    asker = Asker(chosen(tmp_path, "anthropic"), said.append, wait_s=0.01)
    asker.start()
    try:
        until((tmp_path / "data" / "inbox" / "limits").is_dir)
        time.sleep(0.1)
    finally:
        asker.end()
    assert (len(endpoint.asked), said) == (1, [])
    assert not any(thread.name == "limits" for thread in threading.enumerate())


def test_it_does_nothing_where_it_may_not(tmp_path: Path, endpoint: Endpoint) -> None:
    assert not allowed(chosen(tmp_path))
    asker = Asker(chosen(tmp_path), lambda _: None)
    asker.start()
    asker.end()
    assert endpoint.asked == []


def test_what_is_wrong_is_said_once(tmp_path: Path, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter(range(NOON, NOON * 2, 86_400_000))
    monkeypatch.setattr(entrance, "now", lambda: next(moments))
    keep(tmp_path / "other", KEPT | {"expiresAt": NOON * 2})
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "other"))
    endpoint.status = 500
    said: list[str] = []
    asker = Asker(chosen(tmp_path, "anthropic"), said.append, wait_s=0.01)
    asker.start()
    try:
        until(lambda: len(endpoint.asked) > 3)
    finally:
        asker.end()
    assert said == ["Anthropic answered with status 500."]


def test_a_keychain_that_is_not_there_holds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "_KEYCHAIN", ("/nonexistent/security",))
    assert asking._keychain() == b""
