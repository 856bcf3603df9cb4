"""What messages tell: requests by their steps, uses of tools, prompts, who did it."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.tools.opencode.stored import MINUTE, NOON, SECOND, Base, Json, answered, counts, id_of, run, settled, step

from tallystick.tools.opencode import KILO_CLI, MIMO_CODE, OPENCODE
from tallystick.tools.opencode.answer import Seen, Step, Stored, Teller, runs_of, steps_of
from tallystick.tools.opencode.dialect import OPENCODE as DIALECT
from tallystick.tools.opencode.session import Sessions
from tallystick.tools.opencode.shape import Counts, Message, Part
from tallystick.tools.tool import Found, Tool
from tallystick.usage.event import FINISHED, PENDING
from tallystick.usage.identity import key


def test_a_message_of_three_steps_is_three_requests(base: Base) -> None:
    # formats.md §22 (16): the message's own tokens are those of the last step, its cost is the sum.
    base.session()
    message = base.message(answered(NOON, counts(30, 3), 60 * SECOND, cost=0.6))
    for number, cost in ((1, 0.1), (2, 0.2), (3, 0.3)):
        base.part(message, {"type": "step-start"}, NOON + number * SECOND)
        base.part(message, step(counts(10 * number, number, read=100 * number), cost), NOON + number * 10 * SECOND)
    assert base.tokens() == [(10, 100, 0, 0, 1, 0), (20, 200, 0, 0, 2, 0), (30, 300, 0, 0, 3, 0)]
    events = base.read()[0].events
    assert [event.cost_nano for event in events] == [100_000_000, 200_000_000, 300_000_000]
    assert [event.time - NOON for event in events] == [10 * SECOND, 20 * SECOND, 60 * SECOND]
    assert {event.grade for event in events} == {FINISHED}


def test_a_message_without_its_parts_stands_behind_one_that_has_them(base: Base, another: Callable[..., Base]) -> None:
    other = another("opencode-beta.db")
    for each in (base, other):
        each.session()
        each.message(answered(NOON, counts(20, 2)), id_=id_of("msg", NOON))
    base.part(id_of("msg", NOON), step(counts(10, 1)), NOON + SECOND)
    base.part(id_of("msg", NOON), step(counts(20, 2)), NOON + 2 * SECOND)
    bare, whole = other.read()[0], base.read()[0]
    assert [event.grade for event in bare.events] == [PENDING]
    # Counts of the last step must not take the place of the first one's, though they are higher.
    assert settled(bare, whole) == settled(whole, bare) == [(10, 0, 0, 0, 1, 0), (20, 0, 0, 0, 2, 0)]
    assert settled(bare) == [(20, 0, 0, 0, 2, 0)]


def test_an_aborted_message_without_counts_is_no_request(base: Base) -> None:
    base.session()
    base.message(answered(NOON, counts(0, 0), error={"name": "MessageAbortedError", "data": {}}))
    found, _ = base.read()
    assert (found.events, found.skipped) == ([], [])


def test_a_message_that_failed_after_it_was_billed_counts(base: Base) -> None:
    base.session()
    message = base.message(answered(NOON, counts(7, 2), error={"name": "APIError", "data": {}}))
    base.part(message, step(counts(7, 2)))
    assert base.tokens() == [(7, 0, 0, 0, 2, 0)]


def test_reverted_messages_and_summaries_were_billed(base: Base) -> None:
    base.session(revert={"messageID": id_of("msg", NOON)})
    kinds: list[dict[str, Json]] = [{}, {"summary": True, "mode": "compaction", "agent": "compaction"}]
    for number, more in enumerate(kinds):
        at = NOON + number * MINUTE
        base.part(base.message(answered(at, counts(5, 5), **more), at), step(counts(5, 5)), at)
    assert base.tokens() == [(5, 0, 0, 0, 5, 0)] * 2
    assert {event.context.agent for event in base.read()[0].events} == {""}


@pytest.mark.parametrize(
    "tool, recorded, told",
    [
        (OPENCODE, 0.0123, 12_300_000),
        # OpenCode writes 0 where it knows no price; to MiMo Code 0 is a price.
        (OPENCODE, 0, None),
        (KILO_CLI, 0, None),
        (KILO_CLI, 0.5, 500_000_000),
        (MIMO_CODE, 0, 0),
        (MIMO_CODE, None, None),
        (OPENCODE, -1, None),
    ],
)
def test_a_recorded_cost_is_kept_as_the_tool_s_own(base: Base, tool: Tool, recorded: Json, told: int | None) -> None:
    base.session()
    base.part(base.message(answered(NOON, counts(1, 1), cost=recorded)), {**step(counts(1, 1)), "cost": recorded})
    assert [event.cost_nano for event in base.read(tool=tool)[0].events] == [told]


def test_equal_counts_at_different_times_are_two_requests(base: Base) -> None:
    base.session()
    for at in (NOON, NOON + 1):
        base.part(base.message(answered(at, counts(5, 5)), at), step(counts(5, 5)), at)
    assert base.tokens() == [(5, 0, 0, 0, 5, 0)] * 2


def test_subagents_that_start_in_the_same_millisecond_are_two_requests(base: Base) -> None:
    base.session()
    for name in ("ses_b", "ses_c"):
        base.session(name, parent_id="ses_a")
        base.part(base.message(answered(NOON, counts(5, 5)), session=name), step(counts(5, 5)), session=name)
    assert base.tokens() == [(5, 0, 0, 0, 5, 0)] * 2


def test_mimo_s_agents_that_share_a_session_are_told_apart(base: Base) -> None:
    base.db.execute("ALTER TABLE message ADD COLUMN agent_id text NOT NULL DEFAULT 'main'")
    base.session()
    for agent in ("main", "worker-1", "worker-2"):
        message = base.message(answered(NOON, counts(5, 5), agent="general"), agent_id=agent)
        base.part(message, step(counts(5, 5)))
    told = base.told(tool=MIMO_CODE)["events"]
    assert [event.get("agent", "") for event in told] == ["", "general", "general"]
    assert {event["session"] for event in told} == {"ses_a"}


def test_a_subagent_belongs_to_the_session_that_a_person_began(base: Base) -> None:
    base.session("ses_a")
    base.session("ses_b", parent_id="ses_a")
    base.session("ses_c", parent_id="ses_b", directory="/home/dev/shop/api")
    base.message(answered(NOON, counts(1, 1), agent="explore"), session="ses_c")
    (event,) = base.read()[0].events
    context = event.context
    assert (context.session, context.agent, context.project) == ("ses_a", "explore", "/home/dev/shop/api")
    assert (context.tool, context.version) == ("opencode", "1.18.33")


@pytest.mark.parametrize(
    "fields, named", [({"mode": "plan", "agent": None}, "plan"), ({"mode": None, "agent": None}, "general")]
)
def test_an_agent_is_named_by_its_message_else_by_its_session(base: Base, fields: dict[str, Any], named: str) -> None:
    base.session("ses_b", parent_id="ses_gone", agent="general")
    base.message(answered(NOON, counts(1, 1), **fields), session="ses_b")
    (event,) = base.read()[0].events
    assert (event.context.agent, event.context.session) == (named, "ses_gone")


@pytest.mark.parametrize(
    "provider, told",
    [
        ("anthropic", "anthropic"),
        ("google-vertex", "google"),
        ("amazon-bedrock", "aws"),
        ("xai", "x-ai"),
        ("opencode", "opencode"),
    ],
)
def test_providers_have_our_names(base: Base, provider: str, told: str) -> None:
    base.session()
    base.message(answered(NOON, counts(1, 1), providerID=provider, modelID="Some/Model"))
    (event,) = base.read()[0].events
    assert (event.variant.provider, event.variant.model) == (told, "Some/Model")


def test_a_message_without_a_model_is_counted_as_of_an_unknown_one(base: Base) -> None:
    base.session()
    base.message(answered(NOON, counts(1, 1), providerID=None, modelID=None))
    assert [event.variant.model for event in base.read()[0].events] == ["unknown"]


def test_uses_of_tools_have_their_times_and_whether_they_failed(base: Base) -> None:
    base.session()
    message = base.message(answered(NOON, counts(1, 1)))
    base.part(message, run("call_1", NOON + 1_000, NOON + 1_500))
    base.part(message, run("call_2", NOON + 2_000, NOON + 2_500, status="error"), NOON + 2)
    base.part(message, run("call_3", NOON + 3_000, NOON + 3_500, metadata={"exit": 1}), NOON + 3)
    base.part(message, run("call_4", NOON + 3_200, NOON + 3_300) | {"tool": "invalid"}, NOON + 4)
    base.part(
        message, {"type": "tool", "tool": "edit", "callID": "call_5", "state": {"status": "pending"}}, NOON + 3_400
    )
    base.part(message, step(counts(1, 1)), NOON + 4_000)
    (event,) = base.read()[0].events
    calls = base.read()[0].calls
    assert {call.event for call in calls} == {event.key}
    assert [(call.name, call.started - NOON, call.ended and call.ended - NOON, call.failed) for call in calls] == [
        ("bash", 1_000, 1_500, False),
        ("bash", 2_000, 2_500, True),
        ("bash", 3_000, 3_500, True),
        ("invalid", 3_200, 3_300, True),
        ("edit", 3_400, 0, False),
    ]
    assert len({call.key for call in calls}) == 5


def test_tools_belong_to_the_step_that_asked_for_them(base: Base) -> None:
    base.session()
    message = base.message(answered(NOON, counts(2, 2), 9 * SECOND))
    base.part(message, run("call_1", NOON + 1_000, NOON + 1_500), NOON + 1_000)
    base.part(message, step(counts(1, 1)), NOON + 2_000)
    base.part(message, run("call_2", NOON + 5_000, NOON + 6_000), NOON + 5_000)
    base.part(message, step(counts(2, 2)), NOON + 7_000)
    found, _ = base.read()
    assert [call.event for call in found.calls] == [event.key for event in found.events]


def test_the_model_works_until_its_tools_begin(base: Base) -> None:
    base.session()
    message = base.message(answered(NOON, counts(1, 1), 9 * SECOND))
    base.part(message, run("call_1", NOON + 2_000, NOON + 8_900), NOON + 2_000)
    base.part(message, step(counts(1, 1)), NOON + 8_950)
    (event,) = base.read()[0].events
    assert (event.time, event.work_ms) == (NOON + 2_000, 2_000)


def test_a_silence_of_more_than_five_minutes_is_an_absence(base: Base) -> None:
    base.session()
    message = base.message(answered(NOON, counts(1, 1), 20 * MINUTE))
    thought = {"type": "reasoning", "text": "", "time": {"start": NOON + 10 * MINUTE, "end": NOON + 14 * MINUTE}}
    base.part(message, thought, NOON + 10 * MINUTE)
    base.part(
        message,
        {"type": "text", "text": "", "time": {"start": NOON + 16 * MINUTE, "end": NOON + 20 * MINUTE}},
        NOON + 16 * MINUTE,
    )
    base.part(message, step(counts(1, 1)), NOON + 20 * MINUTE)
    # Ten minutes of silence at first; then 4 of thinking, 2 until the text, 4 of text.
    assert [event.work_ms for event in base.read()[0].events] == [10 * MINUTE]


def test_what_a_person_typed_is_a_prompt(base: Base) -> None:
    base.session()
    asked = {"role": "user", "agent": "build"}

    def ask(at: int, *parts: Json, session: str = "ses_a") -> None:
        message = base.message({**asked, "time": {"created": at}}, at, session)
        for part in parts:
            base.part(message, part, at, session)

    typed, added = {"type": "text", "text": "x"}, {"type": "text", "text": "x", "synthetic": True}
    ask(NOON, typed)
    ask(NOON + 1, {"type": "file", "url": "x"}, added)
    ask(NOON + 2, {"type": "subtask", "prompt": "x"})
    # What the tool tells itself, and what it asks of a subagent.
    ask(NOON + 3, added)
    ask(NOON + 4, {"type": "compaction"})
    base.session("ses_b", parent_id="ses_a")
    ask(NOON + 5, typed, session="ses_b")
    assert [prompt.time - NOON for prompt in base.read()[0].prompts] == [0, 1, 2]


def test_a_fork_s_copies_are_no_prompts(base: Base) -> None:
    base.session()
    base.session("ses_f", NOON + MINUTE)
    for session, at in (("ses_a", NOON), ("ses_f", NOON + MINUTE)):
        base.message({"role": "user", "time": {"created": NOON}}, NOON, session, id_of("msg", at, 1))
    prompts = base.read()[0].prompts
    assert [prompt.context.session for prompt in prompts] == ["ses_a"]
    assert len({prompt.key for prompt in prompts}) == 1


def test_what_is_under_way_counts_as_far_as_it_is_known(base: Base) -> None:
    base.session()
    base.message(answered(NOON, counts(9, 0, 4), time={"created": NOON}))
    (event,) = base.read()[0].events
    assert (event.grade, event.tokens.output, event.time) == (PENDING, 4, NOON)


def told(**fields: Json) -> tuple[Found, bool]:
    """Return what one message says, and whether it is finished."""
    found = Found()
    teller = Teller(DIALECT, Sessions(DIALECT), found)
    known: dict[str, Any] = {
        "id": "m",
        "session": "s",
        "kind": "assistant",
        "message": Message(),
        "parts": [],
        "created": NOON,
    }
    return found, teller.tell(Seen(**{**known, **fields}))


def test_a_message_is_finished_when_it_is_complete_and_its_tools_have_ended() -> None:
    from tallystick.tools.opencode.shape import Run, Times

    complete = Message(time=Times(created=NOON, completed=NOON + 1))
    waiting = [Stored("p", NOON, Part(type="tool", state=Run(status="running")))]
    assert told(message=complete)[1]
    assert not told(message=complete, parts=waiting)[1]
    assert not told(message=Message(time=Times(created=NOON)))[1]
    assert told(kind="user")[1]
    assert told(kind="idle")[1]


def test_a_message_without_any_time_is_skipped() -> None:
    found, _ = told(created=None, offset=12)
    assert [tuple(each) for each in found.skipped] == [(12, "a message without a time")]


def test_counts_of_the_wrong_kind_are_skipped() -> None:
    found, _ = told(wrong=frozenset(("input",)))
    assert [each.reason for each in found.skipped] == ["token counts that are not numbers"]
    found, _ = told(message=Message(tokens=Counts(input=-0.5)))
    assert [each.reason for each in found.skipped] == ["a token count is no whole number or absurdly large"]


def test_steps_divide_the_parts() -> None:
    ended = Part(type="step-finish", tokens=Counts(input=1))
    parts = [Stored("1", 1, Part(type="text")), Stored("2", NOON, ended), Stored("3", 3, Part(type="tool"))]
    seen = Seen("m", "s", "assistant", Message(), parts)
    assert [(len(each.parts), each.end, each.is_told) for each in steps_of(seen)] == [(1, NOON, True), (1, 0, True)]
    assert steps_of(seen._replace(parts=parts[:1])) == [Step(Counts(), None, 0, parts[:1], is_told=False)]
    assert [call.event for call in runs_of(parts, key("x"))] == [key("x")]
