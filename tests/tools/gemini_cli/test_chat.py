"""What a chat's records mean together: identity, active time, tools, prompts, titles."""

from tests.tools import reading
from tests.tools.gemini_cli.chats import (
    AGENT,
    OTHER,
    SESSION,
    answer,
    at,
    call,
    counts,
    document,
    found,
    head,
    repeated,
    result,
    said,
    source,
    told,
    uuid,
)

from tallystick.tools.fields import moment
from tallystick.tools.gemini_cli.chat import Chat
from tallystick.tools.tool import Found
from tallystick.usage.event import Context, Variant
from tallystick.usage.identity import key


def test_an_event_says_who_answered_whom_and_where() -> None:
    (event,) = found(head(), said(1, 1), answer(2, 4, counts(1000, 200, 300, 50, 7))).events
    assert event.key == key("gemini-cli", uuid(2))
    assert event.variant == Variant("google", "gemini-3.1-pro-preview")
    assert event.context == Context("gemini-cli", SESSION, "shop")
    assert event.tokens == (707, 300, 0, 0, 250, 50)
    assert event.work_ms == 3_000


def test_a_resume_is_one_event_and_two_sessions_are_two() -> None:
    # An id that is no UUID says something only within its session.
    one, other = answer(1, 1, id="m1"), answer(1, 2, id="m1")
    same = told(source(head(), one), source(head(), one, path="shop/chats/session-b.jsonl"))
    assert len(same["events"]) == 1
    apart = told(source(head(), one), source(head(OTHER), other, path="shop/chats/session-b.jsonl"))
    assert len(apart["events"]) == 2


def test_a_copy_under_another_session_is_the_same_call() -> None:
    copies = told(source(head(), answer(1, 1)), source(head(OTHER), answer(1, 1), path="shop/chats/session-b.jsonl"))
    assert len(copies["events"]) == 1


def test_a_message_without_an_id_is_kept_and_known_by_its_moment() -> None:
    nameless = answer(1, 1) | {"id": None}
    assert len(told(head(), nameless, nameless)["events"]) == 1
    assert len(told(head(), nameless, answer(1, 2) | {"id": ""})["events"]) == 2


def test_the_session_may_be_told_anew_and_until_then_the_file_names_it() -> None:
    assert told(answer(1, 1))["events"][0]["session"] == "session-2026-11-20T10-00-5e551011"
    events = told(head(OTHER), answer(1, 1), {"$set": {"sessionId": SESSION}}, answer(2, 2))["events"]
    assert [event["session"] for event in events] == [OTHER, SESSION]


def test_the_model_works_from_what_it_was_last_given() -> None:
    lines = [head(), said(1, 1), answer(2, 4, None, call("run", 6)), result(3, 6.5), answer(4, 9), answer(5, 11)]
    assert [event["work_ms"] for event in told(*lines)["events"]] == [3_000, 2_500, 2_000]


def test_older_versions_write_no_line_for_a_result() -> None:
    lines = [head(), said(1, 1), answer(2, 4, None, call("run", 6), call("run", 5, number=2)), answer(4, 9)]
    assert [event["work_ms"] for event in told(*lines)["events"]] == [3_000, 3_000]


def test_somebody_who_was_away_did_not_work() -> None:
    assert "work_ms" not in told(head(), said(1, 1), answer(2, 302))["events"][0]


def test_a_record_that_comes_again_does_not_shorten_the_work() -> None:
    lines = [head(), said(1, 1), answer(2, 4), answer(2, 4, None, call("run", 6)), repeated(said(1, 1), answer(2, 4))]
    assert [event["work_ms"] for event in told(*lines)["events"]] == [3_000]


def test_uses_of_tools_say_how_they_went() -> None:
    calls = [call("run", 6), call("run", 5, "error", 2), call("edit", 7, "cancelled"), call("wait", 7, "executing")]
    said = {
        each["name"] + str(each.get("failed", "")): each.get("ended")
        for each in told(head(), answer(1, 4, None, *calls))["calls"]
    }
    assert said == {"run": at(6), "runTrue": at(5), "editTrue": at(7), "wait": None}


