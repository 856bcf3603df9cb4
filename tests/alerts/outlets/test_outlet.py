"""An alert as it leaves: names as somebody wants them, and everything in ASCII JSON."""

import json

from tests.alerts.places import ALERT, NOW

from tallystick.alerts.episodes import Episode
from tallystick.alerts.finding import CASE, Finding
from tallystick.alerts.outlets.outlet import To, alert, made_up

FOUND = Finding(
    "budget:1:over",
    CASE,
    "critical",
    "Budget used up: {filters}",
    "All of it.",
    {"filters": (("project", "~/clients/x"), ("tool", "codex"))},
)
EPISODE = Episode(3, "budget", "open", FOUND, 1, 2, 2, 0, -1)


def test_names_leave_as_they_are_or_as_somebody_wants_them() -> None:
    assert alert(EPISODE, "m").title == "Budget used up: project=~/clients/x, tool=codex"
    hidden = alert(EPISODE, "m", lambda key, name: f"{key[:2]}{len(name)}")
    assert hidden.title == "Budget used up: project=pr11, tool=codex"
    assert "clients" not in hidden.body().decode()
    assert alert(EPISODE, "m", lambda *_: "").title == "Budget used up: project=…, tool=codex"


def test_the_body_is_ascii_even_of_half_characters() -> None:
    body = ALERT._replace(title="\ud800 é").body()
    assert body.isascii()
    assert json.loads(body)["began"] == "2026-01-05T08:00:00.000Z"


def test_a_test_says_that_it_is_one() -> None:
    assert made_up(5, "m").is_test
    assert made_up(5, "m").told()["test"] is True
    assert not ALERT.is_test


def test_a_place_wants_everything_or_what_it_names() -> None:
    assert To("a", "desktop", {}).wants("spend", "warning")
    only = To("a", "desktop", {}, rules=("budget",), levels=("critical",))
    assert [only.wants(*each) for each in (("budget", "critical"), ("budget", "warning"), ("spend", "critical"))] == [True, False, False]  # fmt: skip


def test_what_is_over_says_for_how_long_it_was_so_and_is_nothing_urgent() -> None:
    over = EPISODE._replace(state="ended", began=NOW, ended=NOW + 125 * 60_000, why="fine")
    told = alert(over, "m", ending=True)
    assert told.title == "Over: Budget used up: project=~/clients/x, tool=codex"
    assert told.text == "It ended after 2 h 5 min: it was fine again. What was told: All of it."
    assert (told.told()["began"], told.told()["ended"]) == ("2026-01-05T08:00:00.000Z", "2026-01-05T10:05:00.000Z")
    assert (told.is_urgent, alert(over, "m").is_urgent) == (False, True)
    assert (told.name, alert(over, "m").name) == (f"3-{NOW}-over", f"3-{NOW}")
    assert alert(over, "m").told()["ended"] is None
