"""The product against the truth: what `tally` prints of made-up trees is what the makers of the trees know to be right."""

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

KINDS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning", "total", "requests")
TOOLS = {"claude": "claude-code", "codex": "codex", "opencode": "opencode", "gemini": "gemini-cli"}
SEEDS = (11, 12)


class Tree:
    """A made-up home, the truth about it, and the product run on it."""

    def __init__(self, folder: Path, data: Path) -> None:
        self.home, self.data, self.truth_path = folder / "home", data, folder / "truth.json"

    @property
    def truth(self) -> dict[str, Any]:
        """Return the truth as it is now."""
        found: dict[str, Any] = json.loads(self.truth_path.read_text())
        return found

    def ask(self, *arguments: str) -> list[dict[str, Any]]:
        """Return the rows that a command prints."""
        environ = {"HOME": str(self.home), "PATH": os.environ["PATH"], "TALLY_DATA_DIR": str(self.data), "TZ": "UTC"}
        command = [sys.executable, "-m", "tallystick", *arguments, "--json", "--timezone", "UTC", "--limit", "0"]
        done = subprocess.run(command, capture_output=True, env=environ, check=False)
        assert done.returncode == 0, done.stderr.decode()
        rows: list[dict[str, Any]] = json.loads(done.stdout)["rows"]
        return rows

    def assert_exact(self) -> None:
        """Compare every day, model and session, for every kind of token, with the truth."""
        for tool, name in TOOLS.items():
            by_day = {row["day"]: row for row in self.ask("daily", "--by", "day", "--tool", name)}
            _compare(by_day, self.truth["by_day"][tool])
            by_model = {row["model"]: row for row in self.ask("models", "--by", "model", "--tool", name)}
            _compare(by_model, self.truth["by_model"][tool])
            by_session = {row["session"]: row for row in self.ask("sessions", "--by", "session", "--tool", name)}
            _compare(by_session, self.truth["by_session"][tool])


def _compare(rows: dict[str, dict[str, Any]], truth: dict[str, dict[str, int]]) -> None:
    wrong = {
        (label, kind): (rows.get(label, {}).get(kind), counts[kind])
        for label, counts in truth.items()
        for kind in KINDS
        if rows.get(label, {}).get(kind) != counts.get(kind, 0)
    }
    assert not wrong
    assert set(rows) == {label for label, counts in truth.items() if counts["requests"]}


@pytest.fixture(params=SEEDS)
def tree(request: pytest.FixtureRequest, shared: Path, tmp_path: Path) -> Tree:
    """Make a tree of the logs of four tools."""
    maker = [
        sys.executable,
        str(shared / "corpus" / "make_corpus.py"),
        "--out",
        str(tmp_path / "tree"),
        "--seed",
        str(request.param),
    ]
    subprocess.run(
        [*maker, "--size-mib", "30", "--share", "claude=50,codex=25,opencode=13,gemini=12", "--codex-zst", "0.3"],
        check=True,
    )
    return Tree(tmp_path / "tree", tmp_path / "data")


def test_every_day_model_and_session_is_exact(tree: Tree) -> None:
    tree.assert_exact()


def test_asking_twice_and_forgetting_the_ledger_changes_nothing(tree: Tree) -> None:
    tree.assert_exact()
    tree.assert_exact()
    shutil.rmtree(tree.data)
    tree.assert_exact()


def test_new_messages_are_counted_once(tree: Tree, shared: Path) -> None:
    tree.assert_exact()
    grow = [
        sys.executable,
        str(shared / "corpus" / "make_corpus.py"),
        "--grow",
        str(tree.home.parent),
        "--seed",
        "7",
        "--messages",
        "40",
    ]
    subprocess.run(grow, check=True)
    tree.assert_exact()
    shutil.rmtree(tree.data)
    tree.assert_exact()


def test_files_that_come_in_any_order_and_in_pieces_give_the_same(tree: Tree, tmp_path: Path) -> None:
    chance = random.Random(5)
    grown = Tree(tree.home.parent, tmp_path / "grown")
    grown.home = tmp_path / "pieces" / "home"
    grown.truth_path = tree.truth_path
    for stage in _stages(tree.home, grown.home, chance):
        del stage
        grown.ask("daily")
    grown.assert_exact()


def _stages(home: Path, target: Path, chance: random.Random) -> Iterator[int]:
    """Let the files of a home appear in another one, in pieces and in any order, with the times they have there."""
    files = [path for path in home.rglob("*") if path.is_file()]
    pieces = [(chance.random(), path, share) for path in files for share in (chance.random(), 1.0)]
    pieces.sort(key=lambda piece: (piece[2] == 1.0, piece[0]))
    for number, (_, path, share) in enumerate(pieces):
        to = target / path.relative_to(home)
        to.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".jsonl":
            with open(to, "ab") as file:
                file.write(path.read_bytes()[file.tell() : int(path.stat().st_size * share)])
        elif share == 1:
            shutil.copyfile(path, to)
        elif path.suffix == ".db":
            _young(path, to, share)
        if share == 1:
            about = path.stat()
            os.utime(to, ns=(about.st_atime_ns, about.st_mtime_ns))
        if number % (len(pieces) // 4) == len(pieces) // 4 - 1:
            yield number
    yield len(pieces)


def _young(database: Path, target: Path, share: float) -> None:
    """Copy a database as it may have been when it had only a share of its messages."""
    shutil.copyfile(database, target)
    with closing(sqlite3.connect(target)) as young:
        young.execute("DELETE FROM message WHERE rowid > (SELECT max(rowid) FROM message) * ?", (share,))
        young.execute("DELETE FROM part WHERE rowid > (SELECT max(rowid) FROM part) * ?", (share,))
        young.commit()
