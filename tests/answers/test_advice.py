"""Each thing that is wrong is told once, with what to do; a machine in order is told nothing."""

import pytest
from tests.answers.around import CLAUDE, CODEX, FILE, IN_ORDER
from tests.answers.sample import CODEX as PRICED
from tests.answers.sample import MAIN as WHERE
from tests.answers.sample import NOW, THOUSAND, book_of, event, ledger_of

from tallystick.answers.advice import Finding, advice
from tallystick.answers.health import Health, Place, Surroundings, Uncounted, examine
from tallystick.prices.price_book import PriceBook
from tallystick.tools.shelf import TOOLS

DAY = 86_400_000
ONE = (event("2026-11-02T09:00:00", PRICED, WHERE, THOUSAND),)


@pytest.fixture
def healthy(book: PriceBook) -> Health:
    """Return the health of a machine in order."""
    return examine(ledger_of(ONE, (), (), ()), book, IN_ORDER)


def around(health: Health, **changes: object) -> Health:
    """Return a health in other surroundings."""
    return health._replace(surroundings=Surroundings(**(health.surroundings._asdict() | changes)))


def first_tool(health: Health, **changes: object) -> Health:
    """Return a health whose first tool was seen otherwise."""
    tool = health.tools[0]
    seen = type(tool.seen)(**(tool.seen._asdict() | changes))
    return health._replace(tools=(tool._replace(seen=seen), *health.tools[1:]))


def only(health: Health) -> Finding:
    """Return the one finding that there is."""
    (finding,) = advice(health)
    return finding


def test_a_machine_in_order_is_told_nothing(healthy: Health) -> None:
    assert advice(healthy) == []


def test_no_logs_at_all_is_a_warning(book: PriceBook) -> None:
    nothing = tuple(
        each._replace(places=(Place("/home/dev/x", exists=False, files=0, bytes=0),)) for each in (CLAUDE, CODEX)
    )
    finding = only(examine(None, book, IN_ORDER._replace(seen=nothing)))
    assert (finding.trouble, finding.about) == (False, "logs")
    assert finding.what == "There are no logs of Claude Code or Codex in any of these places."


def test_an_unreadable_file_is_a_trouble_with_the_command_that_mends_it(healthy: Health) -> None:
    finding = only(around(healthy, troubles=(("/home/dev/my logs/a.jsonl", "permission denied"),)))
    assert (finding.trouble, finding.about) == (True, "logs")
    assert "`chmod u+rX '/home/dev/my logs/a.jsonl'`" in finding.todo


def test_another_reason_gets_no_such_command(healthy: Health) -> None:
    finding = only(around(healthy, troubles=(("/home/dev/a.jsonl", "input/output error"),)))
    assert finding.what == "/home/dev/a.jsonl cannot be read (input/output error)."
    assert "chmod" not in finding.todo


def test_many_unreadable_files_are_summed_up(healthy: Health) -> None:
    troubles = tuple((f"/home/dev/{number}.jsonl", "permission denied") for number in range(9))
    findings = advice(around(healthy, troubles=troubles))
    assert len(findings) == 6
    assert findings[-1].what == "4 more files or folders cannot be read."


@pytest.mark.parametrize(
    "untouched, when",
    [(29.5, "within a day"), (31.0, "at its next start"), (28.0, "in 2 days"), (28.9, "in 1 day")],
)
def test_unread_logs_that_will_be_deleted_soon_are_a_trouble(healthy: Health, untouched: float, when: str) -> None:
    finding = only(first_tool(healthy, unread_files=2, unread_oldest=NOW - int(untouched * DAY)))
    assert (finding.trouble, finding.about) == (True, "claude-code")
    assert finding.what == f"Claude Code will delete logs {when} that are not read yet."
    assert "/home/dev/.claude/settings.json" in finding.todo


def test_unread_logs_that_stay_for_long_are_nothing_to_tell(healthy: Health) -> None:
    assert advice(first_tool(healthy, unread_files=2, unread_oldest=NOW - 5 * DAY)) == []


