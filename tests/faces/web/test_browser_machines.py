"""Several machines on the dashboard: who is at work shows and goes by itself, each leads to what is its own, nothing is too wide."""

from collections.abc import Iterator
from pathlib import Path
from time import time_ns

import pytest
from tests.answers.fleet import DAY, HOUR, MINUTE, arrival, on
from tests.answers.sample import MAIN, OPUS, THOUSAND, event
from tests.faces.web.chromium import Chromium, chromium, required, serving

from tallystick.ledger.ledger import Arrival, Batch
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.usage.event import UsageEvent

NOW = time_ns() // 10**6
PILLS = "[...document.querySelectorAll('#active .pills li')].map((pill) => pill.innerText)"
# What is out of sight is not drawn, and has no text of its own then.
STATES = "[...document.querySelectorAll('#machines td.pill')].map((cell) => cell.textContent.trim())"
WIDE = "document.documentElement.scrollWidth > innerWidth"
PLACE = "(() => { const { width, height } = document.getElementById('active').getBoundingClientRect(); return [width, height] })()"


def ago(ms: int) -> UsageEvent:
    return event("2026-11-01T10:00", OPUS, MAIN, THOUSAND)._replace(time=NOW - ms)


def heard(machine: str, ms: int) -> Arrival:
    return arrival(machine, 0)._replace(time=NOW - ms)


def add(home: Path, batches: list[Batch], arrivals: list[Arrival]) -> None:
    ledger = SqliteLedger(str(home / "data" / "ledger.db"), write=True)
    ledger.add(batches, arrivals)
    ledger.close()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    required()
    home = tmp_path_factory.mktemp("fleet")
    (home / "data").mkdir()
    work = [on("box", "ada", ago(2 * DAY), ago(HOUR)), on("tower", "grace", ago(5 * DAY))]
    add(home, work, [heard("tower", 3 * DAY + HOUR)])
    return home


@pytest.fixture(scope="module")
def browser(home: Path) -> Iterator[Chromium]:
    with serving(home, TALLY_MACHINE="box") as site, chromium(site) as started:
        yield started


def test_who_comes_to_work_shows_without_a_reload(browser: Chromium, home: Path) -> None:
    with browser.tab() as tab:
        tab.go()
        # Nobody is at work, and that takes no room.
        assert (tab.ask(PILLS), tab.ask(PLACE)) == ([], [1, 1])
        tab.until(lambda: tab.ask(STATES) == ["here", "stale"])
        add(home, [on("laptop", "grace", ago(MINUTE))], [heard("laptop", MINUTE)])
        tab.until(lambda: tab.ask(PILLS) == ["laptop · grace"], 15)
        # What is out of sight comes later, or when one gets there.
        tab.page.locator("#machines").scroll_into_view_if_needed()
        tab.until(lambda: tab.ask(STATES).count("active") == 1, 15)
        assert "tower: 3 days old" in tab.text("#spans .coverage")
        # Whoever points at it is told more, and whoever follows it sees that machine alone.
        assert tab.page.locator("#active .pills li").get_attribute("title").startswith("Last request")  # type: ignore[union-attr]
        tab.page.locator("#active .pills a").click()
        tab.until(lambda: "machine=laptop" in tab.page.url)
        assert tab.text(".chips .chip") == "machine laptop ×"
        # The page comes panel by panel.
        tab.until(lambda: tab.page.locator("#machines tbody tr").count() == 1)


def test_a_user_leads_to_what_is_theirs(browser: Chromium) -> None:
    with browser.tab() as tab:
        tab.go().page.locator("#users tbody a", has_text="ada").first.click()
        tab.until(lambda: "user=ada" in tab.page.url)
        tab.until(lambda: tab.page.locator("#machines tbody tr").count() == 1)
        tab.go("/events?user=ada")
        assert tab.page.locator("input[name=user]").input_value() == "ada"
        assert tab.page.locator("tbody tr").count() == 2


def test_a_narrow_page_has_what_matters_in_sight(browser: Chromium) -> None:
    with browser.tab(390, 844) as tab:
        tab.go()
        assert not tab.ask(WIDE)
        assert (
            tab.ask(
                "(() => { const it = document.querySelector('#machines .scroll'); return it.scrollWidth - it.clientWidth })()"
            )
            == 0
        )
