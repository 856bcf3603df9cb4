"""Patterns of a week: which hours weigh how much, from sums and from a ledger."""

from collections.abc import Iterator

import pytest
from tests.answers.sample import MAIN, OPUS, at, event, ledger_of

from tallystick.answers.pattern import Habits, Pattern, effort, pattern_of
from tallystick.usage.period import DAY_MS, HOUR_MS, SLOT_MS, Zone
from tallystick.usage.tokens import Tokens

MONDAY = at("2026-10-12")
WEEKS = 5
NOW = MONDAY + WEEKS * 7 * DAY_MS


def mornings(zone_ms: int = 0) -> Iterator[tuple[int, float]]:
    """Yield the quarter-hours of an hour from nine on, Monday to Friday."""
    for day in range(WEEKS * 7):
        if day % 7 < 5:
            for quarter in range(4):
                yield (MONDAY + day * DAY_MS + 9 * HOUR_MS - zone_ms) // SLOT_MS + quarter, 100.0


def test_the_hour_in_which_somebody_works_weighs_most_and_the_weekend_least() -> None:
    weights = Pattern.of(mornings(), Zone(), NOW).weights
    assert sum(weights) / 168 == pytest.approx(1)
    assert max(range(168), key=weights.__getitem__) % 24 == 9
    # Nine on Tuesday; on Saturday; and at three in the night.
    assert weights[24 + 9] > 10 * weights[5 * 24 + 9]
    assert weights[24 + 9] > 10 * weights[24 + 3]
    assert min(weights) > 0


def test_hours_are_those_of_the_zone() -> None:
    # India is five hours and a half ahead.
    kolkata = Pattern.of(mornings(5 * HOUR_MS + HOUR_MS // 2), Zone("Asia/Kolkata"), NOW)
    assert max(range(24), key=kolkata.weights.__getitem__) == 9


def test_one_burst_is_no_habit() -> None:
    night = [((MONDAY + 3 * HOUR_MS) // SLOT_MS, 1_000_000.0)]
    weights = Pattern.of([*mornings(), *night], Zone(), NOW).weights
    assert weights[9] > weights[3]


def test_hours_in_which_somebody_was_stopped_are_judged_by_the_others() -> None:
    # From nine to ten and from three to four on each of five Mondays; on the last three, a window was used up at ten.
    mondays = [MONDAY + week * 7 * DAY_MS for week in range(WEEKS)]
    whole = [(day + hour * HOUR_MS) // SLOT_MS for day in mondays for hour in (9, 15)]
    some = [slot for place, slot in enumerate(whole) if place < 4 or not place % 2]
    stopped = [(day + 10 * HOUR_MS, day + 18 * HOUR_MS) for day in mondays[2:]]
    told, blind = (Pattern.of([(slot, 9.0) for slot in some], Zone(), NOW, spans).weights for spans in (stopped, ()))
    # As if all five afternoons had been seen: as much as the mornings, of which two of five would be left. From the first morning
    # on it is not quite five weeks.
    assert told[15] == pytest.approx(told[9], rel=0.02)
    assert blind[15] < 0.7 * blind[9]
    # What two windows hide is hidden once.
    assert Pattern.of([(slot, 9.0) for slot in some], Zone(), NOW, [*stopped, *stopped]).weights == told


def test_an_hour_that_was_used_all_the_same_was_seen() -> None:
    # Of another vendor, or beyond the plan: nothing is made up for it.
    stopped = [(MONDAY + 9 * HOUR_MS, MONDAY + 10 * HOUR_MS)]
    assert Pattern.of(mornings(), Zone(), NOW, stopped) == Pattern.of(mornings(), Zone(), NOW)


def test_without_anything_known_all_hours_are_alike() -> None:
    assert set(Pattern.of([], Zone(), NOW).weights) == {1.0}
    assert set(Pattern.of([(NOW // SLOT_MS + 1, 5.0), (0, 5.0)], Zone(), NOW).weights) == {1.0}


def test_spans_end_with_the_hours_of_the_clocks_and_weigh_what_they_last() -> None:
    pattern = Pattern(Zone("Asia/Kolkata"), tuple(float(cell) for cell in range(168)))
    # 2026-11-16 is a Monday; 18:10 in UTC is 23:40 there.
    begin = at("2026-11-16T18:10")
    spans = list(pattern.spans(begin, begin + HOUR_MS))
    assert spans == [(begin, begin + HOUR_MS // 3, 23.0), (begin + HOUR_MS // 3, begin + HOUR_MS, 24.0)]
    assert pattern.weight(begin, begin + HOUR_MS) == pytest.approx(23 / 3 + 24 * 2 / 3)


def test_a_day_on_which_clocks_change_has_all_its_hours() -> None:
    # In Berlin clocks go back on 2026-10-25, which has 25 hours: from two to three comes twice.
    berlin = Pattern(Zone("Europe/Berlin"), tuple(float(cell % 24 == 2) for cell in range(168)))
    assert berlin.weight(at("2026-10-24T22:00"), at("2026-10-25T23:00")) == pytest.approx(2)


def test_a_ledger_tells_the_pattern_and_it_is_kept_for_an_hour() -> None:
    events = [event(f"2026-11-{day:02}T10:05", OPUS, MAIN, Tokens(1_000)) for day in (2, 3, 4, 9, 10, 11)]
    ledger, now = ledger_of(events), at("2026-11-16T12:00")
    pattern = pattern_of(ledger, Zone(), now)
    assert max(range(168), key=pattern.weights.__getitem__) % 24 == 10
    habits = Habits(ledger)
    assert habits.at(now) == pattern
    assert habits.at(now + 1) is habits.at(now + HOUR_MS - 1)
    assert habits.at(now + HOUR_MS) is not habits.at(now)


def test_kinds_of_tokens_weigh_as_in_price_lists() -> None:
    # 100 + 0.1 x 1 000 + 1.25 x 80 + 2 x 50 + 5 x 20
    assert effort((100, 1_000, 80, 50, 20)) == 500
