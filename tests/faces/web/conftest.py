"""What tests in a browser share: a server with a full ledger and a browser, for each file of tests."""

import json
from collections.abc import Iterator
from time import monotonic, sleep, time_ns
from typing import Final

import pytest
from tests.faces.web.chromium import Chromium, Site, Tab, chromium, required, serving
from tests.faces.web.growing import DAY, Log
from tests.faces.web.world import fill, keep

_READ_S: Final = 10


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a server whose pages have something to show everywhere; it ends with the file, as other tests count processes."""
    required()
    home = tmp_path_factory.mktemp("home")
    now = time_ns() // 10**6
    fill(home / "data" / "ledger.db", now)
    keep(home / "data", now)
    with serving(home, TALLY_SERVER_ENERGY="true") as served:
        yield served


@pytest.fixture(scope="module")
def browser(site: Site) -> Iterator[Chromium]:
    """Return a browser; not one for the whole run, because its driver keeps an event loop running."""
    with chromium(site) as started:
        yield started


@pytest.fixture(scope="module")
def dashboard(browser: Chromium) -> Iterator[Tab]:
    """Return the first page as it opens, for tests that only look at it."""
    with browser.tab() as tab:
        yield tab.go()


@pytest.fixture(scope="module")
def log(site: Site) -> Log:
    """Return a log that the server has read as far as it goes."""
    made = Log(site.home / ".claude" / "projects" / "growing" / "growing.jsonl")
    made.grow(40)
    address = f"/api/v1/reports/daily?since={DAY}&until={DAY}"
    end = monotonic() + _READ_S
    while json.loads(site.text(address))["totals"]["requests"] < made.answers:
        assert monotonic() < end, "the log was not read"
        sleep(0.05)
    return made
