"""Counters: what clients of the Token Usage Server push becomes usage once, whatever they leave out, repeat or begin anew."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.intake.push.counter import take, user_of
from tallystick.intake.push.kind import Sender, Unacceptable
from tallystick.ledger.ledger import Ledger
from tallystick.ledger.memory import MemoryLedger
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.usage.event import Context, Variant

GUID = "0b0e3f1c-7d1e-4a55-9d0c-5f2a9c1b7e60"
NOBODY = Sender("", "", "")
NOON = 1_795_348_800_000
"""2026-11-22T12:00:00Z."""
FIELDS = ("inputTokens", "outputTokens", "cacheCreationTokens", "cacheReadTokens")


def counts(*numbers: int) -> dict[str, int]:
    """Return counts as they are sent: input, output, written, read."""
    return dict(zip(FIELDS, numbers, strict=True))


def body(tokens: Any, host: str = "laptop", models: Any = None, guid: Any = GUID) -> bytes:  # noqa: ANN401  also what is wrong
    """Return a push."""
    told = {"guid": guid, "hostname": host, "tokens": tokens}
    return json.dumps(told if models is None else told | {"modelBreakdowns": models}).encode()


def push(ledger: Ledger, sent: bytes, minute: int) -> None:
    """Take a push in, so many minutes after noon."""
    taken = take(sent, NOBODY, NOON + minute * 60_000, ledger)
    assert taken.answer == (200, b'{"status":"success"}')
    ledger.add(taken.batches, [taken.arrival] if taken.arrival else [])


@pytest.fixture(params=[MemoryLedger, lambda: SqliteLedger(":memory:", write=True)], ids=["memory", "sqlite"])
def ledger(request: pytest.FixtureRequest) -> Iterator[Ledger]:
    """Return each engine's ledger."""
    made: Callable[[], Ledger] = request.param
    opened = made()
    yield opened
    opened.close()


