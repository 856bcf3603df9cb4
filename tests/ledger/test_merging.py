"""Settling: which sighting counts, what belongs together, and whose it is."""

from itertools import permutations

import pytest

from tallystick.ledger.merging import Sighting, Standing, closed_at, settle
from tallystick.usage.event import BARE, CUT_OFF, FINISHED, PENDING

LINE = Sighting(1, 0, 1_000, 1, 1, 10, 20, 30, 40, 50, 5, FINISHED, False, False, 0, 0, 0, None, 0, 1)  # noqa: FBT003 - a row
STANDINGS = {
    1: Standing(1, 5_000, "/home/dev/a"),
    2: Standing(1, 9_000, "/home/dev/b"),
    3: Standing(1, 5_000, "/home/dev/c"),
    4: Standing(2, 7_000, "/home/dev/wire"),
    5: Standing(4, 7_000, "/home/dev/otlp"),
    6: Standing(8, 7_000, "/home/dev/push"),
}
"""Logs 1 to 3 of which the second one ended last, then a wire, telemetry and a push."""
WIRE, OTLP, PUSH = 4, 5, 6


def counted(*sightings: Sighting) -> list[Sighting]:
    """Return what counts, which must be the same in every order and with every repetition."""
    outcomes = {tuple(settle(order, STANDINGS.__getitem__)) for order in permutations(sightings)}
    outcomes.add(tuple(settle([*sightings, *sightings], STANDINGS.__getitem__)))
    assert len(outcomes) == 1
    return [event.counted for event in outcomes.pop()]


def test_a_total_holds_each_token_once() -> None:
    assert LINE.total == 10 + 20 + 30 + 40 + 50


def test_a_lone_sighting_is_its_event() -> None:
    (event,) = settle([LINE], STANDINGS.__getitem__)
    # One call, dated exactly.
    assert event == (LINE, 1, (LINE,), 1, 0, 0)


@pytest.mark.parametrize(
    "better, worse",
    [
        (LINE._replace(output=1), LINE._replace(grade=CUT_OFF)),
        (LINE._replace(output=1, grade=CUT_OFF), LINE._replace(grade=PENDING)),
        (LINE._replace(output=1, grade=PENDING), LINE._replace(grade=BARE)),
        (LINE._replace(output=1), LINE._replace(replay=True)),
        (LINE._replace(output=51), LINE._replace(input=1_000)),
        (LINE._replace(input=11), LINE),
        (LINE._replace(time=1_001), LINE),
        (LINE._replace(cache_read=21, input=9), LINE._replace(cache_read=20, input=10)._replace(time=999)),
        (LINE._replace(input=11, cache_read=19), LINE),
        (LINE._replace(reasoning=6), LINE),
        (LINE._replace(work_ms=1), LINE),
        (LINE._replace(place=0), LINE._replace(place=1)),
    ],
    ids=["finished", "cut off", "pending", "no replay", "output", "total", "time", "total before time", "input", "reasoning", "work", "place"],
)  # fmt: skip
def test_of_two_views_of_one_source_the_better_one_counts_whole(better: Sighting, worse: Sighting) -> None:
    (settled,) = counted(better, worse)
    assert settled[5:12] == better[5:12]
    assert (settled.time, settled.place) == (better.time, better.place)


def test_of_the_wires_own_views_of_the_same_counts_the_first_one_counts() -> None:
    asked_again = [LINE._replace(source=WIRE, time=time, place=time) for time in (2_000, 1_500, 9_000)]
    for order in permutations(asked_again):
        assert [(sighting.time, sighting.place) for sighting in counted(*order)] == [(1_500, 1_500)]
    # The counts go before the moment.
    assert [sighting.time for sighting in counted(*asked_again, LINE._replace(source=WIRE, output=51, time=9_999))] == [
        9_999
    ]


@pytest.mark.parametrize("first, second", [(WIRE, 1), (WIRE, PUSH), (1, OTLP), (PUSH, OTLP)])
def test_of_two_finished_views_the_one_nearer_to_the_bill_counts(first: int, second: int) -> None:
    near, far = LINE._replace(source=first, output=1), LINE._replace(source=second, output=99)
    assert [sighting.output for sighting in counted(near, far)] == [1]


def test_a_view_of_the_wire_without_tokens_withdraws_the_key() -> None:
    wire = LINE._replace(source=WIRE)
    none = LINE._replace(time=9, input=0, cache_read=0, cache_write_5m=0, cache_write_1h=0, output=0)
    assert settle([wire, none._replace(source=WIRE)], STANDINGS.__getitem__) == []
    # What another witness says of a call without tokens is only that.
    assert len(settle([wire, none], STANDINGS.__getitem__)) == 1


def test_before_the_end_no_witness_is_nearer_to_the_bill() -> None:
    near, far = (LINE._replace(source=source, output=source, grade=PENDING) for source in (WIRE, OTLP))
    assert [sighting.output for sighting in counted(near, far)] == [OTLP]


def test_a_finished_log_beats_a_wire_that_was_cut_off() -> None:
    cut = LINE._replace(source=WIRE, output=9, grade=CUT_OFF)
    assert [sighting.output for sighting in counted(LINE, cut)] == [50]


