"""A session's page: its figures are those worked out by hand and those of the API, page by page, whatever anything is called."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from tests.answers.sample import CODEX, MAIN, THOUSAND, book_of, event
from tests.answers.test_points import NOW as WINDOW_NOW
from tests.answers.test_points import WORK, samples
from tests.answers.test_points import ledger_of as windowed
from tests.faces.http.live import Live
from tests.faces.web.paged import Read, hostile_pages, paged
from tests.faces.web.world import HOSTILE

from tallystick.answers.answers import Answers
from tallystick.faces.web.session_page import CHARTS, ROWS, windows
from tallystick.usage.event import Variant
from tallystick.usage.period import Zone
from tallystick.usage.tokens import Tokens

LONG = MAIN._replace(session="long")
MANY = [
    event(f"2026-11-03T{number // 60:02}:{number % 60:02}:00", CODEX, LONG, Tokens(number + 1, 0, 0, 0, 0))
    for number in range(ROWS + 50)
]
PAGED = "/a b/?c#d%2F"
"""A name that means something in an address."""
ODD = ("a\nb", "a\n", "\n", "\x01\x1b[31m\x7f", "\t a", "%2F", "a%0Ab", "/", "//x", "*", "s*", "y" * 10_000)
"""Names that have an end of a line in them or at their end, other controls, what looks quoted, and patterns."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Return a server with the sample, a long session, and one with a name to be quoted."""
    odd = [
        event(f"2026-11-04T12:{number:02}:00", CODEX, MAIN._replace(session=name), Tokens(1_000 + number))
        for number, name in enumerate((PAGED, *ODD))
    ]
    with paged(tmp_path_factory.mktemp("sessions"), [*MANY, *odd]) as made:
        yield made


def read(site: Live, path: str) -> Read:
    found = site.client.get(path)
    assert found.status_code == 200, found.text
    assert found.headers["content-type"] == "text/html; charset=utf-8"
    page = Read(found.text)
    assert not page.unsafe()
    return page


def test_its_figures_are_those_worked_out_by_hand(site: Live) -> None:
    page = read(site, "/sessions/s1")
    # Twice 0.285, and 0.0063 with a web search for a cent; two of 37,000 tokens, and 800.
    assert "$0.59" in page.text
    assert ("title", "74,800") in page.attributes
    # From 10:00:00 to :20 the model and two tools, from 10:00:30 to 10:01:01 a subagent.
    assert "51 s" in page.text
    assert "model 5.0 s · tools 15 s" in page.text
    assert "subagents 31 s" in page.text
    assert "3 tool calls" in page.text
    assert "1 failed" in page.text
    assert "2026-11-01 10:00:00 to 10:20:00, UTC" in page.text
    for name in ("Mend the till", "s1", "/home/dev/shop", "main", "claude-code", "2.1.0", "box", "dev"):
        assert name in page.text


def test_models_agents_and_tools_have_their_figures(site: Live) -> None:
    _, _, models, agents, tools, _ = read(site, "/sessions/s1").tables
    assert models[1] == ["claude-opus-4-1-20250805", "$0.57", "74,000", "2,000", "8,000", "60,000", "4,000", "2"]
    assert models[2] == ["claude-sonnet-4-5-20250929", "$0.02", "800", "100", "500", "0", "200", "1"]
    assert models[3][:3] == ["Total", "$0.59", "74,800"]
    assert [row[:3] for row in agents[1:]] == [
        ["main line", "$0.30", "37,800"],
        ["a1", "$0.29", "37,000"],
        ["Total", "$0.59", "74,800"],
    ]
    assert tools[1:] == [
        ["Bash", "1", "0", "10 s", "10 s"],
        ["Grep", "1", "0", "1.0 s", "1.0 s"],
        ["Read", "1", "1", "10 s", "10 s"],
    ]


def test_everything_stands_in_the_order_in_which_it_began(site: Live) -> None:
    page = read(site, "/sessions/s1")
    assert page.tables[-1][1:] == [
        ["10:00:00", "", "prompt", "", "", "", ""],
        ["10:00:00", "main line", "claude-opus-4-1-20250805", "5.0 s", "37,000", "$0.2850", page.tables[-1][2][6]],
        ["10:00:05", "main line", "Bash", "10 s", "", "", page.tables[-1][2][6]],
        ["10:00:10", "main line", "Read failed", "10 s", "", "", page.tables[-1][2][6]],
        ["10:00:30", "a1", "claude-opus-4-1-20250805", "30 s", "37,000", "$0.2850", page.tables[-1][5][6]],
        ["10:01:00", "a1", "Grep", "1.0 s", "", "", page.tables[-1][5][6]],
        ["10:20:00", "main line", "claude-sonnet-4-5-20250929", "–", "800", "$0.0163", page.tables[-1][7][6]],
    ]
    number = page.tables[-1][2][6]
    assert page.links["Read failed"] == f"/events/{number}"
    assert site.client.get(f"/events/{number}").status_code == 200


