"""The two readers: which lines matter, and how a chat comes in pieces or as a document."""

import json

import pytest
from tests.tools import reading
from tests.tools.gemini_cli.chats import (
    DOCUMENT_PATH,
    PATH,
    SESSION,
    Fields,
    answer,
    call,
    document,
    found,
    head,
    line,
    repeated,
    result,
    said,
    source,
    told,
)
from tests.tools.reading import Source

from tallystick.tools.gemini_cli import GEMINI_CLI
from tallystick.tools.gemini_cli.chat import UNKNOWN_KIND
from tallystick.tools.gemini_cli.reader import NO_CHAT, NO_RECORD, GeminiDocument, GeminiLines

LINES = [
    head(),
    said(1, 1),
    answer(2, 4, None, call("run", 6)),
    result(3, 6.5),
    answer(4, 9),
    repeated(said(1, 1), answer(2, 4)),
]


def test_spaces_between_the_words_change_nothing() -> None:
    spaced = [json.dumps(each).encode() + b"\n" for each in LINES]
    compact = told(*LINES)
    for kind in ("events", "prompts", "calls"):
        assert [each | {"offset": 0} for each in told(*spaced)[kind]] == [
            each | {"offset": 0} for each in compact[kind]
        ]


def test_a_result_is_not_decoded_but_its_moment_counts() -> None:
    # The line is broken behind its head: only somebody who decoded it would notice.
    broken = line(result(3, 6.5))[:-6] + b",,}\n"
    events = told(head(), said(1, 1), answer(2, 4), broken, answer(4, 9))
    assert [event["work_ms"] for event in events["events"]] == [3_000, 2_500]
    assert events["skipped"] == []


def test_a_history_that_begins_with_a_result_is_decoded() -> None:
    assert len(told(head(), repeated(result(3, 6.5), answer(4, 9)))["events"]) == 1


def test_lines_that_say_nothing_of_interest_are_passed_over() -> None:
    lines: list[Fields] = [
        {"$set": {"lastUpdated": "x"}},
        {"$rewindTo": "x"},
        {"id": "1", "type": "info", "content": 'the "user"'},
    ]
    assert told(*lines) == told(b"\n", b"  \n")
    assert not any(told(*lines).values())


@pytest.mark.parametrize(
    "record",
    [{"tokens": {}}, {"type": "user"}, {"messages": []}, {"$push": {"messages": []}}, {"type": 5, "summary": "x"}],
)
def test_what_is_no_record_is_skipped_with_its_place(record: object) -> None:
    first = line(head())
    assert [(each.offset, each.reason) for each in found(first, record).skipped] == [(len(first), NO_RECORD)]


def test_counts_in_a_message_of_an_unknown_kind_are_told_of() -> None:
    assert [each.reason for each in found(answer(1, 1) | {"type": "model"}).skipped] == [UNKNOWN_KIND]
    assert found(answer(1, 1) | {"type": "model", "tokens": None}).skipped == []


@pytest.mark.parametrize("odd", [None, 5, "x", [], [1], {}, {"messages": 5}, {"messages": None}, {"kind": "main"}])
def test_a_document_that_is_no_chat_is_skipped_with_a_reason(odd: object) -> None:
    reader = GeminiDocument(DOCUMENT_PATH, {})
    reader.take(odd)
    assert [each.reason for each in reader.finish()[0].skipped] == [NO_CHAT]


@pytest.mark.parametrize("odd", [None, 5, "x", [], {"type": "gemini", "tokens": {}}, {"type": []}])
def test_an_odd_message_of_a_document_does_not_spoil_the_others(odd: object) -> None:
    reader = GeminiDocument(DOCUMENT_PATH, {})
    reader.take(head() | {"messages": [odd, answer(1, 1)]})
    assert len(reader.finish()[0].events) == 1


def test_a_document_is_read_anew_as_a_whole_when_it_grew() -> None:
    first, second = document(said(1, 1), answer(2, 4)), document(said(1, 1), answer(2, 4), answer(3, 9))
    reader = GeminiDocument(DOCUMENT_PATH, {})
    reader.take(json.loads(first.content))
    _, state = reader.finish()
    again = GeminiDocument(DOCUMENT_PATH, state | {"companions": {"shop/.project_root": "/home/dev/shop"}})
    again.take(json.loads(second.content))
    events = again.finish()[0].events
    assert [event.work_ms for event in events] == [3_000, 5_000]
    assert {event.context.project for event in events} == {"/home/dev/shop"}


def test_a_reader_gives_what_it_found_once() -> None:
    reader = GeminiLines(PATH, {})
    data = line(answer(1, 1))
    reader.feed(data, 0, len(data), 0)
    assert len(reader.finish()[0].events) == 1
    assert reader.finish()[0].events == []
    reader.feed(data, 0, len(data), 0)
    assert len(reader.finish()[0].events) == 1


def test_the_project_is_asked_for_once_and_remembered() -> None:
    chat = source(head(), answer(1, 1), answer(2, 2), **{"shop/.project_root": "/home/dev/shop"})
    for way in (reading.whole, reading.by_turns([1, 2])):
        assert {event["project"] for event in told(chat, way=way)["events"]} == {"/home/dev/shop"}
    state = GEMINI_CLI.reader(PATH, {"companions": chat.companions}).finish()[1]
    assert GEMINI_CLI.reader(PATH, state).finish()[1]["project"] == "/home/dev/shop"


def test_torn_last_lines_wait_and_windows_lines_are_lines() -> None:
    whole = line(head()) + line(answer(1, 1)).replace(b"\n", b"\r\n") + line(answer(2, 2))
    assert len(told(Source(PATH, whole))["events"]) == 2
    assert len(told(Source(PATH, whole[:-2]))["events"]) == 1
    assert {event["session"] for event in told(Source(PATH, whole))["events"]} == {SESSION}


def test_a_result_without_a_readable_moment_changes_nothing() -> None:
    events = told(head(), said(1, 1), result(3, 6.5) | {"timestamp": "yesterday"}, answer(4, 9))["events"]
    assert [event["work_ms"] for event in events] == [8_000]
