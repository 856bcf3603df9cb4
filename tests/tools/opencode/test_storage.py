"""Messages that are files, alone and beside a database that holds them too."""

import random
from typing import Any

import pytest
from tests.tools.opencode.stored import (
    MINUTE,
    NOON,
    SECOND,
    Base,
    Json,
    answered,
    counts,
    id_of,
    run,
    settled,
    step,
    together,
)

from tallystick.tools.opencode import KILO_CLI, OPENCODE
from tallystick.tools.tool import Found, Tool
from tallystick.usage.event import FINISHED, PENDING, Title

TOP = "/home/dev/.local/share/opencode/storage"
SESSION = {
    "id": "ses_a",
    "version": "1.1.20",
    "directory": "/home/dev/shop",
    "title": "A shop",
    "time": {"created": NOON - MINUTE, "updated": NOON},
}


def read(
    document: Json, *parts: dict[str, Any], session: Json = SESSION, tool: Tool = OPENCODE, name: str = "msg_1"
) -> Found:
    """Read one message with what lies beside it."""
    beside = {f"{TOP}/session/global/ses_a.json": session} if session is not None else {}
    beside |= {f"{TOP}/part/{name}/{part.get('id', place)}.json": part for place, part in enumerate(parts)}
    reader = tool.reader(f"{TOP}/message/ses_a/{name}.json", {"companions": beside})
    reader.take(document)
    found: Found = reader.finish()[0]
    return found


def test_a_message_is_read_with_its_parts_and_its_session() -> None:
    parts = [
        {**run("call_1", NOON + SECOND, NOON + 2 * SECOND), "id": id_of("prt", NOON + SECOND)},
        {**step(counts(10, 1), 0.1), "id": id_of("prt", NOON + 3 * SECOND)},
        {**step(counts(20, 2), 0.2), "id": id_of("prt", NOON + 5 * SECOND)},
    ]
    found = read({"id": "msg_1", "sessionID": "ses_a", **answered(NOON, counts(20, 2))}, *parts)
    first, second = found.events
    assert (first.tokens.input, first.cost_nano, first.time, first.work_ms) == (10, 100_000_000, NOON + SECOND, SECOND)
    # The second request was made when the first step had ended.
    assert (second.tokens.input, second.cost_nano, second.time, second.work_ms) == (
        20,
        200_000_000,
        NOON + 5 * SECOND,
        2 * SECOND,
    )
    assert {event.grade for event in found.events} == {FINISHED}
    context = first.context
    assert (context.session, context.project, context.version) == ("ses_a", "/home/dev/shop", "1.1.20")
    assert found.titles == [Title("ses_a", "A shop", NOON)]
    assert [(call.name, call.event) for call in found.calls] == [("bash", first.key)]


def test_without_what_lies_beside_it_a_message_still_counts() -> None:
    found = read(answered(NOON, counts(20, 2)), session=None)
    (event,) = found.events
    assert (event.tokens.input, event.grade, event.context.session, event.context.project) == (
        20,
        PENDING,
        "ses_a",
        "/home/dev/shop",
    )


def test_a_subagent_s_message_belongs_to_the_session_above() -> None:
    found = read(answered(NOON, counts(1, 1), agent="explore"), session={**SESSION, "parentID": "ses_root"})
    assert [(event.context.session, event.context.agent) for event in found.events] == [("ses_root", "explore")]
    assert found.titles == []


def test_a_person_s_message_is_a_prompt() -> None:
    asked = {"role": "user", "time": {"created": NOON}}
    assert [prompt.time for prompt in read(asked, {"type": "text", "text": "x"}).prompts] == [NOON]
    assert read(asked, {"type": "text", "text": "x", "synthetic": True}).prompts == []


def test_a_fork_s_copy_says_that_it_is_one() -> None:
    found = read(answered(NOON, counts(1, 1)), session={**SESSION, "time": {"created": NOON + MINUTE}})
    assert [(event.replay, event.copied) for event in found.events] == [(True, True)]


@pytest.mark.parametrize("order", range(3))
def test_a_message_that_is_in_the_database_too_counts_once(base: Base, order: int) -> None:
    # formats.md §18: the migration leaves the files behind (tokscale #181).
    base.session(version="1.1.20")
    base.session("ses_f", NOON + 10 * MINUTE)
    files = []
    for place in range(6):
        at = NOON + place * MINUTE
        data, parts = answered(at, counts(place + 1, 1)), [step(counts(place, 1)), step(counts(place + 1, 1))]
        message = base.message(data, at)
        ids = [base.part(message, part, at + (number + 1) * SECOND) for number, part in enumerate(parts)]
        stored = [{**part, "id": id_} for part, id_ in zip(parts, ids, strict=True)]
        files.append(read({"id": message, "sessionID": "ses_a", **data}, *stored, name=message))
        copy = base.message(data, at, "ses_f", id_of("msg", at + 10 * MINUTE))
        for part in parts:
            base.part(copy, part, at + 10 * MINUTE, "ses_f")
    database = base.read()[0]
    finds = [database, *files]
    random.Random(order).shuffle(finds)
    expected = [(each, 0, 0, 0, 1, 0) for place in range(6) for each in (place, place + 1)]
    assert settled(*finds) == settled(together(*files)) == settled(database) == expected


@pytest.mark.parametrize("document", [None, 7, "x", [], [1]])
def test_what_is_no_message_is_skipped(document: Json) -> None:
    assert [each.reason for each in read(document).skipped] == ["a message that is not a JSON object"]


@pytest.mark.parametrize("document", [{}, {"role": "system"}, {"role": 7}])
def test_a_message_of_nobody_is_skipped(document: Json) -> None:
    assert [each.reason for each in read(document).skipped] == ["a message of neither a person nor a model"]


@pytest.mark.parametrize("beside", [None, 7, "x", [], {"time": 7}, {"parentID": []}])
def test_what_lies_beside_it_may_be_anything(beside: Json) -> None:
    found = read(answered(NOON, counts(1, 1)), session=beside)
    assert [event.tokens.input for event in found.events] == [1]


def test_paths_of_windows_are_understood() -> None:
    top = r"C:\Users\dev\.local\share\kilo\storage"
    beside = {rf"{top}\session\global\ses_a.json": SESSION, rf"{top}\part\msg_1\prt_1.json": step(counts(3, 3))}
    reader = KILO_CLI.reader(rf"{top}\message\ses_a\msg_1.json", {"companions": beside})
    reader.take(answered(NOON, counts(4, 4)))
    (event,) = reader.finish()[0].events
    assert (event.tokens.input, event.context.project, event.context.tool) == (3, "/home/dev/shop", "kilo-cli")
