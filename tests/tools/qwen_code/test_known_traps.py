"""Every way in which meters are known to have miscounted Qwen Code, each by name, with numbers worked out by hand."""

from hypothesis import given
from hypothesis import strategies as st
from tests.tools import reading
from tests.tools.qwen_code.chats import (
    FORK,
    FORK_PATH,
    SESSION,
    answer,
    forked,
    found,
    record,
    request,
    result,
    said,
    source,
    told,
)

TURN = [said(1, 1), request(2, 4, 1000, 100, 400, 30), answer(3, 4.01, 1000, 100, 400, 30)]
COUNTS = (600, 400, 0, 0, 100, 30)


def test_a_request_is_told_twice_and_counts_once() -> None:
    assert reading.tokens(told(*TURN)) == [COUNTS]


def test_cached_tokens_are_part_of_the_prompt_and_not_counted_twice() -> None:
    assert reading.tokens(told(answer(1, 1, 1000, 100, 400))) == [(600, 400, 0, 0, 100, 0)]


def test_thoughts_are_within_the_output_where_the_total_says_so() -> None:
    assert reading.tokens(told(request(1, 1, 1000, 100, 0, 30))) == [(1000, 0, 0, 0, 100, 30)]


def test_thoughts_are_beside_the_output_where_the_total_says_so() -> None:
    apart = request(1, 1, 1000, 100, 0, 30, total_token_count=1130, auth_type="gemini-api-key", model="gemini-2.5-pro")
    assert reading.tokens(told(apart)) == [(1000, 0, 0, 0, 130, 30)]


def test_without_a_total_the_api_says_where_the_thoughts_are() -> None:
    none = {"total_token_count": 0}
    assert reading.tokens(told(request(1, 1, 1000, 100, 0, 30, **none))) == [(1000, 0, 0, 0, 100, 30)]
    apart = request(1, 1, 1000, 100, 0, 30, auth_type="vertex-ai", model="gemini-2.5-pro", **none)
    assert reading.tokens(told(apart)) == [(1000, 0, 0, 0, 130, 30)]


def test_without_telemetry_the_answer_counts() -> None:
    assert reading.tokens(told(TURN[0], TURN[2])) == [COUNTS]


def test_without_an_answer_telemetry_counts() -> None:
    side = request(9, 12, 300, 8, model="qwen3-coder-flash", prompt_id="session_title")
    said_so = told(*TURN, side)
    assert reading.tokens(said_so) == [COUNTS, (300, 0, 0, 0, 8, 0)]
    assert said_so["events"][1]["model"] == "qwen3-coder-flash"


def test_the_requests_of_subagents_stand_in_the_session_s_chat() -> None:
    rounds = [request(number, number, 400, 20, prompt_id=f"{SESSION}#explore-x7k2f#{number}") for number in (5, 6)]
    events = told(*TURN, *rounds)["events"]
    assert [event.get("agent", "") for event in events] == ["", "explore", "explore"]
    assert {event["session"] for event in events} == {SESSION}


def test_a_subagent_at_work_does_not_come_between_a_request_and_its_answer() -> None:
    beside = request(9, 4.005, 400, 20, prompt_id=f"{SESSION}#explore-x7k2f#0")
    assert len(told(TURN[0], TURN[1], beside, TURN[2])["events"]) == 2
    assert len(told(TURN[0], beside, TURN[1], TURN[2])["events"]) == 2


def test_the_order_of_the_two_lines_does_not_matter() -> None:
    late = request(2, 4.02, 1000, 100, 400, 30) | {"parentUuid": TURN[2]["uuid"]}
    assert reading.tokens(told(TURN[0], TURN[2], late)) == [COUNTS]


def test_a_branch_copies_what_was_made_elsewhere() -> None:
    branch = source(*forked(*TURN), request(8, 70, 2000, 9) | {"sessionId": FORK}, path=FORK_PATH)
    both = told(source(*TURN), branch)
    assert reading.tokens(both) == [COUNTS, (2000, 0, 0, 0, 9, 0)]
    assert [event["session"] for event in both["events"]] == [SESSION, FORK]
    assert len(both["prompts"]) == 1


