"""The daybook: each day is worked out once for as long as its state holds, by whoever asks first."""

import threading
from contextlib import closing
from pathlib import Path
from typing import cast

from tests.ledger.sample import LOG, View, batch

from tallystick.answers.daybook import Daybook
from tallystick.ledger.ledger import Ledger, Row
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.usage.period import DAY_MS, Period, Zone

EVER = Period(Zone())


class Told:
    """A ledger that only knows of days."""

    def __init__(self, days: list[Row]) -> None:
        self._days = days

    def ask(self, _: str) -> list[Row]:
        return self._days


class Made:
    """Makes pages that tell how many events a day has, and remembers which days it was asked for."""

    def __init__(self) -> None:
        self.days: list[tuple[int, int]] = []

    def __call__(self, ledger: Ledger, first: int, after: int) -> dict[int, int]:
        self.days.append((first, after))
        counts = dict.fromkeys(range(first, after), 0)
        for row in ledger.ask("events", since=first * DAY_MS, until=after * DAY_MS):
            counts[row[1] // DAY_MS] += 1
        return counts


def ledger_of(*days: int) -> SqliteLedger:
    ledger = SqliteLedger(":memory:", write=True)
    ledger.add([batch(LOG, [View(number, time=day * DAY_MS) for number, day in enumerate(days)])])
    return ledger


def test_only_days_that_changed_are_made_anew() -> None:
    made = Made()
    book = Daybook(made)
    with closing(ledger_of(1, 2, 3, 5, 5, -4)) as ledger:
        assert {day: leaf.page for day, leaf in book.leaves(ledger).items()} == {-4: 1, 1: 1, 2: 1, 3: 1, 5: 2}
        # Days that follow one another are read together.
        assert made.days == [(-4, -3), (1, 4), (5, 6)]
        book.leaves(ledger)
        assert len(made.days) == 3
        ledger.add([batch(LOG, [View(90, time=2 * DAY_MS), View(91, time=9 * DAY_MS)])])
        assert {day: leaf.page for day, leaf in book.leaves(ledger).items()} == {-4: 1, 1: 1, 2: 2, 3: 1, 5: 2, 9: 1}
        assert made.days[3:] == [(2, 3), (9, 10)]


def test_of_many_days_some_at_a_time_are_read() -> None:
    made = Made()
    with closing(ledger_of(*range(70))) as ledger:
        assert len(Daybook(made).leaves(ledger)) == 70
    assert made.days == [*((day, day + 4) for day in range(0, 68, 4)), (68, 70)]


def test_ledgers_do_not_mix() -> None:
    book = Daybook(Made())
    with closing(ledger_of(1, 2)) as one, closing(ledger_of(2, 2, 3)) as other:
        for _ in range(2):
            assert {day: leaf.page for day, leaf in book.leaves(one).items()} == {1: 1, 2: 1}
            assert {day: leaf.page for day, leaf in book.leaves(other).items()} == {2: 2, 3: 1}


def test_it_is_worth_it_for_whoever_asks_again() -> None:
    with closing(ledger_of(1, 2, 3)) as ledger:
        book = Daybook(Made())
        assert [book.worth(ledger, EVER) for _ in range(3)] == [False, True, True]
        # What is there already costs nothing, and a day or two that have gone on cost little.
        book = Daybook(Made())
        book.leaves(ledger)
        ledger.add([batch(LOG, [View(90, time=2 * DAY_MS), View(91, time=9 * DAY_MS)])])
        assert book.worth(ledger, EVER)


def test_while_it_is_worked_out_a_short_time_is_told_of_without_it() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(_: Ledger, first: int, after: int) -> dict[int, int]:
        begun.set()
        assert go_on.wait(10)
        return dict.fromkeys(range(first, after), 0)

    book = Daybook(slow)
    with closing(SqliteLedger(":memory:", write=True)) as ledger:
        ledger.add([batch(LOG, [View(day, time=day * DAY_MS) for day in range(40)])])
        ready = ledger.ask("days")
        making = threading.Thread(target=book.leaves, args=(cast("Ledger", Told(ready)),))
        making.start()
        try:
            assert begun.wait(10)
            short = EVER._replace(since=31 * DAY_MS)
            longer = EVER._replace(since=20 * DAY_MS)
            assert [book.worth(ledger, span) for span in (short, longer, EVER, short)] == [False, True, True, False]
        finally:
            go_on.set()
            making.join(10)
        assert book.worth(ledger, short)


def test_an_earlier_book_spares_the_days_that_are_as_they_were() -> None:
    with closing(ledger_of(1, 2, 3)) as ledger:
        earlier = Daybook(Made())
        kept = earlier.leaves(ledger)
        assert earlier.made == 3
        ledger.add([batch(LOG, [View(90, time=2 * DAY_MS)])])
        made = Made()
        book = Daybook(made)
        book.lay_ready(lambda: kept)
        assert {day: leaf.page for day, leaf in book.leaves(ledger).items()} == {1: 1, 2: 2, 3: 1}
        assert (made.days, book.made) == ([(2, 3)], 1)
        assert book.at_hand() == book.leaves(ledger)


def test_those_who_ask_at_once_have_it_made_once(tmp_path: Path) -> None:
    path = str(tmp_path / "ledger.db")
    with closing(SqliteLedger(path, write=True)) as ledger:
        ledger.add([batch(LOG, [View(1)])])
    made, ready = Made(), threading.Barrier(4)
    book = Daybook(made)

    def ask() -> None:
        with closing(SqliteLedger(path)) as ledger:
            ready.wait(10)
            book.leaves(ledger)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert made.days == [(0, 1)]
