"""What leaves the outbox settles elsewhere to the same ledger, in whatever portions, order and repetition it arrives."""

import os
import random
from collections.abc import Iterator, Sequence
from contextlib import closing
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ledger.sample import COPY, EVER, LATER, LOG, MAIN, OPUS, View, batch, decoded, reading
from tests.ledger.worlds import World, deliveries, worlds
from tests.tools.test_samples import CASES, _belongs, _built

from tallystick.intake.logs import News, read_one
from tallystick.intake.push.arrival import take
from tallystick.intake.push.envelope import Client, encoded, envelope
from tallystick.intake.push.kind import Sender
from tallystick.intake.push.policy import LEAVE_OUT, PSEUDONYM, Policy, applied, policy, pseudonym
from tallystick.intake.walk import File
from tallystick.ledger.ledger import Batch, Ledger, Row, Source
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.ledger.sqlite.outbox import Outbox
from tallystick.tools.tool import DATABASE, LINES, Tool
from tallystick.usage.tokens import Tokens

BOX = Sender("box", "")
NOT_SENT = ("marks", "receivers", "source", "contexts", "variants")
"""Where a file stood when it was read is the machine's own matter; names that nothing uses any more need not be known."""


def emptied(outbox: Outbox, chance: random.Random) -> Iterator[bytes]:
    """Yield what an outbox holds, in portions of random sizes, as it is sent."""
    while True:
        portion = outbox.take(chance.choice((1, 2, 3, 7, 40)))
        if not portion.marks:
            return
        yield encoded(envelope(portion.batches, Client("tally", "1"), 0))
        outbox.done(portion)


def arrive(ledger: Ledger, bodies: Sequence[bytes]) -> None:
    """Take what was sent into a ledger; none of it is refused."""
    for body in bodies:
        taken = take(body, BOX, 0, ledger)
        assert b'"rejected":[]' in taken.answer[1]
        ledger.add(taken.batches)


def told(ledger: Ledger, *, sources: bool = True) -> dict[str, Any]:
    """Return all that a ledger answers, without the prefix of another machine's sources."""
    answers = {name: _plain(rows) for name, rows in decoded(ledger).items() if name not in NOT_SENT}
    if not sources:
        del answers["skipped"], answers["skipped_total"]
    return answers


def _plain(value: Any) -> Any:  # noqa: ANN401  whatever an answer holds
    if isinstance(value, str):
        return value.removeprefix("push:box:")
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return value


