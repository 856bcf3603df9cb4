"""The pages over a real server: figures, panels one by one, their tables and charts, and what is wrong with an address."""

import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest
from tests.answers.sample import EVENTS
from tests.answers.stand import answers, fill
from tests.faces.http.live import SITE, Live, serving
from tests.faces.web.paged import no_script
from tests.faces.web.test_page import Seen

from tallystick.answers.answers import Answers
from tallystick.answers.desk import Desk
from tallystick.answers.turns import in_turn
from tallystick.faces.web.pages import ready, router
from tallystick.faces.web.panels import PANELS, SECTIONS
from tallystick.faces.web.start import Looked

ALL = "?since=all"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Return a server with the pages, before the sample's ledger."""
    folder = tmp_path_factory.mktemp("pages")
    desk = Desk(lambda: answers(folder / "ledger.db"), 2)
    try:
        with serving(folder, SITE, [router(desk, SITE, no_script)]) as made:
            yield made
    finally:
        desk.close()


def test_the_dashboard_has_every_panel_in_its_order_and_the_figures_of_the_api(site: Live) -> None:
    found = site.client.get(f"/{ALL}")
    assert found.status_code == 200
    assert found.headers["content-type"] == "text/html; charset=utf-8"
    seen = Seen(found.text)
    ids = [value for name, value in seen.attributes if name == "id"]
    assert [name for name in ids if name in PANELS] == list(PANELS)
    assert [name for name in ids if name and name.endswith("-section")] == [f"{each.name}-section" for each in SECTIONS]
    totals = site.get("/query", params={"by": "day"}).json()["totals"]
    assert f"{totals['total']:,}" in seen.text
    # Nothing but scripts of its own, and nothing inline.
    assert found.text.count("<script") == 2
    assert found.headers["content-security-policy"].startswith("default-src 'self'")


@pytest.mark.parametrize("name", PANELS)
def test_each_panel_is_to_be_had_by_itself_as_table_and_as_chart(site: Live, name: str) -> None:
    fragment = site.client.get(f"/panels/{name}{ALL}")
    assert fragment.status_code == 200
    assert f'id="{name}"' in fragment.text
    table = site.client.get(f"/panels/{name}.csv{ALL}")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert f"tally-{name}.csv" in table.headers["content-disposition"]
    chart = site.client.get(f"/charts/{name}{ALL}&theme=dark").json()
    assert chart["$schema"].startswith("https://vega.github.io/schema/vega-lite/")
    assert "values" in chart["data"]


def test_the_table_of_days_has_the_figures_of_the_api(site: Live) -> None:
    lines = site.client.get(f"/panels/days.csv{ALL}").text.splitlines()
    rows = site.get("/query", params={"by": "day", "order": "desc"}).json()["rows"]
    assert lines[0] == "Day,Cost,Tokens,Input,Cache write,Cache read,Output,Requests"
    told = [line.split(",") for line in lines[1:]]
    assert [(line[0], float(line[1]), int(line[2]), int(line[7])) for line in told] == [
        (row["day"], row["cost_usd"], row["total"], row["requests"]) for row in rows
    ]


def test_filters_and_zone_are_those_of_the_address(site: Live) -> None:
    # Half past eleven in the evening, UTC: the next day in Kolkata.
    found = site.client.get(f"/panels/days.csv{ALL}&timezone=Asia/Kolkata&tool=claude-code").text.splitlines()
    assert [line.split(",")[0] for line in found[1:]] == ["2026-11-02", "2026-11-01"]
    page = site.client.get("/?since=2026-11-01&until=2026-11-01&tool=claude-code&timezone=Asia/Kolkata").text
    assert "Days in Asia/Kolkata" in Seen(page).text


@pytest.mark.parametrize(
    "address, status, sentence",
    [
        ("/?since=never", 400, "is no day"),
        ("/?timezone=Mars/Base", 400, "no time zone"),
        ("/panels/none", 404, ""),
        ("/panels/days?split=colour", 400, "choose among model"),
        ("/charts/none", 404, ""),
        ("/panels/none.csv", 404, ""),
        ("/static/none.js", 404, ""),
        ("/static/..%2fpages.py", 404, ""),
        ("/charts/days?theme=sepia", 400, "choose among light, dark"),
    ],
)
def test_what_is_wrong_with_an_address_is_told(site: Live, address: str, status: int, sentence: str) -> None:
    found = site.client.get(address)
    assert found.status_code == status
    assert sentence in found.text


def test_styles_and_scripts_are_served_and_every_module_that_is_imported_is_there(site: Live) -> None:
    for name in ("tally.css", "tally.svg", "theme.js", "page.js"):
        found = site.client.get(f"/static/{name}")
        assert found.status_code == 200
        imported = [
            line.split('"./')[1].split('"')[0] for line in found.text.splitlines() if line.startswith("import ")
        ]
        assert all(site.client.get(f"/static/{each}").status_code == 200 for each in imported)
    assert site.client.get("/static/tally.css").headers["content-type"].startswith("text/css")


def test_the_head_of_a_page_can_be_asked_for(site: Live) -> None:
    assert site.client.head("/").status_code == 200
    assert site.client.head("/").content == b""


