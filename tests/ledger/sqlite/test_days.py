"""Days in SQLite: which ones a transaction gives another state is in the promise of days; here, how they are written."""

from contextlib import closing

from tallystick.ledger.sqlite.days import Days
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.usage.period import DAY_MS


def test_days_touched_together_get_one_new_state() -> None:
    with closing(SqliteLedger(":memory:", write=True)) as ledger:
        days = Days(ledger.connection, 1)
        days.touch([-1, 0, DAY_MS - 1, DAY_MS])
        days.settle()
        before: dict[int, int] = dict(ledger.ask("days"))
        assert list(before) == [-1, 0, 1]
        assert len(set(before.values())) == 1
        again = Days(ledger.connection, 1)
        again.touch([5])
        again.settle()
        after: dict[int, int] = dict(ledger.ask("days"))
        assert [after[day] == before[day] for day in before] == [True, False, True]


def test_events_are_found_by_many_keys_at_once() -> None:
    with closing(SqliteLedger(":memory:", write=True)) as ledger:
        insert = "INSERT INTO events SELECT {}, {}, 0, {}, 1, 1, 0,0,0,0,0,0, 3,0,0,0,0,0, NULL, 0, 1, 1, 1, {}, 1,0,0"
        for key in range(1_201):
            ledger.connection.execute(insert.format(key + 1, key, key * DAY_MS, int(key != 7)))
        days = Days(ledger.connection, 2_000)
        days.touch_events(range(2_500))
        days.settle()
        # The seventh does not lead: no call is taken for its.
        assert [day for day, _ in ledger.ask("days")] == [day for day in range(1_201) if day != 7]
