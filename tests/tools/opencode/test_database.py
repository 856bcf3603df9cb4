"""Reading a database again and again: new rows, and rows that were changed, deleted or numbered anew."""

import json
import random
from collections.abc import Callable

import pytest
from tests.tools import reading
from tests.tools.opencode.stored import (
    FIRST,
    MINUTE,
    NOON,
    SECOND,
    Base,
    answer,
    answered,
    counts,
    id_of,
    run,
    settled,
    step,
    together,
)

from tallystick.tools.opencode import KILO_CLI, MIMO_CODE, OPENCODE
from tallystick.tools.tool import Found, State, Tool, Unknown
from tallystick.usage.event import FINISHED, PENDING, Title

DAY = 1440 * MINUTE


def test_what_was_read_is_not_read_again(base: Base) -> None:
    base.session()
    answer(base, NOON, 1, 1)
    found, state = base.read()
    assert len(found.events) == 1
    again, kept = base.read(state)
    # What changed within the last minute may be looked at once more: it says the same.
    assert set(again.events) <= set(found.events)
    assert kept == state
    answer(base, NOON + DAY, 2, 2)
    found, state = base.read(state)
    assert [event.tokens.input for event in found.events if event.time > NOON + MINUTE] == [2]
    answer(base, NOON + 2 * DAY, 3, 3)
    found, _ = base.read(state)
    assert {event.tokens.input for event in found.events} <= {2, 3}


def test_an_answer_that_is_written_in_place_is_seen_when_it_is_complete(base: Base) -> None:
    base.session()
    message = base.message(answered(NOON, counts(0, 0), time={"created": NOON}))
    # By what changed lately it would not be found: the newest message is of another session, hours later.
    base.session("ses_b", NOON + 100 * MINUTE)
    answer(base, NOON + 100 * MINUTE, 0, 0, session="ses_b")
    first, state = base.read()
    assert (first.events, state["watched"]["message"]) == ([], [message])
    base.part(message, run("call_1", NOON + SECOND, 0, status="running"))
    second, state = base.read(state)
    assert [(call.started, call.ended) for call in second.calls] == [(NOON + SECOND, 0)]
    # Nothing but the row itself tells that it changed.
    base.update("message", message, data=answered(NOON, counts(3, 4)))
    base.part(message, step(counts(3, 4)), NOON + 5 * SECOND)
    third, state = base.read(state)
    assert [(event.tokens.input, event.grade) for event in third.events] == [(3, FINISHED)]
    assert state["watched"]["message"] == [message], "its tool is still running"
    (part,) = base.db.execute("SELECT id FROM part WHERE data LIKE '%call_1%'").fetchone()
    base.update("part", part, data=run("call_1", NOON + SECOND, NOON + 3 * SECOND))
    fourth, state = base.read(state)
    assert [call.ended for call in fourth.calls] == [NOON + 3 * SECOND]
    assert state["watched"]["message"] == []
    assert settled(first, second, third, fourth) == base.tokens() == [(3, 0, 0, 0, 4, 0)]


def test_steps_come_in_the_order_of_their_ids(base: Base) -> None:
    # Neither the order in which rows were written nor an index decides.
    base.db.execute("DROP INDEX part_message_id_id_idx")
    base.session()
    message = base.message(answered(NOON, counts(0, 0), time={"created": NOON}))
    _, state = base.read()
    base.part(message, step(counts(20, 2)), NOON + 2 * SECOND)
    base.part(message, step(counts(10, 1)), NOON + SECOND)
    base.update("message", message, data=answered(NOON, counts(20, 2)))
    for found, _ in (base.read(state), base.read()):
        assert [(event.tokens.input, event.time - NOON) for event in found.events] == [(10, SECOND), (20, 5 * SECOND)]


def test_a_step_that_is_added_is_one_more_request(base: Base) -> None:
    base.session()
    message = base.message(answered(NOON, counts(10, 1), time={"created": NOON}))
    base.part(message, step(counts(10, 1)), NOON + SECOND)
    first, state = base.read()
    base.part(message, step(counts(20, 2)), NOON + 2 * SECOND)
    base.update("message", message, data=answered(NOON, counts(20, 2)))
    second, _ = base.read(state)
    assert settled(together(first, second)) == base.tokens() == [(10, 0, 0, 0, 1, 0), (20, 0, 0, 0, 2, 0)]


def test_a_finished_message_that_is_taken_up_again_is_found_by_its_session(base: Base) -> None:
    base.session()
    message = answer(base, NOON, 1, 1)
    for number in range(300):
        answer(base, NOON + (number + 1) * MINUTE, 1, 1)
    _, state = base.read()
    later = NOON + DAY
    base.update("message", message, data=answered(NOON, counts(5, 5)), time_updated=later)
    base.update("session", "ses_a", time_updated=later)
    base.part(message, step(counts(5, 5)), later)
    found, _ = base.read(state)
    assert [event.tokens.input for event in found.events if event.time < NOON + MINUTE] == [1, 5]


