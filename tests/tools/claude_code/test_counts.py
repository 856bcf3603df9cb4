"""From usage objects to tokens: kinds are disjoint, lifetimes told apart, passes added up, damage refused."""

from types import SimpleNamespace
from typing import Any

import pytest
from tests.tools.claude_code.transcripts import Fields, usage

from tallystick.tools.claude_code.counts import MOST, Implausible, main_tokens, own_bills, prompt_of, rank_of, tokens_of
from tallystick.tools.claude_code.plain import look_at
from tallystick.usage.tokens import Tokens


def read(counts: Fields) -> Any:  # noqa: ANN401 - as the decoders give it
    """Return a usage object as the decoders give it."""
    line, _ = look_at({"type": "assistant", "message": {"usage": counts}})
    return line.message.usage


def split(short: int, long: int) -> Fields:
    """Return cache writes by lifetime."""
    return {"ephemeral_5m_input_tokens": short, "ephemeral_1h_input_tokens": long}


def part(kind: str, fresh: int, output: int, **more: object) -> Fields:
    """Return one pass of an answer."""
    return {"type": kind, "input_tokens": fresh, "output_tokens": output, **more}


def test_each_kind_stands_for_itself() -> None:
    counts = usage(3, 1_200, cache_creation_input_tokens=1_000, cache_creation=split(400, 600), output=631)
    assert main_tokens(read(counts)) == Tokens(3, 1_200, 400, 600, 631, 0)


@pytest.mark.parametrize(
    "written, by_lifetime, expected",
    [
        (1_000, split(400, 600), (400, 600)),
        (1_000, None, (1_000, 0)),
        (1_000, split(0, 0), (1_000, 0)),
        # Up to 2.1.151 the total could be 0 beside a split that was not.
        (0, split(70, 30), (70, 30)),
        (None, split(70, 30), (70, 30)),
        # The total is what is billed: an hour's part cannot exceed it, and what is left lives for five minutes.
        (200, split(0, 250), (0, 200)),
        (200, split(0, 50), (150, 50)),
        (200, split(500, 50), (150, 50)),
        (0, None, (0, 0)),
    ],
)
def test_writes_are_told_apart_by_lifetime(
    written: int | None, by_lifetime: Fields | None, expected: tuple[int, int]
) -> None:
    tokens = main_tokens(read(usage(cache_creation_input_tokens=written, cache_creation=by_lifetime)))
    assert (tokens.cache_write_5m, tokens.cache_write_1h) == expected


@pytest.mark.parametrize("thinking, expected", [(6, 6), (0, 0), (-1, 0), (11, 10), (None, 0)])
def test_thinking_is_a_part_of_the_output(thinking: int | None, expected: int) -> None:
    tokens = main_tokens(read(usage(output=10, output_tokens_details={"thinking_tokens": thinking})))
    assert (tokens.output, tokens.reasoning) == (10, expected)
    assert tokens.total == 3 + 10


@pytest.mark.parametrize(
    "better, worse",
    [
        ({"cache_read_input_tokens": 16_997, "input_tokens": 3, "output_tokens": 1}, {"input_tokens": 17_000, "output_tokens": 99}),
        ({"cache_creation": split(0, 0), "input_tokens": 3, "output_tokens": 1}, {"input_tokens": 3, "output_tokens": 2}),
        (usage(output=631), usage(output=5)),
        (usage(read=1, output=631), usage(output=631)),
        (usage(cache_creation_input_tokens=0, cache_creation=split(70, 30)), usage(output=10)),
    ],
    ids=["tells the cache's part", "tells lifetimes", "output", "total", "total by lifetime"],
)  # fmt: skip
def test_of_two_lines_the_one_that_says_more_ranks_higher(better: Fields, worse: Fields) -> None:
    assert rank_of(read(better)) > rank_of(read(worse))


