"""Many machines, one ledger: what they send, in any order and several times, is what one ledger has that reads all their logs."""

import json
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tallystick.answers.reports import REPORTS
from tallystick.house import House, Where
from tallystick.intake.push.envelope import Client, encoded, envelope
from tallystick.intake.push.kind import Sender
from tallystick.intake.push.kinds import KINDS
from tallystick.intake.push.taking import Offer, Taking
from tallystick.ledger.sqlite import maintenance
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.ledger.sqlite.outbox import Outbox

NOW = 1_794_000_000_000
HOUR = 3_600_000


class Fleet:
    """Some machines with trees of logs, partly the same, and the ledgers that are made of them."""

    def __init__(self, folder: Path, maker: Path, machines: int, seed: int) -> None:
        """Make the trees; some files lie on two machines, with and without the time of the original."""
        self.folder, self.chance = folder, random.Random(seed)
        share = "claude=60,codex=20,opencode=10,gemini=10"
        command = [sys.executable, str(maker), "--out", str(folder / "trees"), "--seed", str(seed), "--share", share]
        subprocess.run(
            [*command, "--size-mib", str(machines * 2), "--machines", str(machines)],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        self.truth: dict[str, Any] = json.loads((folder / "trees" / "truth.json").read_text())
        self.names = sorted(self.truth["machines"])
        for number in range(2, machines):
            self._copy_some(self.names[number - 1], self.names[number])

    def home(self, name: str) -> Path:
        """Return a machine's home."""
        return self.folder / "trees" / name / "home"

    def _copy_some(self, name: str, other: str) -> None:
        """Copy two sessions from one machine to another one."""
        files = sorted((self.home(name) / ".claude" / "projects").rglob("*.jsonl"))
        for number, file in enumerate(self.chance.sample(files, min(2, len(files)))):
            target = self.home(other) / file.relative_to(self.home(name))
            target.parent.mkdir(parents=True, exist_ok=True)
            (shutil.copy2 if number else shutil.copy)(file, target)

    def whole(self) -> House:
        """Return a house whose ledger has read all the trees."""
        for name in self.names:
            house = self._house(name, self.folder / "whole")
            house.refresh()
            house.close()
        return self._house(self.names[0], self.folder / "whole")

    def _house(self, name: str, data: Path) -> House:
        return House(Where(str(data), str(self.home(name)), {}, name, f"user of {name}"))

    def sent(self) -> Iterator[tuple[Sender, bytes]]:
        """Yield what each machine sends, whose logs it reads a part at a time."""
        for number, name in enumerate(self.names):
            data = self.folder / f"data-{name}"
            # One clock is three hours ahead, another one behind.
            clock = NOW + (3 * HOUR if number == 0 else -3 * HOUR if number == 1 else 0)
            house = self._house(name, data)
            if number % 2:
                house.refresh()
            with closing(Outbox(house.where.ledger)) as outbox:
                house.writing()
                outbox.make("https://example.org")
                house.refresh()
                while (portion := outbox.take(self.chance.choice((50, 400, 2_000)))).marks:
                    body = encoded(envelope(portion.batches, Client("tally", "1"), clock))
                    outbox.done(portion)
                    yield Sender(name, name), body
            house.close()


def answers(ledger_path: Path, name: str, zone: str) -> list[dict[str, Any]]:
    """Return what a report says of a ledger, with the machine and the user of each row where it has them."""
    command = [
        sys.executable,
        "-m",
        "tallystick",
        "report" if "," in name else name,
        "--json",
        "--timezone",
        zone,
        "--limit",
        "0",
    ]
    command += ["--by", name] if "," in name else []
    environ = {"HOME": str(ledger_path / "nobody"), "TALLY_DATA_DIR": str(ledger_path), "PATH": "/usr/bin:/bin"}
    done = subprocess.run([*command, "--since", "2020-01-01"], capture_output=True, env=environ, check=False)
    assert done.returncode == 0, done.stderr.decode()
    found: dict[str, Any] = json.loads(done.stdout)
    coverage = found["coverage"]
    # When each machine was heard of is known only where machines are heard of.
    for key in ("machines", "machines_left_off"):
        coverage.pop(key, None)
    return [{"rows": found["rows"], "totals": found.get("totals"), "coverage": coverage}]


@pytest.mark.parametrize("machines, seed", [(2, 31), (20, 32)])
def test_a_server_knows_what_one_ledger_of_all_logs_knows(
    shared: Path, tmp_path: Path, machines: int, seed: int
) -> None:
    fleet = Fleet(tmp_path, shared / "corpus" / "make_corpus.py", machines, seed)
    fleet.whole().close()
    bodies = list(fleet.sent())
    again = fleet.chance.sample(bodies, len(bodies) // 2)
    # Each portion once, half of them twice, in any order.
    order = fleet.chance.sample([*bodies, *again], len(bodies) + len(again))
    (tmp_path / "server").mkdir()
    path = tmp_path / "server" / "ledger.db"
    with closing(SqliteLedger(str(path), write=True)) as ledger:
        taking = Taking(ledger, KINDS, lambda: NOW, print)
        while order:
            several = [order.pop() for _ in range(min(fleet.chance.randrange(1, 6), len(order)))]
            told = taking.take([Offer("push", sender, body) for sender, body in several])
            assert [answer.status for answer in told] == [200] * len(several)
            assert all(b'"rejected":[]' in answer.body for answer in told)
        skews = {row[0]: row[7] for row in ledger.ask("machines")}
        assert sorted(skews) == fleet.names
        assert (skews[fleet.names[0]], skews[fleet.names[1]]) == (3 * HOUR, -3 * HOUR)
        events = ledger.connection.execute("SELECT count(*) FROM events").fetchone()
    assert maintenance.verify(str(path)) == []
    with closing(SqliteLedger(str(tmp_path / "whole" / "ledger.db"))) as whole:
        assert whole.connection.execute("SELECT count(*) FROM events").fetchone() == events
    for zone in ("UTC", "Asia/Kathmandu"):
        for name in (
            *(report.name for report in REPORTS if report.name != "report"),
            "day,machine,user,model",
            "session,machine,agent",
        ):
            assert answers(tmp_path / "server", name, zone) == answers(tmp_path / "whole", name, zone), name
