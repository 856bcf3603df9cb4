"""Budgets over HTTP: figures of reports, and a tag that changes with what is defined."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from tests.answers.sample import NOW
from tests.answers.stand import answers, fill
from tests.faces.http.live import SITE, running

from tallystick.answers.budgets import Budget, Override
from tallystick.answers.desk import Desk
from tallystick.errors import Unavailable
from tallystick.faces.http.app import create_app
from tallystick.faces.http.routes import budgets
from tallystick.faces.http.routes.budgets import Known

MONTH = Budget("1", {"project": ("shop",)}, 10**12, "usd", "month", "Europe/Berlin", 0.8, hard=True)


class Defined:
    """Budgets that a test changes."""

    def __init__(self) -> None:
        self.budgets: list[Budget] = [MONTH]
        self.overrides: list[Override] = []
        self.broken = False

    def __call__(self) -> tuple[list[Budget], list[Override]]:
        """Return them."""
        if self.broken:
            raise Unavailable("It cannot be used.")
        return self.budgets, self.overrides


@pytest.fixture(scope="module")
def defined() -> Defined:
    """Return what is defined."""
    return Defined()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, defined: Known) -> Iterator[httpx2.Client]:
    """Return a client of a server before the sample's ledger."""
    ledger: Path = tmp_path_factory.mktemp("budgets") / "ledger.db"
    fill(ledger)
    desk = Desk(lambda: answers(ledger), 2)
    app = create_app(desk, SITE, [budgets.router(desk, lambda: NOW, defined)])
    with running(app, desk) as (made, *_):
        yield made


def test_figures_are_those_of_a_report_over_the_period(client: httpx2.Client) -> None:
    told = client.get("/api/v1/budgets").json()
    assert (told["schema"], told["now"]) == ("tallystick.budgets/1", "2026-11-22T04:19:42.597Z")
    (budget,) = told["budgets"]
    assert (budget["since"], budget["until"]) == ("2026-10-31T23:00:00.000Z", "2026-11-30T23:00:00.000Z")
    zone = "timezone=Europe/Berlin&since=2026-11-01&until=2026-11-30&project=shop"
    report = client.get(f"/api/v1/reports/daily?{zone}").json()
    assert (budget["used"], budget["unpriced_tokens"]) == (0.8713, 0)
    assert budget["used"] == report["totals"]["cost_usd"]
    days = {row["day"]: row["cost_usd"] for row in client.get(f"/api/v1/query?by=day&{zone}").json()["rows"]}
    assert {day["name"]: day["used"] for day in budget["days"] if day["used"]} == days
    assert (budget["state"], budget["share"], budget["hard"], len(budget["days"])) == ("soft", 0.8713, True, 22)


def test_who_has_it_is_told_so_until_something_is_defined_anew(client: httpx2.Client, defined: Defined) -> None:
    tag = client.get("/api/v1/budgets").headers["ETag"]
    assert client.get("/api/v1/budgets", headers={"If-None-Match": tag}).status_code == 304
    defined.overrides = [Override("1", NOW, NOW + 3_600_000)]
    told = client.get("/api/v1/budgets", headers={"If-None-Match": tag}).json()
    assert told["budgets"][0]["lifted_until"] == "2026-11-22T05:19:42.597Z"
    defined.budgets = []
    assert client.get("/api/v1/budgets").json()["budgets"] == []
    defined.budgets, defined.overrides = [MONTH], []


def test_what_cannot_be_asked_or_read_is_told(client: httpx2.Client, defined: Defined) -> None:
    assert client.get("/api/v1/budgets?since=7d").status_code == 400
    defined.broken = True
    assert client.get("/api/v1/budgets").status_code == 503
    defined.broken = False


def test_the_description_is_that_of_what_is_sent(client: httpx2.Client) -> None:
    described = client.get("/api/v1/openapi.json").json()
    assert "/api/v1/budgets" in described["paths"]
    (budget,) = client.get("/api/v1/budgets").json()["budgets"]
    shape = described["components"]["schemas"]["Budget"]
    assert set(shape["properties"]) == set(budget)
    assert set(described["components"]["schemas"]["BudgetDay"]["properties"]) == set(budget["days"][0])
