"""Settling what is held: found in a log, left out by it, still waiting, or never added."""

from collections.abc import Callable, Iterator
from itertools import permutations
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.ledger.sample import View, batch
from tests.tools.wire.spooled import AT, encoded, line

from tallystick.intake.logs import bring_in, look
from tallystick.intake.wire.settling import APART, settle
from tallystick.ledger.ledger import Source
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.ledger.sqlite.maintenance import verify
from tallystick.tools.shelf import TOOLS
from tallystick.tools.wire import spool
from tallystick.tools.wire.held import NEVER_ASKED
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

    def spooled(self, *lines: Any, name: str = "1-2.jsonl") -> None:  # noqa: ANN401 - any JSON
        """Have the wire see calls."""
        self.folder.mkdir(exist_ok=True)
        with (self.folder / name).open("ab") as file:
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
    def path(self) -> str:
        """Return where the ledger lies."""
        return str(self.folder.parent / "ledger.db")

    @property
    def whole(self) -> tuple[int, tuple[int, ...]]:
        """Return the sums that are kept: calls, and tokens of each kind."""
        number, *tokens = self.ledger.connection.execute(
            "SELECT sum(requests), sum(input), sum(cache_read), sum(cache_write_5m), sum(cache_write_1h), sum(output) FROM usage"
        ).fetchone()
        return number, tuple(tokens)

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
    return line(**{"tool": "opencode", "asked": said.get("model", "claude-opus-5-5")} | said)


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
    world.spooled(call(), call(model="claude-haiku-5-5", request="req_02", nonce="1"))
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


def test_a_log_that_is_read_a_month_late_has_its_calls_counted_once(world: World) -> None:
    world.spooled(call(), call(model="claude-haiku-5-5", at=AT + 300, request="req_02", nonce="1"))
    assert world.settled(2 * DAY) == 2
    assert world.seen == [2, 2]
    world.logged(1, AT + 40)
    assert world.settled(30 * DAY) == 1
    # As if the log had been there first: the title is the wire's alone.
    assert world.seen == [2, 3]
    assert world.events[0][2] == SEEN
    assert world.whole == (2, (84, 10_312, 0, 1_416, 490))
    assert world.settled(31 * DAY) == 0
    assert verify(world.path) == []


def test_what_was_withdrawn_stays_so_however_often_it_is_told(world: World) -> None:
    world.spooled(call())
    world.settled(DAY + 1)
    world.logged(1, AT + 40)
    world.settled(3 * DAY)
    world.ledger.connection.execute("UPDATE sources SET state = x'', size = 0 WHERE path LIKE '%1-2.jsonl'")
    world.ledger.connection.commit()
    world.read()
    world.settled(40 * DAY)
    assert world.seen == [3]


def test_a_log_that_is_about_to_be_read_on_takes_back_what_counted_by_itself(world: World) -> None:
    # The main line goes on, and a subagent's part of the log is read ten minutes later.
    world.spooled(call())
    world.logged(9, AT + 120_000, SMALL)
    world.settled(300_000)
    assert world.seen == [1, 2]
    world.logged(1, AT + 40)
    world.settled(900_000)
    assert world.events == [(1, 3, SEEN), (9, 1, SMALL)]


def test_a_late_log_that_has_the_model_that_was_asked_for_is_found(world: World) -> None:
    world.spooled(call(asked="router/auto", model="claude-opus-5-5-20260901"))
    world.settled(2 * DAY)
    other = View(1, 5, AT + 40, CONTEXT, VARIANT._replace(model="router/auto"), TOKENS)
    world.ledger.add([batch(LOG, [other])])
    world.settled(9 * DAY)
    assert world.seen == [3]


def test_of_a_subagents_call_that_counts_by_itself_the_log_comes_late(world: World) -> None:
    world.spooled(call(session="s7", parent="s1"))
    world.settled(2 * DAY)
    (named,) = world.ledger.connection.execute(
        "SELECT c.session, c.agent FROM events e JOIN contexts c ON c.id = e.context"
    )
    # As its log would name it.
    assert named == ("s1", "subagent")
    world.logged(1, AT + 40)
    world.settled(9 * DAY)
    assert world.seen == [3]