def usage(ledger: Ledger) -> dict[tuple[int, str], tuple[int, ...]]:
    """Return what was used, by the minutes after noon and the model: input, read, written for 5 minutes, for an hour, output."""
    variants = {row[0]: Variant(*row[1:]) for row in ledger.ask("variants")}
    found: dict[tuple[int, str], tuple[int, ...]] = {}
    for row in ledger.ask("events", since=0, until=1 << 60):
        place = ((row[1] - NOON) // 60_000, variants[row[3]].model)
        assert place not in found
        found[place] = tuple(row[4:9])
    return found


def total(ledger: Ledger) -> int:
    """Return all tokens that were used."""
    return sum(map(sum, usage(ledger).values()))


def test_each_push_stands_for_what_it_adds(ledger: Ledger) -> None:
    push(ledger, body(counts(100, 20, 3, 4)), 0)
    push(ledger, body(counts(150, 25, 3, 4)), 10)
    push(ledger, body(counts(150, 25, 3, 4)), 11)
    push(ledger, body(counts(151, 25, 3, 9)), 20)
    assert usage(ledger) == {(0, ""): (100, 4, 3, 0, 20), (10, ""): (50, 0, 0, 0, 5), (20, ""): (1, 5, 0, 0, 0)}
    ((*_, state, _),) = ledger.ask("source", path=ledger.ask("marks")[0][0])
    assert json.loads(state)["time"] == NOON + 20 * 60_000


def test_a_lower_value_begins_a_new_count(ledger: Ledger) -> None:
    push(ledger, body(counts(1_000, 0, 0, 0)), 0)
    push(ledger, body(counts(400, 7, 0, 0)), 5)
    push(ledger, body(counts(500, 7, 0, 0)), 9)
    assert usage(ledger) == {(0, ""): (1_000, 0, 0, 0, 0), (5, ""): (400, 0, 0, 0, 7), (9, ""): (100, 0, 0, 0, 0)}


def test_one_model_of_a_new_count_may_stand_where_it_stood(ledger: Ledger) -> None:
    first = [{"modelName": "a", **counts(10, 0, 0, 0)}, {"modelName": "b", **counts(90, 0, 0, 0)}]
    push(ledger, body(counts(100, 0, 0, 0), models=first), 0)
    second = [{"modelName": "a", **counts(10, 0, 0, 0)}, {"modelName": "b", **counts(5, 0, 0, 0)}]
    push(ledger, body(counts(15, 0, 0, 0), models=second), 5)
    assert total(ledger) == 115


def test_hosts_and_guids_count_apart(ledger: Ledger) -> None:
    push(ledger, body(counts(100, 0, 0, 0)), 0)
    push(ledger, body(counts(100, 0, 0, 0), host="desk"), 1)
    push(ledger, body(counts(100, 0, 0, 0), guid="another-guid-of-somebody"), 2)
    assert total(ledger) == 300
    contexts = [Context(*row[1:]) for row in ledger.ask("contexts")]
    assert {(each.tool, each.machine, each.user) for each in contexts} == {
        ("token-usage-server", "laptop", "0b0e3f1c"),
        ("token-usage-server", "desk", "0b0e3f1c"),
        ("token-usage-server", "laptop", "another-"),
    }
    # Hosts only name themselves: nothing of a machine that was paired under such a name changes.
    assert {row[:2] for row in ledger.ask("machines")} == {("counter/laptop", "laptop"), ("counter/desk", "desk")}


def test_models_that_are_told_apart_have_their_counts_and_the_rest_has_none(ledger: Ledger) -> None:
    opus = {
        "modelName": "claude-opus-4-5",
        "inputTokens": 60,
        "outputTokens": 5,
        "cacheCreationInputTokens": 7,
        "cost": 0.5,
    }
    push(ledger, body(counts(100, 5, 7, 30), models=[opus, {"modelName": "house-1", "cacheReadInputTokens": 30}]), 0)
    assert usage(ledger) == {
        (0, "claude-opus-4-5"): (60, 0, 7, 0, 5),
        (0, "house-1"): (0, 30, 0, 0, 0),
        (0, ""): (40, 0, 0, 0, 0),
    }
    assert {Variant(*row[1:])[:2] for row in ledger.ask("variants")} == {
        ("anthropic", "claude-opus-4-5"),
        ("", "house-1"),
        ("", ""),
    }


def test_a_client_that_begins_or_ceases_to_tell_models_apart_counts_nothing_twice(ledger: Ledger) -> None:
    model = "claude-opus-4-5"
    push(ledger, body(counts(100, 0, 0, 0)), 0)
    push(ledger, body(counts(130, 0, 0, 0), models=[{"modelName": model, **counts(130, 0, 0, 0)}]), 5)
    push(ledger, body(counts(150, 0, 0, 0), models=[{"modelName": model, **counts(150, 0, 0, 0)}]), 6)
    push(ledger, body(counts(190, 0, 0, 0)), 7)
    push(ledger, body(counts(200, 0, 0, 0)), 8)
    assert usage(ledger) == {
        (0, ""): (100, 0, 0, 0, 0),
        (5, ""): (30, 0, 0, 0, 0),
        (6, model): (20, 0, 0, 0, 0),
        (7, ""): (40, 0, 0, 0, 0),
        (8, ""): (10, 0, 0, 0, 0),
    }


def test_a_long_count_is_divided_and_comes_to_the_same() -> None:
    ledger = SqliteLedger(":memory:", write=True)
    for minute in range(500):
        push(ledger, body(counts(minute * 10 + 10, minute + 1, 0, 0)), minute)
    assert total(ledger) == 5_000 + 500
    assert len(usage(ledger)) == 500
    sessions = {Context(*row[1:]).session for row in ledger.ask("contexts")}
    assert len(sessions) == 3
    ledger.close()


@given(
    st.lists(
        st.tuples(st.integers(0, 50), st.integers(0, 50), st.sampled_from([None, "a", "b"]), st.booleans()), max_size=30
    )
)
def test_what_is_counted_is_the_sum_of_what_was_added_since_each_beginning(
    steps: list[tuple[int, int, str | None, bool]],
) -> None:
    ledger = MemoryLedger()
    wanted, now = 0, (0, 0)
    for minute, (more, other, model, anew) in enumerate(steps):
        before = (0, 0) if anew else now
        # A total that is no lower in any kind has not begun anew, whoever sent it.
        begun = anew and (before[0] + more < now[0] or before[1] + other < now[1])
        stands = (before[0] + more, before[1] + other)
        wanted += sum(stands) if begun else sum(stands) - sum(now)
        now = stands
        models = None if model is None else [{"modelName": model, "inputTokens": now[0], "outputTokens": now[1]}]
        push(ledger, body(counts(*now, 0, 0), models=models), minute)
    assert total(ledger) == wanted


def test_numbers_may_come_as_their_server_took_them() -> None:
    ledger = MemoryLedger()
    push(ledger, body({"inputTokens": "12", "outputTokens": 3.0, "cacheCreationTokens": 0, "cacheReadTokens": 0}), 0)
    assert usage(ledger) == {(0, ""): (12, 0, 0, 0, 3)}


DEEP = "[" * 100_000
WRONG = [
    (b"", "no JSON"),
    (b"[]", "Missing required fields: guid, hostname, tokens"),
    (b"null", "Missing required fields: guid, hostname, tokens"),
    (json.dumps({"guid": GUID, "tokens": counts(1, 2, 3, 4)}).encode(), "Missing required fields: guid, hostname, tokens"),
    (body({"inputTokens": 1}), "Tokens must include: ['inputTokens', 'outputTokens', 'cacheCreationTokens', 'cacheReadTokens']"),
    (body([1, 2, 3, 4]), "Tokens must include"),
    (body(counts(1, 2, 3, 4) | {"inputTokens": "many"}), "inputTokens must be a number"),
    (body(counts(1, 2, 3, 4) | {"inputTokens": None}), "inputTokens must be a number"),
    (body(counts(1, 2, 3, 4) | {"inputTokens": True}), "inputTokens must be a number"),
    (body(counts(-1, 2, 3, 4)), "inputTokens must be a number from 0"),
    (body(counts(1, 10**308, 3, 4)), "outputTokens must be a number from 0"),
    (body(counts(1, 2, 3, 4)).replace(b": 4", b": 1e308"), "cacheReadTokens must be a number from 0"),
    (body(counts(1, 2, 3, 4)).replace(b": 4", b": NaN"), "cacheReadTokens must be a number from 0"),
    (body(counts(1, 2, 3, 4)).replace(b": 4", b": " + b"9" * 5_000), "no JSON"),
    (body(counts(1, 2, 3, 4), guid=7), "guid must be a text"),
    (body(counts(1, 2, 3, 4), guid="x" * 300), "guid must be a text of 256"),
    (body(counts(1, 2, 3, 4), guid="\ud800"), "guid must be a text"),
    (body(counts(1, 2, 3, 4), host=" "), "hostname must be a text"),
    (body(counts(1, 2, 3, 4), host="a\0b"), "hostname must be a text"),
    (body(counts(1, 2, 3, 4), models={"a": 1}), "modelBreakdowns must be a list"),
    (body(counts(1, 2, 3, 4), models=[7]), "Each of modelBreakdowns must be an object"),
    (body(counts(1, 2, 3, 4), models=[{"inputTokens": 7}]), "modelName must be a text"),
    (body(counts(1, 2, 3, 4), models=[{"modelName": "m", "inputTokens": -7}]), "inputTokens must be a number"),
    (body(counts(1, 2, 3, 4), models=[{"modelName": "m", "cost": "much"}]), "cost must be a number"),
    (body(counts(1, 2, 3, 4), models=[{"modelName": "m"}] * 201), "a list of 200 models at most"),
    (f'{{"guid": "{GUID}", "x": {DEEP}'.encode(), "no JSON"),
    (DEEP.encode(), "no JSON"),
]  # fmt: skip


@pytest.mark.parametrize("sent, reason", WRONG, ids=[str(number) for number in range(len(WRONG))])
def test_what_cannot_be_is_refused_with_a_reason(sent: bytes, reason: str) -> None:
    with pytest.raises(Unacceptable) as refused:
        take(sent, NOBODY, NOON, MemoryLedger())
    assert refused.value.status == 400
    assert reason in refused.value.message


def test_a_guid_shows_only_its_beginning() -> None:
    assert user_of(GUID) == "0b0e3f1c"
    # Of a short one, showing eight characters would show all of it.
    assert [user_of(each) for each in ("abcdefgh", "abc", "a")] == ["abcd", "a", ""]


def test_fields_that_nobody_named_are_not_kept() -> None:
    ledger = MemoryLedger()
    model = {"modelName": "m", **counts(1, 2, 3, 4), "note": "MARKER"}
    sent = json.loads(body(counts(1, 2, 3, 4), models=[model]))
    push(ledger, json.dumps(sent | {"prompt": "MARKER", "tokens": sent["tokens"] | {"x": "MARKER"}}).encode(), 0)
    assert "MARKER" not in str([ledger.ask("source", path=row[0]) for row in ledger.ask("marks")])
