"""The dashboard in a real browser: it draws, its figures are the API's, and its links and buttons do what they say."""

import json
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from time import time_ns
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from tests.faces.web.chromium import Chromium, Site, Tab, serving
from tests.faces.web.world import fill

from tallystick.faces.web.panels import PANELS

_CELLS = """
(selector) => [...document.querySelectorAll(selector)].map(
  (row) => [...row.cells].map((cell) => cell.textContent.trim()))
"""
_MISSING = """
import importlib.metadata, sys
sys.modules["vl_convert"] = None
version = importlib.metadata.version
def told(name):
    if name == "vl-convert-python":
        raise importlib.metadata.PackageNotFoundError(name)
    return version(name)
importlib.metadata.version = told
"""
_MARKS = "(name) => document.querySelectorAll(`#${name} figure svg .role-mark > *`).length"


def rows(tab: Tab, panel: str) -> dict[str, list[str]]:
    """Return the rows of a panel's table, by their first cell."""
    return {row[0]: row[1:] for row in tab.ask(_CELLS, f"#{panel} tbody tr")}


def api(site: Site, path: str) -> Any:  # noqa: ANN401  whatever JSON holds
    """Return what the API says, amounts exact."""
    return json.loads(site.text(f"/api/v1/{path}"), parse_float=Decimal)


def dollars(row: dict[str, Any]) -> str:
    """Return the cost of a row of the API as a page shows it."""
    if row["cost_usd"] is None:
        return "no price"
    cents = Decimal(row["cost_usd"]).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{f'${cents:,}' if cents else '< $0.01'}{'+' if row['unpriced_tokens'] else ''}"


@pytest.mark.parametrize("name", PANELS)
def test_every_panel_draws(dashboard: Tab, name: str) -> None:
    assert dashboard.page.locator(f"section.panel#{name}").count() == 1
    assert dashboard.page.locator(f"#{name} .empty").all_inner_texts() == []
    if PANELS[name].chart:
        assert dashboard.ask(_MARKS, name) > 0
        chart = dashboard.page.locator(f"#{name} figure [role=img]")
        assert chart.count() == 1
        assert chart.get_attribute("aria-label")
    assert dashboard.page.locator(f"#{name} :is(table tbody tr, .pills li)").count() > 0


@pytest.mark.parametrize("name", PANELS)
def test_the_address_that_a_panel_names_is_answered(dashboard: Tab, name: str) -> None:
    for address in dashboard.page.locator(f"#{name} [data-copy-address]").all():
        assert json.loads(dashboard.site.text(address.get_attribute("data-copy-address") or ""))
    for table in dashboard.page.locator(f"#{name} [data-copy-from]").all():
        head, *lines = dashboard.site.text(table.get_attribute("data-copy-from") or "").splitlines()
        assert head
        assert lines


def test_days_are_those_of_the_api(dashboard: Tab) -> None:
    found = {row["day"]: row for row in api(dashboard.site, "query?by=day&since=30d")["rows"]}
    shown = {day: (cells[0], cells[1]) for day, cells in rows(dashboard, "days").items()}
    assert len(found) > 20
    assert shown == {day: (dollars(row), f"{row['total']:,}") for day, row in found.items()}


def test_models_are_those_of_the_api(dashboard: Tab) -> None:
    found = {row["model"]: row for row in api(dashboard.site, "reports/models?since=30d")["rows"]}
    shown = rows(dashboard, "models")
    assert set(shown) == set(found)
    for model, row in found.items():
        written = row["cache_write_5m"] + row["cache_write_1h"]
        counts = (row["requests"], row["input"], written, row["cache_read"], row["output"], row["reasoning"])
        assert shown[model][:7] == [*(f"{count:,}" for count in counts), dollars(row)]


def test_cards_are_those_of_the_api(dashboard: Tab) -> None:
    for title, since in {"Today": "today", "7 days": "7d"}.items():
        card = dashboard.page.locator("#spans .card", has_text=title).first.inner_text()
        totals = api(dashboard.site, f"reports/daily?since={since}")["totals"]
        assert dollars(totals) in card
        assert f"{totals['requests']:,} request" in card


def test_what_is_drawn_is_what_stands_in_the_table(dashboard: Tab) -> None:
    by_day: defaultdict[str, Decimal] = defaultdict(Decimal)
    for point in json.loads(dashboard.site.text("/charts/days"), parse_float=Decimal)["data"]["values"]:
        by_day[point["day"]] += point["value"]
    found = {row["day"]: row["cost_usd"] for row in api(dashboard.site, "query?by=day&since=30d")["rows"]}
    assert {day: abs(by_day[day] - (cost or 0)) < Decimal("0.0001") for day, cost in found.items()} == dict.fromkeys(
        found, True
    )


