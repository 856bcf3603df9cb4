"""What every panel on the shelf keeps to."""

import json
import re
from collections.abc import Iterator
from csv import reader
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from tests.answers.sample import CLI, CODEX, MAIN, NOW, OPUS, THOUSAND, event
from tests.answers.stand import answers
from tests.faces.http.live import Live
from tests.faces.web.paged import paged

from tallystick.answers.answer import Money
from tallystick.answers.as_json import dollars
from tallystick.answers.reports import REPORTS
from tallystick.cli.tree import COMMANDS
from tallystick.faces.web.panels import PANELS, SECTIONS
from tallystick.faces.web.panels.panel import NOWHERE, Panel, ways
from tallystick.faces.web.state import Place, State
from tallystick.usage.tokens import Tokens

RUNNING = [
    event("2026-11-22T00:30", OPUS, MAIN, THOUSAND),
    *(event(f"2026-11-22T03:{minute}", CODEX, CLI, Tokens(4_000, 0, 0, 0, 2_500)) for minute in (30, 50)),
]
"""$0.285, and twice $0.042, within the last five hours."""
EVERY = pytest.mark.parametrize("panel", PANELS.values(), ids=lambda panel: panel.name)
STATE = State(Place("UTC", NOW))
OTHERS = {
    *("query", "compare", "punchcard", "calls", "year", "limits", "limits/history", "receivers", "events"),
    *("budgets", "alerts"),
}


def test_the_questions_come_in_the_order_in_which_a_person_asks_them() -> None:
    assert [section.title for section in SECTIONS] == [
        "Am I about to be stopped?",
        "What did it cost?",
        "What changed?",
        "Where did it go?",
        "When, and how long?",
        "Which request?",
        "How complete is this?",
    ]


def test_everything_that_was_promised_has_its_place() -> None:
    promised = (
        "active limits pace spans days budgets alerts classes cache facts change models projects branches machines users tools agents speed "
        "prices punchcard strip calendar activity time calls blocks peaks windows sessions coverage unpriced"
    )
    assert set(PANELS) == set(promised.split())
    assert len(PANELS) == sum(len(section.panels) for section in SECTIONS)


@EVERY
def test_a_panel_says_what_it_is_and_where_the_same_is_to_be_had(panel: Panel) -> None:
    assert re.fullmatch("[a-z]+", panel.name)
    assert panel.title
    assert panel.about.endswith(".")
    assert panel.size in {"full", "half"}
    source = panel.source(STATE)
    for each in (source, *source.others) if source != NOWHERE else ():
        name = each.path.removeprefix("reports/")
        assert name in {report.name for report in REPORTS} or name in OTHERS
        assert each.command.split()[0] in COMMANDS


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Return a server with the sample, and with two blocks that run."""
    with paged(tmp_path_factory.mktemp("panels"), RUNNING) as made:
        yield made


def asked(site: Live, panel: Panel, state: State) -> list[Any]:
    """Return what the API tells where a panel says that the same is told."""
    found = [site.client.get(address) for _, address in ways(panel.source(state), state)]
    assert [each.status_code for each in found] == [200] * len(found), [each.text for each in found]
    return [json.loads(each.text, parse_float=Decimal) for each in found]


def rows(site: Live, panel: Panel, state: State) -> list[list[str]]:
    """Return a panel's table as its CSV has it."""
    return list(reader(StringIO(site.client.get(state.address(f"/panels/{panel.name}.csv")).text)))[1:]


SEEN = State(Place("UTC", NOW), "30d")
FILTERED = SEEN._replace(where={"tool": ("codex",)})
BOTH = pytest.mark.parametrize("state", [SEEN, FILTERED], ids=["all", "filtered"])


@EVERY
def test_every_total_is_that_of_the_api(site: Live, panel: Panel) -> None:
    opened = answers(site.ledger)
    try:
        foot = panel.show(opened, SEEN).table.foot
    finally:
        opened.close()
    totals = [Decimal(dollars(cell.raw)) for cell in foot if isinstance(cell.raw, Money)]
    told = [each["totals"]["cost_usd"] for each in asked(site, panel, SEEN) if "cost_usd" in each.get("totals", ())]
    # Of the last 24 hours and of the year there are other sums; a cache's is what it saved.
    if totals and told and panel.name not in {"strip", "calendar", "cache", "punchcard"}:
        assert totals == told


