"""Uses of tools and prompts of a period: the same from the daybook as without it."""

import pytest
from tests.answers.sample import at, ledger_of

from tallystick.answers.uses import prompted, used
from tallystick.usage.period import Period, Zone


@pytest.mark.parametrize(
    "since, until, names, prompts",
    [
        ("2026-11-01", "2026-11-03", ["Bash", "Grep", "Read"], 2),
        ("2026-11-02", "2026-11-03", [], 1),
        ("2026-11-01T10:00", "2026-11-01T10:15", ["Bash", "Grep", "Read"], 1),
        ("2026-11-01T10:15", "2026-11-02", [], 0),
    ],
)
def test_what_is_of_a_period(since: str, until: str, names: list[str], prompts: int) -> None:
    ledger, period = ledger_of(), Period(Zone(), at(since), at(until))
    found = list(used(ledger, period))
    assert sorted(name for _, uses in found for name in uses.names) == names
    assert sorted(length for _, uses in found for length in uses.lengths) == ([1_000, 10_000, 10_000] if names else [])
    assert [name for _, uses in found for name in uses.failed] == (["Read"] if names else [])
    for booked in (True, False):
        assert sum(each.number for _, each in prompted(ledger, period, booked=booked)) == prompts
