"""Ledgers by their names: what is none is told, and what is secret in a name is not shown."""

import os
from contextlib import closing
from pathlib import Path

import pytest
from tests.ledger.sample import EVER, LOG, View, batch

from tallystick.errors import Misused, NotFound, Unavailable
from tallystick.ledger.named import ledger_at, path_of, same, shown


def clock() -> int:
    """Return no particular moment."""
    return 0


def test_a_path_and_its_address_name_one_ledger(tmp_path: Path) -> None:
    path = str(tmp_path / "a.db")
    with closing(ledger_at(path, clock, write=True)) as made:
        made.add([batch(LOG, [View()])])
    with closing(ledger_at(f"sqlite://{path}", clock)) as opened:
        assert len(opened.ask("events", **EVER)) == 1
    assert path_of("sqlite:////home/dev/a.db") == path_of("sqlite:///home/dev/a.db") == "/home/dev/a.db"


def test_what_is_only_read_has_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="There is no ledger at"):
        ledger_at(str(tmp_path / "a.db"), clock)
    assert not (tmp_path / "a.db").exists()


def test_an_older_form_is_not_brought_to_another_by_reading(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with closing(ledger_at(str(path), clock, write=True)) as made:
        made.connection.execute("PRAGMA user_version = 3")  # type: ignore[attr-defined]
    with pytest.raises(Unavailable, match="older form"):
        ledger_at(str(path), clock)


@pytest.mark.parametrize("name", ["postgresql://host/db", "sqlite://a.db", "http://127.0.0.1"])
def test_an_address_of_nothing_is_told(name: str) -> None:
    with pytest.raises(Misused, match="names no ledger"):
        path_of(name)


def test_one_ledger_under_two_names_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.db").write_bytes(b"")
    os.link("a.db", "b.db")
    assert same("a.db", str(tmp_path / "a.db"))
    assert same("a.db", f"sqlite://{tmp_path}/b.db")
    assert not same("a.db", "c.db")
    assert not same("a.db", "clickhouse://a.db")
    assert same("clickhouse://host/tally", "clickhouse://host/tally")


def test_a_password_is_not_shown() -> None:
    assert (
        shown("clickhouse://ada:secret@one:8123,two:8123/tally?cluster=meter")
        == "clickhouse://one:8123,two:8123/tally?cluster=meter"
    )
    assert shown("sqlite:///home/dev/a.db") == "/home/dev/a.db"
