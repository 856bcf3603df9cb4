"""Every way in which meters are known to have miscounted Gemini CLI, each by name, with numbers worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tools import reading
from tests.tools.gemini_cli.chats import (
    AGENT,
    PATH,
    Fields,
    answer,
    call,
    counts,
    document,
    head,
    repeated,
    result,
    said,
    source,
    told,
    uuid,
)

FIRST = counts(1000, 200, 300, 50)
SECOND = counts(1300, 80, 1000)
FIRST_TOLD, SECOND_TOLD = (700, 300, 0, 0, 250, 50), (300, 1000, 0, 0, 80, 0)


def without_counts(message: Fields) -> Fields:
    """Return a message as a resume within the same minute repeats it: at another time, without counts and model."""
    kept = {name: value for name, value in message.items() if name in {"id", "type", "content"}}
    return kept | {"timestamp": "2026-11-20T10:00:30.000Z"}


def test_cached_tokens_are_part_of_the_prompt_and_not_counted_twice() -> None:
    assert reading.tokens(told(head(), answer(1, 1, counts(1000, 100, 400)))) == [(600, 400, 0, 0, 100, 0)]


def test_thoughts_are_output() -> None:
    assert reading.tokens(told(head(), answer(1, 1, counts(10, 100, thoughts=30)))) == [(10, 0, 0, 0, 130, 30)]


def test_what_tools_add_to_a_prompt_is_input() -> None:
    assert reading.tokens(told(head(), answer(1, 1, counts(1000, 100, 400, 0, 70)))) == [(670, 400, 0, 0, 100, 0)]


def test_a_message_that_is_written_again_counts_once() -> None:
    first = answer(1, 1, FIRST)
    pending = first | {"tokens": None}
    assert reading.tokens(told(head(), pending, first, answer(1, 1, FIRST, call()))) == [FIRST_TOLD]


def test_a_rewind_takes_away_nothing_that_was_billed() -> None:
    lines = [head(), said(1, 1), answer(2, 2, FIRST), {"$rewindTo": uuid(1)}, said(3, 3), answer(4, 4, SECOND)]
    assert reading.tokens(told(*lines)) == [FIRST_TOLD, SECOND_TOLD]


def test_a_resume_that_repeats_the_history_with_counts_does_not_double_it() -> None:
    history = [said(1, 1), answer(2, 2, FIRST), answer(3, 3, SECOND)]
    again = told(head(), *history, {"$set": {"sessionId": head()["sessionId"]}}, repeated(*history), answer(4, 70))
    assert reading.tokens(again) == [FIRST_TOLD, SECOND_TOLD, (100, 0, 0, 0, 10, 0)]


def test_a_resume_that_repeats_the_history_without_counts_loses_nothing() -> None:
    history = [said(1, 1), answer(2, 2, FIRST), answer(3, 3, SECOND)]
    again = told(head(), *history, head(), repeated(*map(without_counts, history)), answer(4, 31))
    assert reading.tokens(again) == [FIRST_TOLD, SECOND_TOLD, (100, 0, 0, 0, 10, 0)]


def test_what_only_a_checkpoint_has_is_counted() -> None:
    assert reading.tokens(told(head(), repeated(said(1, 1), answer(2, 2, FIRST)))) == [FIRST_TOLD]


def test_a_user_s_message_may_have_an_answer_s_id() -> None:
    odd = result(2, 60)
    lines = [head(), said(1, 1), answer(2, 2, FIRST), repeated(said(1, 1), answer(2, 2, FIRST), odd), odd]
    said_so = told(*lines)
    assert reading.tokens(said_so) == [FIRST_TOLD]
    assert len(said_so["prompts"]) == 1


def test_the_header_only_file_of_a_resume_is_nothing() -> None:
    stray = source(
        head(), repeated(said(9, 60, "<session_context>")), path="shop/chats/session-2026-11-20T10-01-5e551011.jsonl"
    )
    assert (
        told(source(head(), answer(1, 1, FIRST)), stray)["events"]
        == told(source(head(), answer(1, 1, FIRST)))["events"]
    )


def test_a_document_beside_its_lines_counts_once() -> None:
    history = [said(1, 1), answer(2, 2, FIRST), answer(3, 3, SECOND)]
    both = told(document(*history), source(head(), *history, answer(4, 60)))
    assert reading.tokens(both) == [FIRST_TOLD, SECOND_TOLD, (100, 0, 0, 0, 10, 0)]
    assert [event["views"] for event in both["events"]] == [2, 2, 1]


def test_a_subagent_s_chat_is_read() -> None:
    both = told(
        source(head(), answer(1, 1, FIRST)), source(head("x", kind="subagent"), answer(2, 2, SECOND), path=AGENT)
    )
    assert reading.tokens(both) == [FIRST_TOLD, SECOND_TOLD]
    assert len({event["session"] for event in both["events"]}) == 1


def test_equal_counts_are_not_the_same_request() -> None:
    assert len(told(head(), answer(1, 1), answer(2, 1))["events"]) == 2


def test_an_unknown_model_is_counted_under_its_name() -> None:
    (event,) = told(head(), answer(1, 1, model="gemini-99-ultra"))["events"]
    assert event["model"] == "gemini-99-ultra"


def test_the_text_of_a_result_that_looks_like_counts_is_not_counted() -> None:
    text = '{"type":"gemini","tokens":{"input":9,"output":9}}'
    parts = [{"functionResponse": {"id": "1", "name": "cat", "response": {"output": text}}}]
    assert told(head(), said(1, 1, parts), said(2, 2, text))["events"] == []


RECORDS = [
    head(),
    said(1, 1),
    answer(2, 2, FIRST),
    answer(2, 2, FIRST, call()),
    result(3, 3),
    answer(4, 4, SECOND),
    repeated(said(1, 1), answer(2, 2, FIRST), answer(4, 4, SECOND)),
    repeated(*map(without_counts, (said(1, 1), answer(2, 2), answer(4, 4)))),
    {"$rewindTo": uuid(1)},
]


@given(st.permutations(RECORDS[1:]), st.lists(st.integers(0, 10), max_size=3))
def test_in_any_order_and_in_pieces_the_counts_are_the_same(records: list[Fields], cuts: list[int]) -> None:
    for way in (reading.whole, reading.by_turns(cuts), reading.in_portions(cuts)):
        assert reading.tokens(told(source(RECORDS[0], *records), way=way)) == [FIRST_TOLD, SECOND_TOLD]


@pytest.mark.parametrize("names", [(PATH, "shop/chats/session-0.jsonl"), ("shop/chats/session-0.jsonl", PATH)])
def test_whichever_file_comes_first_the_totals_are_equal(names: tuple[str, str]) -> None:
    chats = [source(*RECORDS, path=name) for name in names]
    assert reading.tokens(told(*chats)) == reading.tokens(told(*reversed(chats))) == [FIRST_TOLD, SECOND_TOLD]
