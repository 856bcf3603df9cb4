"""Alerting beside a server: looks by itself, tells by itself, and holds nothing up."""

import sys
import time
from pathlib import Path

import pytest
from tests.alerts.places import answers, hangs, place
from tests.cli.running import until
from tests.cli.stage import Stage

from tallystick.answers.desk import Desk
from tallystick.cli import alerting, entrance
from tallystick.cli.alerting import Alerting
from tallystick.intake.push.pairing import Pairing, write
from tallystick.settings import Settings


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in {"_TICK_S": 0.02, "_FIRST_S": 0.02, "_LOOK_S": 0.02, "_SLOW_S": 0.0}.items():
        monkeypatch.setattr(alerting, name, seconds)


def desk_of(chosen: Settings) -> Desk:
    """Return a desk before the ledger of a person's settings."""
    return Desk(lambda: entrance.answers(entrance.house(chosen)), 1)


def begun(chosen: Settings, desk: Desk, log: list[str]) -> Alerting:
    """Return what looks, begun."""
    made = Alerting(chosen, alerting.chosen_alerts(chosen), desk, log.append)
    made.start()
    return made


def test_it_looks_and_tells_by_itself_and_once(stage: Stage) -> None:
    stage.answers(400, "house-model-9")
    assert stage.tally("daily").code == 0
    log: list[str] = []
    with place(answers(200)) as at, place(hangs) as hung:
        stage.say(
            f'[[alerts.to]]\nkind = "webhook"\nname = "fine"\nurl = "{at.url}"\n'
            f'[[alerts.to]]\nkind = "webhook"\nname = "hung"\nurl = "{hung.url}"\ntimeout = 1\n'
        )
        chosen = entrance.settings()
        desk = desk_of(chosen)
        # Two servers on one ledger.
        both = [begun(chosen, desk, log), begun(chosen, desk, log)]
        try:
            assert until(lambda: at.asked)
            time.sleep(0.3)
            desk.changed()
            assert until(lambda: log)
        finally:
            for each in both:
                each.end()
                each._thread.join(5)
                each._messenger.wait(5)
            desk.close()
        assert [each.json["facts"] for each in at.asked] == [{"model": "house-model-9", "tokens": 12_000}]
        assert hung.connections == 1
    assert log == ["Alert 1 could not be told to hung: no answer within 1 s; it is tried again."]
    told = both[0].told(10)
    assert [one["state"] for one in told["open"][0]["told"]] == ["told", "waiting"]
    # What was looked at is not kept where answers are.
    kept = [entry.future.result() for key, entry in desk._kept._entries.items() if key[0] == "alerts"]
    assert set(kept) <= {None}


def test_half_an_import_is_nothing_to_judge_by(stage: Stage) -> None:
    stage.answers(400, "house-model-9")
    assert stage.tally("daily").code == 0
    chosen = entrance.settings()
    desk = desk_of(chosen)
    desk.tell(importing=0.5)
    made = begun(chosen, desk, [])
    try:
        time.sleep(0.3)
        assert made.told(10)["open"] == []
        desk.tell(importing=None)
        assert until(lambda: made.told(10)["open"])
    finally:
        made.end()
        made._thread.join(5)
        desk.close()


def test_what_goes_wrong_is_told_once_and_it_goes_on(stage: Stage) -> None:
    stage.answers(400, "house-model-9")
    chosen, log = entrance.settings(), list[str]()
    file = Path(chosen.data_dir) / "alerts.db"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"no database" * 100)
    assert stage.tally("daily").code == 0
    desk = desk_of(chosen)
    made = begun(chosen, desk, log)
    try:
        assert until(lambda: log)
        time.sleep(0.2)
        assert len(log) == 1
        assert log[0].startswith("Alerts could not be looked for: ")
        file.unlink()
        desk.changed()
        assert until(lambda: made.told(10)["open"])
    finally:
        made.end()
        made._thread.join(5)
        desk.close()


def test_names_are_shown_by_the_policy_of_pushes(stage: Stage) -> None:
    stage.say('[push]\nsession = "pseudonym"\n[[push.paths]]\nmatch = "~/clients/**"\nproject = "leave-out"\n')
    chosen = entrance.settings()
    shown = alerting._shown(chosen)
    assert shown("project", "~/mine/x") == "~/mine/x"
    assert shown("project", f"{stage.home}/clients/x") == "…"
    assert shown("project", "~/clients/x") == "…"
    # Half a name may be a client's.
    assert shown("project", "x") == shown("project", "~/cli*") == shown("tag", "client=x") == "…"
    assert shown("branch", "main") == "main"
    # There is no key for a pseudonym yet.
    assert shown("session", "s-1") == "…"
    write(entrance.where(chosen).pairing, Pairing("http://127.0.0.1:1", "t", "m"))
    assert shown("session", "s-1") == shown("session", "s-1") != shown("session", "s-2")
    assert "s-1" not in shown("session", "s-1")


def test_programs_run_on_this_machine() -> None:
    world = alerting.world()
    assert world.platform == sys.platform
    assert world.run([sys.executable, "-c", ""], b"", world.environ, 10).code == 0
