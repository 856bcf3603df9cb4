"""One answer from its several lines: the best line counts whole, and the answer knows whether it came to its end."""

import json
from typing import Any

import pytest
from tests.tools.claude_code.transcripts import BEGIN, SESSION, Fields, answer, at, usage

from tallystick.tools.claude_code.answer import Answer, is_copy, is_replay
from tallystick.tools.claude_code.counts import MOST, Implausible
from tallystick.tools.claude_code.plain import look_at
from tallystick.usage.event import BARE, CUT_OFF, FINISHED, Context, UsageEvent, Variant
from tallystick.usage.identity import key
from tallystick.usage.instant import instant

CONTEXT = Context("claude-code", SESSION, "/home/dev/shop", "main", "", "2.1.330")
START = instant(at(0))


def line(seconds: float = 1, counts: Fields | None = None, **more: Any) -> Any:  # noqa: ANN401 - as the decoders give it
    """Return a decoded line of an answer."""
    return look_at(json.loads(answer(1, seconds, counts, **more)))[0]


def gathered(*lines: Any, asked: float = 0, context: Context = CONTEXT) -> Answer:  # noqa: ANN401 - as the decoders give them
    """Return the answer that lines make, which stand 100 bytes from one another."""
    first, *others = lines
    whole = Answer(first, instant(first.timestamp), 0, context, instant(at(asked)))
    for number, each in enumerate(others, 1):
        whole.add(each, instant(each.timestamp), 100 * number)
    return whole


def event(*lines: Any, **more: Any) -> UsageEvent:  # noqa: ANN401 - as the decoders give them
    """Return the one event that lines make."""
    (only,) = gathered(*lines, **more).events(FINISHED)
    return only


def test_moments_begin_at_ten_o_clock() -> None:
    assert START % 86_400_000 == BEGIN * 1000


@pytest.mark.parametrize("outputs", [(1, 5, 631), (631, 1, 5), (5, 631, 1), (631, 631, 631)])
def test_the_greatest_output_counts_wherever_it_stands(outputs: tuple[int, ...]) -> None:
    counted = event(*(line(number, usage(4, 1_200, 800, output)) for number, output in enumerate(outputs, 1)))
    assert counted.tokens == (4, 1_200, 0, 800, 631, 0)
    assert counted.time == START + 3_000


def test_the_best_line_counts_whole() -> None:
    # Field by field the maximum would be an input of 17 000 beside 16 997 that were read from a cache.
    bare = {"input_tokens": 17_000, "output_tokens": 500}
    counted = event(line(1, bare), line(2, usage(3, 16_997, 0, 88)), line(3, bare))
    assert counted.tokens == (3, 16_997, 0, 0, 88, 0)
    assert counted.offset == 100


def test_of_lines_with_the_same_sums_the_one_that_tells_the_speed_counts() -> None:
    assert event(line(1, usage(speed="fast")), line(2, usage())).variant.speed == "fast"
    assert event(line(1, usage()), line(2, usage(speed="fast"))).variant.speed == "fast"
    assert event(line(1, usage(speed="fast")), line(2, usage(speed="standard"))).variant.speed == ""


def test_of_lines_of_one_moment_the_first_counts_unless_the_ledger_would_take_another() -> None:
    assert event(line(1), line(1)).offset == 0
    assert event(line(1, usage(3, 40)), line(1, usage(4, 39))).tokens.input == 4
    assert event(line(1, usage(4, 39)), line(1, usage(3, 40))).tokens.input == 4
    assert event(line(1, usage(4, 39)), line(2, usage(3, 40))).tokens.input == 3


def test_of_equal_lines_the_latest_counts() -> None:
    counted = event(line(1, model="claude-opus-5-5"), line(2, model="claude-sonnet-4-6"))
    assert (counted.variant.model, counted.offset) == ("claude-sonnet-4-6", 100)


def test_a_line_that_cannot_be_changes_nothing() -> None:
    whole = gathered(line(1, usage(output=20)))
    with pytest.raises(Implausible):
        whole.add(line(9, usage(output=MOST + 1), stop=None), START + 9_000, 100)
    (counted,) = whole.events(FINISHED)
    assert (counted.tokens.output, counted.time, counted.work_ms) == (20, START + 1_000, 1_000)
    assert not whole.broke_off()


def test_an_answer_is_known_by_its_message_and_its_request() -> None:
    one, other = event(line()), event(line(requestId="req_other"))
    assert one.key == other.key == key(f"msg_{1:024}")
    assert one.request == key(f"req_{1:024}") != other.request