def test_several_databases_of_one_tool_share_what_they_share(base: Base, another: Callable[..., Base]) -> None:
    other = another("opencode-beta.db")
    for each in (base, other):
        each.session()
        answer(each, NOON, 4, 4, id_=id_of("msg", NOON))
    answer(other, NOON + MINUTE, 5, 5)
    assert sorted(settled(base.read()[0], other.read()[0])) == [(4, 0, 0, 0, 4, 0), (5, 0, 0, 0, 5, 0)]


def test_rows_that_are_deleted_do_not_hide_new_ones(base: Base) -> None:
    # Undoing deletes the last rows, and the next ones get their numbers.
    base.session()
    ids = [answer(base, NOON + place * DAY, place + 1, 1) for place in range(6)]
    first, state = base.read()
    for id_ in ids[3:]:
        base.db.execute("DELETE FROM message WHERE id = ?", (id_,))
        base.db.execute("DELETE FROM part WHERE message_id = ?", (id_,))
    for place in range(2):
        answer(base, NOON + (10 + place) * DAY, 50 + place, 1)
    second, _ = base.read(state)
    assert {50, 51} <= {event.tokens.input for event in second.events}
    # What was counted stays counted: a reverted answer was billed.
    assert sorted(counts[0] for counts in settled(first, second)) == [1, 2, 3, 4, 5, 6, 50, 51]


@pytest.mark.parametrize("seed", range(5))
def test_a_database_that_was_compacted_is_read_on(base: Base, seed: int) -> None:
    base.session()
    chance = random.Random(seed)
    ids = [answer(base, NOON + place * DAY, place + 1, 1) for place in range(30)]
    first, state = base.read()
    for id_ in chance.sample(ids, 12):
        base.db.execute("DELETE FROM message WHERE id = ?", (id_,))
    base.db.execute("VACUUM")
    answer(base, NOON + 40 * DAY, 99, 1)
    second, _ = base.read(state)
    assert 99 in {event.tokens.input for event in second.events}
    assert sorted(counts[0] for counts in settled(first, second)) == [*range(1, 31), 99]


def test_a_table_that_was_rebuilt_in_another_order_is_read_again(base: Base) -> None:
    base.session()
    for place in range(20):
        answer(base, NOON + place * DAY, place + 1, 1)
    first, state = base.read()
    answer(base, NOON + 40 * DAY, 99, 1)
    base.db.executescript(
        "CREATE TABLE m AS SELECT * FROM message ORDER BY id DESC; DELETE FROM message; INSERT INTO message SELECT * FROM m;"
    )
    second, _ = base.read(state)
    assert len(second.events) == 21
    assert sorted(counts[0] for counts in settled(first, second)) == [*range(1, 21), 99]


def test_only_so_many_unfinished_messages_are_watched(base: Base) -> None:
    base.session()
    ids = [
        base.message(answered(NOON + place, counts(0, 0), time={"created": NOON + place}), NOON + place)
        for place in range(250)
    ]
    _, state = base.read()
    assert state["watched"]["message"] == ids[-200:]
    _, state = base.read(state)
    assert state["watched"]["message"] == ids[-200:]
    assert len(json.dumps(state)) < 20_000


def test_titles_follow_their_sessions(base: Base) -> None:
    base.session(title="New session - 2026-11-20T12:00:00.000Z")
    base.session("ses_old", NOON - 9 * DAY, title="Long ago")
    first, state = base.read()
    assert first.titles == [Title("ses_old", "Long ago", NOON - 9 * DAY)]
    answer(base, NOON, 1, 1)
    _, state = base.read(state)
    base.update("session", "ses_a", title="Mend the shop", time_updated=NOON + MINUTE)
    second, _ = base.read(state)
    assert second.titles == [Title("ses_a", "Mend the shop", NOON + MINUTE)]


def test_an_old_session_that_gets_a_message_is_looked_up(base: Base) -> None:
    base.session("ses_root", NOON - 9 * DAY, directory="/home/dev/old")
    base.session("ses_sub", NOON - 9 * DAY, parent_id="ses_root")
    base.session()
    answer(base, NOON, 1, 1)
    _, state = base.read()
    answer(base, NOON + 1, 2, 2, session="ses_sub")
    (event,) = [event for event in base.read(state)[0].events if event.tokens.input == 2]
    assert (event.context.session, event.context.project, event.context.agent) == (
        "ses_root",
        "/home/dev/shop",
        "build",
    )


def test_a_database_of_version_1_alone_is_understood(another: Callable[..., Base]) -> None:
    base = another("opencode-stable.db", FIRST)
    base.session()
    answer(base, NOON, 3, 3)
    assert base.tokens() == [(3, 0, 0, 0, 3, 0)]


