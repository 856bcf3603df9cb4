"""The situation as a real ledger and real files tell it."""

import json
import os
import time
from contextlib import closing
from pathlib import Path

from tests.cli.stage import Stage

from tallystick.alerts.situation import Budgeted, Hour, Unpriced, Unread, Windowed
from tallystick.answers.budgets import Budget, Standing
from tallystick.answers.forecast import Forecast
from tallystick.answers.limits import Limits, Window
from tallystick.cli import entrance, situated
from tallystick.cli.budgeted import Known
from tallystick.intake.inbox import append
from tallystick.usage.period import Zone

DAY = 86_400_000
SUNDAY = 1_793_491_200_000
"""2026-11-01 00:00 UTC."""


def test_what_was_spent_and_what_has_no_price(stage: Stage) -> None:
    stage.answers(2)
    stage.answers(3, "house-model-9")
    opened = entrance.house(entrance.settings())
    opened.refresh()
    answers = entrance.answers(opened)
    budgets = (
        Budget("1", {"project": ["p", "x*"], "tool": ["claude-code"]}, 10**12, "usd", "month", "UTC", 0.8, hard=True),
        Budget("2", {}, 1_000, "tokens", "day", "Europe/Berlin", 0.5, hard=False),
    )
    now = SUNDAY + 20 * 3_600_000
    found = situated.situation(answers, budgets, Zone("Europe/Berlin"), now, unpriced=True)
    assert (found.now, found.offset, found.unread) == (now, 3_600_000, None)
    # Two answers of ten tokens at 15 dollars and twenty at 75 dollars a million, at 11:00 in Berlin.
    spent = 2 * (10 * 15 + 20 * 75) * 10**6
    assert found.spent == (Hour(SUNDAY + 10 * 3_600_000, 6, 11, spent),)
    filters = (("project", "p"), ("project", "x*"), ("tool", "claude-code"))
    month = Budgeted(
        "1",
        filters,
        "usd",
        "month",
        10**12,
        spent,
        0.8,
        hard=True,
        since=SUNDAY,
        until=SUNDAY + 30 * DAY,
        unpriced_tokens=90,
    )
    day = Budgeted(
        "2", (), "tokens", "day", 1_000, 150, 0.5, hard=False, since=SUNDAY - 3_600_000, until=SUNDAY - 3_600_000 + DAY
    )
    assert found.budgets == (month, day)
    assert found.unpriced == (Unpriced("house-model-9", 90),)
    assert (found.windows, found.machines) == ((), ())
    assert situated.situation(answers, [], Zone(), now, unpriced=False).unpriced is None
    # What is older than eight weeks is not looked at any more.
    assert situated.situation(answers, [], Zone(), SUNDAY + 58 * DAY, unpriced=False).spent == ()
    opened.close()


def test_windows_bring_their_forecasts() -> None:
    window = Window("anthropic", "five_hour", 300, 60.0, 9_000, 5_000, "max", "a")
    ahead = Forecast(8_000, 7_500, None, 120.0, 95.0, 130.0)
    found = situated._windowed(Limits(6_000, [window, window._replace(forecast=ahead)]))
    told = Windowed("anthropic", "five_hour", "a", 300, 60.0, 9_000, 5_000)
    assert found == (told, told._replace(forecast=True, runs_out=8_000, low=95.0, high=130.0))


def test_budgets_are_those_that_were_set(stage: Stage) -> None:
    assert situated.known(entrance.settings()) == Known()
    assert stage.tally("budget", "set", "project=p", "50usd/week", "--soft", "80%").code == 0
    (budget,) = situated.known(entrance.settings()).budgets
    assert (budget.amount, budget.period, budget.soft) == (50 * 10**12, "week", 0.8)


def test_logs_that_were_not_read_are_seen(stage: Stage) -> None:
    stage.answers(1)
    now = time.time_ns() // 10**6
    old = now / 1000 - 28 * 86_400
    os.utime(stage.log, (old, old))
    found = {each.tool: each for each in situated.unread(entrance.settings(), now)}
    # Claude Code keeps its logs for thirty days.
    about = found["claude-code"]
    assert about.files == 1
    assert about.days is not None
    assert abs(about.days - 2) < 0.01
    assert stage.tally("daily").code == 0
    found = {each.tool: each for each in situated.unread(entrance.settings(), now)}
    assert found["claude-code"] == Unread("claude-code", 0, None)
    assert Path(stage.log).exists()


def test_a_budget_that_a_person_lifted_refuses_nothing_for_now() -> None:
    budget = Budget("1", {}, 100, "tokens", "day", "UTC", 0.8, hard=True)
    standing = Standing(budget, SUNDAY, SUNDAY + DAY, 150, 1.5, 50.0, None, 0, lifted=SUNDAY + 100, more=20)
    assert [situated._budgeted(standing, SUNDAY + now).hard for now in (99, 100)] == [False, True]
    assert situated._budgeted(standing, SUNDAY).amount == 120


def test_how_windows_stood_some_minutes_earlier_is_told_by_what_was_known_then(stage: Stage) -> None:
    now = entrance.now()
    for minutes, percent in ((20, 30), (6, 40), (4, 90)):
        told = {"rate_limits": {"five_hour": {"used_percentage": percent, "resets_at": now // 1000 + 3_600}}}
        line = json.dumps({"v": 1, "time": now - minutes * 60_000, "told": told})
        assert append(str(stage.home / "data" / "inbox" / "limits"), [line], now)
    with closing(entrance.house(entrance.settings())) as opened:
        opened.refresh()
        answers = entrance.answers(opened)
        found = situated.with_earlier(answers, situated.situation(answers, (), Zone(), now, unpriced=False))
    assert [each.used_percent for each in found.windows or ()] == [90]
    assert found.earlier is not None
    assert (found.earlier.now, [each.used_percent for each in found.earlier.windows or ()]) == (now - 300_000, [40])