@pytest.mark.parametrize("days, told", [(1, "1 day"), (13, "13 days")])
def test_a_short_memory_is_a_warning(healthy: Health, days: int, told: str) -> None:
    finding = only(first_tool(healthy, keeps_days=days))
    assert (finding.trouble, finding.what) == (False, f"Claude Code deletes its logs after {told}.")


def test_two_weeks_of_memory_are_enough(healthy: Health) -> None:
    assert advice(first_tool(healthy, keeps_days=14)) == []


def test_a_tool_that_writes_no_logs_is_a_warning(healthy: Health) -> None:
    finding = only(first_tool(healthy, keeps_days=0))
    assert (finding.trouble, finding.about) == (False, "claude-code")
    assert "writes no logs" in finding.what.replace("is set to write", "writes")


def test_a_tool_that_is_not_used_has_no_memory_to_warn_of(healthy: Health) -> None:
    health = first_tool(healthy, keeps_days=3, places=())
    assert len(advice(health)) == 1
    unused = health.tools[0]._replace(files_read=0)
    assert advice(health._replace(tools=(unused, health.tools[1]._replace(files_read=1)))) == []


@pytest.mark.parametrize("count, told", [(1, "1 piece of input was"), (2_000, "2,000 pieces of input were")])
def test_skipped_input_is_a_warning(healthy: Health, count: int, told: str) -> None:
    tool = healthy.tools[0]._replace(skipped=count)
    finding = only(healthy._replace(tools=(tool, healthy.tools[1])))
    assert (finding.trouble, finding.what) == (False, f"{told} not understood.")


def test_a_ledger_that_cannot_be_opened_is_a_trouble_in_its_own_words(healthy: Health) -> None:
    closed = FILE._replace(closed="The ledger /x was written by a newer Tallystick. Upgrade this one.")
    finding = only(around(healthy, file=closed))
    assert finding == Finding(
        trouble=True,
        about="ledger",
        what="The ledger /x was written by a newer Tallystick.",
        todo="Upgrade this one.",
    )


def test_what_does_not_add_up_in_the_ledger_is_a_trouble(healthy: Health) -> None:
    finding = only(around(healthy, file=FILE._replace(problems=("The file is damaged: page 7.",))))
    assert (finding.trouble, finding.what) == (True, "The file is damaged: page 7.")
    assert "/home/dev/data/ledger.db" in finding.todo


def test_another_writer_is_a_warning(healthy: Health) -> None:
    assert only(around(healthy, file=FILE._replace(busy=True))).trouble is False


@pytest.mark.parametrize("free, size, told", [(0.6, 20 << 20, 1), (0.6, 1 << 20, 0), (0.4, 20 << 20, 0)])
def test_a_ledger_that_is_mostly_empty_is_a_warning(healthy: Health, free: float, size: int, told: int) -> None:
    assert len(advice(around(healthy, file=FILE._replace(free=free, bytes=size)))) == told


def test_a_price_of_the_persons_own_that_is_wrong_is_a_trouble(healthy: Health) -> None:
    edition = book_of({"house-model-1": {"input": -1, "output": 2}}).edition
    finding = only(healthy._replace(prices=edition))
    assert (finding.trouble, finding.about) == (True, "config")
    assert finding.what.startswith('Your price for "house-model-1" does not count: input is not a price')
    assert "/home/dev/.config/tallystick/config.toml" in finding.todo


@pytest.mark.parametrize("days, told", [(44, 0), (45, 0), (46, 1), (400, 1)])
def test_old_prices_are_a_warning(healthy: Health, days: int, told: int) -> None:
    # A date stands for the midnight with which it begins.
    edition = healthy.prices._replace(genai_as_of="2026-01-01", overlay_as_of="2026-02-01", litellm_as_of="")
    begin = 1_769_904_000_000
    health = around(healthy, now=begin + days * DAY)._replace(prices=edition)
    health = health._replace(tools=tuple(tool._replace(newest=0) for tool in health.tools))
    findings = advice(health)
    assert [finding.what for finding in findings] == [f"The prices are those of 2026-02-01, {days} days ago."] * told


