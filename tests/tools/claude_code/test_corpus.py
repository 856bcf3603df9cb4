"""Generated trees whose truth is known: every day, model and session, for every kind of token."""

import json
import random
import shutil
import subprocess
import sys
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from tallystick.intake.follow import Follower
from tallystick.intake.walk import File, walk
from tallystick.ledger.ledger import Batch
from tallystick.ledger.merging import Event, Sighting, Standing, closed_at, settle
from tallystick.tools.claude_code import CLAUDE_CODE
from tallystick.usage.event import Context, Variant

KINDS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning")
SEEDS = (3, 14, 159)

type Sums = dict[tuple[str, ...], list[int]]


class Read(NamedTuple):
    """What all files of a tree say."""

    contexts: list[Context]
    variants: list[Variant]
    events: list[Event]


@pytest.fixture(params=SEEDS, ids=lambda seed: f"seed {seed}")
def tree(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Path:
    """Return a tree of transcripts with `truth.json` beside it, made once for all tests."""
    folder = tmp_path_factory.getbasetemp() / f"claude-code-{request.param}"
    if not folder.exists():
        options = ("--size-mib", "12", "--share", "claude=1,codex=0,opencode=0,gemini=0")
        _make(shared, "--out", str(folder), "--seed", str(request.param), *options)
    return folder


def _make(shared: Path, *options: str) -> None:
    subprocess.run(
        [sys.executable, shared / "corpus" / "make_corpus.py", *options], check=True, stdout=subprocess.DEVNULL
    )


def read(folder: Path, order: int = 0) -> Read:
    """Read a tree file by file, in an order of its own, and settle what they say."""
    files: list[File] = list(walk(CLAUDE_CODE.roots(str(folder / "home"), {}), []))
    random.Random(order).shuffle(files)
    follower = Follower("box", "dev")
    contexts: dict[Context, int] = {}
    variants: dict[Variant, int] = {}
    standings: list[Standing] = []
    sightings: dict[int, list[Sighting]] = defaultdict(list)
    for file in files:
        for batch in follower.read(CLAUDE_CODE, file, None):
            _take(batch, contexts, variants, sightings, len(standings))
            standings.append(Standing(1, closed_at(batch.source.last, batch.source.mtime), batch.source.path))
    return Read(
        list(contexts),
        list(variants),
        [event for views in sightings.values() for event in settle(views, standings.__getitem__)],
    )


def _take(
    batch: Batch,
    contexts: dict[Context, int],
    variants: dict[Variant, int],
    sightings: dict[int, list[Sighting]],
    source: int,
) -> None:
    whose = [contexts.setdefault(context, len(contexts)) for context in batch.contexts]
    kinds = [variants.setdefault(variant, len(variants)) for variant in batch.variants]
    for key, request, time, context, variant, *rest in batch.events:
        sightings[key].append(Sighting._make((key, request, time, whose[context], kinds[variant], *rest, source)))


def sums(read: Read) -> dict[str, Sums]:
    """Return the tokens and requests by day and model, and by session."""
    found: dict[str, Sums] = {"by_day_model": defaultdict(lambda: [0] * 7), "by_session": defaultdict(lambda: [0] * 7)}
    for event in read.events:
        counted = event.counted
        day = datetime.fromtimestamp(counted.time / 1000, UTC).date().isoformat()
        for sums, label in (
            (found["by_day_model"], (day, read.variants[counted.variant].model)),
            (found["by_session"], (read.contexts[counted.context].session,)),
        ):
            for place, count in enumerate((*counted[5:11], 1)):
                sums[label][place] += count
    return found


def truth(folder: Path) -> dict[str, Sums]:
    """Return the same as the maker of the tree knows it."""
    known = json.loads((folder / "truth.json").read_text())

    def counts(leaf: dict[str, int]) -> list[int]:
        return [leaf.get(kind, 0) for kind in (*KINDS, "requests")]

    days = known["by_day_model"]["claude"]
    return {
        "by_day_model": {(day, model): counts(leaf) for day, models in days.items() for model, leaf in models.items()},
        "by_session": {(session,): counts(leaf) for session, leaf in known["by_session"]["claude"].items()},
    }


def test_every_day_model_and_session_is_exact(tree: Path) -> None:
    assert sums(read(tree)) == truth(tree)


def test_the_order_of_files_changes_nothing(tree: Path) -> None:
    assert sums(read(tree, 1)) == sums(read(tree, 2)) == truth(tree)


def test_a_tree_that_grows_stays_exact(tree: Path, tmp_path: Path, shared: Path) -> None:
    grown = shutil.copytree(tree, tmp_path / "tree")
    _make(shared, "--grow", str(grown), "--seed", "7", "--messages", "40")
    assert sums(read(grown)) == truth(grown) != truth(tree)
