"""Copilot CLI as a whole: the traps of stores that tell of the same calls, and what the real client wrote."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.tools.copilot_cli.journals import (
    ANSWER,
    MODEL,
    SESSION,
    Line,
    Sums,
    counted,
    line,
    message,
    row,
    settle,
    shutdown,
    start,
    usage,
    written,
)
from tests.tools.copilot_cli.test_telemetry import CALL, span

from tallystick.intake.logs import bring_in, look
from tallystick.ledger.memory import MemoryLedger
from tallystick.ledger.readings import COARSE, DERIVED, EXACT
from tallystick.tools.copilot_cli import COPILOT_CLI
from tallystick.tools.copilot_cli.telemetry import Telemetry
from tallystick.usage.identity import key
from tallystick.usage.tokens import Tokens

SAMPLES = Path(__file__).parent.parent / "samples" / "copilot-cli"
DATED = 19
TIME = 1

# Three calls: input with all it holds, read, written, output. Disjoint they are 1000 + 500 + 500 fresh tokens,
# 3000 + 5000 + 6000 read, 1000 + 500 + 500 written and 100 + 200 + 90 of output.
FIRST, SECOND, THIRD = (5000, 3000, 1000, 100), (6000, 5000, 500, 200), (7000, 6000, 500, 90)
ALL: Sums = {MODEL: (2000, 14_000, 2000, 390)}
LATER = 3600
"""Seconds after which the session was resumed."""


def totals(*calls: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    """Return what the end of a session tells of some calls."""
    return {MODEL: (len(calls), *map(sum, zip(*calls, strict=True)))}


def rows(*which: int) -> list[dict[str, Any]]:
    every = [row(10, FIRST), row(20, SECOND), row(LATER + 10, THIRD)]
    return [every[each] for each in which]


def resumed(*lines: Line) -> list[Line]:
    return [line(LATER, "session.resume", {"context": {"cwd": "/home/dev/shop"}}), *lines]


def telemetry(home: Path, *calls: tuple[int, str, tuple[int, int, int, int]]) -> Path:
    """Write a telemetry file of some calls, each with the sum that an agent's span repeats."""
    lines = []
    for second, answer, (prompt, read, wrote, output) in calls:
        said = CALL | {
            "gen_ai.response.id": answer,
            "gen_ai.conversation.id": SESSION,
            "gen_ai.usage.input_tokens": prompt,
            "gen_ai.usage.cache_read.input_tokens": read,
            "gen_ai.usage.cache_write.input_tokens": wrote,
            "gen_ai.usage.output_tokens": output,
            "gen_ai.usage.reasoning.output_tokens": 0,
        }
        moments = {"startTime": [1_795_168_795 + second, 0], "endTime": [1_795_168_800 + second, 0]}
        lines += [span(said, **moments), span(said | {"gen_ai.operation.name": "invoke_agent"}, **moments)]
    path = home / ".copilot" / "otel" / "run.jsonl"
    path.parent.mkdir(parents=True)
    path.write_bytes(written(lines))
    return home


def both_ways(home: Path) -> Sums:
    """Return what the ledger counts, which is the same in whatever order the files come, and when they come again."""
    sums, _ = counted(home)
    assert counted(home, backwards=True)[0] == sums
    return sums


def test_two_cumulative_ends_of_a_session_are_not_added_up(tmp_path: Path) -> None:
    lines = [start(), shutdown(30, totals(FIRST, SECOND)), *resumed(shutdown(LATER + 30, totals(FIRST, SECOND, THIRD)))]
    sums, events = counted(settle(tmp_path, lines))
    assert sums == ALL
    # What came after the first end is dated by the second.
    assert [(event[TIME], event[8]) for event in events] == [(1_795_168_830_000, 300), (1_795_172_430_000, 90)]


def test_a_resume_that_repeats_the_totals_adds_nothing(tmp_path: Path) -> None:
    end = totals(FIRST, SECOND, THIRD)
    lines = [start(), shutdown(30, end), *resumed(shutdown(LATER + 30, end)), *resumed(shutdown(LATER + 90, end))]
    assert both_ways(settle(tmp_path, lines)) == ALL


