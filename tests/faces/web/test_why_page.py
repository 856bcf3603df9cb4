"""Why a figure is what it is: its formulas make it, to the last digit, for whatever days and filters."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.answers.sample import MAIN, THOUSAND, event
from tests.faces.http.live import Live
from tests.faces.web.paged import Read, hostile_pages, paged
from tests.faces.web.world import HOSTILE, HOSTILE_DAY

from tallystick.usage.event import Variant

ALL = "/why?since=all"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Return a server with the sample."""
    with paged(tmp_path_factory.mktemp("why")) as served:
        yield served


def read(site: Live, path: str) -> Read:
    found = site.client.get(path)
    assert found.status_code == 200, found.text
    page = Read(found.text)
    assert not page.unsafe()
    return page


def test_the_figure_and_its_formulas_are_those_worked_out_by_hand(site: Live) -> None:
    page = read(site, ALL)
    # Three times 0.285, and 0.0163 and 0.0049.
    assert "$0.88+" in page.text
    assert "$0.8762" in page.text
    assert "the sum of 3 formulas" in page.text
    opus, sonnet, codex, _ = page.tables
    assert opus[1:] == [
        ["input", "3,000", "× $15.00", "million", "= $0.045"],
        ["cache read", "90,000", "× $1.50", "million", "= $0.135"],
        ["cache write, 5 min", "12,000", "× $18.75", "million", "= $0.225"],
        ["output", "6,000", "× $75.00", "million", "= $0.450"],
        ["Sum", "", "", "", "$0.855"],
    ]
    assert sonnet[-1][4] == "$0.0163"
    assert codex[1:] == [
        ["input", "1,000", "× $1.750", "million", "= $0.00175"],
        ["cache read", "10,000", "× $0.175", "million", "= $0.00175"],
        ["output", "100", "× $14.000", "million", "= $0.00140"],
        ["Sum", "", "", "", "$0.00490"],
    ]


def test_what_has_no_price_is_told_with_the_reason(site: Live) -> None:
    page = read(site, f"{ALL}&model=nobody*")
    assert page.text.count("no price") >= 2
    assert "No price list knows nobody-knows-1." in page.text
    assert "$0" not in page.text


def test_the_costliest_events_come_first_with_their_places(site: Live) -> None:
    page = read(site, ALL)
    rows = page.tables[-1][1:]
    assert [row[7] for row in rows] == ["$0.2850", "$0.2850", "$0.2850", "$0.0163", "$0.0049", "no price"]
    assert rows[3][2:6] == ["claude-sonnet-4-5-20250929", "/home/dev/shop", "s1", "main line"]
    assert rows[3][8] == "log, finished"
    assert rows[3][9].startswith("/home/dev/logs/claude-code-")
    assert rows[3][9].endswith(":200")
    address = page.links[rows[3][0]]
    assert "2026-11-01 10:20:00" in read(site, address).text


def test_days_filters_and_zone_are_those_of_the_address(site: Live) -> None:
    assert "$0.0049" in read(site, "/why?since=2026-11-02&tool=codex&model=gpt*").text
    # Half past eleven in the evening, UTC, is the next day in Kolkata.
    page = read(site, "/why?since=2026-11-02&until=2026-11-02&tool=claude-code&timezone=Asia/Kolkata")
    assert "$0.285" in page.text
    assert "2026-11-02, days in Asia/Kolkata" in page.text
    assert "2026-11-02 05:00:00" in page.text


def test_it_is_the_figure_of_the_api(site: Live) -> None:
    page = read(site, f"{ALL}&tool=claude-code")
    (api,) = [address for _, address in page.addresses if address.startswith("/api/")]
    told = site.client.get(api).json()
    assert f"${told['figures']['cost_usd']}" in page.text
    assert ("title", f"{told['figures']['total']:,}") in page.attributes
    assert "tally why --tool claude-code" in page.text


def test_a_formula_leads_to_what_is_of_its_model_alone(site: Live, tmp_path: Path) -> None:
    assert read(site, ALL).links["gpt-5.2-codex"] == "/why?since=all&model=gpt-5.2-codex"
    events = [event(f"2026-11-03T1{n}:00", Variant("x", name), MAIN, THOUSAND) for n, name in enumerate(("g*", "gpt"))]
    with paged(tmp_path, events, full=False) as other:
        links = read(other, ALL).links
    assert "gpt" in links
    assert "g*" not in links


def test_where_nothing_was_used_it_says_so(site: Live, tmp_path: Path) -> None:
    with paged(tmp_path, full=False) as empty:
        for found in (site.client.get("/why?since=2020-01-01&until=2020-01-02"), empty.client.get(ALL)):
            assert (found.status_code, found.headers["content-type"]) == (404, "text/html; charset=utf-8")
            assert "Nothing was used there" in Read(found.text).text


def test_what_cannot_be_asked_is_told_on_a_page(site: Live) -> None:
    found = site.client.get("/why?since=never")
    assert (found.status_code, found.headers["content-type"]) == (400, "text/html; charset=utf-8")
    assert "since 'never' is no day" in Read(found.text).text


def test_hostile_names_are_text(tmp_path: Path) -> None:
    with hostile_pages(tmp_path) as site:
        page = read(site, f"/why?since={HOSTILE_DAY}&until={HOSTILE_DAY}")
        for name in HOSTILE:
            assert name in page.text


def test_a_stretch_and_hours_of_the_week_are_told_and_explained(site: Live) -> None:
    page = read(site, "/why?since=2026-11-01T15:30&until=2026-11-01T15:50&timezone=Asia/Kolkata")
    # 10:00:05 and 10:01, UTC.
    assert "$0.57" in page.text
    assert "From 2026-11-01 15:30 (+05:30) until 2026-11-01 15:50 (+05:30), in Asia/Kolkata" in page.text
    assert "tally why --since 2026-11-01T15:30 --until 2026-11-01T15:50 --timezone Asia/Kolkata" in page.text
    page = read(site, "/why?since=all&weekday=sun&hour=15&timezone=Asia/Kolkata")
    assert "$0.5863" in page.text
    assert "All days, in Asia/Kolkata; only Sundays, 15:00 to 16:00" in page.text
    assert page.links["weekday Sundays ×"] == "/why?since=all&timezone=Asia%2FKolkata&hour=15"
    assert page.links["hour 15:00 to 16:00 ×"] == "/why?since=all&timezone=Asia%2FKolkata&weekday=sun"
    (api,) = [address for _, address in page.addresses if address.startswith("/api/")]
    assert site.client.get(api).json()["figures"]["cost_usd"] == 0.5863


@pytest.mark.parametrize(
    "said, told",
    [
        ("since=2026-11-01T10:00&until=today", "From 2026-11-01 10:00 (+00:00) to the end of 2026-11-22, in UTC"),
        ("since=2026-11-01T10:00", "From 2026-11-01 10:00 (+00:00) on, in UTC"),
        ("since=all&until=2026-11-01T10:01", "Everything until 2026-11-01 10:01 (+00:00), in UTC"),
        ("since=2026-11-01&until=2026-11-02T00:00", "2026-11-01, days in UTC"),
    ],
)
def test_where_a_stretch_begins_and_ends_is_told(site: Live, said: str, told: str) -> None:
    assert told in read(site, f"/why?{said}").text


def test_the_dashboard_is_of_whole_days(site: Live) -> None:
    for said in ("since=2026-11-01T10:00", "weekday=mon", "hour=3"):
        for path in ("/", "/panels/days", "/energy"):
            assert site.client.get(f"{path}?{said}").status_code == 400, (path, said)
