"""The spool's lines as events, limits and notes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tools.wire.spooled import AT, LIMIT, encoded, line

from tallystick.intake.follow import kept, recalled
from tallystick.tools.shelf import TOOLS
from tallystick.tools.tool import Found
from tallystick.tools.wire import spool
from tallystick.tools.wire.held import HELD, WAITING, released
from tallystick.tools.wire.reader import SpoolLines
from tallystick.usage.event import CUT_OFF, FINISHED, Context, LimitSample, Tag, UsageEvent, Variant
from tallystick.usage.identity import key
from tallystick.usage.tokens import Tokens


def read(*lines: Any) -> Found:  # noqa: ANN401 - any JSON
    """Return what is found in lines."""
    content = encoded(*lines)
    reader = spool("/home/dev/spool", TOOLS).reader("/home/dev/spool/1-2.jsonl", {})
    reader.feed(content, 0, len(content), 0)
    found, state = reader.finish()
    assert released(state.get(HELD, ())) == []
    assert isinstance(found, Found)
    return found


def event(**said: Any) -> UsageEvent:  # noqa: ANN401 - any JSON
    """Return the one event of a line."""
    (found,) = read(line(**said)).events
    return found


def test_a_call_is_an_event() -> None:
    found = read(line(status=429, outcome="failed"), line(project="/home/dev/p", searches=1, fetches=2, cost=9))
    expected = UsageEvent(
        key("msg_01"),
        key("req_01"),
        AT,
        Variant("anthropic", "claude-opus-5-5"),
        Tokens(42, 5156, 0, 708, 245, 0),
        Context("claude-code", "s1", "/home/dev/p", version="2.1.330"),
        FINISHED,
        work_ms=794,
        web_searches=1,
        web_fetches=2,
        cost_nano=9,
        offset=len(encoded(line(status=429, outcome="failed"))),
    )
    assert found.events == [expected]
    assert not found.skipped


@pytest.mark.parametrize(
    "said, identity",
    [
        ({}, (key("msg_01"), key("req_01"))),
        # Of a request's id only Anthropic's own form is what the transcript has.
        ({"request": "9b2f-amzn"}, (key("msg_01"), 0)),
        ({"part": 1, "kind": "advisor"}, (key("msg_01", "advisor:0"), key("req_01"))),
        ({"tool": "codex", "id": "resp_1"}, (key("codex", "resp_1"), 0)),
        ({"tool": "codex", "id": "resp_1", "part": 1, "kind": "image"}, (key("codex", "resp_1", "image:0"), 0)),
        ({"tool": "qwen-code", "id": "chatcmpl-1"}, (key("qwen-code", "chatcmpl-1"), 0)),
        ({"tool": "copilot-cli", "id": "chatcmpl-SjfN2ESPDmHwHlczffzgR"}, (key("chatcmpl-SjfN2ESPDmHwHlczffzgR"), 0)),
        # Ollama's numbers come again.
        ({"tool": "copilot-cli", "id": "chatcmpl-7"}, (key("copilot-cli", "s1", "chatcmpl-7"), 0)),
        ({"tool": "", "id": "msg_01AbCdEfGhIj"}, (key("wire", "anthropic", "msg_01AbCdEfGhIj"), 0)),
        ({"tool": "", "id": "chatcmpl-7", "request": ""}, (key("wire", "anthropic", "00112233aabbccdd"), 0)),
        ({"tool": "", "id": "chatcmpl-7", "request": "", "nonce": ""}, (key("wire", "anthropic", "chatcmpl-7"), 0)),
        ({"tool": "", "id": "", "request": "req_9"}, (key("wire", "anthropic", "req_9"), 0)),
        ({"tool": "", "id": "", "request": ""}, (key("wire", "anthropic", "00112233aabbccdd"), 0)),
        ({"tool": "claude-code", "id": "", "outcome": "cut"}, (key("wire", "anthropic", "req_01"), 0)),
    ],
)
def test_a_call_is_named_as_the_tools_own_log_names_it(said: dict[str, Any], identity: tuple[int, int]) -> None:
    found = event(**said)
    assert (found.key, found.request) == identity


@pytest.mark.parametrize(
    "said, agent",
    [
        ({}, ""),
        ({"agent": "3f09aa12"}, "subagent"),
        ({"agent": "aside_question-3f09aa"}, "aside_question"),
        ({"tool": "codex", "agent": "review"}, "review"),
        ({"tool": "codex", "parent": "01a200ec"}, "subagent"),
        ({"tool": "somebody", "agent": "explore"}, "explore"),
    ],
)
def test_an_agents_id_does_not_stand_for_its_name(said: dict[str, Any], agent: str) -> None:
    assert event(**said).context.agent == agent


@pytest.mark.parametrize(
    "said", [{"outcome": "failed"}, {"outcome": "prewarm"}, {"kind": "refusal"}, {"kind": "retrieval"}]
)
def test_what_is_billed_nothing_is_no_event_and_no_fault(said: dict[str, Any]) -> None:
    found = read(line(**said))
    assert (found.events, found.skipped) == ([], [])


def test_an_answer_that_broke_off_counts_as_such() -> None:
    assert event(outcome="cut").grade == CUT_OFF


def test_usage_that_is_missing_is_told_and_never_counted_as_zero() -> None:
    found = read(line(outcome="missing", tokens=[0] * 6), line(outcome="missing", id="msg_02"))
    assert [(each.key, each.grade) for each in found.events] == [(key("msg_02"), CUT_OFF)]
    reason = "usage missing: the answer told no counts (claude-code at api.anthropic.com)"
    assert [each.reason for each in found.skipped] == [reason, reason]


def test_an_answer_cut_off_before_any_counts_is_missing_unless_nobody_answered() -> None:
    found = read(line(outcome="cut", tokens=[0] * 6), line(outcome="cut", tokens=[0] * 6, status=0))
    assert not found.events
    (skipped,) = found.skipped
    assert skipped.reason.startswith("usage missing: the answer broke off before its counts")


def test_counts_that_do_not_add_up_count_and_are_told() -> None:
    found = read(line(mismatch=True))
    assert len(found.events) == len(found.skipped) == 1


@pytest.mark.parametrize(
    "said",
    [
        {"tool": "gemini-cli", "id": "GfIG3"},
        {"tool": "opencode", "outcome": "missing"},
        # Ollama numbers its answers anew, and Copilot's session is not told.
        {"tool": "copilot-cli", "id": "chatcmpl-7", "session": ""},
    ],
)
def test_a_call_that_its_log_names_otherwise_is_held_and_remembered(said: dict[str, Any]) -> None:
    tool = spool("/home/dev/spool", TOOLS)
    first, second = encoded(line(**said, parent="p1")), encoded(line(**said, nonce="1", request="r2", at=AT + 1))
    reader = tool.reader("", {})
    reader.feed(first, 0, len(first), 0)
    found, state = reader.finish()
    assert not found.events
    after = tool.reader("", recalled(kept(state)) or {})
    after.feed(second, 0, len(second), len(first))
    waiting = released(after.finish()[1][HELD])
    assert [(event.time, event.offset, parent) for event, parent, _ in waiting] == [
        (AT, 0, "p1"),
        (AT + 1, len(first), ""),
    ]
    assert waiting[0][0].tokens == Tokens(42, 5156, 0, 708, 245, 0)
    assert waiting[0][0].context.tool == said["tool"]


def test_an_answer_that_broke_off_is_in_no_such_log_and_counts_at_once() -> None:
    assert event(tool="opencode", outcome="cut").grade == CUT_OFF


def test_a_limit_that_is_repeated_is_told_again_after_five_minutes_only() -> None:
    begin = AT

    def at(seconds: int, **other: float) -> dict[str, Any]:
        return {"v": 1, "limit": LIMIT | {"time": begin + seconds * 1_000} | other}

    reader = SpoolLines({}, {})
    for place, said in enumerate((at(0), at(1), at(299), at(2, used_percent=44.0), at(3), at(302), at(303))):
        reader.take(said, place)
    # Read on in another run.
    again = SpoolLines({}, reader.state())
    again.take(at(304), 9)
    again.take(at(603), 10)
    assert [(each.time - begin) // 1_000 for each in reader.found.limits] == [0, 2, 3, 303]
    assert [(each.time - begin) // 1_000 for each in again.found.limits] == [603]


def test_a_limit_is_told() -> None:
    assert read({"v": 1, "limit": LIMIT}).limits == [
        LimitSample("anthropic", "five_hour", 300, 41.5, AT + 3_600_000, AT, "max")
    ]
    (sample,) = read({"v": 1, "limit": LIMIT | {"account": "1f0c22ab"}}).limits
    assert sample.account == "1f0c22ab"


@pytest.mark.parametrize(
    "wrong", [{"used_percent": None}, {"used_percent": True}, {"time": 0}, {"used_percent": -1}, {"used_percent": 102}]
)
def test_a_limit_without_its_share_or_time_is_skipped(wrong: dict[str, Any]) -> None:
    found = read({"v": 1, "limit": LIMIT | wrong})
    assert not found.limits
    assert len(found.skipped) == 1


def test_notes_tell_what_could_not_be_seen() -> None:
    notes = [
        {"at": AT, "host": "api.openai.com", "why": "refused-certificate"},
        {"at": AT, "host": "", "why": "spool-full", "count": 12},
        {"at": AT, "host": "", "why": "memory", "mib": 900},
        {"at": AT, "host": "h", "why": "anything"},
    ]
    assert [each.reason for each in read(*({"v": 1, "note": note} for note in notes)).skipped] == [
        "not seen: the client refused our certificate and was let through undecrypted (api.openai.com)",
        "not written down: the disk took nothing for too long (12 lines)",
        "not seen: for a reason of an unknown kind (h)",
    ]


@pytest.mark.parametrize(
    "wrong", [{"v": 2}, {}, {"v": 1}, {"v": 1, "limit": 7}, {"v": 1, "note": {}}, line(outcome="?"), line(tool="", id="", request="", nonce=""), 7]
)  # fmt: skip
def test_a_line_that_is_not_understood_is_skipped_and_the_next_one_read(wrong: Any) -> None:  # noqa: ANN401 - any JSON
    found = read(wrong, line())
    assert [each.key for each in found.events] == [key("msg_01")]
    assert [each.offset for each in found.skipped] == [0]


@given(st.binary(max_size=80))
def test_whatever_stands_between_two_lines_both_are_read(rubbish: bytes) -> None:
    content = encoded(line()) + rubbish.replace(b"\n", b"") + b"\n" + encoded(line(id="msg_02"))
    reader = spool("/home/dev/spool", TOOLS).reader("", {})
    reader.feed(content, 0, len(content), 0)
    assert {each.key for each in reader.finish()[0].events} == {key("msg_01"), key("msg_02")}


def test_a_tag_is_told_once_with_each_session_in_its_run() -> None:
    run = {"run": "t1", "tags": {"ticket": "X-1"}}
    other = {"id": "msg_02_long_enough", "request": "req_02", "nonce": "02"}
    found = read(line(**run), line(**run, **other), line(**run | {"session": "s2"}), line(tags={"a": "b"}, session=""))
    assert found.tags == [Tag("claude-code", session, "ticket", "X-1") for session in ("s1", "s2")]
    assert read(line(**run, outcome="failed")).tags == []


def test_what_names_no_session_is_of_its_run() -> None:
    script = read(line(tool="", session="", run="t1", project="/home/dev/p", tags={"ticket": "X-1"}))
    assert [each.context for each in script.events] == [Context("", "run-t1", "/home/dev/p", version="2.1.330")]
    assert script.tags == [Tag("", "run-t1", "ticket", "X-1")]
    assert read(line(tool="", session="")).events[0].context.session == ""


def test_what_was_worked_out_while_nobody_waited_took_the_model_no_time_that_is_known() -> None:
    found = event(tool="", kind="later", id="resp_0123456789abcdef")
    assert (found.tokens.output, found.work_ms) == (245, 0)
    assert event(tool="", id="resp_0123456789abcdef").key == found.key


def test_what_is_begun_waits_for_who_asks_for_it() -> None:
    content = encoded(line(tool="", kind="begun", outcome="missing", tokens=[0] * 6, id="resp_0123456789abcdef"))
    reader = spool("/home/dev/spool", TOOLS).reader("/home/dev/spool/1-2.jsonl", {})
    reader.feed(content, 0, len(content), 0)
    found, state = reader.finish()
    assert (found.events, found.skipped) == ([], [])
    row = (key("wire", "anthropic", "resp_0123456789abcdef"), AT, 0, " (api.anthropic.com)")
    assert recalled(kept(state)) == {WAITING: [row]}
    # It goes on waiting while the file goes on.
    again = spool("/home/dev/spool", TOOLS).reader("/home/dev/spool/1-2.jsonl", state)
    again.feed(b"", 0, 0, 0)
    assert again.finish()[1] == state
