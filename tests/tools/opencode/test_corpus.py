"""Generated trees whose truth is known: every day, model and session, for every kind of token."""

import json
import random
import sqlite3
import subprocess
import sys
from collections import defaultdict
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.tools.opencode.stored import together

from tallystick.intake.databases import consult
from tallystick.intake.follow import Follower
from tallystick.intake.packing import pack
from tallystick.intake.walk import File, walk
from tallystick.ledger.ledger import Batch, Source
from tallystick.ledger.merging import Event, Sighting, Standing, closed_at, settle
from tallystick.tools.opencode import OPENCODE
from tallystick.tools.tool import DATABASE, Found, State
from tallystick.usage.event import Context, Variant

KINDS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning")
SEEDS = (3, 14, 159)
HAZARDS = {"json_and_db_copies", "fork_copies", "step_finish_decoys", "aborted_zero_messages"}

type Sums = dict[tuple[str, ...], list[int]]


class Read(NamedTuple):
    """What several sources say."""

    contexts: list[Context]
    variants: list[Variant]
    events: list[Event]


@pytest.fixture(params=SEEDS, ids=lambda seed: f"seed {seed}")
def tree(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Path:
    """Return a home with `truth.json` beside it, made once for all tests."""
    folder = tmp_path_factory.getbasetemp() / f"opencode-{request.param}"
    if not folder.exists():
        maker = shared / "corpus" / "make_corpus.py"
        options = ("--size-mib", "12", "--share", "claude=0,codex=0,opencode=1,gemini=0")
        command = [sys.executable, str(maker), "--out", str(folder), "--seed", str(request.param), *options]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return folder


def read(folder: Path, order: int = 0, *, files: bool = True, database: bool = True) -> Read:
    """Read a home, or a part of it, in an order of its own, and settle what it says."""
    found: list[File] = list(walk(OPENCODE.roots(str(folder / "home"), {}), []))
    found = [file for file in found if (database if file.form == DATABASE else files)]
    random.Random(order).shuffle(found)
    follower = Follower("box", "dev")
    return told([batch for file in found for batch in follower.read(OPENCODE, file, None)])


def told(batches: list[Batch]) -> Read:
    """Return what batches say, settled."""
    contexts: dict[Context, int] = {}
    variants: dict[Variant, int] = {}
    standings: list[Standing] = []
    sightings: dict[int, list[Sighting]] = defaultdict(list)
    for batch in batches:
        whose = [contexts.setdefault(context, len(contexts)) for context in batch.contexts]
        kinds = [variants.setdefault(variant, len(variants)) for variant in batch.variants]
        for key, request, time, context, variant, *rest in batch.events:
            row = (key, request, time, whose[context], kinds[variant], *rest, len(standings))
            sightings[key].append(Sighting._make(row))
        assert not batch.skipped
        standings.append(Standing(1, closed_at(batch.source.last, batch.source.mtime), batch.source.path))
    events = [event for views in sightings.values() for event in settle(views, standings.__getitem__)]
    return Read(list(contexts), list(variants), events)


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
    """Return the same as the maker of the home knows it."""
    known = json.loads((folder / "truth.json").read_text())

    def counts(leaf: dict[str, int]) -> list[int]:
        return [leaf.get(kind, 0) for kind in (*KINDS, "requests")]

    days = known["by_day_model"]["opencode"]
    return {
        "by_day_model": {(day, model): counts(leaf) for day, models in days.items() for model, leaf in models.items()},
        "by_session": {(session,): counts(leaf) for session, leaf in known["by_session"]["opencode"].items()},
    }


def test_the_traps_are_in_it(tree: Path) -> None:
    assert set(json.loads((tree / "truth.json").read_text())["hazards"]["opencode"]) >= HAZARDS


def test_every_day_model_and_session_is_exact(tree: Path) -> None:
    assert sums(read(tree)) == truth(tree)


def test_the_order_of_files_changes_nothing(tree: Path) -> None:
    assert sums(read(tree, 1)) == sums(read(tree, 2)) == truth(tree)


def test_the_database_alone_says_everything(tree: Path) -> None:
    assert sums(read(tree, files=False)) == truth(tree)


def test_the_files_alone_say_what_they_hold(tree: Path) -> None:
    files, known = sums(read(tree, database=False)), truth(tree)
    assert files["by_session"]
    assert files["by_session"].items() <= known["by_session"].items()


def test_the_recorded_costs_are_exact(tree: Path) -> None:
    known = json.loads((tree / "truth.json").read_text())["opencode_reported_cost_usd"]
    told = sum(event.counted.cost_nano or 0 for event in read(tree).events)
    assert told == pytest.approx(known * 1e9, abs=len(read(tree).events))


def test_a_database_that_grows_and_shrinks_stays_exact(tree: Path, tmp_path: Path) -> None:
    # Its rows come in portions; between them some that came before are deleted, and numbers are given anew.
    chance = random.Random(1)
    found: list[Found] = []
    state: State = {}
    path = tmp_path / "opencode.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("ATTACH ? AS whole", (str(tree / "home" / ".local" / "share" / "opencode" / "opencode.db"),))
        for (statement,) in db.execute("SELECT sql FROM whole.sqlite_master WHERE sql IS NOT NULL").fetchall():
            db.execute(statement)
        sessions = [id_ for (id_,) in db.execute("SELECT id FROM whole.session")]
        chance.shuffle(sessions)
        for place in range(0, len(sessions), max(len(sessions) // 8, 1)):
            for id_ in sessions[place : place + max(len(sessions) // 8, 1)]:
                for table, column in (("session", "id"), ("message", "session_id"), ("part", "session_id")):
                    db.execute(f"INSERT INTO {table} SELECT * FROM whole.{table} WHERE {column} = ?", (id_,))  # noqa: S608 - names of ours
            db.commit()
            reader = OPENCODE.reader(str(path), json.loads(json.dumps(state)))
            assert consult(str(path), reader) == ""
            part, state = reader.finish()
            found.append(part)
            db.execute("DELETE FROM message WHERE session_id = ?", (sessions[place],))
    whole: Found = together(*found)
    batch = pack(whole, Source(str(path), "opencode", "log", 1, 1, 0), fresh=True, machine="box", user="dev")
    assert sums(told([batch])) == truth(tree)