def test_periods_filters_and_zone_change_address_and_figures(browser: Chromium) -> None:
    with browser.tab() as tab:
        tab.open()
        tab.page.get_by_role("navigation", name="Period").get_by_text("7 days").click()
        tab.page.wait_for_url("**/?since=7d", wait_until="domcontentloaded")
        assert set(rows(tab, "days")) == {row["day"] for row in api(tab.site, "reports/daily?since=7d")["rows"]}
        tab.page.locator("#tools tbody a", has_text="codex").first.click()
        tab.page.wait_for_url("**tool=codex**", wait_until="domcontentloaded")
        found = api(tab.site, "reports/models?since=7d&tool=codex")["rows"]
        assert {name: cells[0] for name, cells in rows(tab, "models").items()} == {
            row["model"]: f"{row['requests']:,}" for row in found
        }
        tab.page.locator(".chip").click()
        tab.page.wait_for_url("**/?since=7d", wait_until="domcontentloaded")
        tab.page.locator("input[name=timezone]").fill("Asia/Kathmandu")
        tab.page.get_by_role("button", name="Show").click()
        tab.page.wait_for_url("**timezone=Asia%2FKathmandu**", wait_until="domcontentloaded")
        assert "Days in Asia/Kathmandu" in tab.text("footer")
        address = f"query?by=day&{urlsplit(tab.page.url).query}"
        assert {day: cells[1] for day, cells in rows(tab, "days").items()} == {
            row["day"]: f"{row['total']:,}" for row in api(tab.site, address)["rows"]
        }


def test_a_bar_leads_to_its_day_and_a_session_to_its_page(browser: Chromium) -> None:
    with browser.tab() as tab:
        tab.go()
        tab.page.locator("#days figure svg .mark-rect path").last.click()
        tab.page.wait_for_url("**since=20*", wait_until="domcontentloaded")
        assert len(rows(tab, "days")) == 1
        session = tab.page.locator("#sessions tbody a[href^='/sessions/']").first
        name = session.inner_text()
        session.click()
        tab.page.wait_for_url("**/sessions/*")
        assert name in tab.text("main")
        tab.drawn()


def test_what_is_copied_is_what_was_promised(browser: Chromium) -> None:
    with browser.tab(permissions=["clipboard-read", "clipboard-write"]) as tab:
        tab.open("/?since=7d")
        menu = tab.page.locator("#models .ways")
        menu.locator("summary").click()
        command = "tally models --since 7d"
        address = f"{tab.site.address}/api/v1/reports/models?since=7d"
        for button, wanted in (
            ("CLI", command),
            ("API", address),
            ("CSV", tab.site.text("/panels/models.csv?since=7d")),
        ):
            tab.ask("navigator.clipboard.writeText('nothing')")
            menu.get_by_role("button", name=button).click()
            tab.until(lambda: tab.ask("navigator.clipboard.readText()") != "nothing")
            assert tab.ask("navigator.clipboard.readText()") == wanted
            tab.until(lambda: tab.text("[role=status]") == "Copied.")
        tab.page.keyboard.press("Escape")
        assert not tab.ask("document.querySelector('#models .ways').open")
        menu.locator("summary").click()
        tab.page.locator("h2").first.click()
        assert not tab.ask("document.querySelector('#models .ways').open")


def test_without_a_clipboard_it_is_copied_in_the_old_way(browser: Chromium) -> None:
    with browser.tab() as tab:
        tab.page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
        tab.page.add_init_script("addEventListener('copy', () => (window.copied = getSelection().toString()))")
        tab.open("/?since=7d")
        tab.page.locator("#models .ways summary").click()
        tab.page.locator("#models [data-copy]").click()
        tab.until(lambda: tab.ask("window.copied") == "tally models --since 7d")
        assert tab.page.locator("textarea").count() == 0


def test_a_chart_that_cannot_be_drawn_says_so_and_shows_its_table(browser: Chromium) -> None:
    with browser.tab() as tab:
        problem = json.dumps({"error": {"code": "unavailable", "message": "The disk is full."}})
        tab.page.route("**/charts/cache*", lambda route: route.fulfill(status=503, body=problem))
        tab.go("/?since=7d")
        assert "could not be drawn. The disk is full." in tab.text("#cache .undrawn")
        assert tab.page.locator("#cache table").is_visible()
        assert tab.page.locator(".undrawn").count() == 1
        tab.wrong = [text for text in tab.wrong if "503" not in text]