def test_totals_that_a_compaction_began_anew_are_added(tmp_path: Path) -> None:
    compaction = line(40, "session.compaction_complete", {"success": True})
    lines = [start(), shutdown(30, totals(FIRST, SECOND)), compaction, shutdown(60, totals(THIRD))]
    # Less input than before, so that the counter began anew.
    lines[-1]["data"]["modelMetrics"][MODEL]["usage"]["inputTokens"] = 7000
    assert both_ways(settle(tmp_path, lines)) == ALL


def test_store_rows_for_a_part_of_a_session_leave_the_rest_to_its_end(tmp_path: Path) -> None:
    lines = [start(), shutdown(30, totals(FIRST, SECOND)), *resumed(shutdown(LATER + 30, totals(FIRST, SECOND, THIRD)))]
    assert both_ways(settle(tmp_path, lines, rows(0, 1))) == ALL
    assert both_ways(settle(tmp_path / "later", lines, rows(2))) == ALL


def test_store_rows_alone_are_calls_with_their_own_time(tmp_path: Path) -> None:
    sums, events = counted(settle(tmp_path, rows=rows(0, 1, 2)))
    assert sums == ALL
    assert [event[TIME] for event in events] == [1_795_168_810_000, 1_795_168_820_000, 1_795_172_410_000]
    assert {event[DATED] for event in events} == {EXACT}


def test_rows_with_empty_columns_count_what_they_hold(tmp_path: Path) -> None:
    empty = row(15, (0, 0, 0, 0)) | dict.fromkeys(("input_tokens", "output_tokens", "total_nano_aiu", "created_at"))
    assert both_ways(settle(tmp_path, rows=[*rows(0), empty, *rows(1, 2)])) == ALL


def test_a_compaction_in_the_store_has_no_message_and_counts(tmp_path: Path) -> None:
    lines = [start(), message(10, 100), message(20, 200)]
    compaction = row(25, (50_000, 0, 0, 900), initiator="compaction")
    assert both_ways(settle(tmp_path, lines, [*rows(0, 1), compaction])) == {MODEL: (51_500, 8000, 1500, 1200)}


def test_journal_store_and_telemetry_of_one_session_count_once(tmp_path: Path) -> None:
    answers = [f"{ANSWER}{number}" for number in range(3)]
    calls = list(zip((10, 20, LATER + 10), answers, (FIRST, SECOND, THIRD), strict=True))
    lines = [start(), *(usage(*calls[0]), message(10, 100, apiCallId=answers[0])), usage(*calls[1])]
    lines += [shutdown(30, totals(FIRST, SECOND)), *resumed(usage(*calls[2]))]
    lines += [message(LATER + 11, 90, apiCallId=answers[2]), shutdown(LATER + 30, totals(FIRST, SECOND, THIRD))]
    home = telemetry(settle(tmp_path, lines, rows(0, 1, 2)), *calls)
    sums, events = counted(home)
    assert both_ways(home) == sums == ALL
    assert len(events) == 3
    # The journal knows where it was.
    assert {str(event[15]).rpartition("/")[2] for event in events} == {"events.jsonl"}


def test_a_newer_version_that_names_its_calls_goes_on_with_a_session_of_an_older_one(tmp_path: Path) -> None:
    lines = [start(), shutdown(30, totals(FIRST, SECOND)), *resumed(usage(LATER + 10, ANSWER, THIRD))]
    lines.append(shutdown(LATER + 30, totals(FIRST, SECOND, THIRD)))
    assert both_ways(settle(tmp_path, lines, rows(0, 1, 2))) == ALL
    assert both_ways(settle(tmp_path / "without", lines)) == ALL


def test_nested_spans_count_their_innermost_calls(tmp_path: Path) -> None:
    home = telemetry(tmp_path, (10, f"{ANSWER}1", FIRST), (20, f"{ANSWER}2", SECOND), (30, f"{ANSWER}3", THIRD))
    assert both_ways(home) == ALL