FIRST = [call(), call(model="claude-haiku-5-5", request="req_t"), call(request="req_o", tokens=[9, 0, 0, 0, 9, 0])]
"""A call, a title that no log has, and a call that is near a log's with other counts until another one explains that."""
SECOND = [
    call(at=AT + 500, began=AT + 100, request="req_3"),
    call(at=AT + 2_000, began=AT + 1_000, request="req_5", tokens=[7, 0, 0, 0, 7, 0]),
]
SMALL = Tokens(7, 0, 0, 0, 7, 0)


@pytest.mark.parametrize("order", list(permutations(range(4))))
@pytest.mark.parametrize("delays", [(1_000, HOUR, 2 * DAY, 30 * DAY), (2 * DAY, 30 * DAY, 31 * DAY, 90 * DAY)])
def test_neither_order_nor_delay_changes_what_is_counted(
    world: World, order: tuple[int, ...], delays: tuple[int, ...]
) -> None:
    steps: list[Callable[[], object]] = [
        lambda: world.spooled(*FIRST, name="1-2.jsonl"),
        lambda: world.spooled(*SECOND, name="3-4.jsonl"),
        lambda: world.logged(1, AT + 40),
        lambda: (world.logged(2, AT + 540), world.logged(3, AT + 2_040, SMALL)),
    ]
    for number, after in zip(order, delays, strict=True):
        steps[number]()
        world.settled(after)
    world.settled(91 * DAY)
    # Three that both saw; the title and the one that the log has not are the wire's.
    assert [seen for key, seen, _ in world.events if key in {1, 2, 3}] == [3, 3, 3]
    assert world.seen == [2, 2, 3, 3, 3]
    assert world.whole == (5, (3 * 42 + 9 + 7, 3 * 5_156, 0, 3 * 708, 3 * 245 + 9 + 7))
    assert verify(world.path) == []


def test_an_answer_of_the_background_that_nobody_asked_for_is_told_after_a_day(world: World) -> None:
    begun = line(tool="", kind="begun", outcome="missing", tokens=[0] * 6, id="resp_0123456789abcdef")
    world.spooled(begun, begun | {"id": "resp_fedcba9876543210"})
    world.spooled(line(tool="", kind="later", id="resp_0123456789abcdef", at=AT + 9_000))
    assert world.settled(HOUR) == 0
    assert list(world.ledger.ask("skipped")) == []
    assert world.settled(DAY + 1) == 2
    assert [row[3] for row in world.ledger.ask("skipped")] == [f"{NEVER_ASKED} (api.anthropic.com)"]
    assert world.settled(DAY + 2) == 0


def test_what_a_run_is_tagged_with_holds_for_the_session_that_its_log_names(world: World) -> None:
    told: list[dict[str, Any]] = [
        {"session": "", "run": "t1", "tags": {"ticket": "X-1"}},
        {"session": "s9", "run": "t1"},
    ]
    world.spooled(
        call(**told[0]), call(id="msg_02_other_answer", request="req_02", at=AT + HOUR, began=AT + HOUR, **told[1])
    )
    assert world.ledger.ask("tags") == [("opencode", "run-t1", "ticket", "X-1")]
    # The run's name is none of the log's sessions and speaks against none.
    world.logged(1, AT + 40)
    assert world.settled(1_000) == 1
    assert world.events == [(1, 3, SEEN)]
    assert ("opencode", "s1", "ticket", "X-1") in world.ledger.ask("tags")
    # A call that no log has is one of the run.
    world.spooled(
        call(**told[0], id="msg_03_other_answer", request="req_03", at=AT + DAY, began=AT + DAY, tokens=[9] * 6)
    )
    world.settled(3 * DAY)
    contexts = {row[0]: row[2] for row in world.ledger.ask("contexts")}
    rows = world.ledger.ask("events", since=AT + DAY, until=AT + DAY + 1)
    assert [contexts[row[2]] for row in rows] == ["run-t1"]


@pytest.mark.parametrize("tool", ["gemini-cli", "opencode", "kilo-cli", "mimo-code", "kimi-code"])
@pytest.mark.parametrize("late", ["log", "wire"])
def test_each_call_of_a_tool_without_ids_is_counted_once(world: World, tool: str, late: str) -> None:
    steps: list[Callable[[], object]] = [
        lambda: world.spooled(call(tool=tool, session="")),
        lambda: world.ledger.add([batch(LOG, [View(1, 5, AT + 40, CONTEXT._replace(tool=tool), VARIANT, TOKENS)])]),
    ]
    for step in steps if late == "log" else reversed(steps):
        step()
        world.settled(5 * DAY)
    assert world.events == [(1, 3, SEEN)]
