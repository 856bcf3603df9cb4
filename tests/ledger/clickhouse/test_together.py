"""Together: what gathers while something is done is done in one go, and what cannot be done hinders nobody."""

from collections.abc import Callable
from threading import Event, Thread

import pytest

from tallystick.errors import Unavailable
from tallystick.ledger.clickhouse.together import Together


def gathered(work: Callable[[list[int]], list[int]], items: list[int]) -> tuple[list[list[int]], dict[int, object]]:
    """Return what was done at once, and what each was told, when things come while the first is being done."""
    begun, go_on = Event(), Event()
    groups: list[list[int]] = []
    told: dict[int, object] = {}

    def doing(group: list[int]) -> list[int]:
        groups.append(group)
        begun.set()
        assert go_on.wait(10)
        return work(group)

    together = Together(doing)

    def do(item: int) -> None:
        try:
            told[item] = together.do(item)
        except Exception as error:  # noqa: BLE001 - what it was is looked at
            told[item] = type(error)

    threads = [Thread(target=do, args=(item,)) for item in items]
    threads[0].start()
    assert begun.wait(10)
    for thread in threads[1:]:
        thread.start()
    while len(together._waiting) < len(items) - 1:
        pass
    go_on.set()
    for thread in threads:
        thread.join(10)
    return groups, told


def test_what_waits_is_done_in_one_go() -> None:
    groups, told = gathered(lambda group: [10 * item for item in group], [1, 2, 3, 4])
    assert [sorted(group) for group in groups] == [[1], [2, 3, 4]]
    assert told == {1: 10, 2: 20, 3: 30, 4: 40}


def test_one_that_cannot_be_done_hinders_no_other() -> None:
    def work(group: list[int]) -> list[int]:
        if 3 in group:
            raise ValueError
        return group

    groups, told = gathered(work, [1, 2, 3])
    assert sorted(map(len, groups)) == [1, 1, 1, 2]
    assert told == {1: 1, 2: 2, 3: ValueError}


def test_where_servers_do_not_answer_none_is_tried_alone() -> None:
    def work(group: list[int]) -> list[int]:
        raise Unavailable(str(group))

    groups, told = gathered(work, [1, 2, 3])
    assert [len(group) for group in groups] == [1, 2]
    assert set(told.values()) == {Unavailable}


def test_alone_it_is_done_at_once() -> None:
    alone: Together[int, float] = Together(lambda group: [1 / item for item in group])
    assert alone.do(4) == 0.25
    with pytest.raises(ZeroDivisionError):
        alone.do(0)