def test_without_what_draws_them_each_chart_says_what_is_missing(browser: Chromium, tmp_path: Path) -> None:
    # A package of the same name, which is found first and is broken, and no knowledge of another one.
    (tmp_path / "sitecustomize.py").write_text(_MISSING)
    fill(tmp_path / "data" / "ledger.db", time_ns() // 10**6)
    with serving(tmp_path, PYTHONPATH=str(tmp_path)) as site, browser.before(site).tab() as tab:
        tab.go("/?since=7d")
        told = "`pip install 'tallystick[charts]'` brings it."
        assert tab.page.locator(".undrawn").count() == tab.page.locator("figure[data-chart]").count() > 5
        assert all(told in text for text in tab.page.locator(".undrawn").all_text_contents())
        # The browser tells in its own words that it was not sent a script.
        tab.wrong = [text for text in tab.wrong if "503" not in text and "/static/vega.js" not in text]


def test_show_keeps_what_a_page_is_about(browser: Chromium) -> None:
    with browser.tab() as tab:
        tab.open("/?since=7d&split=class&unit=tokens&tool=codex")
        tab.page.locator("input[name=timezone]").fill("Asia/Kathmandu")
        tab.page.get_by_role("button", name="Show").click()
        tab.page.wait_for_url("**timezone=Asia%2FKathmandu**", wait_until="domcontentloaded")
        query = dict(parse_qsl(urlsplit(tab.page.url).query))
        assert {name: query[name] for name in ("split", "unit", "tool")} == {
            "split": "class",
            "unit": "tokens",
            "tool": "codex",
        }


def test_it_is_whole_without_a_script(browser: Chromium, dashboard: Tab) -> None:
    with browser.tab(java_script_enabled=False) as tab:
        tab.page.goto(f"{tab.site.address}/")
        for name in ("models", "tools", "sessions"):
            # Also of what is out of sight, which has no inner text until somebody comes to it.
            rows = [each.page.locator(f"#{name} tbody").text_content() for each in (tab, dashboard)]
            assert rows[0] == rows[1]
            assert rows[0]
        assert tab.page.locator("[data-theme-switch]").is_hidden()
        assert tab.page.locator("[data-keys]").is_hidden()
        assert tab.page.locator("figure.chart >> visible=true").count() == 0
        tab.page.locator("#days .behind summary").click()
        assert tab.page.locator("#days table").is_visible()
        tab.page.get_by_text("7 days", exact=True).first.click()
        tab.page.wait_for_url("**since=7d")


_SCROLLED = """
[...document.querySelectorAll("main *")].filter((each) =>
  /auto|scroll/.test(getComputedStyle(each).overflow) && each.scrollHeight > each.clientHeight + 1).length
"""
_BEYOND = """
[...document.querySelectorAll(".panel table, .panel svg")].filter((each) => each.checkVisibility() &&
  each.getBoundingClientRect().right > each.closest(".panel").getBoundingClientRect().right + 1)
  .map((each) => `${each.closest(".panel").id} ${each.getBoundingClientRect().right}`)
"""
_COLOURS = "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"


def test_on_paper_everything_is_there_and_dark_on_light(browser: Chromium) -> None:
    # The width of A4, in pixels of a sheet of styles.
    with browser.tab(width=718, color_scheme="dark") as tab:
        tab.page.add_init_script("localStorage.setItem('theme', 'dark')")
        tab.go()
        assert tab.ask(_SCROLLED) > 0
        tab.page.emulate_media(media="print")
        assert tab.ask(_SCROLLED) == 0
        assert tab.ask(_BEYOND) == []
        ink, paper = (sum(map(int, each[4:-1].split(","))) for each in tab.ask(_COLOURS))
        assert ink < 150
        assert paper > 700
        assert tab.page.locator(".top form >> visible=true, .theme >> visible=true").count() == 0
        assert tab.page.pdf().startswith(b"%PDF")


def test_nothing_moves_for_whom_that_is_too_much(browser: Chromium) -> None:
    moves = "document.querySelector('.panel').classList.add('new') || getComputedStyle(document.querySelector('.panel')).animationName"
    with browser.tab(reduced_motion="reduce") as calm, browser.tab() as lively:
        assert calm.open("/?since=today").ask(moves) == "none"
        assert lively.open("/?since=today").ask(moves) != "none"
