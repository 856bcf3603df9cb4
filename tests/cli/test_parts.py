"""The parts of the server: which tools tokengate's routes tell of, its names, and the demo."""

import asyncio
import json
from pathlib import Path

import pytest
from tests.cli.stage import Stage

from tallystick.access import keys, machines
from tallystick.access.grant import Grant
from tallystick.access.keys import Wanted
from tallystick.access.store import Store, path
from tallystick.answers.book import BOOK
from tallystick.cli.parts import DemoParts, Parts, chosen_adapters, looked
from tallystick.errors import Misused
from tallystick.faces.compat.tokengate import ALL
from tallystick.intake.push.kind import Sender
from tallystick.intake.push.taking import Answer, Offer
from tallystick.settings import Server, load


def adapters(said: str) -> list[str]:
    """Return the names of the adapters that a value of ADAPTERS chooses."""
    return [each.name for each in chosen_adapters(load({}, "/home/dev"), said)]


def test_all_means_those_that_tokengate_has() -> None:
    assert adapters("") == adapters(" all ") == adapters("ALL") == list(ALL)
    assert adapters("codex,claude-code,codex,") == ["codex", "claude-code"]
    for wrong in (",", "all,codex", "claude"):
        with pytest.raises(Misused, match="names no tool"):
            adapters(wrong)


def test_everywhere_that_is_looked_for_logs_is_told_and_whether_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CODEX_HOME", "CLAUDE_CONFIG_DIR"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / ".codex" / "sessions").mkdir(parents=True)
    found = {(each.tool, each.path): each.exists for each in looked(load({}, str(tmp_path)))}
    assert found["Codex", "~/.codex/sessions"]
    assert not found["Claude Code", "~/.claude/projects"]
    assert sum(found.values()) == 1


def test_the_demo_answers_with_made_up_work_and_says_so_on_every_page(tmp_path: Path) -> None:
    chosen = load({"TALLY_DATA_DIR": str(tmp_path)}, str(tmp_path))
    parts = DemoParts(chosen, Server(), "All of this is made up.")
    try:
        parts.start()
        assert parts.desk.get(("tools",), lambda answers: answers.tools(0)).result(20).inventory.tools
        # Nothing is wrong with it.
        assert (parts.desk.status.note, parts.desk.status.trouble) == ("All of this is made up.", "")
    finally:
        parts.end()
        parts.close()
    # Nothing was kept: neither a ledger nor anything of this machine.
    assert not (tmp_path / "ledger.db").exists()


def test_when_all_logs_are_read_what_answers_are_made_of_is_worked_out_ahead(stage: Stage) -> None:
    stage.answers(3)
    assert stage.tally("daily").code == 0
    parts = Parts(load({"TALLY_DATA_DIR": str(stage.home / "data")}, str(stage.home)), Server(), [])
    try:
        parts._hear({"event": "idle"})
        # What was begun is what everybody gets who asks for the same.
        assert parts.desk.get(("prepared",), lambda _: "not yet").result(20) is None
        assert parts.desk.get(("leaves",), lambda answers: len(BOOK.leaves(answers._ledger))).result(20) == 1
    finally:
        parts.end()
        parts.close()


def test_a_push_whose_token_was_revoked_on_its_way_is_not_stored(stage: Stage) -> None:
    store = Store(path(str(stage.home / "data")))
    keys.create(store, Wanted("ingest", "laptop"), "cli", 1)
    parts = Parts(load({"TALLY_DATA_DIR": str(stage.home / "data")}, str(stage.home)), Server(), [])
    handed: list[Offer] = []

    async def offer(offer: Offer) -> Answer:
        handed.append(offer)
        return Answer(200, b"{}")

    parts.taker.offer = offer  # type: ignore[method-assign]  # whether it is handed on is what is asked
    grant, gzip = Grant("1", "ingest", "laptop", "laptop", ""), False
    try:
        with store.changing("cli", 2) as change:
            machines.rename(change, machines.MACHINE, "laptop", "lap")
        assert asyncio.run(parts._take("push", grant, b"{}", gzip))[0] == 200
        assert [each.sender for each in handed] == [Sender("laptop", "lap", "", "1")]
        with store.changing("cli", 3) as change:
            machines.put_out(change, machines.MACHINE, "lap")
        status, said, _ = asyncio.run(parts._take("push", grant, b"{}", gzip))
        assert (status, json.loads(said)["error"]["code"], len(handed)) == (401, "unknown", 1)
    finally:
        store.close()
        parts.end()
        parts.close()


def test_what_was_known_before_is_made_ready_from_the_start(stage: Stage) -> None:
    stage.answers(3)
    assert stage.tally("daily").code == 0
    parts = Parts(load({"TALLY_DATA_DIR": str(stage.home / "data")}, str(stage.home)), Server(), [])
    try:
        parts.start()
        assert parts.desk.get(("ready",), lambda _: "not yet").result(20) is None
    finally:
        parts.end()
        parts.close()