@pytest.mark.parametrize(
    "counts",
    [
        usage(-1),
        usage(read=-1),
        usage(output=MOST + 1),
        usage(fresh=10**400),
        usage(hour=-5),
        usage(cache_creation=split(-1, 0)),
        usage(cache_creation=split(0, MOST + 1)),
        usage(input_tokens=None),
        usage(output_tokens=None),
        {},
        usage(iterations=[part("message", 3, 10), part("advisor_message", -3, 10)]),
        usage(iterations=[part("message", 3, 10), part("message", 3, 10, cache_creation=split(0, -9))]),
    ],
)
def test_what_cannot_be_is_refused(counts: Fields) -> None:
    with pytest.raises(Implausible):
        rank_of(read(counts))


def test_the_most_that_can_be_is_taken() -> None:
    assert tokens_of(read(usage(MOST, MOST, MOST, MOST))).total == 4 * MOST
    rank_of(read(usage(MOST, MOST, MOST, MOST)))


def test_the_prompt_is_all_that_was_sent() -> None:
    assert prompt_of(read(usage(3, 16_997, 100))) == 17_100
    assert (
        prompt_of(SimpleNamespace(input_tokens=None, cache_creation_input_tokens=None, cache_read_input_tokens=None))
        == 0
    )


def test_a_single_pass_repeats_the_top_level() -> None:
    assert main_tokens(read(usage(3, 5, 7, 9, iterations=[part("message", 3, 9)]))) == Tokens(3, 5, 0, 7, 9, 0)


def test_several_passes_add_up() -> None:
    # Beside an advisor the top level has the first pass's prompt and the output of both.
    passes = [
        part("message", 10, 40, cache_read_input_tokens=1_000, cache_creation_input_tokens=50),
        part("advisor_message", 500, 200, model="claude-opus-4-8"),
        part("message", 30, 50, cache_read_input_tokens=1_050, cache_creation_input_tokens=20),
    ]
    counts = read(usage(10, 1_000, 50, 90, iterations=passes, output_tokens_details={"thinking_tokens": 7}))
    assert main_tokens(counts) == Tokens(40, 2_050, 0, 70, 90, 7)
    assert own_bills(counts, "main", "asked for") == [("advisor:1", "claude-opus-4-8", Tokens(500, 0, 0, 0, 200))]


def test_passes_with_lifetimes_of_their_own_keep_them() -> None:
    passes = [
        part("message", 1, 4, cache_creation_input_tokens=50, cache_creation=split(50, 0)),
        part("message", 1, 5, cache_creation_input_tokens=20, cache_creation=split(0, 20)),
    ]
    assert main_tokens(read(usage(1, 0, 20, 9, iterations=passes))) == Tokens(2, 0, 50, 20, 9, 0)


def test_passes_that_do_not_add_up_are_not_believed() -> None:
    passes = [part("message", 10, 40), part("message", 30, 49)]
    assert main_tokens(read(usage(10, 0, 0, 90, iterations=passes))) == Tokens(10, 0, 0, 0, 90, 0)


def test_a_compaction_is_billed_beside_the_answer() -> None:
    passes = [part("compaction", 9_000, 700, cache_creation_input_tokens=100), part("message", 20, 25)]
    counts = read(usage(20, 0, 0, 25, iterations=passes))
    assert main_tokens(counts) == Tokens(20, 0, 0, 0, 25, 0)
    assert own_bills(counts, "main", "") == [("compaction:0", "main", Tokens(9_000, 0, 100, 0, 700))]


def test_an_attempt_that_had_begun_is_billed_at_the_model_that_was_asked_for() -> None:
    passes = [
        part("message", 60, 12),
        part("message", 60, 0),
        part("fallback_message", 60, 300, model="claude-sonnet-4-6"),
    ]
    counts = read(usage(60, 0, 0, 300, iterations=passes))
    assert main_tokens(counts) == Tokens(60, 0, 0, 0, 300, 0)
    assert own_bills(counts, "claude-sonnet-4-6", "claude-opus-5-5") == [
        ("attempt:0", "claude-opus-5-5", Tokens(60, 0, 0, 0, 12))
    ]


def test_an_empty_bill_is_none() -> None:
    counts = read(usage(iterations=[part("advisor_message", 0, 0), part("message", 3, 10)]))
    assert own_bills(counts, "main", "") == []
