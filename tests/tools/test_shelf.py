"""Every tool of the shelf against what is not its own: damage, other tools' files, databases in every bad state."""

import os
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tallystick.intake.logs import bring_in, look
from tallystick.intake.walk import Trouble
from tallystick.ledger.memory import MemoryLedger
from tallystick.tools.shelf import TOOLS
from tallystick.tools.tool import COARSE, DATABASE, DERIVED, DOCUMENT, EXACT, LINES, Root, Tool

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
EVER = {"since": -(2**62), "until": 2**62}
ROOTS = [(tool, number) for tool in TOOLS for number in range(len(tool.roots("", {})))]
EVERY_ROOT = pytest.mark.parametrize("tool, number", ROOTS, ids=[f"{tool.name}-{number}" for tool, number in ROOTS])
SAME_FORMAT = ({"opencode", "kilo-cli", "mimo-code"},)


def root_of(tool: Tool, number: int, home: Path) -> Root:
    return tool.roots(str(home), {})[number]


def place(root: Root, name: str, content: bytes) -> Path:
    """Put a file where a tool keeps its own, under a name that is read."""
    path = Path(f"{root.path}/{root.within}".replace("//", "/")) / f"{root.prefix}{name}{root.suffixes[0]}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def read(tool: Tool, home: Path) -> tuple[int, list[tuple[str, str]], list[Trouble]]:
    """Return how many events a home holds for a tool, what was skipped, and the troubles."""
    ledger = MemoryLedger()
    news, troubles = look([tool], str(home), {}, ledger)
    summary = bring_in(news, ledger, ("box", "dev"))
    skipped = [(str(row[1]), str(row[3])) for row in ledger.ask("skipped")]
    return len(ledger.ask("events", **EVER)), skipped, [*troubles, *summary.troubles]


def foreign(tool: Tool, form: str) -> Iterator[tuple[str, bytes]]:
    """Yield the samples of other tools that have the same outer form."""
    family = next((names for names in SAME_FORMAT if tool.name in names), {tool.name})
    suffix = {LINES: ".jsonl", DOCUMENT: ".json", DATABASE: ".sql"}[form]
    for other in TOOLS:
        if other.name in family:
            continue
        for path in sorted((SAMPLES / other.name).rglob(f"*{suffix}")):
            if path.name != "expected.json":
                yield f"{other.name}-{path.parent.name}-{path.stem}", path.read_bytes()


def built(statements: str, folder: Path) -> bytes:
    """Return the bytes of the database that statements make."""
    path = folder / "built.db"
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as database:
        database.executescript(statements)
    return path.read_bytes()


@EVERY_ROOT
def test_other_tools_files_are_nobody_s_usage(tool: Tool, number: int, tmp_path: Path) -> None:
    root = root_of(tool, number, tmp_path / "home")
    for name, content in foreign(tool, root.form):
        place(root, name, built(content.decode(), tmp_path) if root.form == DATABASE else content)
    events, _, troubles = read(tool, tmp_path / "home")
    assert events == 0
    assert not troubles


@EVERY_ROOT
def test_random_bytes_are_skipped_with_a_reason(tool: Tool, number: int, tmp_path: Path) -> None:
    root, chance = root_of(tool, number, tmp_path), random.Random(number)
    noise = chance.randbytes(5_000)
    path = place(root, "noise", noise.replace(b"\n", b"") + b"\n")
    place(root, "nothing", b"")
    events, skipped, troubles = read(tool, tmp_path)
    assert events == 0
    assert str(path) in {place for place, _ in skipped} | {trouble.path for trouble in troubles}
    assert all(reason for _, reason in skipped)
    assert not any("reader failed" in trouble.reason for trouble in troubles)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _of_another_time(path: Path) -> None:
    path.write_bytes(built("CREATE TABLE things (id INTEGER); CREATE TABLE meta (version INTEGER);", path.parent))


def _half(path: Path) -> None:
    statements = "CREATE TABLE session (id); CREATE TABLE message (id); CREATE TABLE part (id);"
    statements += "CREATE TABLE sessions (id); CREATE TABLE assistant_usage_events (id);"
    path.write_bytes(built(statements, path.parent))


def _cut(path: Path) -> None:
    rows = "INSERT INTO message VALUES (1, zeroblob(900));" * 300
    path.write_bytes(built("CREATE TABLE message (id, data);" + rows, path.parent)[:40_000])


DATABASES = [(tool, number) for tool, number in ROOTS if tool.roots("", {})[number].form == DATABASE]


@pytest.mark.parametrize("make", [_empty, _of_another_time, _half, _cut])
@pytest.mark.parametrize("tool, number", DATABASES, ids=[f"{tool.name}-{number}" for tool, number in DATABASES])
def test_a_database_that_is_not_understood_is_skipped_with_a_reason(
    tool: Tool, number: int, make: Callable[[Path], None], tmp_path: Path
) -> None:
    path = place(root_of(tool, number, tmp_path), "other", b"")
    make(path)
    (path.parent / "built.db").unlink(missing_ok=True)
    events, skipped, troubles = read(tool, tmp_path)
    assert events == 0
    assert str(path) in {place for place, _ in skipped}
    assert not troubles


@pytest.mark.parametrize("tool, number", DATABASES, ids=[f"{tool.name}-{number}" for tool, number in DATABASES])
def test_a_locked_database_is_tried_again_and_silences_nobody(tool: Tool, number: int, tmp_path: Path) -> None:
    path = place(root_of(tool, number, tmp_path), "locked", built("CREATE TABLE session (id);", tmp_path))
    with closing(sqlite3.connect(path, isolation_level=None)) as owner:
        owner.execute("BEGIN EXCLUSIVE")
        ledger = MemoryLedger()
        news, _ = look([tool], str(tmp_path), {}, ledger)
        summary = bring_in(news, ledger, ("box", "dev"))
        assert [trouble.path for trouble in summary.troubles] == [str(path)]
    news, _ = look([tool], str(tmp_path), {}, ledger)
    assert [item.file.path for item in news] == [str(path)]


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_a_tool_says_what_it_is(tool: Tool) -> None:
    assert tool.name == tool.name.lower().replace("_", "-")
    assert tool.title
    assert tool.counts in {EXACT, DERIVED, COARSE}
    assert all(sentence.endswith(".") for sentence in tool.blind_spots)
    home = os.path.join(os.sep, "home", "dev")
    for root in tool.roots(home, {}):
        assert root.path.startswith(home)
        assert root.form in {LINES, DOCUMENT, DATABASE}


def test_names_are_taken_once() -> None:
    assert len({tool.name for tool in TOOLS}) == len({tool.title for tool in TOOLS}) == len(TOOLS)
