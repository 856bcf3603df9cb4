"""What is watched: a ledger whose logs are followed beside it, and a server that tells of itself."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import time_ns

import pytest
from tests.answers.sample import NOW
from tests.cli.running import until
from tests.cli.spending import COST, spend
from tests.cli.stage import Stage
from tests.faces.http.live import Live, serving
from tests.faces.web.paged import paged

from tallystick.answers.question import Wish, question
from tallystick.answers.reaching import Reach
from tallystick.answers.reports.places import ANY
from tallystick.cli import entrance
from tallystick.cli.standby import for_all
from tallystick.cli.watched import Here, There, Watched
from tallystick.faces.tui.state import Besides
from tallystick.usage.period import Period, Zone

ASKED = question(ANY, Period(Zone()), Wish("day"), NOW)


def requests(watched: Watched) -> int:
    """Return how many calls there are, as whoever opens it now would see it."""
    opened = watched.open()
    try:
        return len(opened.answers.live(ASKED).calls)
    finally:
        opened.close()


def test_what_is_new_in_the_logs_is_brought_in_and_told(stage: Stage) -> None:
    watched, told = Here(entrance.settings()), list[int]()
    opened = watched.open()
    before = opened.news()
    stage.answers(4)
    watched.start(lambda: told.append(time_ns()))
    try:
        assert until(lambda: requests(watched) == 4)
        assert opened.news() != before
        assert until(lambda: told)
        assert watched.source.trouble == ""
        assert watched.source.importing is None
    finally:
        watched.end()
        opened.close()


def test_beside_somebody_who_follows_for_all_it_only_reads(stage: Stage) -> None:
    watched = Here(entrance.settings())
    data = str(stage.home / "data")
    with for_all(data):
        stage.answers(4)
        heard: list[int] = []
        watched.start(lambda: heard.append(1))
        try:
            # Its process lives, and leaves the logs alone.
            assert until(lambda: heard)
            assert not until((stage.home / "data" / "ledger.db").exists, 1.5)
        except BaseException:
            watched.end()
            raise
    try:
        assert until(lambda: requests(watched) == 4)
    finally:
        watched.end()


def test_without_following_the_ledger_is_as_it_is(stage: Stage) -> None:
    stage.answers(4)
    watched = Here(entrance.settings(), follow=False)
    watched.start(lambda: None)
    assert requests(watched) == 0
    watched.end()


def test_a_ledger_in_the_place_of_another_is_opened(stage: Stage) -> None:
    stage.answers(2)
    assert stage.tally("daily").code == 0
    watched = Here(entrance.settings(), follow=False)
    opened = watched.open()
    first = opened.news()
    assert len(opened.answers.live(ASKED).calls) == 2
    data = stage.home / "data"
    for file in data.glob("ledger.db*"):
        file.rename(stage.home / file.name)
    stage.log.write_text("")
    stage.answers(1, "claude-sonnet-4-5-20250929")
    assert stage.tally("daily").code == 0
    assert opened.news() != first
    assert len(opened.answers.live(ASKED).calls) == 1
    opened.close()


@pytest.mark.usefixtures("stage")
def test_events_of_the_follower_are_heard() -> None:
    found = []
    watched = Here(entrance.settings(), follow=False)
    for event in (
        {"event": "importing", "bytes": 25, "bytes_all": 100},
        {"event": "trouble", "text": "The disk is full."},
        {"event": "idle"},
    ):
        watched._hear(event)
        found.append((watched.source.importing, watched.source.trouble))
    assert found == [(0.25, ""), (0.25, "The disk is full."), (None, "The disk is full.")]


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Return a server before the sample's ledger."""
    with serving(tmp_path_factory.mktemp("watched")) as made:
        yield made


def test_a_server_is_asked_and_tells_of_changes(live: Live) -> None:
    watched, told = There(Reach(f"http://127.0.0.1:{live.port}")), list[int]()
    opened = watched.open()
    assert (watched.source.name, watched.source.remote) == (f"127.0.0.1:{live.port}", True)
    assert len(opened.answers.live(ASKED).calls) == 6
    watched.start(lambda: told.append(1))
    try:
        assert until(lambda: opened.news() == live.desk.version)
        before, heard = opened.news(), len(told)
        live.desk.changed()
        assert until(lambda: opened.news() != before and len(told) > heard)
        live.desk.tell(trouble="Something is wrong.", importing=0.5)
        assert until(lambda: watched.source.trouble == "Something is wrong." and watched.source.importing == 0.5)
    finally:
        watched.end()
        opened.close()


def test_a_server_that_goes_away_is_told_of_and_comes_back(tmp_path: Path) -> None:
    with serving(tmp_path) as made:
        watched = There(Reach(f"http://127.0.0.1:{made.port}"))
        watched.start(lambda: None)
        assert until(lambda: watched._version == made.desk.version)
        assert watched.source.trouble == ""
    assert until(lambda: "cannot be reached" in watched.source.trouble)
    watched.end()


def test_budgets_and_open_alerts_of_this_machine_are_told(stage: Stage) -> None:
    spend(stage, 4)
    watched = Here(entrance.settings(), follow=False)
    with closing(watched.open()) as opened:
        assert opened.besides(time_ns() // 1_000_000) == Besides()
        assert stage.tally("budget", "set", "1usd/month").code == 0
        assert stage.tally("alert", "check").code == 0
        found = opened.besides(time_ns() // 1_000_000)
    assert [(each["used"], each["amount"], each["state"]) for each in found.budgets] == [
        (4 * COST / 10**12, 1.0, "over")
    ]
    assert [each["title"] for each in found.alerts] == ["Budget used up: everything"]
    # A config that makes no sense takes only the alerts away.
    stage.say("[alerts]\nspends = 1\n")
    with closing(Here(entrance.settings(), follow=False).open()) as opened:
        found = opened.besides(time_ns() // 1_000_000)
    assert (len(found.budgets), found.alerts) == (1, ())


def test_those_of_a_server_are_told_as_far_as_it_tells(tmp_path: Path) -> None:
    with paged(tmp_path) as site, closing(There(Reach(f"http://127.0.0.1:{site.port}")).open()) as opened:
        found = opened.besides(NOW)
        assert [each["filter"] for each in found.budgets] == ["", "tool=codex"]
        assert [each["title"] for each in found.alerts] == ["Budget used up: everything"]
    with closing(There(Reach(f"http://127.0.0.1:{site.port}")).open()) as opened:
        assert opened.besides(NOW) == Besides()
