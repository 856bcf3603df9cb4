"""Active time: known gaps, and what holds for any spans."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tallystick.usage.activity import AWAY_MS, MODEL, TOOL, Activity, activity, covered, worked

MINUTE = 60_000
SPANS = st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 300)).map(lambda span: (span[0], sum(span))))
LANES = st.lists(
    st.tuples(
        st.sampled_from(["", "a1", "a2"]), st.sampled_from([MODEL, TOOL]), st.integers(0, 1000), st.integers(0, 300)
    ).map(lambda span: (span[0], span[1], span[2], span[2] + span[3]))
)

# A session by the minute: the model 0-2, a tool 2-10 in which a subagent works 3-6 and runs a tool of its own 4-5, the
# model 10-11; then the person thinks until 30, and the model 30-31 with two tools side by side 31-33 and 32-35.
SESSION = [
    ("", MODEL, 0, 2),
    ("", TOOL, 2, 10),
    ("a1", MODEL, 3, 6),
    ("a1", TOOL, 4, 5),
    ("", MODEL, 10, 11),
    ("", MODEL, 30, 31),
    ("", TOOL, 31, 33),
    ("", TOOL, 32, 35),
]


def test_a_session_with_known_gaps() -> None:
    spans = [(agent, kind, begin * MINUTE, end * MINUTE) for agent, kind, begin, end in SESSION]
    assert activity(spans) == Activity(
        active=16 * MINUTE,  # 0-11 and 30-35: the 19 minutes of the person count nowhere
        model=4 * MINUTE,  # 2 + 1 + 1
        tool=12 * MINUTE,  # 8, and 4 for two that overlap by one
        agent_model=3 * MINUTE,
        agent_tool=1 * MINUTE,
    )


def test_two_subagents_side_by_side_each_count_but_the_clock_only_once() -> None:
    found = activity([("a1", MODEL, 0, 600), ("a2", MODEL, 0, 600)])
    assert found.agent_model == 1200
    assert found.active == 600


def test_a_session_without_spans_was_never_active() -> None:
    assert activity([]) == Activity(0, 0, 0, 0, 0)


def test_an_answer_of_several_lines_counts_from_its_request() -> None:
    assert worked(1_000, [3_000, 3_000, 8_500]) == 7_500


def test_a_silence_of_more_than_five_minutes_is_an_absence() -> None:
    assert worked(0, [AWAY_MS]) == AWAY_MS
    assert worked(0, [AWAY_MS + 1]) == 0
    # What comes after the absence counts again, from there on.
    assert worked(0, [2_000, 2_000 + AWAY_MS + 1, 2_000 + AWAY_MS + 501]) == 2_500


def test_a_clock_that_goes_back_takes_nothing_away() -> None:
    assert worked(0, [5_000, 4_000, 6_000]) == 6_000


@given(SPANS, st.randoms())
def test_the_order_of_spans_does_not_matter(spans: list[tuple[int, int]], chance: Random) -> None:
    shuffled = spans.copy()
    chance.shuffle(shuffled)
    assert covered(shuffled) == covered(spans)


@given(SPANS)
def test_a_union_is_the_count_of_moments_in_it(spans: list[tuple[int, int]]) -> None:
    # One millisecond at a time: slow, and plainly right.
    assert covered(spans) == len({moment for begin, end in spans for moment in range(begin, end)})


@given(LANES)
def test_a_line_of_work_never_exceeds_the_clock(spans: list[tuple[str, int, int, int]]) -> None:
    found = activity(spans)
    clock = max((end for *_, end in spans), default=0) - min((begin for _, _, begin, _ in spans), default=0)
    assert max(found.active, found.model, found.tool) <= clock
    agents = {agent for agent, *_ in spans if agent}
    assert max(found.agent_model, found.agent_tool) <= clock * len(agents)
    assert found.active <= found.model + found.tool + found.agent_model + found.agent_tool
