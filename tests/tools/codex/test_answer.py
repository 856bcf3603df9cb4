"""Answers: lines that are collected first and looked at together."""

import pytest
from tests.tools.codex.rollouts import NOON, call, item

from tallystick.tools.codex import shape
from tallystick.tools.codex.account import Account
from tallystick.tools.codex.answer import Answer
from tallystick.tools.codex.decoded import Whole

MINUTE = 60_000


def settle(lines: list[bytes], begun: int, decoder: object) -> Account:
    """Return an account to which these lines were handed over."""
    account, answer, data = Account("", {}), Answer(), b"".join(lines)
    account.pace.request(begun)
    position = 0
    for each in lines:
        if b"function_call" in each:
            answer.use(position, data[position : position + len(each)])
        else:
            answer.lines.append(position)
        position += len(each)
    answer.settle(account, data, 1_000, decoder)
    assert answer.lines == []
    return account


def thought(time: int) -> bytes:
    return item("reasoning", time, summary=[])


@pytest.mark.parametrize("decoder", [shape, Whole], ids=["msgspec", "standard library"])
def test_calls_and_work_are_handed_over(decoder: object) -> None:
    account = settle([thought(NOON + 1_000), call("shell", "c", NOON + 2_000)], NOON, decoder)
    assert account.calls.asked == {"c": ["shell", NOON + 2_000, 0, False]}
    assert account.pace.usage(NOON + 9_000) == 2_000


def test_the_last_line_may_be_any() -> None:
    account = settle([call("shell", "c", NOON + 2_000), thought(NOON + 3_000)], NOON, shape)
    assert account.pace.usage(NOON + 9_000) == 3_000


def test_silences_are_looked_for_where_there_can_be_some() -> None:
    times = [NOON + MINUTE, NOON + 8 * MINUTE, NOON + 9 * MINUTE]
    account = settle([thought(time) for time in times], NOON, shape)
    assert account.pace.usage(NOON + 9 * MINUTE) == 2 * MINUTE


def test_a_damaged_call_is_noted_where_it_stands() -> None:
    account = settle([thought(NOON + 1_000), item("function_call", NOON + 2_000, name="shell")], NOON, shape)
    assert account.found.skipped == [(1_000 + len(thought(NOON)), "no call_id")]
    assert account.calls.asked == {}
    assert account.pace.usage(NOON + 9_000) == 2_000


def test_a_line_whose_time_makes_no_sense_tells_nothing() -> None:
    account = settle([thought(NOON + 1_000), thought(NOON).replace(b"T12", b"T99")], NOON, shape)
    assert account.pace.usage(NOON + 9_000) == 1_000
    account = settle([thought(NOON).replace(b"T12", b"T99")], 0, shape)
    assert account.pace.lines == []


def test_an_id_that_comes_twice_in_one_answer_is_two_calls() -> None:
    account = settle([call("shell", "call_0", NOON), call("browse", "call_0", NOON + 1)], NOON, shape)
    assert [told.name for told in account.found.calls] == ["shell"]
    assert [name for name, *_ in account.calls.asked.values()] == ["browse"]
