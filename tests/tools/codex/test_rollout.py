"""The reader: the same from any layout and in any pieces, and never beaten by damage."""

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tools.codex.rollouts import (
    CHILD,
    NOON,
    Json,
    call,
    context,
    event,
    item,
    line,
    meta,
    output,
    read,
    record,
    said,
    token_count,
    totals,
    usage,
)

from tallystick.tools.codex.rollout import Rollout
from tallystick.tools.tool import Found, State

SAMPLES = Path(__file__).parents[2] / "samples" / "codex"
ROLLOUTS = {path: path.read_bytes() for path in sorted(SAMPLES.glob("*/rollout-*.jsonl"))}
BEHIND = b"x" * 300
"""What a buffer that is used again holds behind the bytes that were read."""

type Told = tuple[Any, ...]


def pieces(path: Path | str, parts: list[bytes]) -> tuple[Told, State]:
    """Return what is told when each part is read by another reader, from the state that JSON kept."""
    state: State = {}
    offset, found = 0, []
    for part in parts:
        reader = Rollout(str(path), state)
        reader.feed(bytearray(b"#" + part + BEHIND), 1, 1 + len(part), offset)
        told, state = reader.finish()
        state = json.loads(json.dumps(state))
        found.append(told)
        offset += len(part)
    return settled(found), state


def settled(found: list[Found]) -> Told:
    """Return all that was found; of what was told twice, the later word."""
    events = {event.key: event for each in found for event in each.events}
    calls = {call.key: call for each in found for call in each.calls}
    return (
        sorted(events.values()),
        sorted(calls.values()),
        [prompt for each in found for prompt in each.prompts],
        [limit for each in found for limit in each.limits],
        [skipped for each in found for skipped in each.skipped],
    )