def test_a_use_is_told_once_and_belongs_to_its_answer() -> None:
    lines = [head(), answer(1, 4), answer(1, 4, None, call()), repeated(answer(1, 4, None, call()))]
    assert len(told(*lines)["calls"]) == 1
    assert {use.event for use in found(*lines).calls} == {key("gemini-cli", uuid(1))}


def test_prompts_are_the_person_s_and_never_a_subagent_s() -> None:
    lines = [head(), said(1, 1), answer(2, 4), result(3, 5), said(4, 6, "<session_context>")]
    assert [prompt["time"] for prompt in told(*lines)["prompts"]] == [at(1)]
    assert told(source(*lines, path=AGENT))["prompts"] == []


def test_a_prompt_that_is_repeated_counts_once_at_its_first_moment() -> None:
    prompts = told(head(), said(1, 1), answer(2, 4), repeated(said(1, 60)))["prompts"]
    assert [prompt["time"] for prompt in prompts] == [at(1)]


def test_what_checkpoints_repeat_is_told_once() -> None:
    history = [said(1, 1), answer(2, 4, None, call()), answer(3, 9, counts(output=20))]
    read = found(head(), *(repeated(*history) for _ in range(50)))
    assert (len(read.events), len(read.prompts), len(read.calls)) == (2, 1, 1)
    more = found(head(), repeated(*history), repeated(history[0], history[1], answer(3, 9, counts(output=30))))
    assert [event.tokens.output for event in more.events] == [10, 20, 30], "what has grown is told again"


def test_the_title_that_came_last_counts() -> None:
    lines = [head(summary="first"), said(1, 1), {"$set": {"summary": "second\n one"}}]
    assert told(*lines)["titles"] == [{"session": SESSION, "title": "second one"}]
    assert told(document(answer(1, 1), summary="old"))["titles"] == [{"session": SESSION, "title": "old"}]


def test_a_document_s_messages_are_numbered() -> None:
    events = told(document(said(1, 1), answer(2, 4), answer(3, 9)))["events"]
    assert [event["offset"] for event in events] == [1, 2]


def test_a_subagent_belongs_to_the_session_that_started_it() -> None:
    chat = source(head("a9e57000-0000-4000-8000-00000000000a", kind="subagent"), answer(1, 1), path=AGENT)
    (event,) = told(chat)["events"]
    assert (event["session"], event["agent"]) == (SESSION, "subagent")
    flat = told(head(OTHER, kind="subagent"), said(1, 1), answer(2, 2))
    assert [(each["session"], each["agent"]) for each in flat["events"]] == [(OTHER, "subagent")]
    assert flat["prompts"] == []


def test_a_moment_is_one_that_a_chat_can_have() -> None:
    assert moment("2026-11-20T10:00:00.000Z") == 1_795_168_800_000
    assert [moment(odd) for odd in (None, 5, "", "yesterday", "1969-01-01T00:00:00Z", "9999-12-31T23:59:59Z")] == [
        0
    ] * 6


def test_nothing_that_somebody_wrote_is_remembered() -> None:
    held = Found()
    chat = Chat("shop/chats/session-a.jsonl", {}, held)
    chat.message(said(1, 1, "MARKER"), 0)
    chat.message(answer(2, 2, None, call()) | {"content": "MARKER"}, 1)
    assert "MARKER" not in repr(chat.state()) + repr(held.events) + repr(held.prompts) + repr(held.calls)
    assert len(repr(chat.state())) < 200


def test_it_goes_on_wherever_it_was_left() -> None:
    chat = source(
        head(), said(1, 1), answer(2, 4, None, call("run", 6)), result(3, 6.5), answer(4, 9), said(5, 70), answer(6, 75)
    )
    whole = told(chat)
    for cut in range(8):
        assert told(chat, way=reading.by_turns([cut])) == whole


def test_a_use_of_tools_without_counts_and_moment_is_nothing() -> None:
    odd = answer(1, 1, None, call()) | {"tokens": None, "timestamp": None}
    assert not any(told(odd).values())
