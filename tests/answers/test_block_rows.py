"""Rows of blocks: what is told of one that runs, of one that is over, and of a pause."""

from tallystick.answers.answer import Figures
from tallystick.answers.block_rows import block, pause
from tallystick.usage.period import HOUR_MS

BEGIN = 20_756 * 24 * HOUR_MS
MINUTE = 60_000


def test_a_block_that_runs_tells_its_pace_and_where_it_ends_at_that() -> None:
    # 6,000 tokens and 3 dollars within half an hour; three hours are left.
    figures = Figures(requests=2, input=6_000, priced_pico=3_000_000_000_000, priced=2)
    row = block("codex", BEGIN, (BEGIN, BEGIN + 30 * MINUTE), figures, ["gpt-5"], BEGIN + 2 * HOUR_MS)
    assert row.keys == ("2026-10-30T00:00:00.000Z", "codex")
    told = row.details or {}
    assert (told["active"], told["gap"], told["end"]) == (True, False, BEGIN + 5 * HOUR_MS)
    assert told["burn_rate"] == {"tokens_per_minute": 200.0, "cost_usd_per_hour": 6_000_000_000_000}
    ahead = {"remaining_minutes": 180, "total": 6_000 + 36_000, "cost_usd": 21_000_000_000_000}
    assert told["projection"] == ahead


def test_one_that_is_over_and_a_pause_tell_of_no_pace() -> None:
    row = block("codex", BEGIN, (BEGIN, BEGIN + 9), Figures(requests=1), [], BEGIN + 5 * HOUR_MS)
    gap = pause("codex", BEGIN, BEGIN + 7 * HOUR_MS)
    for told, is_gap in ((row.details or {}, False), (gap.details or {}, True)):
        assert (told["active"], told["gap"], told["burn_rate"], told["projection"]) == (False, is_gap, None, None)
    assert (gap.details or {})["last"] is None
    assert gap.figures == Figures()
