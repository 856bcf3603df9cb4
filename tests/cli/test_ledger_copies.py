"""`tally ledger copy`: every report says the same afterwards, whatever cut the copy off; and what differs of two is named."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.cli.stage import Stage
from tests.ledger.sample import LATER, LOG, MAIN, View, batch

from tallystick.answers.reports import REPORTS
from tallystick.intake.demo import batches
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.usage.tokens import Tokens

NOW = 1_795_000_000_000
DAY = 86_400_000


def fill(path: Path, days: int, events: int) -> None:
    """Make a ledger with so many events on each of so many days, a third of them seen twice."""
    with closing(SqliteLedger(str(path), write=True)) as ledger:
        for day in range(days):
            views = [
                View(
                    day * events + number + 1,
                    time=NOW - day * DAY + number,
                    tokens=Tokens(number, output=3),
                    place=number,
                )
                for number in range(events)
            ]
            copies = [view._replace(context=MAIN._replace(session="s2"), copied=True) for view in views[::3]]
            ledger.add([batch(LOG, views), batch(LATER, copies)])


@pytest.fixture
def demo(stage: Stage) -> Path:
    """Return the ledger of a person with forty-five days of work."""
    path = stage.home / "data" / "ledger.db"
    with closing(SqliteLedger(str(path), write=True)) as ledger:
        ledger.add(batches(NOW))
    return path


def reports(stage: Stage) -> dict[str, object]:
    """Return what every report and what looks closer says, as JSON."""
    asked = [report.name for report in REPORTS if report.name != "report"]
    asked += ["report --by day,tool,model,agent,session", "events --limit 500", "calls", "punchcard", "limits", "year"]
    said: dict[str, object] = {}
    for words in asked:
        told = stage.tally(*words.split(" "), "--json", "--no-refresh")
        assert told.code == 0, told
        said[words] = json.loads(told.out)
    # Numbers of events are each ledger's own, and so is the order of those of one moment, be it the page's last one.
    page: Any = said["events --limit 500"]
    del page["after"]
    page["events"] = sorted(
        sorted((each for each in event.items() if each[0] != "id"), key=repr) for event in page["events"][:-9]
    )
    return said


def test_every_report_says_the_same_of_a_copy(
    stage: Stage, demo: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tallystick.cli.entrance.now", lambda: NOW)
    before = reports(stage)
    target = tmp_path / "other" / "ledger.db"
    said = stage.tally("ledger", "copy", "--to", f"sqlite://{target}")
    assert (said.code, said.err) == (0, "")
    assert said.out.endswith(f" handed over to {target}: it is the same, day by day.\n")
    assert stage.tally("ledger", "verify", "--against", str(target)) == (0, f"{target} is the same, day by day.\n", "")
    monkeypatch.setenv("TALLY_DATA_DIR", str(target.parent))
    after = reports(stage)
    assert after == before
    assert stage.tally("ledger", "verify").code == 0
    # And back, into a third one.
    back = tmp_path / "back" / "ledger.db"
    assert stage.tally("ledger", "copy", "--from", str(target), "--to", str(back)).code == 0
    assert stage.tally("ledger", "verify", "--against", str(back)).code == 0
    assert stage.tally("ledger", "verify", "--against", str(demo)).code == 0


def test_one_changed_token_is_found_and_its_day_is_named(stage: Stage, demo: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    stage.tally("ledger", "copy", "--to", str(target))
    with closing(sqlite3.connect(target)) as db:
        ((key, time_of, output),) = db.execute(
            "SELECT key, time, output FROM events ORDER BY time LIMIT 1 OFFSET 40"
        ).fetchall()
        db.execute("UPDATE events SET output = output + 1 WHERE key = ?", (key,))
        db.commit()
    said = stage.tally("ledger", "verify", "--against", str(target))
    day = time.strftime("%Y-%m-%d", time.gmtime(time_of / 1000))
    first, last = said.out.splitlines()
    assert said.code == 1
    assert first.startswith(f"{day}: events: output ")
    assert f"has output {output:,} here, {output + 1:,} there." in first
    assert last == f"{demo} (here) and {target} (there) are not the same."


def test_what_the_target_has_besides_is_no_fault(stage: Stage, demo: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    fill(target, 1, 2)
    said = stage.tally("ledger", "copy", "--to", str(target))
    assert said.code == 0
    assert f"{target}: it has all that the source has, and more." in said.out
    assert "2 only in the target" in said.out
    assert stage.tally("ledger", "verify", "--against", str(target)).code == 1
    assert demo.exists()


def test_names_of_nothing_and_of_the_ledger_itself_are_refused(stage: Stage, demo: Path) -> None:
    assert stage.tally("ledger", "copy", "--to", str(demo)).code == 2
    assert stage.tally("ledger", "copy", "--to", "http://127.0.0.1/db").code == 2
    assert stage.tally("ledger", "copy").code == 2
    said = stage.tally("ledger", "copy", "--to", str(demo.parent / "to.db"), "--from", str(demo.parent / "none.db"))
    assert said.code == 1
    assert "There is no ledger at" in said.err
    assert stage.tally("ledger", "verify", "--against", str(demo.parent / "none.db")).code == 1
    assert not (demo.parent / "to.db").exists()


def start(stage: Stage, target: Path) -> "subprocess.Popen[bytes]":
    """Begin to copy in a process of its own."""
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    words = (sys.executable, "-m", "tallystick", "ledger", "copy", "--to", str(target))
    return subprocess.Popen(words, env=environ, cwd=stage.home, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_killed_at_five_moments_it_ends_the_same(stage: Stage, tmp_path: Path) -> None:
    own, target = stage.home / "data" / "ledger.db", tmp_path / "copy.db"
    fill(own, 6, 1_500)
    chance, killed = random.Random(8), 0
    for _ in range(5):
        with start(stage, target) as copying:
            try:
                # Once there is a target it is at work.
                while not target.exists() and copying.poll() is None:
                    time.sleep(0.01)
                copying.wait(chance.uniform(0, 0.5))
            except subprocess.TimeoutExpired:
                copying.send_signal(signal.SIGKILL)
                killed += 1
    assert killed >= 3
    assert stage.tally("ledger", "copy", "--to", str(target)).code == 0
    assert stage.tally("ledger", "verify", "--against", str(target)).code == 0
    counts = []
    for path in (own, target):
        with closing(sqlite3.connect(path)) as db:
            counts.append(db.execute("SELECT count(*), sum(input), sum(views) FROM events").fetchone())
    # 6 days of 1 500 events with 0, 1, 2 … tokens of input; a third has two views.
    assert counts == [(9_000, 6 * 1_499 * 1_500 // 2, 12_000)] * 2


def test_what_is_pushed_while_it_copies_is_there_in_the_end(stage: Stage, tmp_path: Path) -> None:
    own, target = stage.home / "data" / "ledger.db", tmp_path / "copy.db"
    fill(own, 6, 1_500)
    pushed = LOG._replace(path="push:laptop:/home/dev/a.jsonl")
    with start(stage, target) as copying, closing(SqliteLedger(str(own), write=True)) as ledger:
        while not target.exists() and copying.poll() is None:
            time.sleep(0.01)
        number = 0
        while number < 5 and copying.poll() is None:
            ledger.add([batch(pushed, [View(10**6 + number, time=NOW - number * DAY)])])
            number += 1
        _, complaint = copying.communicate()
        assert copying.returncode == 0, complaint
    assert number > 0
    if b"changed in the source since" in complaint:
        assert stage.tally("ledger", "copy", "--to", str(target)).code == 0
    assert stage.tally("ledger", "verify", "--against", str(target)).code == 0
    with closing(sqlite3.connect(target)) as db:
        assert db.execute("SELECT count(*) FROM events WHERE key >= 1000000").fetchone() == (number,)
