"""Who stands by follows as long as nobody follows for all, and only one of several does."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.cli.running import until

from tallystick.cli import standby
from tallystick.cli.standby import for_all, is_followed, stand_by


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have nobody wait long."""
    monkeypatch.setattr(standby, "_LOOK_S", 0.02)


class Standing:
    """Somebody who stands by."""

    def __init__(self, data: str) -> None:
        """Begin with nothing followed yet."""
        self.follows, self.stop = False, threading.Event()
        self._data = data
        self.thread = threading.Thread(target=stand_by, args=(data, self.stop, self._follow))

    def _follow(self, enough: threading.Event) -> None:
        self.follows = True
        enough.wait(20)
        self.follows = False


@contextmanager
def standing(folder: Path) -> Iterator[Standing]:
    """Stand by for as long as it is needed."""
    made = Standing(str(folder))
    made.thread.start()
    try:
        yield made
    finally:
        made.stop.set()
        made.thread.join(10)
        assert not made.thread.is_alive()


def test_it_follows_while_nobody_follows_for_all(tmp_path: Path) -> None:
    with for_all(str(tmp_path)), standing(tmp_path) as made:
        assert is_followed(str(tmp_path))
        assert not until(lambda: made.follows, 0.2)
    assert not is_followed(str(tmp_path))
    with standing(tmp_path) as made:
        assert until(lambda: made.follows)
        with for_all(str(tmp_path)), for_all(str(tmp_path)):
            assert until(lambda: not made.follows)
        assert until(lambda: made.follows)
    assert not made.follows


def test_of_several_one_follows_and_another_one_after_it(tmp_path: Path) -> None:
    with standing(tmp_path) as first:
        assert until(lambda: first.follows)
        with standing(tmp_path) as second:
            assert not until(lambda: second.follows, 0.2)
            assert first.follows
            first.stop.set()
            assert until(lambda: second.follows)


def test_where_nothing_can_be_written_one_follows_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with for_all(str(tmp_path / "file")):
        assert not is_followed(str(tmp_path / "file"))
    with standing(tmp_path / "file") as made:
        assert until(lambda: made.follows)
    assert os.listdir(tmp_path) == ["file"]