def test_its_totals_are_those_of_the_api(site: Live) -> None:
    for name in ("s1", "s3", "long"):
        totals = site.get(f"/sessions/{name}").json()["totals"]
        assert ("title", f"{totals['total']:,}") in read(site, f"/sessions/{name}").attributes


def test_its_time_is_that_of_the_zone(site: Live) -> None:
    page = read(site, "/sessions/s1?timezone=Asia/Kolkata")
    assert "2026-11-01 15:30:00 to 15:50:00, Asia/Kolkata" in page.text
    assert page.tables[-1][1][0] == "15:30:00"
    # A link keeps the zone.
    assert page.links["Bash"].endswith("?timezone=Asia%2FKolkata")


def test_its_names_lead_to_what_is_of_them_alone(site: Live, tmp_path: Path) -> None:
    days = "since=2026-11-01&until=2026-11-01"
    assert read(site, "/sessions/s1").links["/home/dev/shop"] == f"/?{days}&project=%2Fhome%2Fdev%2Fshop"
    events = [event(f"2026-11-03T1{n}:00", Variant("x", name), MAIN, THOUSAND) for n, name in enumerate(("gpt", "GPT"))]
    with paged(tmp_path, events, full=False) as other:
        addresses = [address for _, address in read(other, "/sessions/s1").addresses]
    assert [address for address in addresses if "machine=box" in address]
    assert not [address for address in addresses if "model=" in address]


def test_its_cost_leads_to_why_and_why_tells_the_same(site: Live) -> None:
    address = read(site, "/sessions/s1").links["Cost"]
    assert address == "/why?since=2026-11-01&until=2026-11-01&session=s1"
    assert "$0.5863" in read(site, address).text


def test_a_long_session_has_several_pages_of_calls(site: Live) -> None:
    first, second = read(site, "/sessions/long"), read(site, "/sessions/long?page=2")
    # Events are of 1, 2, 3 … tokens.
    assert [row[4] for row in first.tables[-1][1:]] == [f"{number:,}" for number in range(1, ROWS + 1)]
    assert [row[4] for row in second.tables[-1][1:]] == [f"{number:,}" for number in range(ROWS + 1, ROWS + 51)]
    assert first.links["next"] == "/sessions/long?page=2#calls"
    assert second.links["before"] == "/sessions/long?page=1#calls"
    assert "next" not in second.links
    beyond = site.client.get("/sessions/long?page=3")
    assert (beyond.status_code, "the last one is 2" in beyond.text) == (404, True)


@pytest.mark.parametrize("page", ["0", "-1", "x", "9999999999", "\u0661"])
def test_a_page_that_is_none_is_told(site: Live, page: str) -> None:
    found = site.client.get("/sessions/long", params={"page": page})
    assert (found.status_code, found.headers["content-type"]) == (400, "text/html; charset=utf-8")
    assert not Read(found.text).unsafe()


def test_a_session_that_there_is_none_of_is_told_on_a_page(site: Live) -> None:
    found = site.client.get("/sessions/nobody")
    assert (found.status_code, found.headers["content-type"]) == (404, "text/html; charset=utf-8")
    page = Read(found.text)
    assert "There is no session" in page.text
    assert not page.unsafe()


def test_a_name_that_means_something_in_an_address_is_only_a_name(site: Live) -> None:
    path = f"/sessions/{quote(PAGED, safe='')}"
    page = read(site, path)
    assert PAGED in page.text
    assert ("action", path) in page.attributes
    # Nothing tells how long its only call took.
    (chart,) = [value or "" for name, value in page.attributes if name == "data-chart"]
    assert chart.endswith("?chart=running")
    assert site.client.get(chart).status_code == 200
    assert "Nothing tells how long" in page.text