def test_only_the_columns_that_matter_must_be_there(another: Callable[..., Base]) -> None:
    base = another("opencode.db", "CREATE TABLE message (id text PRIMARY KEY, session_id text, data text);"
                   " CREATE TABLE part (id text, message_id text, data text); CREATE TABLE session (id text);")  # fmt: skip
    base.session()
    message = base.message(answered(NOON, counts(5, 5)))
    base.part(message, step(counts(2, 2)))
    base.part(message, step(counts(5, 5)))
    first, state = base.read()
    assert sorted(settled(first)) == [(2, 0, 0, 0, 2, 0), (5, 0, 0, 0, 5, 0)]
    assert {event.context.project for event in first.events} == {"/home/dev/shop"}
    base.message(answered(NOON + MINUTE, counts(7, 7)), NOON + MINUTE)
    assert [event.tokens.input for event in base.read(state)[0].events] == [7]


@pytest.mark.parametrize("tool", [OPENCODE, KILO_CLI, MIMO_CODE], ids=lambda tool: tool.name)
def test_a_database_of_another_kind_is_not_understood(tool: Tool) -> None:
    with pytest.raises(Unknown):
        list(tool.reader("x.db", {}).read({"sessions": frozenset(("id", "messages"))}))


def test_a_fault_on_the_way_leaves_the_state_as_it_was(base: Base) -> None:
    base.session()
    answer(base, NOON, 1, 1)
    _, state = base.read()
    reader = OPENCODE.reader("x.db", state)
    asking = reader.read({"message": frozenset(("id", "session_id", "data")), "session": frozenset(("id",))})
    next(asking)
    asking.close()
    assert reader.finish()[1] == state


def test_seconds_for_milliseconds_are_understood(base: Base) -> None:
    # formats.md §3: MiMo Code, some builds. Two requests of one second stay two, and a fork's copies one.
    at = NOON // 1000
    base.session(at=at - 60, time_updated=at)
    base.session("ses_f", at + 600, time_updated=at + 600)
    for name, later in (("ses_a", 0), ("ses_f", 600)):
        for place in range(2):
            data = answered(at, counts(place + 1, 1), time={"created": at, "completed": at + 5})
            base.message(data, at, name, id_of("msg", NOON + later * 1000 + place * 100, place))
    told = base.told(tool=MIMO_CODE)["events"]
    assert [(event["input"], event["session"], event["time"]) for event in told] == [
        (1, "ses_a", "2026-11-20T12:00:05.000Z"),
        (2, "ses_a", "2026-11-20T12:00:05.000Z"),
    ]
    _, state = base.read(tool=MIMO_CODE)
    base.message(
        answered(at + 90_000, counts(7, 7), time={"created": at + 90_000, "completed": at + 90_001}), at + 90_000
    )
    assert 7 in {event.tokens.input for event in base.read(state, MIMO_CODE)[0].events}


def test_kilo_s_payload_may_name_its_session(base: Base) -> None:
    base.session()
    base.message({**answered(NOON, counts(2, 2), cost=0.75), "session_id": "ses_a"})
    (event,) = base.read(tool=KILO_CLI)[0].events
    assert (event.context.tool, event.context.session, event.cost_nano) == ("kilo-cli", "ses_a", 750_000_000)


def test_the_order_in_which_reads_come_changes_nothing(base: Base) -> None:
    chance = random.Random(5)
    base.session()
    base.session("ses_b", NOON, parent_id="ses_a")
    base.session("ses_f", NOON + 10 * MINUTE)
    finds: list[Found] = []
    state: State = {}
    for place in range(12):
        at = NOON + place * SECOND
        answer(base, at, place + 1, 2, session=chance.choice(("ses_a", "ses_b")))
        if place % 2:
            answer(base, at, place + 1, 2, session="ses_f", id_=id_of("msg", at + 10 * MINUTE))
        found, state = base.read(state)
        finds.append(found)
    expected = reading.told([("opencode.db", base.read()[0])])
    assert len(expected["events"]) == 12
    for _ in range(5):
        chance.shuffle(finds)
        assert reading.told([("opencode.db", together(*finds, *finds[:3]))]) == expected


def test_an_answer_under_way_is_told_as_such_until_it_is_whole(base: Base) -> None:
    base.session()
    message = base.message(answered(NOON, counts(9, 1), time={"created": NOON}))
    first, state = base.read()
    base.part(message, step(counts(8, 1)))
    base.update("message", message, data=answered(NOON, counts(8, 1)))
    second, _ = base.read(state)
    assert [event.grade for event in (*first.events, *second.events)] == [PENDING, FINISHED]
    assert settled(together(first, second)) == [(8, 0, 0, 0, 1, 0)]