def test_a_span_that_holds_several_calls_of_a_subagent_counts_less_than_the_journal(tmp_path: Path) -> None:
    lines = [start(), usage(10, f"{ANSWER}1", FIRST), usage(12, f"{ANSWER}2", SECOND), usage(20, f"{ANSWER}3", THIRD)]
    several = (11_000, 8000, 1500, 300)
    assert both_ways(telemetry(settle(tmp_path, lines), (12, f"{ANSWER}2", several))) == ALL


def test_messages_alone_tell_the_output_of_a_session_that_was_killed(tmp_path: Path) -> None:
    lines = [start(version="1.0.40"), message(10, 100), message(20, 200)]
    sums, events = counted(settle(tmp_path, lines))
    assert sums == {MODEL: (0, 0, 0, 300)}
    assert {event[DATED] for event in events} == {EXACT}


def test_messages_and_the_end_of_a_session_count_its_output_once(tmp_path: Path) -> None:
    lines = [start(), message(10, 100), message(20, 200), shutdown(30, totals(FIRST, SECOND))]
    lines += [*resumed(message(LATER + 10, 90)), shutdown(LATER + 30, totals(FIRST, SECOND, THIRD))]
    assert both_ways(settle(tmp_path, lines)) == ALL


def test_a_session_that_was_copied_into_another_counts_once(tmp_path: Path) -> None:
    accounting = {"sourceSessionId": SESSION, "usageId": ANSWER}
    lines = [start(), usage(10, ANSWER, FIRST, accounting=accounting)]
    home = settle(tmp_path, lines)
    fork = home / ".copilot" / "session-state" / "another" / "events.jsonl"
    fork.parent.mkdir()
    fork.write_bytes(written([start(5, session="another"), lines[1], usage(60, f"{ANSWER}2", SECOND)]))
    assert both_ways(home) == {MODEL: (1500, 8000, 1500, 300)}


def test_what_the_store_learns_later_is_dated_when_it_happened(tmp_path: Path) -> None:
    home = settle(tmp_path, [start(), shutdown(LATER, totals(FIRST, SECOND))])
    assert {event[DATED] for event in counted(home)[1]} == {COARSE}
    _, events = counted(settle(home, rows=rows(0, 1)))
    assert [event[TIME] for event in events] == [1_795_168_810_000, 1_795_168_820_000]
    assert DERIVED not in {event[DATED] for event in events}


@pytest.mark.parametrize("case", sorted(SAMPLES.iterdir()), ids=lambda case: str(case.name))
def test_nothing_that_was_written_is_kept(case: Path, tmp_path: Path) -> None:
    home = tmp_path / ".copilot"
    shutil.copytree(case, home)
    for dump in home.glob("*.db.sql"):
        with closing(sqlite3.connect(dump.with_suffix(""))) as database:
            database.executescript(dump.read_text())
    ledger = MemoryLedger()
    news, _ = look([COPILOT_CLI], str(tmp_path), {}, ledger)
    bring_in(news, ledger, ("box", "dev"))
    kept = repr([vars(each) if hasattr(each, "__dict__") else each for each in vars(ledger).values()])
    assert "5e551011" in kept, "nothing was kept at all"
    assert "MARKER" not in kept
    assert "paint the shed" not in kept


def test_the_samples_have_marks_to_look_for() -> None:
    texts = b"".join(path.read_bytes() for path in SAMPLES.rglob("*.*") if path.name != "expected.json")
    assert all(b"MARKER-" + mark in texts for mark in (b"PROMPT", b"ANSWER", b"INPUT", b"OUTPUT"))


def test_copilot_says_what_it_does_not_write_down() -> None:
    assert COPILOT_CLI.counts == "derived"
    assert len(COPILOT_CLI.blind_spots) >= 4
    assert all(spot.endswith(".") for spot in COPILOT_CLI.blind_spots)
    assert COPILOT_CLI.keeps_days is None


# ---- What the real client wrote -------------------------------------------------------------------------------------


