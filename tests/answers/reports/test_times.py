"""Reports by time: golden rows of the sample."""

import pytest
from tests.answers.sample import asked, ledger_of

from tallystick.answers.answer import gathered
from tallystick.answers.fold import answer
from tallystick.answers.report import Report
from tallystick.answers.reports.times import DAILY, HOURS, MONTHLY, WEEKLY


@pytest.mark.parametrize(
    "report, found",
    [
        (DAILY, {"2026-11-01": 111_800, "2026-11-02": 11_110}),
        # The first was a Sunday, the last day of the week that began on 26 October.
        (WEEKLY, {"2026-10-26": 111_800, "2026-11-02": 11_110}),
        (MONTHLY, {"2026-11": 122_910}),
        (
            HOURS,
            {
                "2026-11-01T10:00+00:00": 74_800,
                "2026-11-01T23:00+00:00": 37_000,
                "2026-11-02T09:00+00:00": 11_110,
            },
        ),
    ],
    ids=lambda each: each.name if isinstance(each, Report) else "",
)
def test_tokens_by_time(report: Report, found: dict[str, int]) -> None:
    rows = answer(ledger_of(), None, asked(report)).rows
    assert [(head.keys[0], head.figures.total) for head, _ in gathered(rows, 1)] == list(found.items())
    assert {row.keys[1] for row in rows} == {
        "claude-opus-4-1-20250805",
        "claude-sonnet-4-5-20250929",
        "gpt-5.2-codex",
        "nobody-knows-1",
    }