def assert_same(ledger: Ledger, bodies: list[bytes], chance: random.Random) -> None:
    """Compare a ledger with one that was told by its outbox, in any order and several times, and then once more in order."""
    with TemporaryDirectory() as folder, closing(SqliteLedger(f"{folder}/b.db", write=True)) as other:
        arrive(other, chance.sample([*bodies, *chance.sample(bodies, len(bodies) // 2)], len(bodies) * 3 // 2))
        # Which lines were not understood is as the newest telling has it.
        assert told(other, sources=False) == told(ledger, sources=False)
        arrive(other, bodies)
        assert told(other) == told(ledger)


@given(st.data(), worlds(withdrawals=False), st.randoms(use_true_random=False))
def test_any_world_settles_the_same_elsewhere(data: st.DataObject, world: World, chance: random.Random) -> None:
    # Files grow: of a source the later times come later.
    world = world._replace(written=[sorted(each, key=itemgetter(1), reverse=True) for each in world.written])
    with TemporaryDirectory() as folder:
        path = f"{folder}/a.db"
        with closing(SqliteLedger(path, write=True)) as ledger, closing(Outbox(path)) as outbox:
            bodies: list[bytes] = []
            transactions = data.draw(deliveries(world))
            paired = chance.randrange(len(transactions))
            for number, transaction in enumerate(transactions):
                if number == paired:
                    outbox.make("https://example.org box")
                ledger.add(transaction)
                if number >= paired and chance.random() < 0.5:
                    bodies += emptied(outbox, chance)
            bodies += emptied(outbox, chance)
            assert outbox.waiting() == 0
            assert_same(ledger, bodies, chance)


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which the databases of samples are built."""
    return tmp_path_factory.mktemp("databases")


class Tree:
    """The samples of all tools as files that grow."""

    def __init__(self, home: Path, workshop: Path) -> None:
        """Find them; nothing is there yet."""
        self._home, self._workshop, self._clock = home, workshop, 1_790_000_000
        self.files = [(tool, case, path) for tool, case in CASES for path in sorted(case.rglob("*")) if path.is_file()]

    def grow(self, number: int, share: float) -> tuple[Tool, File] | None:
        """Have a share of a file there; None when it is no log."""
        tool, case, path = self.files[number]
        name = path.relative_to(case).as_posix().removesuffix(".sql")
        root = next((root for root in tool.roots("", {}) if _belongs(name, root)), None)
        if root is None or path.name == "expected.json":
            return None
        content = Path(_built(path, self._workshop)).read_bytes() if root.form == DATABASE else path.read_bytes()
        if root.form == LINES and path.suffix == ".jsonl":
            content = b"".join(content.splitlines(keepends=True)[: round(share * content.count(b"\n")) + 1])
        there = self._home / tool.name / case.name / name
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_bytes(content)
        self._clock += 60
        os.utime(there, (self._clock, self._clock))
        about = there.stat()
        return tool, File(str(there), about.st_ino, about.st_size, about.st_mtime_ns, root.form)


@pytest.mark.parametrize("seed", range(3))
def test_the_samples_of_all_tools_settle_the_same_elsewhere(tmp_path: Path, workshop: Path, seed: int) -> None:
    chance, tree = random.Random(seed), Tree(tmp_path / "home", workshop)
    path, bodies = str(tmp_path / "a.db"), list[bytes]()
    with closing(SqliteLedger(path, write=True)) as ledger, closing(Outbox(path)) as outbox:
        if seed:
            outbox.make("https://example.org box")
        for share in (0.4, 1.0):
            for number in chance.sample(range(len(tree.files)), len(tree.files)):
                if grown := tree.grow(number, share):
                    known = ledger.ask("source", path=grown[1].path)
                    news = News(*grown, Source(*known[0]) if known else None)
                    ledger.add(read_one([news], ("", "dev"), []))
                if seed and chance.random() < 0.05:
                    bodies += emptied(outbox, chance)
        outbox.make("https://example.org box")
        bodies += emptied(outbox, chance)
        assert sum(row[1] for row in ledger.ask("events_by_tool", **EVER)) > 100
        assert_same(ledger, bodies, chance)


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Return where a ledger lies that has something of another machine and of this one."""
    made = str(tmp_path / "ledger.db")
    theirs = LATER._replace(path="push:laptop:/home/dev/b.jsonl")
    with closing(SqliteLedger(made, write=True)) as ledger:
        ledger.add(
            [
                batch(LOG, [View(1), View(2)], calls=[(5, 1, "Read", 100, 180, False), (6, 77, "Bash", 100, 180, True)]),
                batch(theirs, [View(2, context=COPY, copied=True), View(3)], prompts=[(4, 9, MAIN, 0)], calls=[(7, 3, "Grep", 1, 2, False)]),
                batch(theirs, readings=[reading(5, Tokens(9))], skipped=[(1, "not JSON")]),
                batch(LOG, titles=[("s1", "Mend it", 5)], limits=[("anthropic", "five_hour", 300, 41.5, 0, 7, "max", "1f0c")]),
                batch(LOG, readings=[reading(5, Tokens(8), meter=91)], skipped=[(33, "not JSON"), (-1, "4")], fresh=True),
            ]
        )  # fmt: skip
    return made


def taken(path: str) -> list[Batch]:
    """Return what is to be sent of a ledger."""
    with closing(Outbox(path)) as outbox:
        outbox.make("x")
        return outbox.take(1_000).batches


def test_what_others_have_pushed_is_left_to_them(path: str) -> None:
    (told,) = taken(path)
    assert told.source == LOG._replace(inode=0, size=0, offset=0, head=0, state=b"")
    # The sightings of this machine alone, also of an event that both know.
    assert [row[:3] for row in told.events] == [(1, 0, 3_000), (2, 0, 3_000)]
    assert [row[0] for row in told.calls] == [5, 6]
    assert [row[0] for row in told.readings] == [91]
    assert told.prompts == []
    assert told.fresh
    assert told.skipped == [(-1, "4"), (33, "not JSON")]
    assert told.contexts == [MAIN]
    assert told.variants == [OPUS]


def test_a_call_of_what_others_have_pushed_too_is_told(tmp_path: Path) -> None:
    path = str(tmp_path / "ledger.db")
    # Theirs is the original, ours the copy: the event is settled from theirs.
    theirs = LOG._replace(path="push:laptop:/home/dev/a.jsonl")
    with closing(SqliteLedger(path, write=True)) as ledger:
        ledger.add([batch(theirs, [View(1)])])
        ledger.add([batch(LATER, [View(1, context=COPY, copied=True)], calls=[(5, 1, "Read", 100, 180, False)])])
        ((source,),) = ledger.connection.execute("SELECT s.path FROM events e JOIN sources s ON s.id = e.source")
        assert source == theirs.path
    (told,) = taken(path)
    assert (told.source.path, [row[0] for row in told.calls]) == (LATER.path, [5])


def test_a_title_comes_with_the_contexts_of_its_session(path: str) -> None:
    with closing(SqliteLedger(path, write=True)) as ledger, closing(Outbox(path)) as outbox:
        outbox.make("x")
        outbox.done(outbox.take(1_000))
        ledger.add([batch(LOG, titles=[("s1", "Mend it well", 6)])])
        (told,) = outbox.take(1_000).batches
    assert told.titles == [("s1", "Mend it well", 6)]
    assert told.contexts == [MAIN]
    assert not told.fresh


def test_every_row_tells_by_which_mark_it_came(path: str) -> None:
    with closing(Outbox(path)) as outbox:
        outbox.make("x")
        portion = outbox.take(1_000)
    (origins,) = portion.origins
    (told,) = portion.batches
    for table in ("events", "calls", "limits", "titles", "skipped", "readings"):
        assert len(origins[table]) == len(getattr(told, table))
    assert [portion.marks[place][1] for place in origins["calls"]] == [5, 6]
    assert {portion.marks[place][0] for place in origins["skipped"]} == {7}


OPEN = MAIN._replace(project="", branch="", agent="")
"""A call that only the wire saw."""
WIRE = Source("/home/dev/spool/1.jsonl", "wire", "wire")
TAGS: list[Row] = [("claude-code", MAIN.session, "ticket", "X-1"), ("claude-code", "s-KNOWN", "ticket", "MARKER")]


def passed_on(path: str, chosen: Policy, *transactions: Batch) -> Iterator[bytes]:
    """Have a ledger told of batches; yield what leaves it after each of them."""
    with closing(SqliteLedger(path, write=True)) as ledger, closing(Outbox(path)) as outbox:
        outbox.make("https://example.org box")
        for told in transactions:
            ledger.add([told])
            while (portion := outbox.take(100)).marks:
                batches = [applied(each, chosen) for each in portion.batches]
                yield encoded(envelope(batches, Client("tally", "1"), 0))
                outbox.done(portion)


@pytest.mark.parametrize("order", [1, -1])
def test_tags_and_projects_of_calls_that_only_the_wire_saw_are_the_same_elsewhere(tmp_path: Path, order: int) -> None:
    told = [batch(WIRE, [View(1, context=OPEN)], tags=TAGS[:1]), batch(LOG, [View(2)])][::order]
    bodies = list(passed_on(f"{tmp_path}/a.db", Policy(), *told))
    with closing(SqliteLedger(":memory:", write=True)) as other:
        arrive(other, bodies)
        assert {row[2:5] for row in other.ask("contexts")} == {(MAIN.session, MAIN.project, MAIN.branch)}
        assert other.ask("tags") == TAGS[:1]


@pytest.mark.parametrize("choice", [PSEUDONYM, LEAVE_OUT])
@pytest.mark.parametrize("order", [1, -1])
def test_no_call_of_the_wire_tells_of_a_project_that_is_hidden(tmp_path: Path, order: int, choice: str) -> None:
    rule = {"match": "/home/dev/MARKER/**", "project": choice, "branch": choice, "session": choice}
    chosen = policy({"paths": [rule]}, "/home/dev", b"k" * 32)
    secret = MAIN._replace(session="s-MARKER", project="/home/dev/MARKER/p", branch="MARKER")
    known = MAIN._replace(session="s-KNOWN")
    told = [
        batch(
            WIRE,
            [View(1, context=secret._replace(project="", branch=""))],
            tags=[("claude-code", "s-MARKER", "MARKER", "MARKER")],
        ),
        batch(
            LOG,
            [
                View(2, context=secret),
                View(3, context=known),
                View(4, context=known._replace(project="/home/dev/MARKER/p")),
            ],
        ),
        batch(LATER, tags=TAGS[1:]),
    ][::order]
    bodies = list(passed_on(f"{tmp_path}/a.db", chosen, *told))
    assert not [body for body in bodies if b"MARKER" in body]
    with closing(SqliteLedger(":memory:", write=True)) as other:
        arrive(other, bodies)
        shown = {row[3] for row in other.ask("contexts")}
        # Also of what came before its log was read: under a pseudonym, too, it is one session.
        assert shown == {MAIN.project, "" if choice == LEAVE_OUT else pseudonym(b"k" * 32, "/home/dev/MARKER/p")}
        assert other.ask("tags") == []
        assert sum(row[5] for row in other.ask("usage_by_context", since=-(2**62), until=2**62)) == 4


def test_a_call_that_only_the_wire_saw_keeps_the_names_of_a_project_that_is_kept(tmp_path: Path) -> None:
    chosen = policy({"paths": [{"match": "/home/dev/MARKER/**", "session": PSEUDONYM}]}, "/home/dev", b"k" * 32)
    told = [batch(LOG, [View(2)]), batch(WIRE, [View(1, context=OPEN)], tags=TAGS[:1])]
    with closing(SqliteLedger(":memory:", write=True)) as other:
        arrive(other, list(passed_on(f"{tmp_path}/a.db", chosen, *told)))
        assert {row[2:5] for row in other.ask("contexts")} == {(MAIN.session, MAIN.project, MAIN.branch)}
        assert other.ask("tags") == TAGS[:1]
