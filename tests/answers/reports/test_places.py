"""Reports by where and with what: golden rows of the sample."""

import pytest
from tests.answers.sample import asked, ledger_of

from tallystick.answers.fold import answer
from tallystick.answers.question import Wish
from tallystick.answers.report import Report
from tallystick.answers.reports.places import ANY, BRANCHES, MACHINES, MODELS, PROJECTS, TOOLS
from tallystick.prices.price_book import PriceBook


@pytest.mark.parametrize(
    "report, found",
    [
        # By cost: 0.57 + 0.0163, then 0.285, then 0.0049.
        (PROJECTS, [("/home/dev/shop",), ("/home/dev/tools/shop",), ("/home/dev/blog",)]),
        (BRANCHES, [("/home/dev/shop", "main"), ("/home/dev/tools/shop", "fix"), ("/home/dev/blog", "")]),
        (MACHINES, [("box",), ("laptop",)]),
        (TOOLS, [("claude-code",), ("codex",)]),
        (
            MODELS,
            [("claude-opus-4-1-20250805",), ("claude-sonnet-4-5-20250929",), ("gpt-5.2-codex",), ("nobody-knows-1",)],
        ),
    ],
    ids=lambda each: each.name if isinstance(each, Report) else "",
)
def test_the_costliest_comes_first(report: Report, found: list[tuple[str, ...]], book: PriceBook) -> None:
    assert [row.keys for row in answer(ledger_of(), book, asked(report)).rows] == found


def test_any_grouping(book: PriceBook) -> None:
    found = answer(ledger_of(), book, asked(ANY, Wish(by="machine,day")))
    assert {row.keys: row.figures.requests for row in found.rows} == {
        ("box", "2026-11-01"): 3,
        ("box", "2026-11-02"): 2,
        ("laptop", "2026-11-01"): 1,
    }
