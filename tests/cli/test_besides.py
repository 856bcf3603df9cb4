"""What pages get that is in no ledger: what this machine keeps, and what a demo makes up."""

from contextlib import closing
from pathlib import Path

import pytest
from tests.answers.sample import book_of

from tallystick.access.budgets import Budgets, Defined
from tallystick.alerts.choices import Choices
from tallystick.alerts.file import File, path
from tallystick.alerts.lookout import Lookout
from tallystick.alerts.situation import Situation, Unpriced
from tallystick.answers.answers import Answers
from tallystick.cli import besides, budgeted, entrance
from tallystick.house import Where, demo_house
from tallystick.ledger.memory import MemoryLedger
from tallystick.settings import Settings, load
from tallystick.usage.period import DAY_MS, Zone

EVENING = 1_795_377_600_000
"""2026-11-22T20:00Z."""
WEEKLY = Defined("", {"model": ("*opus*",)}, 10**12, "usd", "week", "Europe/Berlin", 0.8, hard=True)


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    """Return the settings of a machine on which nothing is kept yet."""
    return load({"TALLY_DATA_DIR": str(tmp_path / "data"), "USER": "dev"}, str(tmp_path))


def test_what_is_kept_here_is_read_each_time(chosen: Settings) -> None:
    kept, nothing = besides.of(chosen), Answers(MemoryLedger(), book_of)
    assert kept.budgets() == ((), ())
    assert kept.alerts(nothing, 10)["open"] == []
    assert not Path(chosen.data_dir).exists()
    with closing(budgeted.store(chosen)) as store:
        Budgets(store).define(WEEKLY, "", "cli", 1)
    Lookout(File(path(chosen.data_dir)), Choices(), print).look(Situation(1, unpriced=(Unpriced("m-1", 99_999),)))
    (budget,) = kept.budgets()[0]
    assert (budget.amount, budget.where) == (10**12, {"model": ("*opus*",)})
    assert [each["key"] for each in kept.alerts(nothing, 10)["open"]] == ["unpriced:m-1"]


def test_a_demo_has_what_its_rules_find_and_a_past(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entrance, "now", lambda: EVENING)
    opened = demo_house(Where("/nowhere", "/nowhere", {}, "box", "dev"), EVENING)
    try:
        answers = Answers(opened.ledger, lambda: opened.book)
        made = besides.made_up(Zone())
        found = made.alerts(answers, 100)
        assert len(made.budgets()[0]) >= 2
        # The model that has no price, a window that will run out, and whichever budget is used up by then.
        assert {each["rule"] for each in found["open"]} >= {"unpriced"}
        assert [each["rule"] for each in found["past"]] == ["machine", "spend", "window"]
        assert all(EVENING - 30 * DAY_MS < each["began"] < each["ended"] < EVENING for each in found["past"])
        numbers = [each["id"] for each in (*found["open"], *found["past"])]
        assert numbers == sorted(set(numbers), reverse=True)
        assert len(made.alerts(answers, 2)["open"]) == 2 - len(made.alerts(answers, 2)["past"])
    finally:
        opened.close()
