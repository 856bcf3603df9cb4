"""Shares of machines and hours: prompts and uses of tools where they were, and when each machine was last at work."""

from pathlib import Path

from tests.answers.stand import answers
from tests.faces.compat.test_tokenfold import push, served
from tests.faces.compat.tokenfold_world import PUSHES
from tests.intake.push.test_tokenfold import NOON

from tallystick.answers.shares import Share
from tallystick.usage.period import Period, Zone, period


def test_each_prompt_and_use_is_of_one_machine_and_one_hour(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        for each in PUSHES:
            push(server, each)
    opened, zone = answers(tmp_path / "ledger.db"), Zone("Asia/Kolkata")
    # The first time without the daybook, the second time from it.
    for _ in range(2):
        found = opened.shares(Period(zone))
        assert found.machines == {"laptop": Share(3, 1), "__script_": Share(1, 0)}
        assert found.hours == {
            "2026-11-08T15:00+05:30": Share(1, 0),
            "2026-11-22T04:00+05:30": Share(1, 1),
            "2026-11-22T14:00+05:30": Share(1, 0),
            "2026-11-22T17:00+05:30": Share(1, 0),
        }
        assert found.last == {"laptop": NOON - 10_710_000, "__script_": NOON - 1_770_000}
        today = opened.shares(period(Zone("UTC"), NOON, "today", "today"))
        assert today.machines == {"laptop": Share(1, 0), "__script_": Share(1, 0)}
    opened.close()