@pytest.mark.parametrize("name", ODD, ids=ascii)
def test_whatever_its_name_is_it_opens(site: Live, name: str) -> None:
    path = f"/sessions/{quote(name, safe='')}"
    page = read(site, path)
    tokens = f"{1_001 + ODD.index(name):,}"
    assert ("title", tokens) in page.attributes
    assert ("action", path) in page.attributes
    (chart,) = [value or "" for name, value in page.attributes if name == "data-chart"]
    assert site.client.get(chart).status_code == 200
    (api,) = [value or "" for name, value in page.attributes if name == "data-copy-address"]
    assert site.client.get(api).json()["totals"]["total"] == int(tokens.replace(",", ""))
    # What would be a pattern, or too long to filter by, explains nothing.
    why = page.links.get("Cost", "")
    assert why == "" or f"{tokens} " in read(site, why).text or ("title", tokens) in read(site, why).attributes
    assert bool(why) == (name in {"%2F", "a%0Ab", "/", "//x", "a\nb", "\x01\x1b[31m\x7f"})


def test_a_lone_name_is_no_pattern(tmp_path: Path) -> None:
    at = MAIN._replace(session="s", project="/home/*", branch="b*")
    with paged(tmp_path, [event("2026-11-03T10:00", Variant("x", "gpt*"), at, THOUSAND)]) as other:
        page = read(other, "/sessions/s")
        assert "gpt*" in page.text
        assert not [address for _, address in page.addresses if "%2A" in address or "*" in address]
        number = page.tables[-1][1][-1]
        event_page = read(other, f"/events/{number}")
        assert "gpt*" in event_page.text
        assert not [address for _, address in event_page.addresses if "%2A" in address or "*" in address]


def test_its_charts_hold_what_happened(site: Live) -> None:
    drawn = site.client.get("/charts/session/s1?chart=timeline&theme=dark")
    assert drawn.headers["content-type"].startswith("application/json")
    points = drawn.json()["data"]["values"]
    assert sorted((point["kind"], point["lane"]) for point in points) == [
        ("failed tool", "main line"),
        ("model", "a1"),
        ("model", "main line"),
        ("prompt", "prompts"),
        ("tool", "a1"),
        ("tool", "main line"),
    ]
    steps = site.client.get("/charts/session/s1?chart=running").json()["data"]["values"]
    assert [point["cost"] for point in steps] == [0, 0.285, 0.57, 0.5863]
    assert site.client.get("/charts/session/s1").json()["description"].startswith("When models and tools")


@pytest.mark.parametrize(
    "path, status", [("s1?theme=pink", 400), ("s1?chart=days", 400), ("nobody", 404), ("s1?timezone=Mars", 400)]
)
def test_a_chart_that_there_is_none_of_is_told(site: Live, path: str, status: int) -> None:
    assert site.client.get(f"/charts/session/{path}").status_code == status


def test_it_names_the_ways_to_the_same_figures(site: Live) -> None:
    page = read(site, "/sessions/s1?timezone=Asia/Kolkata")
    assert "tally session s1 --timezone Asia/Kolkata" in page.text
    api = page.links["/api/v1/sessions/s1?timezone=Asia%2FKolkata"]
    assert site.client.get(api).json()["totals"]["total"] == 74_800


def test_hostile_names_are_text(tmp_path: Path) -> None:
    with hostile_pages(tmp_path) as site:
        for name in HOSTILE:
            page = read(site, f"/sessions/{quote(name, safe='')}")
            assert page.text.count(name) >= 3
            for chart in CHARTS:
                address = f"/charts/session/{quote(name, safe='')}?chart={chart}"
                assert site.client.get(address).status_code == 200


def test_without_any_data_there_is_no_session(tmp_path: Path) -> None:
    with paged(tmp_path, full=False) as site:
        assert site.client.get("/sessions/s1").status_code == 404


def test_what_it_used_of_a_window_that_runs_is_told() -> None:
    answers = Answers(windowed(WORK, samples()), book_of)
    ((name, cells),) = windows(answers, answers.session("s1", Zone()), WINDOW_NOW)
    assert (name, [cell.text for cell in cells]) == ("Used", ["about 40 points of five_hour"])
    assert cells[0].title.endswith("; by all 56 %")
    # After its reset nobody asks any more; nor of a session that was over before it began.
    assert windows(answers, answers.session("s1", Zone()), WINDOW_NOW + 300 * 60_000) == []
    before = answers.session("s1", Zone())
    early = before._replace(events=[each._replace(time=each.time - 300 * 60_000) for each in before.events])
    assert early.reach[1] < before.reach[0]
    assert windows(answers, early, WINDOW_NOW) == []