def test_without_a_message_id_each_line_is_known_by_its_own_id() -> None:
    lone = event(line(1, id=None))
    assert lone.request == 0
    assert event(line(2, id=None)).key != lone.key
    assert event(line(1, id=None, sessionId="a-copy")).key == lone.key
    assert event(line(1, id="")).key == lone.key


def test_without_any_id_a_line_is_known_by_its_place() -> None:
    nameless = line(1, id=None, uuid=None, requestId=None)
    (first,) = Answer(nameless, START, 0, CONTEXT, 0).events(FINISHED)
    (second,) = Answer(nameless, START, 100, CONTEXT, 0).events(FINISHED)
    assert first.key != second.key
    assert Answer(nameless, START, 0, CONTEXT, 0).key == first.key


def test_without_a_request_id_the_line_s_own_id_stands_in() -> None:
    first = event(line(1, requestId=None))
    assert first.request == event(line(1, requestId=None, sessionId="a-copy")).request
    assert first.request != event(line(2, requestId=None)).request
    alone = event(line(1, requestId=None, uuid=None))
    assert alone.request != event(line(2, requestId=None, uuid=None)).request
    elsewhere = CONTEXT._replace(session="another")
    assert alone.request != event(line(1, requestId=None, uuid=None), context=elsewhere).request


def test_the_model_worked_from_the_request_to_the_last_line() -> None:
    assert event(line(3), line(4.5), line(8), asked=1).work_ms == 7_000
    # Nobody knows when the request went out.
    (counted,) = Answer(line(3), START + 3_000, 0, CONTEXT, 0).events(FINISHED)
    assert counted.work_ms == 0


@pytest.mark.parametrize(
    "asked, times, expected",
    [(0, (300,), 300_000), (0, (300.001,), 0), (0, (300.001, 310), 9_999), (0, (10, 400), 10_000), (5, (3, 8), 5_000)],
    ids=["five minutes", "longer", "longer, then on", "a pause", "a clock that went back"],
)
def test_a_silence_of_more_than_five_minutes_is_an_absence(
    asked: float, times: tuple[float, ...], expected: int
) -> None:
    assert event(*map(line, times), asked=asked).work_ms == expected


def test_lines_out_of_order_end_with_the_latest() -> None:
    counted = event(line(3), line(2))
    assert (counted.time, counted.work_ms) == (START + 3_000, 3_000)


@pytest.mark.parametrize(
    "more, broke_off",
    [
        ({}, False),
        ({"stop": None}, True),
        ({"stop": None, "isAbortedMidStream": True}, True),
        ({"isAbortedMidStream": True}, True),
        ({"isAbortedMidStream": False}, False),
    ],
)
def test_an_answer_without_its_end_broke_off(more: dict[str, Any], broke_off: bool) -> None:  # noqa: FBT001 - a table
    assert gathered(line(1, **more)).broke_off() is broke_off


@pytest.mark.parametrize(
    "version, tells", [("1.0.117", False), ("2.0.76", False), ("2.1.96", False), ("2.1.97", True), ("2.1.97-beta.3", True),
                       ("2.2.0", True), ("3.0", True), ("", False), ("nightly", False), ("2.1.1" + "9" * 5_000, False)],
)  # fmt: skip
def test_only_from_2_1_97_on_a_missing_stop_reason_says_so(version: str, tells: bool) -> None:  # noqa: FBT001 - a table
    # Before, lines were written while the answer still came.
    assert gathered(line(1, stop=None), context=CONTEXT._replace(version=version)).broke_off() is tells


def test_the_last_line_tells_whether_there_was_an_end() -> None:
    assert not gathered(line(1, stop=None), line(2, stop="end_turn")).broke_off()
    assert gathered(line(1, stop="end_turn"), line(2, stop=None)).broke_off()


@pytest.mark.parametrize("output, may", [(1, True), (8, True), (9, False)])
def test_an_answer_with_the_counts_of_its_beginning_may_have_broken_off(output: int, may: bool) -> None:  # noqa: FBT001 - a table
    # Version 2.1.330 gives an answer that was cut a stop reason that nobody sent.
    assert gathered(line(1, usage(output=output))).may_have_broken_off() is may


def test_the_grade_is_what_it_is_told_to_be_unless_the_counts_are_bare() -> None:
    assert gathered(line()).events(CUT_OFF)[0].grade == CUT_OFF
    bare = {"input_tokens": 17_000, "output_tokens": 5}
    assert gathered(line(1, bare)).events(FINISHED)[0].grade == BARE


