"""Packing: what a reader found becomes rows that lose nothing on the way."""

import marshal

from tallystick.intake.packing import pack, plain, unplain
from tallystick.ledger.ledger import Source
from tallystick.tools.tool import MOST_SKIPPED, Found
from tallystick.usage.event import Context, LimitSample, Prompt, Reading, Title, ToolCall, UsageEvent, Variant
from tallystick.usage.tokens import Tokens

SOURCE = Source("/home/dev/a.jsonl", "claude-code", "log", 1, 2, 3, 4, 5, b"\x00state", 50)
MAIN, OTHER = Context("claude-code", "s1"), Context("claude-code", "s2")
OPUS, HAIKU = Variant("anthropic", "opus"), Variant("anthropic", "haiku")


def found() -> Found:
    everything = Found()
    everything.events += [
        UsageEvent(1, 2, 100, OPUS, Tokens(1, 2, 3, 4, 5, 6), MAIN, 2, True, True, 7, 8, 9, 10, 11),  # noqa: FBT003 - a row
        UsageEvent(2, 0, 300, HAIKU, Tokens(1), OTHER),
        # Equal to the first context and not the same object, as after a read that was resumed.
        UsageEvent(3, 0, 200, OPUS, Tokens(2), Context("claude-code", "s1")),
    ]
    everything.prompts.append(Prompt(4, 90, OTHER, 12))
    everything.calls.append(ToolCall(5, 1, "Read", 100, 400, failed=True))
    everything.limits.append(LimitSample("openai", "primary", 300, 12.5, 900, 100, "plus"))
    everything.titles.append(Title("s1", "A title", 1))
    everything.skip(77, "not JSON")
    return everything


def test_rows_hold_the_fields_in_the_order_of_the_ledger() -> None:
    batch = pack(found(), SOURCE, fresh=True, machine="box", user="dev")
    assert batch.events == [
        (1, 2, 100, 0, 0, 1, 2, 3, 4, 5, 6, 2, True, True, 7, 8, 9, 10, 11),
        (2, 0, 300, 1, 1, 1, 0, 0, 0, 0, 0, 3, False, False, 0, 0, 0, None, 0),
        (3, 0, 200, 0, 0, 2, 0, 0, 0, 0, 0, 3, False, False, 0, 0, 0, None, 0),
    ]
    assert batch.prompts == [(4, 90, 1, 12)]
    assert batch.calls == [(5, 1, "Read", 100, 400, True)]
    assert batch.limits == [("openai", "primary", 300, 12.5, 900, 100, "plus", "")]
    assert batch.titles == [("s1", "A title", 1)]
    assert batch.skipped == [(77, "not JSON")]
    assert batch.variants == [OPUS, HAIKU]
    assert batch.fresh


def test_contexts_learn_the_machine_and_the_user() -> None:
    batch = pack(found(), SOURCE, fresh=False, machine="box", user="dev")
    assert batch.contexts == [context._replace(machine="box", user="dev") for context in (MAIN, OTHER)]
    assert not batch.fresh


def test_a_source_knows_its_newest_moment() -> None:
    everything = found()
    assert pack(everything, SOURCE, fresh=True, machine="", user="").source == SOURCE._replace(last=400)
    everything.calls.clear()
    assert pack(everything, SOURCE, fresh=True, machine="", user="").source.last == 300
    everything.prompts.append(Prompt(6, 999, MAIN, 0))
    assert pack(everything, SOURCE, fresh=True, machine="", user="").source.last == 999
    everything.readings.append(Reading(7, 1, 1_001, 0, OPUS, MAIN, 1, Tokens(1)))
    assert pack(everything, SOURCE, fresh=True, machine="", user="").source.last == 1_001


def test_half_a_character_becomes_a_question_mark_and_whole_ones_stay() -> None:
    half, whole = "half \ud800", "schön 木"
    everything = Found()
    for text in (half, whole):
        everything.events.append(UsageEvent(1, 0, 5, Variant("local", text), Tokens(1), Context("codex", text, text)))
        everything.calls.append(ToolCall(2, 1, text, 5))
        everything.titles.append(Title("s1", text, 5))
    batch = pack(everything, SOURCE, fresh=True, machine="box", user=half)
    assert [variant.model for variant in batch.variants] == ["half ?", whole]
    assert [context.project for context in batch.contexts] == ["half ?", whole]
    assert {context.user for context in batch.contexts} == {"half ?"}
    assert [call[2] for call in batch.calls] == ["half ?", whole]
    assert [title[1] for title in batch.titles] == ["half ?", whole]
    assert pack(Found(), SOURCE, fresh=True, machine="", user="").source.last == 50


def test_what_was_skipped_beyond_those_that_are_named_is_a_number() -> None:
    everything = Found()
    for offset in range(MOST_SKIPPED + 3):
        everything.skip(offset, "not JSON")
    skipped = pack(everything, SOURCE, fresh=True, machine="", user="").skipped
    assert len(skipped) == MOST_SKIPPED + 1
    assert skipped[-1] == (-1, "3")


def test_a_batch_travels_between_processes() -> None:
    batch = pack(found(), SOURCE, fresh=True, machine="box", user="dev")
    arrived = unplain(marshal.loads(marshal.dumps(plain(batch))))  # noqa: S302 - written in the same breath
    assert arrived == batch
    assert isinstance(arrived.source, Source)
    assert {type(context) for context in arrived.contexts} == {Context}
    assert {type(variant) for variant in arrived.variants} == {Variant}