def test_a_branch_that_looks_older_is_still_the_copy() -> None:
    # The copy's file comes first and ends first, since the original went on.
    branch = source(*forked(*TURN), path="a/chats/a.jsonl")
    events = told(branch, source(*TURN, request(8, 70)))["events"]
    assert [event["session"] for event in events] == [SESSION, SESSION]
    assert [event.copied for event in found(*forked(*TURN)).events] == [True]
    assert [event.copied for event in found(*TURN).events] == [False]


def test_a_branch_of_a_branch_too() -> None:
    third = "5e551033-0000-4000-8000-000000000003"
    again = [
        each | {"sessionId": third, "forkedFrom": {"sessionId": FORK, "messageUuid": each["uuid"]}}
        for each in forked(*TURN)
    ]
    chats = [
        source(*TURN),
        source(*forked(*TURN), path=FORK_PATH),
        source(*again, path=f"projects/x/chats/{third}.jsonl"),
    ]
    for order in (chats, chats[::-1]):
        assert [event["session"] for event in told(*order)["events"]] == [SESSION]


def test_a_branch_without_telemetry_is_known_by_the_answers_ids() -> None:
    turn = [TURN[0], TURN[2]]
    assert len(told(source(*turn), source(*forked(*turn), path=FORK_PATH))["events"]) == 1


def test_a_branch_whose_source_is_gone_counts() -> None:
    assert reading.tokens(told(source(*forked(*TURN), path=FORK_PATH))) == [COUNTS]


def test_equal_counts_are_not_the_same_request() -> None:
    lines = [said(1, 1), request(2, 2), answer(3, 2.01), said(4, 4), request(5, 5), answer(6, 5.01)]
    assert len(told(*lines)["events"]) == 2
    alone = [said(1, 1), answer(3, 2), said(4, 4), answer(6, 5)]
    assert len(told(*alone)["events"]) == 2


def test_gateways_use_response_ids_again() -> None:
    lines = [
        request(1, 1, response_id="chatcmpl-0"),
        request(2, 2, response_id="chatcmpl-0"),
        request(3, 3, response_id=""),
    ]
    assert len(told(*lines)["events"]) == 3


def test_a_request_that_broke_off_has_no_counts() -> None:
    error = record(
        2, 2, "system", subtype="ui_telemetry", systemPayload={"uiEvent": {"event.name": "qwen-code.api_error"}}
    )
    assert told(said(1, 1), error)["events"] == []


def test_a_request_without_counts_is_none() -> None:
    assert told(request(1, 1, 0, 0), answer(2, 2, 0, 0), answer(3, 3) | {"usageMetadata": None})["events"] == []


def test_the_text_of_a_result_that_looks_like_counts_is_not_counted() -> None:
    text = '{"type":"assistant","usageMetadata":{"promptTokenCount":9}}'
    assert told(*TURN, result(4, 5, text), said(5, 6, text))["events"] == told(*TURN)["events"]


LINES = [
    *TURN,
    result(4, 6, "a"),
    request(5, 9, 1200, 50, 1000),
    answer(6, 9.01, 1200, 50, 1000),
    request(7, 12, 300, 8),
]


@given(st.lists(st.integers(0, 8), max_size=4), st.booleans())
def test_in_pieces_and_beside_its_branch_the_counts_are_the_same(cuts: list[int], first: bool) -> None:  # noqa: FBT001 - drawn
    chats = [source(*LINES), source(*forked(*LINES), path=FORK_PATH)]
    expected = [COUNTS, (200, 1000, 0, 0, 50, 0), (300, 0, 0, 0, 8, 0)]
    for way in (reading.whole, reading.by_turns(cuts), reading.in_portions(cuts), reading.line_by_line):
        assert reading.tokens(told(*(chats if first else chats[::-1]), way=way)) == expected