def plainly(path: Path | str, data: bytes) -> tuple[Found, State]:
    """Return what the standard library alone makes of a rollout."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rollout, "_prepare", lambda _self, _size: None)
        reader = Rollout(str(path), {})
        reader.feed(data + BEHIND, 0, len(data), 0)
        return reader.finish()


def swiftly(path: Path | str, data: bytes) -> tuple[Found, State]:
    reader = Rollout(str(path), {})
    reader.feed(data + BEHIND, 0, len(data), 0)
    return reader.finish()


def parts_of(found: Found) -> Told:
    return tuple(getattr(found, name) for name in Found.__slots__)


@pytest.mark.parametrize("path", ROLLOUTS, ids=lambda path: f"{path.parent.name}-{path.stem[-2:]}")
def test_a_rollout_may_be_cut_after_any_line(path: Path) -> None:
    lines = ROLLOUTS[path].splitlines(keepends=True)
    whole, state = pieces(path, [b"".join(lines)])
    for cut in range(len(lines) + 1):
        assert pieces(path, [b"".join(lines[:cut]), b"".join(lines[cut:])]) == (whole, state)
    assert pieces(path, lines) == (whole, state)


@pytest.mark.parametrize("path", ROLLOUTS, ids=lambda path: f"{path.parent.name}-{path.stem[-2:]}")
def test_both_decoders_tell_the_same(path: Path) -> None:
    swift, swift_state = swiftly(path, ROLLOUTS[path])
    plain, plain_state = plainly(path, ROLLOUTS[path])
    assert parts_of(swift) == parts_of(plain)
    assert swift_state == plain_state


def reordered(raw: bytes) -> bytes:
    """Return a line with its keys the other way round, and spaces between."""

    def turned(value: Json) -> Json:
        if isinstance(value, dict):
            return {name: turned(value[name]) for name in reversed(value)}
        return [turned(each) for each in value] if isinstance(value, list) else value

    return json.dumps(turned(json.loads(raw))).encode() + b"\n"


@pytest.mark.parametrize("path", ROLLOUTS, ids=lambda path: f"{path.parent.name}-{path.stem[-2:]}")
def test_the_order_of_keys_does_not_matter(path: Path) -> None:
    usual, _ = swiftly(path, ROLLOUTS[path])
    turned, _ = swiftly(path, b"".join(map(reordered, ROLLOUTS[path].splitlines())))
    for name in ("calls", "prompts", "limits", "events"):
        one, other = getattr(usual, name), getattr(turned, name)
        assert [each._replace(**_nowhere(each)) for each in one] == [each._replace(**_nowhere(each)) for each in other]
    assert turned.skipped == []


def _nowhere(value: Json) -> dict[str, int]:
    return {"offset": 0} if hasattr(value, "offset") else {}


@pytest.mark.parametrize("ending", [b"\r\n", b" \n", b"\n\n", b"\n \t\n"])
def test_lines_may_end_in_other_ways(ending: bytes) -> None:
    for path, data in ROLLOUTS.items():
        found, _ = swiftly(path, data.replace(b"\n", ending))
        usual, _ = swiftly(path, data)
        assert totals(found) == totals(usual)
        assert (len(found.calls), len(found.prompts), found.skipped) == (len(usual.calls), len(usual.prompts), [])


@pytest.mark.parametrize(
    "stamp", ["2026-11-01T12:00:07Z", "2026-11-01T12:00:07.000000Z", "2026-11-01T13:00:07.000+01:00"]
)
def test_times_may_be_written_in_other_ways(stamp: str) -> None:
    counts = token_count(usage(5), usage(5), NOON + 7_000).replace(b"2026-11-01T12:00:07.000Z", stamp.encode())
    found, _ = read(meta(), context(), counts)
    assert [told.time for told in found.events] == [NOON + 7_000]


def test_ordinals_of_any_length_are_passed_over() -> None:
    numbers = (5, 50, 999_999, 7, 10**12)
    records = [{"thread_id": CHILD, "response_id": f"r{number}", "usage": usage(number % 97)} for number in numbers]
    lines = [line("token_usage_record", told, NOON, number) for told, number in zip(records, numbers, strict=True)]
    found, _ = read(meta(), context(), *lines)
    assert [told.tokens.input for told in found.events] == [5, 50, 999_999 % 97, 7, 10**12 % 97]


def test_a_text_that_looks_like_usage_is_none() -> None:
    fake = (
        token_count(usage(9_999), usage(9_999)).decode().strip()
        + '","type":"token_count","payload":{"type":"token_count"'
    )
    found, _ = read(meta(), context(), said(NOON, fake), output("call_x", NOON, fake), token_count(usage(5), usage(5)))
    assert totals(found) == [(5, 0, 0)]
    assert found.skipped == []


def test_a_nested_object_that_looks_like_usage_is_none() -> None:
    inner = json.loads(token_count(usage(9_999), usage(9_999)))
    nested = (
        line("compacted", {"replacement_history": [inner]}),
        event("task_complete", NOON, payload=inner["payload"], padding="x" * 200),
        item("message", NOON, role="assistant", content=[inner]),
        b'{"timestamp":"2026-11-01T12:00:00.000Z","payload":'
        + json.dumps(inner).encode()
        + b',"type":"world_state"}\n',
    )
    found, _ = read(meta(), context(), *nested)
    assert (found.events, found.skipped) == ([], [])


def test_the_last_line_needs_no_end() -> None:
    data = meta() + context() + record("resp_1", usage(5)).rstrip()
    reader = Rollout("x", {})
    reader.feed(data, 0, len(data), 0)
    assert totals(reader.finish()[0]) == [(5, 0, 0)]


def test_places_are_those_of_the_source() -> None:
    first, second = meta() + context() + b"{broken\n", record("resp_1", usage(5))
    reader = Rollout("x", {})
    reader.feed(b"##" + first, 2, 2 + len(first), 1_000)
    reader.feed(second + BEHIND, 0, len(second), 1_000 + len(first))
    found, _ = reader.finish()
    assert [told.offset for told in found.events] == [1_000 + len(first)]
    assert found.skipped == [(1_000 + len(first) - len(b"{broken\n"), "not JSON")]


def bad(**fields: Json) -> bytes:
    return token_count({**usage(500), **fields}, {**usage(500), **fields})


@pytest.mark.parametrize(
    "damaged,reason",
    [
        (b"\x00" * 400 + b"\n", "not JSON"),
        (b"\xff\xfe garbage " * 30 + b"\n", "not JSON"),
        (b"[1,2,3]\n", "not a JSON object"),
        (token_count(usage(500), usage(500))[:-40] + b"\n", "not JSON"),
        (token_count(usage(500), usage(500))[:-40] + token_count(usage(600), usage(600)), "not JSON"),
        (item("reasoning", NOON, summary=["x" * 300])[:-40] + b"\n", "not JSON"),
        (output("call_1", NOON, "x" * 300)[:-40] + b"\n", "not JSON"),
        (said(NOON, "x" * 300)[:-40] + b"\n", "not JSON"),
        (
            b'{"timestamp":"2026-11-01T12:00:00.000Z","type":"event_msg","x":'
            + b"[" * 200_000
            + b"]" * 200_000
            + b"}\n",
            "nested too deeply",
        ),
        (bad(input_tokens=-1), "input_tokens is not a count"),
        (bad(input_tokens=1.5), "input_tokens is not a count"),
        (bad(input_tokens="7"), "input_tokens is not a count"),
        (bad(output_tokens=True), "output_tokens is not a count"),
        (bad(output_tokens=10**30), "output_tokens is not a count"),
        (bad(cached_input_tokens=[]), "cached_input_tokens is not a count"),
        (event("token_count", NOON, info="much"), "info is not an object"),
        (event("token_count", NOON, info={"last_token_usage": 7}), "last_token_usage is not an object"),
        (line("token_usage_record", {"thread_id": CHILD, "usage": None}), "no usage"),
        (line("token_usage_record", {"thread_id": 7, "usage": usage(500)}), "thread_id is not a text"),
        (line("token_usage_record", "x" * 200), "payload is not an object"),
        (line("turn_context", {"model": ["m"], "padding": "x" * 99}), "model is not a text"),
        (event("task_started", NOON, turn_id=7, padding="x" * 99), "turn_id is not a text"),
        (
            event("thread_settings_applied", NOON, thread_id=CHILD, thread_settings=7),
            "thread_settings is not an object",
        ),
        (item("function_call", NOON, name="shell", arguments="x" * 99), "no call_id"),
        (item("function_call", NOON, name="shell", call_id=7, arguments="x" * 99), "call_id is not a text"),
        (item("function_call_output", NOON, output="x" * 99), "no call_id"),
        (event("item_completed", NOON, item=[1], padding="x" * 99), "item is not an object"),
        (
            token_count(usage(500), usage(500)).replace(b'"2026-11-01T12:00:00.000Z"', b'"2026-11-01T12:00:00,000Y"'),
            "timestamp is no time",
        ),
        (
            token_count(usage(500), usage(500)).replace(b'"timestamp":"2026-11-01T12:00:00.000Z"', b'"moment":1'),
            "timestamp is no time",
        ),
        (
            token_count(usage(500), usage(500)).replace(b'"2026-11-01T12:00:00.000Z"', b"1793534400000"),
            "timestamp is no time",
        ),
        (b'{"a":1}\n', "no type"),
        (b'{"type":7,"payload":{}}\n', "type is not a text"),
    ],
)
def test_damage_is_noted_and_takes_nothing_else_away(damaged: bytes, reason: str) -> None:
    good = (meta(), context(), record("resp_1", usage(5)))
    after = record("resp_2", usage(7))
    for found in (swiftly("x", b"".join(good) + damaged + after)[0], plainly("x", b"".join(good) + damaged + after)[0]):
        assert totals(found) == [(5, 0, 0), (7, 0, 0)]
        assert found.skipped == [(len(b"".join(good)), reason)]


def test_damaged_counts_of_older_versions_leave_the_totals_before() -> None:
    found, _ = read(
        meta(),
        context(),
        token_count(usage(100), usage(100)),
        bad(input_tokens=-1),
        token_count(usage(300), usage(200)),
    )
    assert totals(found) == [(100, 0, 0), (200, 0, 0)]
    assert len(found.skipped) == 1


def test_lines_of_unknown_kinds_are_no_damage() -> None:
    found, _ = read(
        meta(),
        line("from_the_future", {"type": "new", "padding": "x" * 200}),
        event("from_the_future", NOON, padding="x" * 200),
        item("from_the_future", NOON, padding="x" * 200),
        line("compacted", None),
        b'{"record_type":"state"}\n',
        b'{"id":"x","timestamp":"2025-08-01T00:00:00.000Z","instructions":null}\n',
        b'{"type":"message","role":"user","content":[]}\n',
    )
    assert found.skipped == []


def test_a_beginning_with_a_damaged_field_still_tells_the_thread() -> None:
    found, _ = read(meta(cwd=7), context(), record("resp_1", usage(5)))
    assert totals(found) == [(5, 0, 0)]
    assert found.events[0].context.session == CHILD
    assert found.skipped == [(0, "cwd is not a text")]


def test_without_the_fast_decoder_everything_is_read_just_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("tallystick.tools.codex.shape", raising=False)
    monkeypatch.setitem(sys.modules, "tallystick.tools.codex.shape", None)
    path, data = next(iter(ROLLOUTS.items()))
    assert parts_of(swiftly(path, data)[0]) == parts_of(plainly(path, data)[0])


def test_few_bytes_are_not_worth_an_import(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "msgspec", raising=False)
    monkeypatch.delitem(sys.modules, "tallystick.tools.codex.shape", raising=False)
    monkeypatch.setattr(Rollout, "fed", 0)
    read(meta(), context(), record("resp_1", usage(5)))
    assert "tallystick.tools.codex.shape" not in sys.modules


def test_damage_is_noted_in_its_order() -> None:
    found, _ = read(meta(), item("function_call", NOON, name="shell"), line("turn_context", {"model": 7}), b"{broken\n")
    assert [reason for _, reason in found.skipped] == ["no call_id", "model is not a text", "not JSON"]


def test_a_thousand_damaged_lines_are_counted() -> None:
    found, _ = read(meta(), *[b"{broken\n"] * 1_000)
    assert len(found.skipped) + found.skipped_more == 1_000


def mutations(data: bytes, seed: int) -> Iterator[bytes]:
    """Yield damaged versions: bytes changed, removed, doubled, lines torn and swapped."""
    dice = random.Random(seed)
    for _ in range(6):
        damaged = bytearray(data)
        for _ in range(dice.randrange(1, 12)):
            at = dice.randrange(len(damaged))
            match dice.randrange(4):
                case 0:
                    damaged[at] = dice.randrange(256)
                case 1:
                    del damaged[at : at + dice.randrange(1, 60)]
                case 2:
                    damaged[at:at] = damaged[at : at + dice.randrange(1, 60)]
                case _:
                    damaged[at : at + 1] = dice.choice(
                        [b"\n", b'"', b"{", b"}", b"\x00", b"-", b"1e9", b"null", b"[[["]
                    )
        yield bytes(damaged)


@given(st.integers(0, 2**32), st.integers(0, len(ROLLOUTS) - 1))
def test_no_damage_raises_or_makes_the_decoders_differ(seed: int, number: int) -> None:
    # What is noted as skipped may differ: a line that repeats what a record told is not looked at closely.
    path, data = list(ROLLOUTS.items())[number]
    for damaged in mutations(data, seed):
        swift, swift_state = swiftly(path, damaged)
        plain, plain_state = plainly(path, damaged)
        assert settled([swift])[:-1] == settled([plain])[:-1]
        assert swift_state == plain_state
        assert all(min(told.tokens) >= 0 and told.work_ms >= 0 for told in swift.events)


@given(st.integers(0, 2**32), st.integers(0, len(ROLLOUTS) - 1), st.integers(1, 200))
def test_no_damage_makes_the_pieces_matter(seed: int, number: int, size: int) -> None:
    path, data = list(ROLLOUTS.items())[number]
    for damaged in mutations(data, seed):
        lines = [each + b"\n" for each in damaged.split(b"\n")]
        (*whole, _), state = pieces(path, [b"".join(lines)])
        (*cut, _), last = pieces(path, [b"".join(lines[at : at + size]) for at in range(0, len(lines), size)])
        assert (cut, last) == (whole, state)


@given(st.lists(st.binary(max_size=300), max_size=8))
def test_random_bytes_are_noted(chunks: list[bytes]) -> None:
    data = b"\n".join(chunks)
    reader = Rollout("x", {})
    reader.feed(data, 0, len(data), 0)
    found, state = reader.finish()
    assert len(found.skipped) <= data.count(b"\n") + 1
    json.dumps(state)


def test_the_state_stays_small_however_long_the_rollout() -> None:
    lines = [meta(), context()]
    for number in range(2_000):
        lines.append(call("shell", f"call_{number}", NOON + number))
        lines.append(record(f"resp_{number}", usage(number), NOON + number))
    _, state = read(*lines)
    # 256 calls without a result at most.
    assert len(json.dumps(state)) < 40_000
    _, state = read(*lines, *[output(f"call_{number}", NOON + 9_000) for number in range(2_000)])
    assert len(json.dumps(state)) < 2_000
