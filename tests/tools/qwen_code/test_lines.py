"""Single lines: whose they are, copies, parts, results, and results that are not decoded."""

import pytest
from tests.tools.qwen_code.chats import SESSION, answer, at, forked, line, record, result, said

from tallystick.tools.qwen_code.lines import agent_of, is_copy, name_of, parts_of, result_of, tells_of_results


@pytest.mark.parametrize(
    "event, agent",
    [
        ({}, ""),
        ({"prompt_id": f"{SESSION}########3"}, ""),
        ({"prompt_id": "bbc8574baf934"}, ""),
        ({"prompt_id": f"{SESSION}#code-reader-x7k2f#12"}, "code-reader"),
        ({"prompt_id": f"{SESSION}#x#y"}, ""),
        ({"prompt_id": f"{SESSION}##1"}, ""),
        ({"subagent_name": "Explore", "prompt_id": f"{SESSION}#explore-x7k2f#0"}, "Explore"),
        ({"subagent_type": "explore", "subagent_name": "Look at it"}, "explore"),
        ({"subagent_id": "explore-x7k2f"}, "explore"),
        ({"subagent_id": SESSION}, "subagent"),
        ({"subagent_id": "explore"}, "explore"),
        ({"subagent_name": 5, "prompt_id": []}, ""),
    ],
)
def test_telemetry_tells_whose_request_it_was(event: dict[str, object], agent: str) -> None:
    assert agent_of(record(1, 1, "system"), event) == agent


def test_lines_of_a_subagent_name_it() -> None:
    assert agent_of(said(1, 1, agentName="Explore", agentId="explore-7f3c"), {}) == "Explore"
    assert agent_of(said(1, 1, agentId="explore-7f3c"), {}) == "explore"
    assert agent_of(said(1, 1, isSidechain=True), {}) == "subagent"
    assert agent_of(said(1, 1, isSidechain="yes"), {}) == ""


def test_a_copy_says_where_it_came_from() -> None:
    assert is_copy(forked(said(1, 1))[0])
    assert not is_copy(said(1, 1))
    assert not is_copy(said(1, 1, forkedFrom={"sessionId": SESSION}))
    assert not is_copy(said(1, 1, forkedFrom="x"))


def test_a_line_without_an_id_is_known_by_session_and_moment() -> None:
    assert name_of(said(1, 1)) == "00000001-0000-4000-8000-000000000000"
    assert name_of(said(1, 1) | {"uuid": 5}) == f"{SESSION}@{at(1)}"


@pytest.mark.parametrize("message", [None, 5, [], {}, {"parts": 5}, {"parts": None}])
def test_a_message_without_parts_has_none(message: object) -> None:
    assert parts_of({"message": message}) == []


def test_a_result_says_how_it_went() -> None:
    assert result_of(result(1, 1, "a")) == [("a", False)]
    assert result_of(result(1, 1, "a", "error")) == [("a", True)]
    assert result_of(result(1, 1, "a", "cancelled")) == [("a", True)]
    failed = {"functionResponse": {"id": "b", "response": {"error": "no"}}}
    assert result_of(record(1, 1, "tool_result", message={"parts": [failed, None, {}]})) == [("b", True)]
    assert result_of(record(1, 1, "tool_result", message={"parts": [failed]}, toolCallResult=5)) == [("b", True)]


def test_the_moment_of_a_result_is_found_without_decoding() -> None:
    raw = line(result(1, 7, "a"))
    assert tells_of_results(b"xx" + raw, 2, len(raw) + 1) == at(7)


@pytest.mark.parametrize(
    "raw",
    [
        line(said(1, 1)),
        line(answer(1, 1)),
        line(result(1, 7, "a", isSidechain=True)),
        line({"type": "tool_result"}),
        line(record(1, 7, "tool_result") | {"timestamp": 5}),
        line(result(1, 7, "a"))[:-9] + b"\n",
    ],
)
def test_any_other_line_is_left_to_be_decoded(raw: bytes) -> None:
    assert tells_of_results(raw, 0, len(raw) - 1) == ""