def test_an_unusable_fetched_book_is_a_warning(healthy: Health) -> None:
    finding = only(around(healthy, unusable_book="/home/dev/data/prices.bin"))
    assert (finding.trouble, finding.about) == (False, "prices")
    assert "/home/dev/data/prices.bin" in finding.what


def test_models_without_a_price_are_a_warning_with_their_tokens(healthy: Health) -> None:
    finding = only(healthy._replace(unpriced=(("house-model-1", 1_234), ("", 5))))
    assert finding.trouble is False
    assert "house-model-1 (1,234), no name (5)" in finding.what
    assert '[prices."house-model-1"]' in finding.todo


def test_many_models_without_a_price_are_summed_up(healthy: Health) -> None:
    finding = only(healthy._replace(unpriced=tuple((f"m{number}", 1) for number in range(8))))
    assert "m4 (1) and 3 more." in finding.what


def test_an_unknown_time_zone_is_a_warning(healthy: Health) -> None:
    finding = only(around(healthy, zone="UTC", zone_source=""))
    assert (finding.trouble, finding.about) == (False, "time")
    assert "days are those of UTC" in finding.what


@pytest.mark.parametrize(
    "ahead_ms, told", [(0, []), (3_600_000, []), (2 * DAY, ["The newest event lies 48 hours in the future."])]
)
def test_events_from_the_future_are_a_warning(healthy: Health, ahead_ms: int, told: list[str]) -> None:
    tool = healthy.tools[0]._replace(newest=NOW + ahead_ms)
    assert [finding.what for finding in advice(healthy._replace(tools=(tool, healthy.tools[1])))] == told


def test_troubles_come_first(healthy: Health) -> None:
    edition = book_of({"house-model-1": {"input": -1, "output": 2}}).edition
    health = around(healthy, zone_source="", file=FILE._replace(busy=True))._replace(prices=edition)
    assert [(finding.trouble, finding.about) for finding in advice(health)] == [
        (True, "config"),
        (False, "ledger"),
        (False, "time"),
    ]


def test_every_finding_says_what_to_do_in_one_sentence(healthy: Health) -> None:
    health = around(
        first_tool(healthy, keeps_days=2, unread_files=1, unread_oldest=NOW),
        troubles=(("/home/dev/a", "permission denied"),),
        file=FILE._replace(busy=True, problems=("The file is damaged: x.",), free=0.9, bytes=1 << 30),
        zone_source="",
        unusable_book="/home/dev/prices.bin",
    )._replace(unpriced=(("m", 1),))
    findings = advice(health)
    assert len(findings) >= 8
    for finding in findings:
        assert finding.todo.endswith(".")
        assert finding.what.endswith(".")
        assert finding.about in {"logs", "ledger", "prices", "config", "time", *(tool.name for tool in TOOLS)}


def test_of_many_tools_the_number_is_told(book: PriceBook) -> None:
    nothing = tuple(CLAUDE._replace(places=(Place("/home/dev/x", exists=False, files=0, bytes=0),)) for _ in range(4))
    finding = only(examine(None, book, IN_ORDER._replace(seen=nothing)))
    assert finding.what == "There are no logs of any of the 4 tools that are read in any of these places."


def test_a_named_home_that_is_missing_is_a_warning(healthy: Health) -> None:
    finding = only(around(healthy, missing_homes=("/srv/alice",)))
    assert (finding.trouble, finding.about) == (False, "config")
    assert finding.what == "/srv/alice is named as a home whose tools are to be read, and it is not there."
    assert "`tally config show`" in finding.todo


def test_tools_that_cannot_be_counted_are_nothing_wrong(healthy: Health) -> None:
    kiro = Uncounted("kiro", "Kiro", "/home/dev/.kiro", "Why.", "Instead.", keeps_counts=False)
    assert advice(around(healthy, unusable=(kiro,))) == []
