"""What every engine of the ledger keeps: the same batches give the same answers, however they come."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ledger.engines import LIGHT
from tests.ledger.sample import COPY, EVER, LATER, LOG, MAIN, OPUS, View, batch, decoded, number, usage
from tests.ledger.worlds import SLOT, World, deliveries, in_turn, worlds

from tallystick.ledger.ledger import Batch, Ledger, Receipt, Row
from tallystick.ledger.memory import MemoryLedger
from tallystick.usage.tokens import Tokens


def test_an_empty_ledger_answers_with_nothing(ledger: Ledger) -> None:
    answers = decoded(ledger)
    assert answers.pop("skipped_total") == [(0,)]
    assert not any(answers.values())
    assert ledger.ask("source", path="/home/dev/a.jsonl") == []


def test_an_event_is_in_every_answer(ledger: Ledger) -> None:
    view = View(
        7, 9, SLOT + 5, tokens=Tokens(10, 20, 30, 40, 50, 6), work_ms=3, searches=2, fetches=1, cost_nano=8, place=99
    )
    assert ledger.add([batch(LOG, [view], fresh=True)]) == Receipt(new=1)
    assert usage(ledger) == [(1, 0, 1, 1, 10, 20, 30, 40, 50, 6, 2)]
    (context, *place), *others = ledger.ask("contexts")
    assert (place, others) == ([*MAIN], [])
    (variant, *called), *others = ledger.ask("variants")
    assert (called, others) == ([*OPUS], [])
    (event,) = ledger.ask("events", **EVER)
    assert event[1:10] == (SLOT + 5, context, variant, 10, 20, 30, 40, 50, 6)
    assert event[10:18] == (3, 3, 2, 1, 8, "/home/dev/a.jsonl", 99, "log")
    # One call, dated exactly, with one view.
    assert event[18:] == (1, 0, 0, 1)
    assert ledger.ask("sightings", event=event[0]) == []
    assert ledger.ask("usage_by_variant", **EVER) == [(1, variant, 0, 1, 1, 10, 20, 30, 40, 50, 6, 2)]
    assert ledger.ask("events_by_tool", **EVER) == [("claude-code", 1, SLOT + 5)]
    assert (ledger.ask("events_by_tool", since=2, until=9), ledger.ask("cut_off")) == ([], [])
    assert ledger.ask("tokens_of", variant=variant) == [(1, 0, 150)]
    assert ledger.ask("spans", **EVER) == [(context, 0, SLOT + 2, SLOT + 5)]
    assert ledger.ask("receivers") == [("claude-code", "log", 1, 1_000, 4_000)]
    assert ledger.ask("marks") == [("/home/dev/a.jsonl", 11, 1_000, 5_000_000_000)]
    assert ledger.ask("source", path="/home/dev/a.jsonl") == [tuple(LOG)]


def test_what_was_told_before_changes_nothing(ledger: Ledger) -> None:
    told = batch(LOG, [View(1), View(2, work_ms=4)], fresh=True, calls=[(5, 2, "Read", 1, 3, False)])
    assert ledger.add([told]) == Receipt(new=2)
    before = decoded(ledger)
    assert ledger.add([told]) == Receipt(known=2)
    assert ledger.add([told, told]).new == 0
    assert decoded(ledger) == before


def test_a_better_sighting_counts_whole(ledger: Ledger) -> None:
    ledger.add([batch(LOG, [View(tokens=Tokens(100, 0, 0, 0, 1), grade=1)])])
    # More output in fewer input tokens: no maximum of each.
    assert ledger.add([batch(LOG, [View(time=SLOT, tokens=Tokens(90, 0, 0, 0, 7), place=5)])]) == Receipt(changed=1)
    assert usage(ledger) == [(1, 0, 1, 1, 90, 0, 0, 0, 7, 0, 0)]
    # The lesser one comes again, and from elsewhere too.
    assert ledger.add([batch(LOG, [View(tokens=Tokens(100, 0, 0, 0, 1), grade=1)])]) == Receipt(known=1)
    ledger.add([batch(LATER, [View(tokens=Tokens(100, 0, 0, 0, 1), grade=1)])])
    assert usage(ledger) == [(1, 0, 1, 1, 90, 0, 0, 0, 7, 0, 0)]


def test_one_key_with_two_request_ids_is_two_events(ledger: Ledger) -> None:
    ledger.add([batch(LOG, [View(1, 5, tokens=Tokens(1)), View(1, 6, tokens=Tokens(10))])])
    assert sorted(row[4] for row in ledger.ask("events", **EVER)) == [1, 10]
    # A third id makes the one without a request id, which could have been either, an event of its own.
    assert ledger.add([batch(LOG, [View(1, 0, tokens=Tokens(100))])]).new == 1
    assert usage(ledger) == [(0, 0, 1, 3, 111, 0, 0, 0, 0, 0, 0)]


def test_a_replay_joins_its_original_whichever_comes_first(ledger: Ledger) -> None:
    replay = View(1, 6, tokens=Tokens(9, output=9), replay=True, context=COPY)
    ledger.add([batch(LATER, [replay])])
    assert usage(ledger) == [(0, 0, 1, 1, 9, 0, 0, 0, 9, 0, 0)]
    ledger.add([batch(LOG, [View(1, 5, tokens=Tokens(1, output=1))])])
    assert usage(ledger) == [(0, 0, 1, 1, 1, 0, 0, 0, 1, 0, 0)]
    assert decoded(ledger)["events"][0][1] == MAIN


def test_every_witness_is_remembered_with_what_it_counted(ledger: Ledger) -> None:
    sources = [LOG._replace(path=f"/home/dev/{name}", witness=name) for name in ("log", "otlp", "push", "wire")]
    for place, source in enumerate(sources):
        ledger.add([batch(source, [View(tokens=Tokens(10 + place), place=place)])])
    # The wire is nearest to the bill; 1 + 2 + 4 + 8 saw it.
    assert usage(ledger) == [(0, 0, 15, 1, 13, 0, 0, 0, 0, 0, 0)]
    (event,) = ledger.ask("events", **EVER)
    assert event[17] == "wire"
    views = ledger.ask("sightings", event=event[0])
    assert [(row[0], row[1], row[2], row[4]) for row in views] == [
        ("/home/dev/log", 0, "log", 10),
        ("/home/dev/otlp", 1, "otlp", 11),
        ("/home/dev/push", 2, "push", 12),
        ("/home/dev/wire", 3, "wire", 13),
    ]


def test_a_copy_belongs_to_the_session_that_ended_first(ledger: Ledger) -> None:
    ledger.add([batch(LATER, [View(context=COPY)], prompts=[(4, 100, COPY, 0)])])
    ledger.add([batch(LOG, [View()], prompts=[(4, 100, MAIN, 0)])])
    assert decoded(ledger)["events"][0][1] == MAIN
    assert decoded(ledger)["prompts"] == [(100, MAIN)]


def test_a_source_that_goes_on_gives_up_what_it_copied(ledger: Ledger) -> None:
    ledger.add(
        [
            batch(LOG, [View()], prompts=[(4, 100, MAIN, 0)]),
            batch(LATER, [View(context=COPY)], prompts=[(4, 100, COPY, 0)]),
        ]
    )
    assert [row[4] for row in decoded(ledger)["usage_by_context"]] == [MAIN]
    # Now the first one was written to, later than the other: it has resumed the other's session.
    grown = LOG._replace(mtime=20_000_000_000, last=15_000)
    ledger.add([batch(grown, [View(2, time=15_000)])])
    assert {row[0]: row[1] for row in decoded(ledger)["events"]} == {3_000: COPY, 15_000: MAIN}
    assert decoded(ledger)["prompts"] == [(100, COPY)]
    assert sorted(row[4].session for row in decoded(ledger)["usage_by_context"]) == ["s1", "s2"]


def test_a_failure_on_the_way_leaves_everything_as_it_was(ledger: Ledger) -> None:
    ledger.add([batch(LOG, [View(1)])])
    before = decoded(ledger)

    def broken() -> Iterator[Batch]:
        yield batch(LATER, [View(2, context=COPY), View(1, time=9, place=3)], skipped=[(1, "not JSON")])
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        ledger.add(broken())
    assert decoded(ledger) == before
    assert ledger.add([batch(LATER, [View(2, context=COPY)])]) == Receipt(new=1)
    assert len(ledger.ask("contexts")) == 2


def test_a_failure_in_the_first_addition_leaves_an_empty_ledger(ledger: Ledger) -> None:
    def broken() -> Iterator[Batch]:
        yield batch(LOG, [View(1)])
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        ledger.add(broken())
    assert ledger.ask("events", **EVER) == []
    assert ledger.add([batch(LOG, [View(1)])]) == Receipt(new=1)
    assert ledger.add([batch(LOG, [View(1)])]) == Receipt(known=1)


def test_sums_are_told_apart_by_quarter_hour_and_size(ledger: Ledger) -> None:
    views = [
        View(1, time=SLOT - 1),
        View(2, time=SLOT),
        View(3, tokens=Tokens(0, 200_000)),
        View(4, tokens=Tokens(1, 200_000)),
    ]
    ledger.add([batch(LOG, views)])
    # The prompt of 200 000 is in the class that ends there, the sixth edge; one more is beyond.
    assert [row[:4] for row in usage(ledger)] == [(0, 0, 1, 1), (0, 6, 1, 1), (0, 7, 1, 1), (1, 0, 1, 1)]


def test_times_are_half_open(ledger: Ledger) -> None:
    call = (5, 1, "Read", 100, 200, False)
    limit = ("openai", "primary", 300, 5.0, 0, 100, "plus", "")
    ledger.add([batch(LOG, [View(1, time=100, work_ms=1)], prompts=[(4, 100, MAIN, 0)], calls=[call], limits=[limit])])
    for question in ("events", "prompts", "limits", "calls"):
        assert len(ledger.ask(question, since=100, until=101)) == 1, question
        assert ledger.ask(question, since=101, until=300) == [], question
        assert ledger.ask(question, since=0, until=100) == [], question
    assert [row[1] for row in ledger.ask("spans", since=100, until=200)] == [0]
    assert [row[1] for row in ledger.ask("spans", since=101, until=201)] == [1]
    assert ledger.ask("usage_by_variant", since=1, until=9) == ledger.ask("usage_by_context", since=-9, until=0) == []


def test_a_call_ends_once_and_first(ledger: Ledger) -> None:
    ledger.add([batch(LOG, [View(1)], calls=[(5, 1, "Read", 100, 0, False)])])
    main = number(ledger, MAIN)
    assert ledger.ask("calls", **EVER) == [("Read", main, 1, 0, 0)]
    ledger.add([batch(LOG, calls=[(5, 1, "Read", 100, 180, True)])])
    ledger.add([batch(LATER, calls=[(5, 1, "Read", 100, 900, False)])])
    ledger.add([batch(LATER, calls=[(5, 1, "Read", 100, 0, False), (6, 1, "Read", 100, 120, False)])])
    assert ledger.ask("calls", **EVER) == [("Read", main, 2, 1, 100)]
    assert ledger.ask("spans", **EVER) == [(main, 1, 100, 120), (main, 1, 100, 180)]


def test_a_call_waits_for_its_event(ledger: Ledger) -> None:
    ledger.add([batch(LOG, [View(1)], calls=[(5, 77, "Read", 100, 180, False)])])
    assert ledger.ask("calls", **EVER) == ledger.ask("spans", **EVER) == []
    ledger.add([batch(LATER, [View(77, context=COPY)])])
    assert decoded(ledger)["calls"] == [("Read", COPY, 1, 0, 80)]
    assert len(ledger.ask("spans", **EVER)) == 1


def test_single_things_are_found_by_session_and_number(ledger: Ledger) -> None:
    views = [
        View(1, time=SLOT + 5, work_ms=3),
        View(2, time=3 * SLOT, tokens=Tokens(1, output=9), work_ms=7),
        View(3, time=2 * SLOT, context=COPY, tokens=Tokens(1, output=4)),
    ]
    prompts: list[Row] = [(4, SLOT, MAIN, 0), (6, 2 * SLOT, COPY, 0)]
    ledger.add([batch(LOG, views, prompts=prompts)])
    main, copy, opus = number(ledger, MAIN), number(ledger, COPY), number(ledger, OPUS)
    assert ledger.ask("extent") == [(SLOT + 5, 3 * SLOT)]
    assert ledger.ask("quarters", session="s1") == [(1,), (3,)]
    assert ledger.ask("quarters", session="S1") == []
    assert ledger.ask("presence", since=1, until=3) == [(1, main), (2, copy)]
    assert ledger.ask("prompts_of", session="s2") == [(2 * SLOT, copy)]
    # The output of the view that has a length; the latest moment of any.
    work = [(main, opus, 2, 10, 14, 3 * SLOT), (copy, opus, 0, 0, 0, 2 * SLOT)]
    assert ledger.ask("work", **EVER) == sorted(work)
    assert ledger.ask("work", since=1, until=2) == [(main, opus, 1, 3, 5, SLOT + 5)]
    reach = [(main, SLOT + 5, SLOT + 5, 15), (copy, 2 * SLOT, 2 * SLOT, 5)]
    assert ledger.ask("reach", since=1, until=3) == sorted(reach)
    assert ledger.ask("model_spans", **EVER) == [(main, SLOT + 2, SLOT + 5), (main, 3 * SLOT - 7, 3 * SLOT)]
    every = {row[0]: row for row in ledger.ask("events", **EVER)}
    assert {each: ledger.ask("event", event=each) for each in every} == {each: [every[each]] for each in every}
    asked = [ledger.ask("context", context=each) for each in (main, copy, 3)]
    assert asked == [[(main, *MAIN)], [(copy, *COPY)], []]
    assert ledger.ask("event", event=0) == ledger.ask("event", event=99) == []


def test_uses_of_tools_are_told_with_their_events(ledger: Ledger) -> None:
    views = [View(1, time=SLOT + 5), View(3, time=2 * SLOT, context=COPY)]
    calls: list[Row] = [(8, 3, "Grep", 2 * SLOT + 1, 0, True), (5, 1, "Read", SLOT + 9, SLOT + 20, False)]
    ledger.add([batch(LOG, views, calls=calls)])
    main, copy = number(ledger, MAIN), number(ledger, COPY)
    numbers = {row[1]: row[0] for row in ledger.ask("events", **EVER)}
    assert ledger.ask("runs", since=SLOT + 9, until=4 * SLOT) == [
        ("Read", main, SLOT + 9, SLOT + 20, 0, numbers[SLOT + 5]),
        ("Grep", copy, 2 * SLOT + 1, 0, 1, numbers[2 * SLOT]),
    ]
    assert ledger.ask("runs", since=SLOT + 10, until=2 * SLOT + 1) == []


def test_calls_go_with_an_event_that_turns_out_to_be_a_replay(ledger: Ledger) -> None:
    ledger.add([batch(LATER, [View(1, 6, replay=True, context=COPY)], calls=[(5, 1, "Read", 100, 180, False)])])
    ledger.add([batch(LOG, [View(1, 5)])])
    assert decoded(ledger)["calls"] == [("Read", MAIN, 1, 0, 80)]


def test_the_newest_title_and_the_highest_limit_stand(ledger: Ledger) -> None:
    title = [("s1", "first", 1), ("s1", "last", 9), ("s1", "middle", 5), ("s0", "other", 0)]
    limits = [("openai", "primary", 300, used, 7, 50, "plus", "") for used in (3.0, 8.0, 5.0)]
    ledger.add([batch(LOG, titles=[*title], limits=[*limits])])
    ledger.add([batch(LATER, titles=[title[0]], limits=[limits[2]])])
    assert ledger.ask("titles") == [("s0", "other"), ("s1", "last")]
    assert ledger.ask("limits", **EVER) == [("openai", "primary", 300, 8.0, 7, 50, "plus", "")]


def test_windows_of_one_name_are_kept_by_account(ledger: Ledger) -> None:
    told = [
        ("anthropic", "five_hour", 300, used, 7, 50, "max", account)
        for used, account in ((30.0, "b"), (71.0, "a"), (5.0, ""))
    ]
    ledger.add([batch(LOG, limits=told[:2])])
    ledger.add([batch(LATER, limits=[told[2], (*told[0][:3], 31.0, *told[0][4:])])])
    assert [(row[7], row[3]) for row in ledger.ask("limits", **EVER)] == [("", 5.0), ("a", 71.0), ("b", 31.0)]


def test_what_was_skipped_is_counted_until_its_source_is_read_anew(ledger: Ledger) -> None:
    ledger.add([batch(LOG, [View(1)], fresh=True, skipped=[(40, "not JSON"), (-1, "17")])])
    ledger.add(
        [batch(LOG, skipped=[(50, "not UTF-8"), (50, "too deep"), (-1, "2")]), batch(LATER, skipped=[(1, "not JSON")])]
    )
    assert ledger.ask("skipped") == [
        ("claude-code", "/home/dev/a.jsonl", -1, "more", 19),
        ("claude-code", "/home/dev/a.jsonl", 40, "not JSON", 1),
        ("claude-code", "/home/dev/a.jsonl", 50, "not UTF-8", 1),
        ("claude-code", "/home/dev/a.jsonl", 50, "too deep", 1),
        ("claude-code", "/home/dev/b.jsonl", 1, "not JSON", 1),
    ]
    assert ledger.ask("skipped_total") == [(23,)]
    ledger.add([batch(LOG, fresh=True, skipped=[(40, "not JSON")])])
    assert ledger.ask("skipped_total") == [(2,)]


def test_a_source_without_events_is_read_anew_too(ledger: Ledger) -> None:
    for _ in range(2):
        ledger.add([batch(LOG, fresh=True, skipped=[(40, "not JSON"), (-1, "17")])])
    assert ledger.ask("skipped_total") == [(18,)]


def test_the_newest_moment_of_a_source_never_goes_back(ledger: Ledger) -> None:
    ledger.add([batch(LOG)])
    ledger.add([batch(LOG._replace(last=0, size=5, offset=3))])
    assert ledger.ask("source", path=LOG.path) == [tuple(LOG._replace(size=5, offset=3))]


def test_text_of_any_script_comes_back_as_it_was(ledger: Ledger) -> None:
    context = MAIN._replace(project="/home/dev/Übung/仕事", branch="it's; --\x00x")
    ledger.add([batch(LOG, [View(context=context)])])
    assert [row[1:] for row in ledger.ask("contexts")] == [tuple(context)]


def test_moments_before_1970_have_their_own_quarter_hour(ledger: Ledger) -> None:
    ledger.add([batch(LOG, [View(1, time=-1, grade=1)])])
    ledger.add([batch(LOG, [View(1, time=-1)])])
    assert [row[:4] for row in usage(ledger)] == [(-1, 0, 1, 1)]


@pytest.mark.parametrize("order", [(5, 6), (6, 5)])
def test_calls_under_a_key_that_was_used_again(ledger: Ledger, order: tuple[int, int]) -> None:
    # Which of the two made the call cannot be told: the one with the lesser request id, whoever came first.
    contexts = {5: MAIN, 6: COPY}
    for request in order:
        ledger.add([batch(LOG, [View(1, request, context=contexts[request])], calls=[(5, 1, "Read", 100, 180, False)])])
    assert decoded(ledger)["calls"] == [("Read", MAIN, 1, 0, 80)]


def test_calls_stay_when_a_replay_gives_way_to_two_events(ledger: Ledger) -> None:
    ledger.add([batch(LATER, [View(1, 9, replay=True)], calls=[(5, 1, "Read", 100, 180, False)])])
    ledger.add([batch(LOG, [View(1, 5), View(1, 6)])])
    assert ledger.ask("calls", **EVER) == [("Read", number(ledger, MAIN), 1, 0, 80)]


@pytest.mark.parametrize("step", [1, -1])
def test_of_two_equal_ends_and_limits_the_same_one_stands_in_any_order(ledger: Ledger, step: int) -> None:
    calls = [(5, 1, "Read", 100, 180, False), (5, 1, "Read", 100, 180, True)]
    limits = [("openai", "primary", 300, 5.0, resets_at, 50, "plus", "") for resets_at in (7, 8)]
    ledger.add([batch(LOG, [View(1)])])
    for call, limit in zip(calls[::step], limits[::step], strict=True):
        ledger.add([batch(LOG, calls=[call], limits=[limit])])
    assert ledger.ask("calls", **EVER) == [("Read", number(ledger, MAIN), 1, 0, 80)]
    assert ledger.ask("limits", **EVER) == [("openai", "primary", 300, 5.0, 8, 50, "plus", "")]


@pytest.mark.parametrize("step", [1, -1])
@pytest.mark.parametrize("other", [View(1, searches=1), View(1, fetches=1), View(1, cost_nano=5)])
def test_of_two_equal_counts_from_one_place_the_same_one_stands_in_any_order(
    ledger: Ledger, other: View, step: int
) -> None:
    # A file that was rewritten in place, or two telemetry events, which have no place.
    for view in (View(1), other)[::step]:
        ledger.add([batch(LOG, [view])])
    straight = MemoryLedger()
    straight.add([batch(LOG, [View(1), other])])
    assert decoded(ledger) == decoded(straight)


@pytest.mark.parametrize("engine", LIGHT)
@given(data=st.data())
def test_no_order_no_repetition_and_no_division_changes_the_outcome(engine: str, data: st.DataObject) -> None:
    world: World = data.draw(worlds())
    straight = MemoryLedger()
    straight.add(in_turn(world, [[told] for told in world.told]))
    with closing(LIGHT[engine]()) as other:
        for transaction in data.draw(deliveries(world)):
            other.add(transaction)
        assert decoded(other) == decoded(straight)
