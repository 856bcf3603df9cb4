"""Listening to a real server: what it tells when something changes, and what is said when it cannot be reached."""

from pathlib import Path

import pytest
from tests.faces.http.live import serving

from tallystick.answers.listening import listen
from tallystick.answers.reaching import Reach
from tallystick.errors import Unavailable


def test_a_server_tells_its_version_at_once_and_each_change(tmp_path: Path) -> None:
    with serving(tmp_path) as live:
        told = listen(Reach(f"http://127.0.0.1:{live.port}"))
        first = next(told)
        assert first == ("version", {"version": live.desk.version})
        kind, status = next(told)
        assert (kind, status["importing"]) == ("status", None)
        live.desk.changed()
        assert next(told) == ("version", {"version": live.desk.version})
        assert first[1]["version"] != live.desk.version
        live.desk.tell(importing=0.25)
        assert next(told)[1]["importing"] == 0.25
        told.close()  # type: ignore[attr-defined]  # a generator


def test_it_ends_when_the_server_does(tmp_path: Path) -> None:
    with serving(tmp_path) as live:
        told = listen(Reach(f"http://127.0.0.1:{live.port}"))
        next(told)
        live.desk.end()
        assert all(kind in {"version", "status"} for kind, _ in told)


def test_a_server_that_is_not_there_is_told_of() -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        next(listen(Reach("http://127.0.0.1:9")))