def answered(folder: Path) -> dict[int, tuple[dict[str, Any], Tokens]]:
    """Return the requests that got an answer, by the key of the answer, with its counts as the other side wrote them down."""
    found = {}
    for text in (folder / "ledger.jsonl").read_text().splitlines():
        request = json.loads(text)
        if request["response_id"] and request["usage"]:
            found[key(request["response_id"])] = (request, truth(request["usage"]))
    return found


def truth(said: dict[str, Any]) -> Tokens:
    if "cache_read_input_tokens" in said:
        # The lifetime of cache writes is not in Copilot's own count.
        read, wrote = said["cache_read_input_tokens"], said["cache_creation_input_tokens"]
        return Tokens(said["input_tokens"], read, wrote, 0, said["output_tokens"])
    prompt, output = ("prompt", "completion") if "prompt_tokens" in said else ("input", "output")
    cached = said[f"{prompt}_tokens_details"]["cached_tokens"]
    reasoning = said[f"{output}_tokens_details"]["reasoning_tokens"]
    return Tokens(said[f"{prompt}_tokens"] - cached, cached, 0, 0, said[f"{output}_tokens"], reasoning)


@pytest.mark.parametrize("folder", ["mixed", "faults", "otel-copilot", "subagent-resume"])
def test_each_request_that_was_logged_equals_what_was_answered(shared: Path, folder: str) -> None:
    home = shared / "realclients" / "captured" / "copilot-1.0.102" / folder
    sent = answered(home)
    seen = {}
    for path in sorted(home.glob(".copilot/session-state/*/events.jsonl")):
        reader, data = COPILOT_CLI.reader(str(path), {}), path.read_bytes()
        reader.feed(data, 0, len(data), 0)
        found = reader.finish()[0]
        assert not found.skipped
        seen.update({event.key: event for event in found.events})
    for number, event in seen.items():
        request, tokens = sent[number]
        assert event.tokens == tokens, request["response_id"]
        assert (event.variant.model, event.variant.provider) == (request["model"], request["provider"])
        assert event.context.project.endswith("/proj-copilot")
    absent = [request for number, (request, _) in sent.items() if number not in seen]
    # Two answers were cut off on their way, in the middle and at the end, and asked for again.
    assert len(absent) == (2 if folder == "faults" else 0)
    assert not any(request["usage_sent"] for request in absent)


@pytest.mark.parametrize("folder", ["mixed", "faults", "otel-copilot", "subagent-resume"])
def test_the_ends_of_the_sessions_add_nothing_to_their_calls(shared: Path, tmp_path: Path, folder: str) -> None:
    captured = shared / "realclients" / "captured" / "copilot-1.0.102" / folder
    shutil.copytree(captured / ".copilot", tmp_path / ".copilot")
    sums, events = counted(tmp_path)
    sent = [tokens for request, tokens in answered(captured).values() if request["usage_sent"]]
    assert len(events) == len(sent)
    assert sum(map(sum, sums.values())) == sum(tokens.total for tokens in sent)


def test_spans_of_the_real_client_are_the_same_calls_as_its_journal(shared: Path) -> None:
    home = shared / "realclients" / "captured" / "copilot-1.0.102" / "otel-copilot"
    reader, data = Telemetry(), json.dumps(json.loads((home / "0002-traces.json").read_text())).encode()
    reader.feed(data, 0, len(data), 0)
    found = reader.finish()[0]
    assert not found.skipped
    sent = answered(home)
    assert {event.key: event.tokens for event in found.events} == {
        number: tokens for number, (_, tokens) in sent.items()
    }
    assert {event.variant.provider for event in found.events} == {"anthropic"}


def test_the_captures_hold_a_subagent_and_a_session_that_was_resumed(shared: Path) -> None:
    home = shared / "realclients" / "captured" / "copilot-1.0.102" / "subagent-resume"
    texts = [path.read_text() for path in home.glob(".copilot/session-state/*/events.jsonl")]
    has: Callable[[str], bool] = lambda word: any(word in text for text in texts)  # noqa: E731 - one line for one use
    assert has('"agentId"')
    assert has('"session.resume"')
