"""The client as a person runs it: built, with an interpreter of its own, in a home of its own."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterable
from contextlib import closing
from functools import cache
from itertools import zip_longest
from pathlib import Path

from tests.intake.push.pythons import python
from tests.intake.push.receiving import CODE, Receiver
from tests.ledger.sample import decoded

from tallystick.intake.logs import bring_in, look
from tallystick.intake.push.build import build
from tallystick.intake.push.kind import Sender
from tallystick.intake.push.kinds import KINDS
from tallystick.ledger.ledger import Ledger
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.tools.shelf import TOOLS

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
PLACES = {
    "claude-code": ".claude/projects",
    "codex": ".codex/sessions",
    "copilot-cli": ".copilot",
    "gemini-cli": ".gemini",
    "opencode": ".local/share/opencode",
    "qwen-code": ".qwen",
    "kilo-cli": ".local/share/kilo",
    "kimi-code": ".kimi-code",
    "mimo-code": ".local/share/mimocode",
}
"""Where in a home a sample of each tool lies."""
MACHINE = "box"
OWN = ("marks", "source", "machines", "newer")
"""Answers about how a ledger itself came by what it knows."""


@cache
def built() -> bytes:
    """Return the client."""
    return build()


LOG = ".claude/projects/-home-dev-p/s1.jsonl"
"""Where a machine of these tests has its one log, below its home."""


class Client:
    """A client on a machine."""

    def __init__(self, folder: Path, version: str, home: Path | None = None) -> None:
        self.home, self.state = home or folder / "home", folder / "state"
        self.home.mkdir(parents=True, exist_ok=True)
        self.path = folder / "client.pyz"
        self.path.write_bytes(built())
        self.environ = {"HOME": str(self.home), "PATH": os.environ["PATH"], "XDG_STATE_HOME": str(self.state)}
        self.command = [python(version), "-I", "-S", str(self.path)]

    def __call__(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[bytes]:
        """Run it."""
        return subprocess.run(
            [*self.command, *arguments], env={**self.environ, **environ}, capture_output=True, timeout=300, check=False
        )

    def join(self, server: Receiver, *arguments: str) -> None:
        """Pair it with a server, and send."""
        done = self("--server", server.url, "--join", CODE, "--machine", MACHINE, *arguments)
        assert (done.returncode, done.stderr) == (0, b"")

    @property
    def kept(self) -> bytes:
        """Return every byte that it keeps, without its own modules."""
        files = [path for path in self.state.rglob("*") if path.is_file() and "code" not in path.parts]
        assert files
        return b"".join(path.read_bytes() for path in files)


def furnish(home: Path, cases: Iterable[Path]) -> Path:
    """Lay samples into a home; `x.db.sql` becomes the database `x.db`."""
    for case in cases:
        place = home / PLACES[case.parent.name]
        shutil.copytree(case, place, dirs_exist_ok=True)
        (place / "expected.json").unlink()
        for dump in place.rglob("*.sql"):
            with closing(sqlite3.connect(dump.with_suffix(""))) as database:
                database.executescript(dump.read_text())
            dump.unlink()
    return home


def take_in(bodies: Iterable[bytes], ledger: Ledger) -> None:
    """Take pushes into a ledger, as a server does."""
    for body in bodies:
        taken = KINDS["push"](body, Sender(MACHINE, MACHINE, "dev"), 1_800_000_000_000, ledger)
        assert taken.answer([0] * len(taken.batches))[0] == 200 if callable(taken.answer) else taken.answer[0] == 200
        ledger.add(taken.batches)


def read_in(home: Path, ledger: Ledger) -> None:
    """Read a home into a ledger, as the full product does."""
    news, troubles = look(TOOLS, str(home), {}, ledger)
    assert troubles == []
    assert bring_in(news, ledger, (MACHINE, "dev")).troubles == ()


def told(ledger: Ledger) -> dict[str, list[object]]:
    """Return all answers of a ledger by value, sources by the names that they have on their machine."""

    def shown(value: object) -> object:
        if isinstance(value, str):
            return value.removeprefix(f"push:{MACHINE}:")
        # Named tuples stay what they are: they are equal to plain ones.
        return (
            tuple(map(shown, value))
            if isinstance(value, tuple)
            else [*map(shown, value)]
            if isinstance(value, list)
            else value
        )

    answers = {name: rows for name, rows in decoded(ledger).items() if name not in OWN}
    # How many bytes its sources have is a machine's own.
    answers["receivers"] = [(*row[:3], *row[4:]) for row in answers["receivers"]]
    return {name: sorted(map(shown, rows), key=repr) for name, rows in answers.items()}


def together() -> list[list[Path]]:
    """Return all samples in groups of at most one of each tool, which do not get in each other's way in one home."""
    by_tool = [sorted(path for path in (SAMPLES / tool).iterdir() if path.is_dir()) for tool in PLACES]
    return [[case for case in group if case] for group in zip_longest(*by_tool)]


def ledgers() -> tuple[Ledger, Ledger]:
    """Return two empty ledgers."""
    return SqliteLedger(":memory:", write=True), SqliteLedger(":memory:", write=True)


def outputs(server: Receiver) -> list[int]:
    """Return the output tokens of everything that was sent."""
    return [
        row[9] for envelope in server.envelopes for source in envelope["sources"] for row in source.get("events", ())
    ]
