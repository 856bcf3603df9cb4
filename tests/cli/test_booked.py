"""Price books where servers share a database: what one takes in, the others go by."""

import json
from collections.abc import Callable
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from tests.cli.running import until
from tests.cli.stage import TABLE, Stage
from tests.postgres import Server

from tallystick.access import books
from tallystick.access.store import Store
from tallystick.cli import booked
from tallystick.cli.booked import Booked
from tallystick.settings import Settings, load


def of(folder: Path) -> Settings:
    """Return the settings of a server that has its data in a folder."""
    return load({"TALLY_DATA_DIR": str(folder)}, str(folder))


@pytest.fixture
def costs(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], float | None]:
    """Return what tells the price of a million tokens of input at a server, by its name; None where it is not known."""

    def told(name: str) -> float | None:
        monkeypatch.setenv("TALLY_DATA_DIR", str(stage.home / name))
        said = stage.tally("prices", "show", "house-model-1", "--json")
        return json.loads(said.out)["tiers"][0]["rates"]["input"]["usd"] if said.code == 0 else None

    return told


def update(stage: Stage, monkeypatch: pytest.MonkeyPatch, name: str, table: object = TABLE) -> None:
    """Take a table in at a server."""
    (stage.home / "table.json").write_text(json.dumps(table))
    monkeypatch.setenv("TALLY_DATA_DIR", str(stage.home / name))
    said = stage.tally("prices", "update", "--from", str(stage.home / "table.json"))
    assert said.code == 0, said.err


def test_what_one_takes_in_all_go_by(
    stage: Stage, postgres: Server, monkeypatch: pytest.MonkeyPatch, costs: Callable[[str], float | None]
) -> None:
    monkeypatch.setenv("TALLY_CONTROL", postgres.url)
    assert not booked.take(of(stage.home / "other"))
    update(stage, monkeypatch, "one")
    assert (costs("one"), costs("other")) == (1, None)
    assert booked.take(of(stage.home / "other"))
    assert costs("other") == 1
    assert not booked.take(of(stage.home / "other"))
    # The next one adds to what was taken in elsewhere.
    more = {"house-model-2": {"input_cost_per_token": 3e-06, "output_cost_per_token": 3e-06}}
    update(stage, monkeypatch, "third", TABLE | more)
    assert booked.take(of(stage.home / "other"))
    assert (stage.home / "other" / "prices.bin").read_bytes() == (stage.home / "third" / "prices.bin").read_bytes()
    assert costs("third") == 1
    with closing(Store(postgres.address)) as store:
        assert [each.action for each in store.noted()] == ["update prices"] * 2


def test_a_server_that_runs_goes_by_it_soon(
    stage: Stage, postgres: Server, monkeypatch: pytest.MonkeyPatch, costs: Callable[[str], float | None]
) -> None:
    monkeypatch.setenv("TALLY_CONTROL", postgres.url)
    heard: list[str] = []
    running = Booked(of(stage.home / "other"), heard.append, 0.05)
    running.start()
    try:
        update(stage, monkeypatch, "one")
        assert until((stage.home / "other" / "prices.bin").exists)
        assert costs("other") == 1
        postgres.stop()
        try:
            assert until(lambda: heard)
        finally:
            postgres.start()
        (stage.home / "other" / "prices.bin").unlink()
        assert until((stage.home / "other" / "prices.bin").exists)
    finally:
        running.end()
        running._thread.join(10)
    # Once for each reason, not at each look.
    assert all(one != other for one, other in pairwise(heard))
    assert all("postgresql://" in each for each in heard)


def test_one_that_cannot_be_read_here_is_left_there(
    stage: Stage, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TALLY_CONTROL", postgres.url)
    with closing(Store(postgres.address)) as store:
        books.keep(store, b"of a later version", "cli", 1)
    assert not booked.take(of(stage.home / "one"))
    assert not (stage.home / "one" / "prices.bin").exists()


def test_where_nobody_else_is_nothing_is_shared(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TALLY_CONTROL", raising=False)
    update(stage, monkeypatch, "one")
    assert not booked.take(of(stage.home / "one"))
    assert not (stage.home / "one" / "access.db").exists()
    running = Booked(of(stage.home / "one"), print)
    running.start()
    running.end()
    assert not running._thread.is_alive()