@pytest.mark.parametrize(
    "said, expected",
    [
        ({}, ("", "", "")),
        ({"service_tier": "standard", "speed": "standard", "inference_geo": "not_available"}, ("", "", "")),
        ({"service_tier": "priority", "speed": "fast", "inference_geo": "us"}, ("priority", "fast", "us")),
        ({"service_tier": "batch", "inference_geo": "global"}, ("batch", "", "")),
        ({"service_tier": None, "speed": "", "inference_geo": ""}, ("", "", "")),
    ],
)
def test_what_a_price_depends_on(said: Fields, expected: tuple[str, str, str]) -> None:
    assert event(line(1, usage(**said))).variant == Variant("anthropic", "claude-opus-5-5", *expected)


def test_a_model_s_name_stays_as_it_was_recorded() -> None:
    assert event(line(1, model="claude-opus-5-5[1m]")).variant.model == "claude-opus-5-5[1m]"
    assert event(line(1, model=None)).variant.model == ""


def test_many_variants_do_not_pile_up() -> None:
    models = [event(line(1, model=f"model-{number}")).variant.model for number in range(1_100)]
    assert models == [f"model-{number}" for number in range(1_100)]


@pytest.mark.parametrize(
    "used, expected",
    [
        ({"web_search_requests": 2, "web_fetch_requests": 1}, (2, 1)),
        ({"web_search_requests": None}, (0, 0)),
        ({"web_search_requests": -3, "web_fetch_requests": 10**9}, (0, 10_000)),
    ],
)
def test_uses_of_the_provider_s_own_tools(used: Fields, expected: tuple[int, int]) -> None:
    counted = event(line(1, usage(server_tool_use=used)))
    assert (counted.web_searches, counted.web_fetches) == expected


@pytest.mark.parametrize(
    "cost, expected",
    [(0.0042165, 4_216_500), (3, 3_000_000_000), (None, None), (0, None), (-1.5, None), (1e300, None), (10**400, None)],
)
def test_a_recorded_cost_is_kept(cost: float | None, expected: int | None) -> None:
    assert event(line(1, costUSD=cost)).cost_nano == expected


def test_what_is_billed_beside_an_answer_is_an_event_of_its_own() -> None:
    advisor = {"type": "advisor_message", "input_tokens": 500, "output_tokens": 200, "model": "claude-opus-4-8"}
    passes = [{"type": "message", "input_tokens": 3, "output_tokens": 10}, advisor]
    whole = gathered(line(2, usage(3, output=10, iterations=passes, server_tool_use={"web_search_requests": 1})))
    main, beside = whole.events(FINISHED)
    assert (main.tokens, main.variant.model) == ((3, 0, 0, 0, 10, 0), "claude-opus-5-5")
    assert (beside.tokens, beside.variant.model) == ((500, 0, 0, 0, 200, 0), "claude-opus-4-8")
    assert beside.key == key(f"msg_{1:024}", "advisor:1") != main.key
    assert (beside.request, beside.time, beside.context) == (main.request, main.time, main.context)
    # Time and searches are the answer's, once.
    assert (main.work_ms, main.web_searches, beside.work_ms, beside.web_searches) == (2_000, 1, 0, 0)


@pytest.mark.parametrize(
    "more, replay",
    [
        ({}, False),
        ({"isSidechain": True}, True),
        ({"isSidechain": True, "agentId": "a1b2c3d4e5f60718"}, True),
        ({"isSidechain": True, "requestId": None, "agentId": "a1b2c3d4e5f60718"}, False),
        ({"isSidechain": True, "requestId": None, "agentId": "aside_question-3f09aa"}, True),
        ({"isSidechain": True, "requestId": None}, False),
    ],
)
def test_a_side_question_s_line_may_be_a_replay(more: dict[str, Any], replay: bool) -> None:  # noqa: FBT001 - a table
    assert is_replay(line(1, **more)) is replay
    assert event(line(1, **more)).replay is replay


@pytest.mark.parametrize(
    "more, copied",
    [
        ({}, False),
        ({"requestSessionId": "its-source"}, True),
        ({"requestSessionId": SESSION}, False),
        ({"requestSessionId": ""}, False),
        ({"sessionKind": "bg"}, True),
        ({"sessionKind": "interactive"}, False),
    ],
)
def test_a_line_may_say_that_it_is_a_copy(more: dict[str, Any], copied: bool) -> None:  # noqa: FBT001 - a table
    assert is_copy(line(1, **more)) is copied
    assert event(line(1, **more)).copied is copied
