"""Copies as text: one line that says how far it has come, and sentences that name day and difference."""

from typing import NamedTuple

from tallystick.faces.text.copied import days, differences, line


class Done(NamedTuple):
    """How far it has come."""

    days: int = 119
    days_all: int = 367
    events: int = 2_500_000
    events_all: int = 10_000_000


class Sum(NamedTuple):
    """What rows come to."""

    number: int = 0
    counts: tuple[int, ...] = ()


class Laid(NamedTuple):
    """A day in two ledgers."""

    here: Sum
    there: Sum
    lacking: int = 0
    beyond: int = 0
    only_here: tuple[tuple[int, ...], ...] = ()
    only_there: tuple[tuple[int, ...], ...] = ()


class Difference(NamedTuple):
    """What differs."""

    day: int | None
    what: str
    laid: Laid


# The measures: input, read, written twice, output, reasoning, searches, cost, requests.
COUNTS = (10, 0, 0, 0, 20, 0, 0, 0, 2)
# An event as far as it is shown: key, request, time, context, variant, then its six counts.
EVENT = (7, 0, 1_793_570_400_123, 1, 1, 10, 0, 0, 0, 20, 0)


def test_how_far_it_has_come_is_one_line_that_fits() -> None:
    assert (
        line("Copying", Done(), 100, 120) == "Copying: 2,500,000 of 10,000,000 events, 5 min 0 s left, day 120 of 367"
    )
    assert line("Copying", Done(), 0.5, 120) == "Copying: 2,500,000 of 10,000,000 events, day 120 of 367"
    assert line("Comparing", Done(), 100, 50) == "Comparing: 2,500,000 of 10,000,000 events"
    # More have come since they were counted.
    assert line("Copying", Done(events=11_000_000), 100, 60).startswith("Copying: 11,000,000 of 11,000,000 events")


def test_one_token_more_is_named_with_the_day_and_the_event() -> None:
    more = (*COUNTS[:4], 21, *COUNTS[5:])
    laid = Laid(Sum(2, COUNTS), Sum(2, more), 1, 1, (EVENT,), ((*EVENT[:9], 21, 0),))
    (told,) = differences([Difference(20_758, "events", laid)])
    sums, _, event = told.partition("; ")
    assert sums == "2026-11-01: events: output 20 here, 21 there, 1 only here, 1 only there"
    assert event == "the event of 2026-11-01 22:00:00.123Z has output 20 here, 21 there."


def test_what_only_one_has_is_told() -> None:
    laid = Laid(Sum(1, COUNTS), Sum(), 1, 0, (EVENT,))
    (told,) = differences([Difference(20_758, "events", laid)], "in the source", "in the target")
    assert told.startswith(
        "2026-11-01: events 1 in the source, 0 in the target, input 10 in the source, 0 in the target"
    )
    assert told.endswith("1 only in the source; only in the source: the event of 2026-11-01 22:00:00.123Z.")
    other = Laid(Sum(3), Sum(5), 0, 2)
    assert differences([Difference(None, "titles", other)]) == ["titles 3 here, 5 there, 2 only there."]


def test_what_is_told_otherwise_with_the_same_tokens_is_said_so() -> None:
    laid = Laid(Sum(1, COUNTS), Sum(1, COUNTS), 1, 1, (EVENT,), ((*EVENT[:3], 5, *EVENT[4:]),))
    (told,) = differences([Difference(20_758, "events", laid)])
    assert told.endswith("the event of 2026-11-01 22:00:00.123Z has the same tokens, but is told otherwise.")
    assert differences([Difference(None, "tags", Laid(Sum(1), Sum(1)))]) == [
        "tags: the same sums, and yet not the same."
    ]


def test_days_are_counted_in_words() -> None:
    assert (days(1), days(1_200)) == ("1 day", "1,200 days")
