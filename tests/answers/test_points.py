"""Points of a session: rates that are known beforehand, found again from rises and tokens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.answers.sample import CODEX, MAIN, OPUS, OTHER, SONNET, at, book_of

from tallystick.answers.answers import Answers
from tallystick.answers.limits import Window, limits
from tallystick.answers.points import Points, Stretch, fitted, least_squares, points_of
from tallystick.errors import NotFound
from tallystick.intake.packing import pack
from tallystick.ledger.ledger import Source
from tallystick.ledger.memory import MemoryLedger
from tallystick.tools.tool import Found
from tallystick.usage.event import Context, LimitSample, UsageEvent, Variant
from tallystick.usage.period import SLOT_MS
from tallystick.usage.tokens import Tokens

BEGIN = at("2026-11-22T00:00")
RESETS = BEGIN + 300 * 60_000
NOW = BEGIN + 16 * SLOT_MS
THIRD = Context("claude-code", "s9", "/home/dev/shop", "", "", "2.1.0", "box", "dev")


def told(used: float, slot: int, account: str = "") -> LimitSample:
    """Return what is said at the end of a quarter-hour."""
    return LimitSample("anthropic", "five_hour", 300, used, RESETS, BEGIN + (slot + 1) * SLOT_MS - 1, "", account)


def ledger_of(work: list[tuple[Variant, Context, int]], samples: list[LimitSample]) -> MemoryLedger:
    """Return a ledger of one call in each quarter-hour, with so much output, and of samples."""
    found = Found()
    for slot, (variant, context, output) in enumerate(work):
        time = BEGIN + slot * SLOT_MS + 60_000
        found.events.append(UsageEvent(slot + 1, 0, time, variant, Tokens(output=output), context, offset=slot))
    found.limits += samples
    ledger = MemoryLedger()
    ledger.add([pack(found, Source("/home/dev/a", "claude-code"), fresh=True, machine="box", user="dev")])
    return ledger


WORK = [(OPUS, MAIN, 1_000), (SONNET, OTHER, 2_000)] * 8
"""An answer of Opus is worth five points here, one of Sonnet two: 56 in all, 40 of them in session s1."""


def samples() -> list[LimitSample]:
    """Return what is said after each of them."""
    return [told(5.0 * ((slot + 2) // 2) + 2.0 * ((slot + 1) // 2), slot) for slot in range(16)]


def window(ledger: MemoryLedger) -> Window:
    """Return the window as it stands."""
    (found,) = limits(ledger, NOW).windows
    return found


def test_each_session_used_what_its_tokens_count() -> None:
    ledger = ledger_of(WORK, samples())
    assert window(ledger).used_percent == 56
    for session, points in (("s1", 40), ("s2", 16)):
        found = points_of(ledger, window(ledger), session, NOW)
        assert found is not None
        assert found.points == pytest.approx(points, abs=0.2)
        assert found.low <= points <= found.high
        assert found.high - found.low < 2


def test_answers_tell_it_of_each_window_of_which_it_is_known() -> None:
    ledger = ledger_of(WORK, samples())
    found = Answers(ledger, book_of).points("s1", NOW)
    (spent,) = found.windows
    assert (spent.name, round(spent.points.points)) == ("five_hour", 40)
    (told,) = found.told()["windows"]
    assert (round(told["points"]), told["low"] <= told["points"] <= told["high"]) == (40, True)
    assert told["used_percent"] == window(ledger).used_percent


def test_several_sessions_are_told_of_at_once_as_each_by_itself() -> None:
    ledger = ledger_of(WORK, samples())
    found = Answers(ledger, book_of).spent(["s2", "none", "s1"], [window(ledger)], NOW)
    assert [(name, [round(each.points.points) for each in spent]) for name, spent in found.items()] == [
        ("s2", [16]),
        ("none", [0]),
        ("s1", [40]),
    ]
    for name, (spent,) in found.items():
        assert spent.points == points_of(ledger, window(ledger), name, NOW)


def test_a_session_that_is_not_known_is_not_found() -> None:
    with pytest.raises(NotFound, match="no session 'none'"):
        Answers(ledger_of(WORK, samples()), book_of).points("none", NOW)


def test_a_session_without_tokens_in_the_window_used_nothing() -> None:
    assert points_of(ledger_of(WORK, samples()), window(ledger_of(WORK, samples())), "none", NOW) == Points(0, 0, 0)


def test_two_accounts_in_one_window_leave_it_open_whose_tokens_are_whose() -> None:
    ledger = ledger_of(
        WORK, [*(told(each.used_percent, slot, "a") for slot, each in enumerate(samples())), told(3, 9, "b")]
    )
    one, _ = limits(ledger, NOW).windows
    assert points_of(ledger, one, "s1", NOW) is None


def test_little_said_tells_nothing() -> None:
    ledger = ledger_of(WORK, samples()[:4])
    assert points_of(ledger, window(ledger), "s1", NOW) is None


def test_models_that_no_stretch_tells_of_leave_it_open() -> None:
    # Sixteen quarter-hours as above, and then one of a model of which nothing was said.
    new = Variant("anthropic", "claude-fable-9")
    ledger = ledger_of([*WORK, (new, THIRD, 9_000)], samples())
    later = NOW + SLOT_MS
    assert points_of(ledger, window(ledger), "s9", later) is None


def test_other_providers_tokens_are_not_of_the_window() -> None:
    ledger = ledger_of([*WORK[:15], (CODEX, THIRD, 50_000)], samples()[:15])
    assert points_of(ledger, window(ledger), "s9", NOW) == Points(0, 0, 0)


def test_a_window_that_was_reset_or_has_no_length_tells_nothing() -> None:
    ledger = ledger_of(WORK, samples())
    assert points_of(ledger, window(ledger), "s1", RESETS) is None
    assert points_of(ledger, window(ledger)._replace(minutes=0), "s1", NOW) is None


def test_rises_that_no_log_explains_widen_what_is_said() -> None:
    # In every fourth quarter-hour six points more come from elsewhere.
    more = [told(each.used_percent + 6 * ((slot + 1) // 4), slot) for slot, each in enumerate(samples())]
    plain = points_of(ledger_of(WORK, samples()), window(ledger_of(WORK, samples())), "s1", NOW)
    ledger = ledger_of(WORK, more)
    found = points_of(ledger, window(ledger), "s1", NOW)
    assert plain is not None
    assert found is not None
    assert found.high - found.low > 3 * (plain.high - plain.low)


def test_factors_are_found_again_and_none_is_below_zero() -> None:
    # 2 x + 3 y
    assert least_squares([[1, 0], [0, 1], [1, 1], [2, 1]], [2, 3, 5, 7]) == pytest.approx([2, 3], abs=1e-6)
    # The best would be -1 for the second: with zero in its place the mean of 2 and 1 remains for the first.
    assert least_squares([[1, 0], [1, 1]], [2, 1]) == pytest.approx([1.5, 0], abs=1e-6)
    # Two columns that are alike share what there is.
    assert least_squares([[1, 1], [2, 2]], [4, 8]) == pytest.approx([2, 2], abs=1e-6)


def test_stretches_too_few_for_their_models_are_not_fitted() -> None:
    assert fitted([Stretch({"a": 1.0}, 2.0)] * 2) is None
    assert fitted([Stretch({"a": 1.0}, 2.0)] * 3) is not None
    assert fitted([Stretch({"a": 1.0, "b": 1.0}, 2.0)] * 5) is None
    assert fitted([Stretch({}, 2.0)] * 9) is None


@given(st.lists(st.tuples(*[st.floats(0, 1e6)] * 3, st.floats(0, 100)), max_size=30))
def test_rates_are_never_below_zero(rows: list[tuple[float, float, float, float]]) -> None:
    rates = fitted([Stretch({"a": a, "b": b, "c": c}, points) for a, b, c, points in rows])
    assert rates is None or all(rate >= 0 for rate in rates.by_model.values())