@BOTH
def test_the_spans_are_those_of_the_api(site: Live, state: State) -> None:
    told = [each["totals"] for each in asked(site, PANELS["spans"], state)]
    shown = [(Decimal(row[1]), int(row[2]), int(row[3])) for row in rows(site, PANELS["spans"], state)]
    assert shown == [(each["cost_usd"], each["total"], each["requests"]) for each in told]
    # The sample's $0.8762, of which $0.0049 by Codex, are of this month and older than seven days.
    recent, all_ = ("0.084", "0.0889") if state.where else ("0.369", "1.2452")
    assert [str(cost) for cost, *_ in shown] == [recent, recent, all_, all_]


@BOTH
def test_the_running_blocks_are_those_of_the_api(site: Live, state: State) -> None:
    (told,) = asked(site, PANELS["pace"], state)
    running = {row["tool"]: row for row in told["rows"] if row["active"]}
    shown = rows(site, PANELS["pace"], state)
    assert [(row[0], Decimal(row[2]), int(row[3])) for row in shown] == [
        (name, row["cost_usd"], row["total"]) for name, row in running.items()
    ]
    assert set(running) == ({"codex"} if state.where else {"claude-code", "codex"})
    ahead = {row[0]: Decimal(row[5]) for row in shown if row[5]}
    # The panel is as of the minute that began; at this pace a minute costs $0.0042.
    assert set(ahead) == {"codex"}
    assert 0 <= ahead["codex"] - running["codex"]["projection"]["cost_usd"] <= Decimal("0.0042")


@BOTH
def test_models_without_a_price_are_those_of_the_api(site: Live, state: State) -> None:
    (told,) = asked(site, PANELS["unpriced"], state)
    found = [[row["model"], str(row["unpriced_tokens"])] for row in told["rows"] if row["unpriced_tokens"]]
    assert [row[:2] for row in rows(site, PANELS["unpriced"], state)] == found == [["nobody-knows-1", "10"]]
    assert told["rows"][0]["model"] == "nobody-knows-1"


@pytest.mark.parametrize("unit", ["cost", "tokens"])
def test_what_changed_is_that_of_the_api(site: Live, unit: str) -> None:
    state = SEEN._replace(since="7d", unit=unit)
    (told,) = asked(site, PANELS["change"], state)
    movers = [row for row in rows(site, PANELS["change"], state) if row[1]]
    assert [(row[1], row[0], Decimal(row[4])) for row in movers] == [
        (mover["key"], mover["name"], mover["by"]) for mover in told["movers"]
    ]
    assert len(movers) == 6


@BOTH
def test_windows_are_those_of_the_api_whatever_the_filters(site: Live, state: State) -> None:
    (told,) = asked(site, PANELS["limits"], state)
    shown = rows(site, PANELS["limits"], state)
    # Those nearest their end come first.
    known = [each for each in told["windows"] if each["resets_at"]]
    known.sort(key=lambda each: (each["over"], -(each["used_percent"] or 0)))
    assert [row[0] for row in shown] == [each["name"] for each in known]
    assert [Decimal(row[1]) if row[1] else None for row in shown] == [each["used_percent"] for each in known]
    # The panel is as of the minute that began, the API as of a moment within it.
    for row, each in zip(shown, known, strict=True):
        assert row[2] == "" or abs(Decimal(row[2]) - each["pace"]) < 1
    assert len(shown) == 2


def test_the_history_of_windows_is_that_of_the_api(site: Live) -> None:
    (told,) = asked(site, PANELS["windows"], FILTERED)
    shown = rows(site, PANELS["windows"], FILTERED)
    assert sorted(Decimal(row[2]) for row in shown) == sorted(each["used_percent"] for each in told["samples"])
    assert [float(row[2]) for row in shown] == [12.5, 66.5, 40.0]


@BOTH
def test_budgets_are_those_of_the_api_whatever_the_filters(site: Live, state: State) -> None:
    (told,) = asked(site, PANELS["budgets"], state)
    by_name = {each["filter"] or "everything": each for each in told["budgets"]}
    shown = rows(site, PANELS["budgets"], state)
    assert {row[0].split(" ")[0]: Decimal(row[2]) for row in shown} == {
        name: each["used"] for name, each in by_name.items()
    }
    assert {row[0].split(" ")[0]: row[5] for row in shown} == {name: each["state"] for name, each in by_name.items()}
    assert len(shown) == 2


def test_alerts_are_those_of_the_api(site: Live) -> None:
    (told,) = asked(site, PANELS["alerts"], FILTERED)
    assert [row[0] for row in rows(site, PANELS["alerts"], FILTERED)] == [each["title"] for each in told["open"]]
