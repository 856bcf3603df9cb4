"""The explorer of events: filters, order and pages are those of the address, and every figure is that of the API."""

import csv
from collections.abc import Iterator
from io import StringIO
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

import pytest
from tests.answers.sample import CLI, CODEX, MAIN, ledger_of
from tests.answers.sample import event as made
from tests.faces.http.live import Live
from tests.faces.web.paged import Read, hostile_pages, paged
from tests.faces.web.world import HOSTILE, HOSTILE_DAY

from tallystick.answers.answers import Answers
from tallystick.faces.web.events_page import VALUES_MOST, known
from tallystick.usage.tokens import Tokens

ALL = "/events?since=all"
MANY = [
    made(f"2026-10-0{1 + number // 60}T10:{number % 60:02}:00", CODEX, CLI._replace(session="many"), Tokens(number + 1))
    for number in range(120)
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Return a server with the sample."""
    with paged(tmp_path_factory.mktemp("events")) as served:
        yield served


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Return a server with the sample and 120 events more."""
    with paged(tmp_path_factory.mktemp("many"), MANY) as served:
        yield served


def read(site: Live, path: str) -> Read:
    found = site.client.get(path)
    assert found.status_code == 200, found.text
    page = Read(found.text)
    assert not page.unsafe()
    return page


def test_each_event_is_a_row_with_what_it_was(site: Live) -> None:
    head, *rows = read(site, ALL).tables[0]
    assert [row[1:3] for row in rows] == [
        ["2026-11-02 09:05:00", "no price"],
        ["2026-11-02 09:00:00", "$0.0049"],
        ["2026-11-01 23:30:00", "$0.2850"],
        ["2026-11-01 10:20:00", "$0.0163"],
        ["2026-11-01 10:01:00", "$0.2850"],
        ["2026-11-01 10:00:05", "$0.2850"],
    ]
    named = dict(zip(head, rows[4], strict=True))
    assert {name: named[name] for name in head if name not in {"Event", "Time", "Cost"}} == {
        "Tokens": "37,000",
        "Model": "claude-opus-4-1-20250805",
        # There are two of that name on the page.
        "Project": "dev/shop",
        "Tool": "claude-code",
        "Session": "s1",
        "On": "a1",
        "Input": "1,000",
        "Cache write": "4,000",
        "Cache read": "30,000",
        "Output": "2,000",
        "State": "finished",
        "Dated": "exact",
        "Seen by": "log",
    }


def test_its_names_lead_to_more_of_the_same(site: Live) -> None:
    page = read(site, f"{ALL}&order=asc")
    assert page.links["codex"] == "/events?since=all&tool=codex&order=asc"
    assert page.links["blog"] == "/events?since=all&project=%2Fhome%2Fdev%2Fblog&order=asc"
    assert page.links["s3"] == "/sessions/s3"
    assert page.links["a1"] == "/events?since=all&agent=a1&order=asc"
    number = page.tables[0][1][0]
    assert page.links[number] == f"/events/{number}"
    for name in ("codex", "blog", "gpt-5.2-codex"):
        assert [row[5] for row in read(site, page.links[name]).tables[0][1:]] == ["blog"] * (
            1 + (name != "gpt-5.2-codex")
        )


@pytest.mark.parametrize(
    "said, costs",
    [
        ("tool=codex", ["no price", "$0.0049"]),
        ("model=gpt*", ["$0.0049"]),
        ("machine=box&project=blog&session=s3", ["no price", "$0.0049"]),
        ("branch=fix", ["$0.2850"]),
        ("order=asc&tool=codex", ["$0.0049", "no price"]),
        ("since=2026-11-02&until=2026-11-02", ["no price", "$0.0049"]),
        # Half past eleven in the evening, UTC, is the next day in Kolkata.
        ("since=2026-11-02&timezone=Asia/Kolkata&tool=claude-code", ["$0.2850"]),
        ("tool=codex&tool=claude-code&model=*sonnet*", ["$0.0163"]),
        # As a form sends what nobody filled in.
        (
            "until=&timezone=UTC&tool=codex&project=&machine=&model=&session=&branch=&order=desc",
            ["no price", "$0.0049"],
        ),
    ],
)
def test_filters_days_zone_and_order_are_those_of_the_address(site: Live, said: str, costs: list[str]) -> None:
    since = "" if "since" in said else "since=all&"
    assert [row[2] for row in read(site, f"/events?{since}{said}").tables[0][1:]] == costs


def test_the_form_says_what_is_chosen_and_knows_what_there_is(site: Live) -> None:
    page = read(site, f"{ALL}&tool=codex&tool=claude*&order=asc")
    said = [value for name, value in page.attributes if name == "value"]
    # Two values of one filter are two fields.
    assert {"all", "UTC", "codex", "claude*"} <= set(said)
    for value in ("/home/dev/shop", "laptop", "nobody-knows-1", "s2", "fix"):
        assert (value in said) == (value != "laptop")
    assert page.attributes.count(("selected", None)) == 1


def test_page_after_page_every_event_comes_once(many: Live) -> None:
    page, seen, pages = read(many, f"{ALL}&session=many"), [], 1
    seen += [row[3] for row in page.tables[0][1:]]
    while onward := page.links.get("next 50"):
        page, pages = read(many, onward), pages + 1
        seen += [row[3] for row in page.tables[0][1:]]
    assert seen == [f"{number:,}" for number in range(120, 0, -1)]
    assert pages == 3
    assert read(many, page.links["first page"]).tables == read(many, f"{ALL}&session=many").tables


def test_the_csv_is_the_page_with_the_figures_of_the_api(many: Live) -> None:
    page = read(many, f"{ALL}&order=asc")
    address = page.links["events.csv"]
    assert address == "/events.csv?since=all&order=asc"
    found = many.client.get(address)
    assert found.headers["content-type"] == "text/csv; charset=utf-8"
    assert "tally-events.csv" in found.headers["content-disposition"]
    rows = list(csv.DictReader(StringIO(found.text)))
    told = many.get("/events", params={"order": "asc"}).json()["events"]
    assert [(row["Event"], row["Time"], int(row["Tokens"]), row["Project"], row["On"]) for row in rows] == [
        (str(each["id"]), each["time"], each["total"], each["project"], each["agent"]) for each in told
    ]
    assert [float(row["Cost"]) for row in rows] == [each["cost_usd"] for each in told]


def test_the_csv_goes_on_where_the_page_does_and_leaves_what_has_no_price_empty(many: Live, site: Live) -> None:
    onward = read(many, f"{ALL}&session=many").links["next 50"]
    rows = list(csv.DictReader(StringIO(many.client.get(onward.replace("/events?", "/events.csv?")).text)))
    assert [int(row["Tokens"]) for row in rows] == list(range(70, 20, -1))
    rows = list(csv.DictReader(StringIO(site.client.get("/events.csv?since=all&model=nobody*").text)))
    assert [row["Cost"] for row in rows] == [""]


def test_it_names_the_ways_to_the_same_figures(many: Live) -> None:
    onward = read(many, f"{ALL}&order=asc&tool=codex").links["next 50"]
    page = read(many, onward)
    (api,) = [address for _, address in page.addresses if address.startswith("/api/")]
    told = many.client.get(api).json()["events"]
    assert [row[0] for row in page.tables[0][1:]] == [str(each["id"]) for each in told]
    assert "tally events --tool codex --after " in page.text
    assert " --oldest" in page.text


@pytest.mark.parametrize(
    "path",
    [
        "/events?since=never",
        "/events?order=up",
        "/events?after=x",
        "/events.csv?after=1.x",
        "/events?timezone=Mars",
        "/events?tool=" + "x" * 1_001,
        "/events?since=2026-11-02&until=2026-11-01",
        "/events/x",
        "/events/-1",
        "/events/1e3",
        "/events/" + "1" * 40,
        "/events/1?timezone=Mars",
    ],
)
def test_what_cannot_be_shown_is_told_on_a_page(site: Live, path: str) -> None:
    found = site.client.get(path)
    assert (found.status_code, found.headers["content-type"]) == (400, "text/html; charset=utf-8")
    assert not Read(found.text).unsafe()


def test_an_event_has_a_page_and_one_that_there_is_none_of_is_told(site: Live) -> None:
    number = read(site, f"{ALL}&model=gpt*").tables[0][1][0]
    assert "$0.0049" in read(site, f"/events/{number}?timezone=Asia/Kolkata").text
    assert "14:30:00.000, Asia/Kolkata" in read(site, f"/events/{number}?timezone=Asia/Kolkata").text
    assert site.client.get("/events/999").status_code == 404


def test_where_nothing_fits_it_says_what_to_do(site: Live, tmp_path: Path) -> None:
    assert "take one of them away" in read(site, f"{ALL}&tool=nobody").text
    with paged(tmp_path, full=False) as empty:
        page = read(empty, ALL)
        assert "Nothing has been counted yet: tally doctor" in page.text
        assert not page.tables
        assert "choose a longer one" in read(empty, "/events").text
        assert empty.client.get("/events.csv").text.count("\n") == 1


def test_what_is_known_is_bounded_and_begins_with_what_is_used_most() -> None:
    events = [
        made("2026-11-01T10:00:00", CODEX, MAIN._replace(session=f"s{number:03}"), Tokens(1))._replace(key=number)
        for number in range(VALUES_MOST + 50)
    ]
    often = [MAIN._replace(session="s000", branch="b1"), MAIN._replace(session="x" * 1_001)]
    events += [made("2026-11-01T11:00:00", CODEX, each, Tokens(1)) for each in often]
    found = known(Answers(ledger_of(events, (), (), ()), lambda: None))  # type: ignore[arg-type,return-value]
    # One session was on two branches; of the others, the latest come first.
    latest = [f"s{number:03}" for number in range(VALUES_MOST + 49, 50, -1)]
    assert found["session"] == ["s000", *latest]
    assert found["tool"] == ["claude-code"]
    assert found["branch"] == [MAIN.branch, "b1"]


def test_hostile_names_are_text(tmp_path: Path) -> None:
    with hostile_pages(tmp_path) as site:
        days = f"since={HOSTILE_DAY}&until={HOSTILE_DAY}"
        page = read(site, f"/events?{days}")
        assert len(page.tables[0]) == 1 + 2 * len(HOSTILE)
        for name in HOSTILE:
            assert name in page.text or name[:79] in page.text
            if len(name) < 1_000:
                assert len(read(site, f"/events?{days}&model={quote(name, safe='')}").tables[0]) == 3
        for row in page.tables[0][1:]:
            read(site, f"/events/{row[0]}")
        # A spreadsheet runs nothing of it.
        assert "\n=" not in site.client.get(f"/events.csv?{days}").text


def test_moments_and_hours_of_the_week_are_chosen_like_filters(site: Live) -> None:
    page = read(site, "/events?since=2026-11-01T10:00:06&until=2026-11-01T10:20:01&order=asc")
    assert [row[1] for row in page.tables[0][1:]] == ["2026-11-01 10:01:00", "2026-11-01 10:20:00"]
    assert ("value", "2026-11-01T10:00:06") in page.attributes
    page = read(site, f"{ALL}&weekday=sun&hour=10")
    assert [row[1][11:16] for row in page.tables[0][1:]] == ["10:20", "10:01", "10:00"]
    # The form says so, and what can be copied; each can be taken away.
    chosen = [before for before, after in pairwise(page.attributes) if after[0] == "selected"]
    assert chosen == [("value", "sun"), ("value", "10"), ("value", "desc")]
    assert "tally events --weekday sun --hour 10" in page.text
    assert page.links["hour 10:00 to 11:00 ×"] == "/events?since=all&weekday=sun"
    assert page.links["claude-code"] == "/events?since=all&weekday=sun&hour=10&tool=claude-code"
    assert site.client.get("/events.csv?since=all&weekday=sun&hour=10").text.count("\n") == 4
    assert "Nothing in this period fits the filters" in read(site, f"{ALL}&weekday=tue").text
