"""What a status line leaves in the inbox comes into the ledger with the logs, and is cleared away."""

import json
import os
from contextlib import closing
from pathlib import Path

from tallystick.answers.limits import limits
from tallystick.house import House, Where
from tallystick.intake.inbox import append

NOON = 1_795_348_800_000
DAY = 86_400_000
RESET = NOON // 1000 + 7_200


def leave(where: Where, used: float, now: int, resets: int = RESET) -> None:
    """Do what a status line does."""
    told = {"rate_limits": {"five_hour": {"used_percentage": used, "resets_at": resets}}}
    assert append(where.inbox, [json.dumps({"v": 1, "time": now, "told": told})], now)


def test_what_a_status_line_leaves_is_known_after_the_next_look(tmp_path: Path) -> None:
    where = Where(str(tmp_path / "data"), str(tmp_path / "home"), {}, "box", "dev")
    moment = [NOON]
    with closing(House(where, clock=lambda: moment[0] * 1_000_000)) as house:
        leave(where, 23.5, NOON)
        house.refresh()
        assert [(each.used_percent, each.time) for each in limits(house.ledger, NOON).windows] == [(23.5, NOON)]
        leave(where, 31, NOON + 60_000)
        house.refresh()
        assert [each.used(NOON + 61_000) for each in limits(house.ledger, NOON + 61_000).windows] == [31.0]
        assert house.ledger.ask("skipped") == []


def test_a_days_file_is_removed_once_it_is_known_and_nobody_adds_to_it(tmp_path: Path) -> None:
    where = Where(str(tmp_path / "data"), str(tmp_path / "home"), {}, "box", "dev")
    moment = [NOON]
    with closing(House(where, clock=lambda: moment[0] * 1_000_000)) as house:
        leave(where, 23.5, NOON)
        house.refresh()
        (old,) = Path(where.inbox).iterdir()
        os.utime(old, (NOON / 1000, NOON / 1000))
        house.refresh()
        assert old.exists()
        moment[0] = NOON + DAY + 1_000
        leave(where, 2, moment[0], RESET + 86_400)
        house.refresh()
        assert [path.name for path in Path(where.inbox).iterdir()] == [f"{(NOON + DAY) // DAY}.jsonl"]
        # What it told stays.
        assert len(house.ledger.ask("limits", since=0, until=2**62)) == 2
