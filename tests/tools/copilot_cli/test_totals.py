"""Running totals of a journal: what the end of a session tells, and the output of messages added up."""

from tests.tools.copilot_cli.journals import MODEL, SESSION, line, message, read, shutdown, start

from tallystick.usage.event import Reading, Variant
from tallystick.usage.identity import key
from tallystick.usage.tokens import Tokens

GITHUB = Variant("github-copilot", MODEL)


def told(*lines: dict[str, object], rank: int) -> list[Reading]:
    found = read([start(), *lines])[0]
    assert not found.skipped
    return [each for each in found.readings if each.rank == rank]


def test_an_end_tells_what_stands_since_the_beginning() -> None:
    (reading,) = told(shutdown(30, {MODEL: (3, 30_000, 20_000, 4_000, 190, 2_000_000_000)}), rank=2)
    assert reading.meter == key("copilot-cli", "shutdown", SESSION, MODEL)
    assert (reading.since, reading.time) == (1_795_168_800_000, 1_795_168_830_000)
    assert reading.variant == GITHUB
    assert (reading.context.session, reading.context.project) == (SESSION, "/home/dev/shop")
    assert (reading.requests, reading.tokens) == (3, Tokens(6_000, 20_000, 4_000, 0, 190))
    # 2 AI units are 2 cents.
    assert reading.cost_nano == 20_000_000


def test_a_second_end_is_a_second_reading_of_the_same_counter() -> None:
    one, two = told(shutdown(30, {MODEL: (1, 10, 0, 0, 1)}), shutdown(60, {MODEL: (2, 30, 0, 0, 3)}), rank=2)
    assert one.meter == two.meter
    assert [one.tokens.input, two.tokens.input] == [10, 30]


def test_ai_units_run_on_when_a_compaction_begins_the_tokens_anew() -> None:
    ends = [(30, 1000, 10**9), (60, 300, 15 * 10**8), (90, 400, 16 * 10**8), (120, 50, 10**8)]
    readings = told(*(shutdown(at, {MODEL: (1, tokens, 0, 0, 0, nano)}) for at, tokens, nano in ends), rank=2)
    # The last one began the AI units anew too: another program's journal, or a store that was lost.
    assert [each.cost_nano for each in readings] == [10**7, 5 * 10**6, 6 * 10**6, 10**6]


def test_a_model_that_copilot_chose_has_the_name_of_the_one_that_answered() -> None:
    (reading,) = told(shutdown(30, {"auto": (1, 10, 0, 0, 1)}, currentModel="gpt-5.4"), rank=2)
    assert reading.variant.model == "gpt-5.4"


def test_a_model_s_name_can_be_stored_whatever_halves_of_characters_it_holds() -> None:
    (reading,) = told(shutdown(30, {"m\ud800": (1, 10, 0, 0, 1)}), rank=2)
    assert reading.variant.model == "m?"


def test_an_end_without_calls_tells_nothing() -> None:
    assert told(shutdown(30, {MODEL: (0, 0, 0, 0, 0)}), rank=2) == []
    assert told(line(30, "session.shutdown", {}), rank=2) == []


def test_messages_of_older_versions_add_up_their_output() -> None:
    readings = told(message(10, 100), message(20, 50), message(30, 7, model="gpt-5"), message(40, 5), rank=3)
    assert [(each.variant.model, each.requests, each.tokens) for each in readings] == [
        (MODEL, 1, Tokens(output=100)),
        (MODEL, 2, Tokens(output=150)),
        ("gpt-5", 1, Tokens(output=7)),
        (MODEL, 3, Tokens(output=155)),
    ]
    assert {each.since for each in readings} == {0}


def test_messages_are_told_again_at_the_end_so_that_both_counters_meet() -> None:
    readings = told(message(10, 100), shutdown(30, {MODEL: (1, 10, 0, 0, 100)}), rank=3)
    assert [(each.time, each.tokens.output) for each in readings] == [
        (1_795_168_810_000, 100),
        (1_795_168_830_000, 100),
    ]


def test_a_journal_whose_lines_were_written_twice_counts_its_messages_once() -> None:
    block = [message(10, 100), message(20, 50)]
    assert [each.tokens.output for each in told(*block, *block, rank=3)] == [100, 150]
    assert [each.tokens.output for each in told(message(10, 100), message(10, 100), rank=3)] == [100]
