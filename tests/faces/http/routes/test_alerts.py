"""Alerts as the server tells them."""

from collections.abc import Iterator

import pytest
from tests.faces.http.live import SITE, Live, serving

from tallystick.alerts.choices import Choices
from tallystick.alerts.file import File, path
from tallystick.alerts.lookout import Lookout
from tallystick.alerts.outlets.outlet import To
from tallystick.alerts.situation import Situation, Unpriced
from tallystick.alerts.told import told
from tallystick.faces.http.routes import alerts

NOW = 1_767_600_000_000


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Return a server where two models without a price were found, one of which has one by now."""
    folder = tmp_path_factory.mktemp("alerts")
    file, chosen = File(path(str(folder))), Choices(to=(To("desk", "desktop", {}),))
    lookout = Lookout(file, chosen, print)
    one, other = Unpriced("m-1", 99_999), Unpriced("m-2", 99_999)
    lookout.look(Situation(NOW, unpriced=(one, other)))
    for step in range(1, 9):
        lookout.look(Situation(NOW + step * 600_000, unpriced=(other,)))
    with serving(folder, SITE, [alerts.router(lambda most: told(file, chosen, NOW, most))]) as made:
        yield made


def test_open_and_past_episodes_are_told(live: Live) -> None:
    answer = live.get("/alerts")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    found = answer.json()
    assert found["schema"] == "tallystick.alerts/1"
    assert found["now"] == "2026-01-05T08:00:00.000Z"
    assert [each["key"] for each in found["open"]] == ["unpriced:m-2"]
    (past,) = found["past"]
    # Seen to be there no more ten minutes later, and for an hour after that.
    assert (past["began"], past["ended"], past["why"]) == ("2026-01-05T08:00:00.000Z", "2026-01-05T09:10:00.000Z", "fine")  # fmt: skip
    assert past["told"] == [
        {"to": "desk", "over": False, "state": "waiting", "tries": 0, "time": None, "trouble": None}
    ]
    assert found["to"][0]["name"] == "desk"


def test_a_limit_is_a_number_of_episodes(live: Live) -> None:
    found = live.get("/alerts?limit=1").json()
    assert (len(found["open"]), len(found["past"])) == (1, 0)
    assert live.get("/alerts?limit=0").status_code == 400
    assert live.get("/alerts?since=7d").status_code == 400


def test_it_is_described(live: Live) -> None:
    described = live.get("/openapi.json").json()["paths"]["/api/v1/alerts"]["get"]
    assert [each["name"] for each in described["parameters"]] == ["limit"]
