"""The demonstration is the same every time, looks like real work, and shows what matters: prices, agents, an unknown model."""

from collections.abc import Iterator

import pytest
from tests.ledger.sample import EVER

from tallystick.answers.limits import limits
from tallystick.house import House, Where, demo_house
from tallystick.intake.demo import MACHINE, batches
from tallystick.intake.packing import plain
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.tools.shelf import TOOLS
from tallystick.usage.event import Variant
from tallystick.usage.period import DAY_MS

NOW = 1_795_321_182_597
"""2026-11-22T04:19:42.597Z, before anybody works."""
EVENING = NOW // DAY_MS * DAY_MS + 20 * 3_600_000
PLACE, TIME, CONTEXT, VARIANT = 0, 2, 3, 4
"""Fields of an event's row."""


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """Return a house that holds the demonstration."""
    opened = demo_house(Where("/nowhere", "/nowhere", {}, "box", "dev"), EVENING)
    yield opened
    opened.close()


def test_it_is_the_same_every_time() -> None:
    assert [plain(batch) for batch in batches(NOW)] == [plain(batch) for batch in batches(NOW)]


def test_the_past_stays_as_it_was_while_a_day_goes_on() -> None:
    midnight = NOW // DAY_MS * DAY_MS
    morning, evening = (
        {batch.source.path: batch for batch in batches(moment)} for moment in (midnight + 9 * 3_600_000, EVENING)
    )
    past = [path for path in evening if not path.endswith(("-00", "-now"))]
    assert all(morning[path] == evening[path] for path in past)
    assert len(past) > 50


@pytest.mark.parametrize(
    "moment", [NOW, EVENING, EVENING + 4_321_000, NOW // DAY_MS * DAY_MS, NOW // DAY_MS * DAY_MS + 10 * 3_600_000]
)
def test_nothing_happens_in_the_future(moment: int) -> None:
    for batch in batches(moment):
        assert all(event[TIME] < moment for event in batch.events)
        assert all(prompt[1] < moment for prompt in batch.prompts)


def test_it_covers_six_weeks_that_end_today(house: House) -> None:
    (receivers, events) = house.ledger.ask("receivers"), house.ledger.ask("events_by_tool", **EVER)
    assert [row[0] for row in receivers] == ["claude-code", "codex"]
    newest = max(row[2] for row in events)
    assert 0 < EVENING - newest < 3_600_000
    oldest = house.ledger.ask("events", since=0, until=EVENING)[0][1]
    assert 40 * DAY_MS < EVENING - oldest <= 45 * DAY_MS


def test_no_two_calls_are_taken_for_one(house: House) -> None:
    made = sum(len(batch.events) for batch in batches(EVENING))
    assert sum(row[1] for row in house.ledger.ask("events_by_tool", **EVER)) == made
    assert len(house.ledger.ask("calls", since=0, until=EVENING)) > 0
    assert sum(row[2] for row in house.ledger.ask("calls", since=0, until=EVENING)) == made


def test_every_tool_of_it_is_on_the_shelf(house: House) -> None:
    assert {row[1] for row in house.ledger.ask("contexts")} <= {tool.name for tool in TOOLS}


def test_all_models_but_one_have_a_price(house: House) -> None:
    variants = {Variant(*row[1:]) for row in house.ledger.ask("variants")}
    assert {each.model for each in variants if house.book.quote(each, 20_000, EVENING) is None} == {"house-model-1"}
    assert len(variants) == 6


def test_it_names_nobody(house: House) -> None:
    for _, _, _, project, _, _, _, machine, user in house.ledger.ask("contexts"):
        assert project.startswith("/home/dev/work/")
        assert (machine, user) == (MACHINE, "demo")


def test_the_house_of_the_demonstration_reads_no_logs_and_leaves_nothing(house: House) -> None:
    assert house.refresh().files == 0
    assert isinstance(house.ledger, SqliteLedger)
    assert house.ledger.path == ":memory:"


def test_one_usage_window_will_not_last_and_one_will(house: House) -> None:
    found = {window.minutes: window for window in limits(house.ledger, EVENING).windows}
    assert set(found) == {300, 10_080}
    # Of five hours 100 minutes are over and 46 % used: 138 % at the end. Of seven days four, and 38 %: 66.5 %.
    for minutes, over, at_its_end in ((300, 100, 138.0), (10_080, 4 * 1_440, 66.5)):
        window = found[minutes]
        assert (window.provider, window.name, window.plan) == ("openai", f"codex:{minutes}", "plus")
        assert window.resets_at - EVENING == (minutes - over) * 60_000
        assert window.used_percent * minutes / over == pytest.approx(at_its_end)
        assert EVENING - window.time == 3 * 60_000


@pytest.mark.parametrize("moment", [NOW, EVENING])
def test_what_was_told_of_a_window_only_grows_until_its_reset(moment: int) -> None:
    told = [sample for batch in batches(moment) for sample in batch.limits]
    runs: dict[tuple[str, int], list[float]] = {}
    for each in sorted(told, key=lambda each: each[5]):
        assert each[5] < min(moment, each[4])
        assert each[4] - each[2] * 60_000 <= each[5]
        runs.setdefault((each[1], each[4]), []).append(each[3])
    assert all(used == sorted(used) and used[0] >= 0 and used[-1] < 100 for used in runs.values())
    # Three weeks that are over and one that runs; of five hours many.
    for name in ("codex:10080", "seven_day"):
        assert sum(run[0] == name for run in runs) == 4
    for name in ("codex:300", "five_hour"):
        assert sum(run[0] == name for run in runs) > 12


def test_it_shows_agents_titles_and_prompts(house: House) -> None:
    assert "Explore" in {row[5] for row in house.ledger.ask("contexts")}
    assert {title for _, title in house.ledger.ask("titles")} >= {"Settle entries once", "Find the rounding error"}
    assert len(house.ledger.ask("prompts", since=0, until=EVENING)) > 300