def test_witnesses_add_up_and_each_view_is_kept_with_the_original_first() -> None:
    views = [LINE._replace(source=source) for source in (PUSH, WIRE, 2, 1)]
    (event,) = settle(views, STANDINGS.__getitem__)
    assert event.seen == 8 + 2 + 1
    # The wire comes after every log, whichever ended first.
    assert [view.source for view in event.sightings] == [1, PUSH, 2, WIRE]


def test_the_original_gives_the_context_and_the_best_the_counts() -> None:
    original = LINE._replace(context=1, source=1, output=5)
    copy = LINE._replace(context=2, source=2, output=6, place=3)
    (settled,) = counted(original, copy)
    assert (settled.context, settled.output, settled.place, settled.source) == (1, 6, 3, 2)


def test_the_wire_counts_and_a_log_that_ended_later_gives_the_context() -> None:
    log = LINE._replace(context=1, source=2, output=5)
    wire = LINE._replace(context=2, source=WIRE, output=6)
    (settled,) = counted(log, wire)
    assert (settled.context, settled.output, settled.source) == (1, 6, WIRE)


@pytest.mark.parametrize("marked", [{"copied": True}, {"replay": True}])
def test_the_wire_knows_the_session_better_than_what_only_repeats_the_call(marked: dict[str, bool]) -> None:
    wire = LINE._replace(context=2, source=WIRE, request=5)
    repeated = LINE._replace(context=1, source=1, request=6 if "replay" in marked else 5, **marked)
    (settled,) = counted(repeated, wire)
    assert (settled.context, settled.copied, settled.replay) == (2, False, False)


@pytest.mark.parametrize("request_", [5, 0], ids=["its own request", "no request id"])
def test_an_agents_line_that_the_wire_saw_as_its_own_request_gives_the_context(request_: int) -> None:
    # A subagent's lines look like repetitions; the request id tells that this is the call itself.
    line = LINE._replace(context=1, source=1, request=5, replay=True)
    cut = LINE._replace(context=2, source=WIRE, request=request_, output=9, grade=CUT_OFF)
    (settled,) = counted(line, cut)
    assert (settled.context, settled.output, settled.grade) == (1, 50, FINISHED)
    (settled,) = counted(line, cut._replace(grade=FINISHED))
    assert (settled.context, settled.output, settled.source) == (1, 9, WIRE)


@pytest.mark.parametrize("grade", [PENDING, CUT_OFF, BARE])
def test_the_beginning_of_an_answer_in_a_log_yields_to_the_wires_whole_counts(grade: int) -> None:
    log = LINE._replace(source=1, output=7, grade=grade, time=9_000)
    (settled,) = counted(log, LINE._replace(source=WIRE, output=245))
    assert (settled.output, settled.grade) == (245, FINISHED)


def test_a_placeholder_that_a_log_takes_for_finished_yields_to_the_wire() -> None:
    assert counted(LINE._replace(output=999), LINE._replace(source=WIRE, output=245))[0].output == 245


def test_what_was_put_as_the_cost_is_kept_where_the_sighting_that_counts_has_none() -> None:
    wire, log, otlp = LINE._replace(source=WIRE), LINE._replace(cost_nano=7), LINE._replace(source=OTLP, cost_nano=9)
    (settled,) = counted(wire, log, otlp)
    assert (settled.source, settled.cost_nano) == (WIRE, 7)
    assert counted(wire._replace(cost_nano=3), log)[0].cost_nano == 3


def test_sessions_that_ended_together_are_told_apart_by_path() -> None:
    assert counted(LINE._replace(context=1, source=1), LINE._replace(context=3, source=3))[0].context == 1


def test_who_says_to_be_a_copy_is_one() -> None:
    first = LINE._replace(context=1, source=1, copied=True)
    (settled,) = counted(first, LINE._replace(context=2, source=2))
    assert (settled.context, settled.copied) == (2, False)


def test_different_request_ids_are_different_events() -> None:
    assert [sighting.request for sighting in counted(*(LINE._replace(request=each) for each in (7, -3, 0)))] == [
        -3,
        0,
        7,
    ]


def test_a_view_without_a_request_id_joins_the_only_other_one() -> None:
    named, nameless = LINE._replace(request=7, output=9), LINE._replace(request=0, source=2)
    (settled,) = counted(named, nameless)
    assert (settled.output, settled.source) == (50, 2)


def test_a_replay_joins_its_own_request_or_the_first() -> None:
    five, six = LINE._replace(request=5, source=1), LINE._replace(request=6, source=1)
    replays = [LINE._replace(request=request, replay=True, source=2, output=99) for request in (6, 8)]
    events = settle([*replays, six, five], STANDINGS.__getitem__)
    assert [[(view.request, view.replay) for view in event.sightings] for event in events] == [
        [(5, False), (8, True)],
        [(6, False), (6, True)],
    ]
    assert [event.counted.output for event in events] == [50, 50]


def test_replays_without_their_original_are_one_event() -> None:
    replays = [LINE._replace(request=request, replay=True, output=request) for request in (5, 6)]
    (settled,) = counted(*replays)
    assert (settled.output, settled.replay) == (6, True)


def test_a_source_was_closed_when_its_file_was_written_last() -> None:
    week = 7 * 24 * 3_600_000
    assert closed_at(1_000, 3_000_999_999) == 3_000
    assert closed_at(1_000, 500_000_000) == 1_000
    assert closed_at(1_000, (1_000 + week) * 1_000_000) == 1_000 + week
    # A restored backup: its time tells nothing.
    assert closed_at(1_000, (1_001 + week) * 1_000_000) == 1_000
