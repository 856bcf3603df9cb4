"""What every report on the shelf keeps to."""

import pytest

from tallystick.answers.report import KEYS, MEASURES, Report
from tallystick.answers.reports import REPORTS

EVERY = pytest.mark.parametrize("report", REPORTS, ids=lambda each: each.name)


def test_the_shelf_holds_what_is_promised() -> None:
    times, work = (
        "daily weekly monthly hours activity cache classes",
        "sessions projects branches models tools agents machines",
    )
    assert [report.name for report in REPORTS] == [*times.split(), *work.split(), "blocks", "report"]


@EVERY
def test_a_report_groups_by_keys_and_shows_columns_that_exist(report: Report) -> None:
    assert set(report.group_by) <= {*KEYS, "block"}
    # Both kinds of writes are one column; `state` is told of a block from its details.
    assert set(report.columns) <= {*MEASURES, *report.details, "cache_write", "state"}
    assert report.order.partition(":")[0] in {"", *report.group_by, *MEASURES, *report.details}


@EVERY
def test_what_is_listed_comes_last_and_is_not_everything(report: Report) -> None:
    assert report.group_by[len(report.group_by) - len(report.listed) :] == report.listed
    assert len(report.listed) < max(1, len(report.group_by))


@EVERY
def test_only_a_report_with_an_answer_of_its_own_has_details(report: Report) -> None:
    assert bool(report.details) == (report.answer is not None)


def test_the_measures_are_those_of_the_contract() -> None:
    contract = "requests input cache_read cache_write_5m cache_write_1h output reasoning total cost_usd unpriced_tokens"
    assert contract.split() == list(MEASURES)
    keys = "day week month hour session project branch machine user tool provider model agent tier tag"
    assert sorted(keys.split()) == sorted(KEYS)
