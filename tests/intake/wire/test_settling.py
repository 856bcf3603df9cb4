"""Settling what is held: found in a log, left out by it, still waiting, or never added."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.ledger.sample import View, batch
from tests.tools.wire.spooled import AT, encoded, line

from tallystick.intake.logs import bring_in, look
from tallystick.intake.wire.settling import APART, settle
from tallystick.ledger.ledger import Source
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.tools.shelf import TOOLS
from tallystick.tools.wire import spool
from tallystick.usage.event import Context, Variant
from tallystick.usage.tokens import Tokens

LOG = Source("/home/dev/opencode.db", "opencode", "log", 11, 1_000, 5_000_000_000, 900, 77, b"state", AT)
CONTEXT = Context("opencode", "s1", "/home/dev/p", machine="box", user="dev")
VARIANT = Variant("anthropic", "claude-opus-5-5")
TOKENS = Tokens(42, 5156, 708, 0, 245, 0)
"""As the line has them, without the lifetimes of cache writes."""
HOUR, DAY = 3_600_000, 86_400_000
SEEN = Tokens(42, 5156, 0, 708, 245, 0)


class World(NamedTuple):
    """A ledger and a spool."""

    ledger: SqliteLedger
    folder: Path

    def spooled(self, *lines: Any) -> None:  # noqa: ANN401 - any JSON
        """Have the wire see calls."""
        self.folder.mkdir(exist_ok=True)
        with (self.folder / "1-2.jsonl").open("ab") as file:
            file.write(encoded(*lines))
        self.read()

    def read(self) -> None:
        """Read what is new in the spool."""
        news, _ = look([spool(str(self.folder), TOOLS)], "", {}, self.ledger)
        assert not bring_in(news, self.ledger, ("box", "dev")).troubles

    def logged(self, key: int, time: int, tokens: Tokens = TOKENS) -> None:
        """Have the log tell of a call."""
        self.ledger.add([batch(LOG, [View(key, 5, time, CONTEXT, VARIANT, tokens, place=key)])])

    def sent(self, key: int, time: int) -> None:
        """Have another machine tell of a call."""
        source = LOG._replace(path="push:other:/home/dev/opencode.db")
        self.ledger.add([batch(source, [View(key, 5, time, CONTEXT._replace(machine="other"), VARIANT, TOKENS)])])

    def settled(self, after: int) -> int:
        """Settle so long after the call."""
        return settle(str(self.folder), self.ledger, ("box", "dev"), AT + after)

    @property
    def events(self) -> list[tuple[int, int, Tokens]]:
        """Return each event's key, witnesses and counts."""
        rows = self.ledger.connection.execute(
            "SELECT key, seen, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning FROM events"
        )
        return sorted((key, seen, Tokens(*tokens)) for key, seen, *tokens in rows)

    @property
    def seen(self) -> list[int]:
        """Return the witnesses of each event."""
        return sorted(seen for _, seen, _ in self.events)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return a ledger and an empty spool."""
    ledger = SqliteLedger(str(tmp_path / "ledger.db"), write=True)
    yield World(ledger, tmp_path / "spool")
    ledger.close()


def call(**said: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Return the line of a call of a tool whose log keeps no ids."""
    return line(tool="opencode", **said)


def test_a_call_that_the_log_has_is_its_event_seen_by_both(world: World) -> None:
    world.spooled(call())
    assert world.events == []
    world.logged(1, AT + 40)
    assert world.settled(1_000) == 1
    # Seen by log and wire, counted as the wire counts, and kept as aligned.
    assert world.events == [(1, 3, SEEN)]
    paths = [row[0] for row in world.ledger.connection.execute("SELECT path FROM sources WHERE witness = 'wire'")]
    assert "wire:aligned" in paths
    (context,) = world.ledger.connection.execute(
        "SELECT c.project FROM events e JOIN contexts c ON c.id = e.context"
    ).fetchall()
    assert context == ("/home/dev/p",)
    assert world.settled(2_000) == 0


