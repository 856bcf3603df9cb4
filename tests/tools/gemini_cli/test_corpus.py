"""Generated trees whose truth is known: every day, model and session, for every kind of token."""

import json
import random
import subprocess
import sys
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.tools import reading
from tests.tools.reading import Source

from tallystick.intake.follow import Follower
from tallystick.intake.walk import File, walk
from tallystick.tools.gemini_cli import GEMINI_CLI
from tallystick.tools.tool import DOCUMENT, LINES, Found
from tallystick.usage.event import UsageEvent

KINDS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning")
SEEDS = (15, 26, 53)

type Sums = dict[tuple[str, ...], list[int]]


@pytest.fixture(params=SEEDS, ids=lambda seed: f"seed {seed}")
def tree(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Path:
    """Return a tree of chats with `truth.json` beside it, made once for all tests."""
    folder = tmp_path_factory.getbasetemp() / f"gemini-cli-{request.param}"
    if not folder.exists():
        options = ("--size-mib", "12", "--share", "claude=0,codex=0,opencode=0,gemini=1")
        maker = [sys.executable, str(shared / "corpus" / "make_corpus.py"), "--out", str(folder)]
        subprocess.run([*maker, "--seed", str(request.param), *options], check=True, stdout=subprocess.DEVNULL)
    return folder


def files(folder: Path) -> list[File]:
    """Return the chats of a tree, those of lines and the documents."""
    return [file for root in GEMINI_CLI.roots(str(folder / "home"), {}) for file in walk([root], [])]


def sums(events: list[UsageEvent]) -> dict[str, Sums]:
    """Return the tokens and requests by day and model, and by session; each event once, whichever sighting counts."""
    found: dict[str, Sums] = {"by_day_model": defaultdict(lambda: [0] * 7), "by_session": defaultdict(lambda: [0] * 7)}
    for event in {event.key: event for event in events}.values():
        day = datetime.fromtimestamp(event.time / 1000, UTC).date().isoformat()
        for sums, label in (
            (found["by_day_model"], (day, event.variant.model)),
            (found["by_session"], (event.context.session,)),
        ):
            for place, count in enumerate((*event.tokens, 1)):
                sums[label][place] += count
    return found


def truth(folder: Path) -> dict[str, Sums]:
    """Return the same as the maker of the tree knows it."""
    known = json.loads((folder / "truth.json").read_text())

    def counts(leaf: dict[str, int]) -> list[int]:
        return [leaf.get(kind, 0) for kind in (*KINDS, "requests")]

    days = known["by_day_model"]["gemini"]
    return {
        "by_day_model": {(day, model): counts(leaf) for day, models in days.items() for model, leaf in models.items()},
        "by_session": {(session,): counts(leaf) for session, leaf in known["by_session"]["gemini"].items()},
    }


def read(folder: Path, way: reading.Way = reading.whole, order: int = 0) -> list[Found]:
    """Read a tree file by file, in an order of its own."""
    found = files(folder)
    random.Random(order).shuffle(found)
    return [way(GEMINI_CLI, Source(file.path, Path(file.path).read_bytes(), form=file.form)) for file in found]


def events(found: list[Found]) -> list[UsageEvent]:
    """Return what all files tell."""
    return [event for each in found for event in each.events]


def test_the_tree_has_every_form_of_a_chat(tree: Path) -> None:
    assert {file.form for file in files(tree)} == {LINES, DOCUMENT}
    assert any(file.path.endswith(".json") and Path(f"{file.path}l").exists() for file in files(tree))
    hazards = json.loads((tree / "truth.json").read_text())["hazards"]["gemini"]
    assert len(hazards) == 5


def test_every_day_model_and_session_is_exact(tree: Path) -> None:
    assert sums(events(read(tree))) == truth(tree)


def test_the_order_of_files_changes_nothing(tree: Path) -> None:
    assert sums(events(read(tree, order=1))) == sums(events(read(tree, order=2))) == truth(tree)


def test_in_pieces_it_is_the_same(tree: Path) -> None:
    for way in (reading.by_turns(range(0, 5_000, 7)), reading.in_portions(range(0, 5_000, 5)), reading.line_by_line):
        assert sums(events(read(tree, way))) == truth(tree)


def test_nothing_in_it_is_not_understood(tree: Path) -> None:
    assert [found.skipped for found in read(tree) if found.skipped] == []


def test_the_project_of_each_session_is_its_folder(tree: Path) -> None:
    projects = json.loads((tree / "truth.json").read_text())["sessions_project"]
    for event in events(read(tree)):
        assert event.context.project == projects[f"gemini:{event.context.session}"] or len(event.context.project) == 64


def test_through_the_intake_it_is_the_same(tree: Path) -> None:
    follower = Follower("box", "dev")
    batches = [batch for file in files(tree) for batch in follower.read(GEMINI_CLI, file, None)]
    counted = {event[0]: event[5:11] for batch in batches for event in batch.events}
    assert sum(map(sum, zip(*counted.values(), strict=True))) == sum(
        sum(row[:6]) for row in truth(tree)["by_session"].values()
    )
