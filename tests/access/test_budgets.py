"""Budgets as they are defined, and who changed what."""

from collections.abc import Callable
from contextlib import closing

import pytest

from tallystick.access.address import Address
from tallystick.access.budgets import Budgets, Defined, Lifted
from tallystick.access.store import Store
from tallystick.errors import NotFound

WEEKLY = Defined("", {"project": ("foo",), "model": ("*opus*", "gpt")}, 50 * 10**12, "usd", "week", "UTC", 0.8, hard=False)  # fmt: skip
DAILY = Defined("", {}, 2_000_000, "tokens", "day", "Europe/Berlin", 0.9, hard=True)


def test_what_was_defined_is_kept_as_it_was(store: Store, place: str | Address) -> None:
    budgets = Budgets(store)
    assert (budgets.defined(), budgets.lifted()) == ([], [])
    first = budgets.define(WEEKLY, "project=foo", "cli", 1_000)
    second = budgets.define(DAILY, "everything", "cli", 2_000)
    assert [first.id, second.id] == ["1", "2"]
    assert budgets.defined() == [WEEKLY._replace(id="1"), DAILY._replace(id="2")]
    with closing(Store(place)) as again:
        assert Budgets(again).defined() == [first, second]


def test_the_same_filter_unit_and_period_are_the_same_budget(store: Store) -> None:
    budgets = Budgets(store)
    budgets.define(WEEKLY, "", "cli", 1)
    other_order = {"model": WEEKLY.where["model"], "project": WEEKLY.where["project"]}
    changed = WEEKLY._replace(where=other_order, amount=10**30, soft=0.5, hard=True, zone="Asia/Tokyo")
    assert budgets.define(changed, "", "cli", 2).id == "1"
    assert budgets.defined() == [changed._replace(id="1")]
    assert budgets.define(WEEKLY._replace(period="day"), "", "cli", 3).id == "2"


def test_a_number_is_never_given_again(store: Store) -> None:
    budgets = Budgets(store)
    budgets.define(WEEKLY, "", "cli", 1)
    budgets.remove("1", "cli", 2)
    assert budgets.defined() == []
    assert budgets.define(WEEKLY, "", "cli", 3).id == "2"


def test_what_a_person_lets_be_exceeded_goes_with_the_budget(store: Store) -> None:
    budgets = Budgets(store)
    budgets.define(WEEKLY, "", "cli", 1)
    budgets.define(DAILY, "", "cli", 1)
    longer, more = Lifted("1", 5, 9, 0), Lifted("2", 6, 0, 10**30)
    budgets.lift(longer, "until nine", "cli")
    budgets.lift(more, "10", "cli")
    assert budgets.lifted() == [longer, more]
    budgets.withdraw("1", "cli", 7)
    assert budgets.lifted() == [more]
    budgets.remove("2", "cli", 8)
    assert budgets.lifted() == []


@pytest.mark.parametrize("number", ["1", "x", "-1", "9" * 30, "", "²"])
def test_there_is_no_budget_of_another_number(store: Store, number: str) -> None:
    budgets = Budgets(store)
    changes: list[Callable[[], None]] = [
        lambda: budgets.remove(number, "cli", 1),
        lambda: budgets.lift(Lifted(number, 1, 2, 0), "", "cli"),
        lambda: budgets.withdraw(number, "cli", 1),
    ]
    for change in changes:
        with pytest.raises(NotFound):
            change()
    assert store.noted() == []


def test_each_change_is_noted_with_who_made_it(store: Store) -> None:
    budgets = Budgets(store)
    budgets.define(WEEKLY, "project=foo 50usd/week", "token 3", 1_000)
    budgets.lift(Lifted("1", 2_000, 9_000, 0), "for 2h", "cli")
    budgets.withdraw("1", "cli", 3_000)
    budgets.remove("1", "cli", 4_000)
    assert [tuple(each) for each in store.noted()] == [
        (1_000, "token 3", "set budget", "1: project=foo 50usd/week"),
        (2_000, "cli", "override budget", "1: for 2h"),
        (3_000, "cli", "override budget", "1: no more"),
        (4_000, "cli", "remove budget", "1"),
    ]