def test_before_its_log_was_read_a_call_waits(world: World) -> None:
    world.spooled(call())
    assert world.settled(HOUR) == 0
    world.logged(1, AT + 40)
    assert world.settled(HOUR) == 1
    assert world.seen == [3]


def test_a_call_that_the_log_leaves_out_counts_by_itself_once_the_log_has_gone_on(world: World) -> None:
    world.spooled(call(model="claude-haiku-5-5"))
    world.logged(1, AT + 9_000)
    # The log may be about to write it.
    assert world.settled(60_000) == 0
    assert world.settled(180_000) == 1
    assert world.seen == [1, 2]


def test_another_sessions_log_says_nothing(world: World) -> None:
    world.spooled(call(model="claude-haiku-5-5", session="s9"))
    world.logged(1, AT + 9_000)
    assert world.settled(HOUR) == 0
    # Without any log of its own it counts after a day.
    assert world.settled(DAY + 1) == 1
    assert world.seen == [1, 2]


def test_what_another_machine_sent_is_none_of_these_calls(world: World) -> None:
    world.spooled(call())
    world.sent(1, AT + 40)
    assert world.settled(HOUR) == 0
    world.logged(2, AT + 40)
    assert world.settled(HOUR) == 1
    assert [(key, seen) for key, seen, _ in world.events] == [(1, 1), (2, 3)]


def test_one_that_may_be_a_call_of_the_log_is_never_added(world: World) -> None:
    world.spooled(call())
    world.logged(1, AT + 40, Tokens(1, 1, 1, 0, 1, 0))
    assert world.settled(HOUR) == 0
    assert world.settled(DAY + 1) == 1
    assert world.seen == [1]
    assert [row[3] for row in world.ledger.ask("skipped")] == [APART]
    assert world.settled(2 * DAY) == 0


def test_of_a_subagent_the_log_may_have_the_parents_session(world: World) -> None:
    world.spooled(call(session="s7", parent="s1"))
    world.logged(1, AT + 40)
    assert world.settled(1_000) == 1
    assert world.seen == [3]


def test_two_equal_calls_stay_two(world: World) -> None:
    world.spooled(call(), call(at=AT + 500, began=AT + 100, id="msg_02", nonce="1"))
    world.logged(1, AT + 40)
    assert world.settled(1_000) == 1
    world.logged(2, AT + 540)
    assert world.settled(2_000) == 1
    assert world.events == [(1, 3, SEEN), (2, 3, SEEN)]


def test_a_spool_that_is_read_anew_changes_nothing(world: World) -> None:
    world.spooled(call(), call(model="claude-haiku-5-5", id="msg_02", nonce="1"))
    world.logged(1, AT + 40)
    assert world.settled(HOUR) == 2
    before = world.events
    world.ledger.connection.execute("UPDATE sources SET state = x'', size = 0 WHERE path LIKE '%1-2.jsonl'")
    world.ledger.connection.commit()
    world.read()
    assert world.settled(HOUR) == 2
    assert world.events == before


def test_what_is_held_outlives_its_file(world: World) -> None:
    world.spooled(call())
    (world.folder / "1-2.jsonl").unlink()
    world.logged(1, AT + 40)
    assert world.settled(90 * DAY) == 1
    assert world.seen == [3]


def test_what_comes_in_between_is_read_on(world: World) -> None:
    world.spooled(call())
    world.logged(1, AT + 40)
    world.settled(1_000)
    world.spooled(call(at=AT + 9_000, began=AT + 8_000, id="msg_02", nonce="1"))
    world.logged(2, AT + 9_040)
    assert world.settled(10_000) == 1
    assert world.seen == [3, 3]


def test_without_anything_held_nothing_is_done(world: World) -> None:
    world.spooled(line())
    assert world.settled(HOUR) == 0
    assert world.seen == [2]