def test_an_empty_ledger_says_what_to_do_and_nothing_else(tmp_path: Path) -> None:
    desk = Desk(lambda: answers(tmp_path / "ledger.db"), 1)
    looked = [Looked("Codex", "~/.codex/<sessions>", exists=True)]
    try:
        with serving(tmp_path, SITE, [router(desk, SITE, no_script, lambda: looked)], full=False) as made:
            for address in ("/", "/?since=all&tool=codex"):
                seen = Seen(made.client.get(address).text)
                assert "Nothing has come in yet" in seen.text
                assert "tally demo serve" in seen.text
                assert "~/.codex/<sessions>" in seen.text
                assert not {value for name, value in seen.attributes if name == "id"} & set(PANELS)
                assert not [name for name, _ in seen.attributes if name == "data-panel"]
            for name in PANELS:
                kind = "absent" if name in {"active", "users", "peaks"} else "empty"
                assert kind in made.client.get(f"/panels/{name}").text
                json.dumps(made.client.get(f"/charts/{name}").json())
    finally:
        desk.close()


@pytest.mark.parametrize("path", ["/panels/days", "/sessions/s1", "/events", "/why", "/events/1", "/events/news"])
def test_what_keeps_up_tells_what_it_costs(site: Live, path: str) -> None:
    for headers in ({}, {"Tally-Live": "1"}):
        found = site.client.get(f"{path}{ALL}", headers=headers)
        assert found.status_code == 200
        name, _, ms = found.headers["server-timing"].partition(";dur=")
        assert name == "work"
        assert 0 < float(ms) < 10_000


def test_as_soon_as_there_is_something_the_panels_are_there(tmp_path: Path) -> None:
    desk = Desk(lambda: answers(tmp_path / "ledger.db"), 1)
    try:
        with serving(tmp_path, SITE, [router(desk, SITE, no_script)], full=False) as made:
            assert "data-live" in made.client.get("/").text
            fill(tmp_path / "ledger.db", EVENTS[:1])
            desk.changed()
            page = made.client.get("/?since=today&tool=none-such").text
            assert "data-live" not in page
            assert page.count("data-panel") == len(PANELS)
    finally:
        desk.close()


@pytest.mark.parametrize("address", ["/charts/days?theme=x", "/panels/days.csv?since=never", "/static/none.js"])
def test_what_a_script_asks_for_is_refused_in_its_own_words(site: Live, address: str) -> None:
    found = site.client.get(address)
    assert found.headers["content-type"] == "application/json"
    assert found.json()["error"]["message"].endswith(".")


def test_many_who_ask_for_different_pages_at_once_all_get_whole_ones(site: Live) -> None:
    def page(number: int) -> str:
        return httpx2.get(f"http://127.0.0.1:{site.port}/?since={number + 1}d", timeout=60).text

    # Together they ask for more panels than may wait at the desk.
    assert 30 * len(PANELS) > 512
    with ThreadPoolExecutor(30) as pool:
        for text in pool.map(page, range(30)):
            assert text.rstrip().endswith("</html>")
            assert "Too many questions" not in text


def test_whoever_goes_away_leaves_little_behind(site: Live) -> None:
    for number in range(40):
        with socket.create_connection(("127.0.0.1", site.port)) as gone:
            gone.sendall(f"GET /?since={number + 100}d HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            gone.recv(50)
    begun = time.monotonic()
    assert site.get("/reports/daily?since=77d").status_code == 200
    assert time.monotonic() - begun < 5


def test_a_page_waits_a_moment_for_what_has_come_and_then_shows_what_was_worked_out_before(tmp_path: Path) -> None:
    fill(tmp_path / "ledger.db", EVENTS[:2])
    free = threading.Event()
    free.set()

    def gated() -> Answers:
        """Return answers that take long while they are not free."""
        made = answers(tmp_path / "ledger.db")
        ask = made.ask
        made.ask = lambda question: (free.wait(30), ask(question))[1]  # type: ignore[method-assign]
        return made

    desk = Desk(gated, 12)
    try:
        with serving(tmp_path, SITE, [router(desk, SITE, no_script)], full=False) as made:

            def late(page: str) -> set[str]:
                return set(re.findall(r'<section class="[^"]*" id="(\w+)"[^>]* data-late', page))

            first = made.client.get(f"/{ALL}").text
            assert not late(first)
            fill(tmp_path / "ledger.db", EVENTS)
            free.clear()
            desk.changed()
            begun = time.monotonic()
            page = made.client.get(f"/{ALL}").text
            assert time.monotonic() - begun < 5
            assert {"days", "models", "projects"} <= late(page) <= set(PANELS)
            assert "what has come since is being worked out" in Seen(page).text
            total = re.compile(r"<tfoot>.*?</tfoot>", re.DOTALL)
            assert total.findall(page) == total.findall(first)
            free.set()
            assert made.client.get(f"/{ALL}").status_code == 200
            passed = made.client.get("/panels/days" + ALL).text
            assert "data-late" not in passed
            assert total.findall(passed)[0] not in first
            assert not late(made.client.get(f"/{ALL}").text)
    finally:
        free.set()
        desk.close()


def test_what_is_made_ready_is_the_page_that_opens_first(tmp_path: Path) -> None:
    fill(tmp_path / "ledger.db")
    desk = Desk(lambda: answers(tmp_path / "ledger.db"), 2)

    def begun() -> dict[object, float]:
        """Return when each panel that is there was begun."""
        every = [entry for entry in list(desk._kept._entries.values()) if entry.key[0] == "panel"]
        return {entry.key[1]: entry.begun for entry in every if entry.future.done()}

    try:
        in_turn(desk, ready(desk, SITE))
        until = time.monotonic() + 20
        while len(begun()) < len(PANELS) and time.monotonic() < until:
            time.sleep(0.01)
        before = begun()
        assert list(before) == list(PANELS)
        with serving(tmp_path, SITE, [router(desk, SITE, no_script)]) as made:
            assert made.client.get("/").status_code == 200
        assert begun() == before
    finally:
        desk.close()
