"""The pages for everybody: by keyboard, in the dark, for who hears them, and with whatever names there are."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from tests.faces.web.chromium import Chromium, Tab, demo
from tests.faces.web.world import HOSTILE, HOSTILE_DAY, SCRIPT

from tallystick.faces.web.charts import THEMES

_TABBABLE = """
window.order = [...document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']")]
  .filter((each) => each.type !== "hidden" && each.checkVisibility() && !each.disabled);
window.order.length
"""
_FOCUSED = """
[order.indexOf(document.activeElement), getComputedStyle(document.activeElement).outlineStyle,
  document.activeElement.outerHTML.slice(0, 120)]
"""
_HEADING = "document.activeElement.matches('section.panel h3') ? document.activeElement.textContent : ''"
_FILLS = (
    "[...new Set([...document.querySelectorAll('#days svg .mark-rect path')].map((each) => each.getAttribute('fill')))]"
)
_SIDEWAYS = "document.documentElement.scrollWidth - innerWidth"
_AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
_COLOURS = {"runOnly": ["color-contrast"]}
_ALL_BUT_COLOURS = {"rules": {"color-contrast": {"enabled": False}}}
HOSTILE_PAGE = f"/?since={HOSTILE_DAY}&until={HOSTILE_DAY}"


def serious(tab: Tab, within: str = "html", rules: dict[str, Any] | None = None) -> list[str]:
    """Return what axe-core finds that keeps people from using a page, or a part of it."""
    tab.ask(f"window.axe || {_AXE}")
    options = {"resultTypes": ["violations"], **(rules or {})}
    found: dict[str, Any] = tab.ask("([within, options]) => axe.run(within, options)", [within, options])
    assert found["passes"]
    return [
        f"{each['id']}: {node['html'][:200]} {node['failureSummary']}"
        for each in found["violations"]
        if each["impact"] in {"serious", "critical"}
        for node in each["nodes"]
    ]


@pytest.fixture(scope="module")
def session(browser: Chromium) -> str:
    """Return the address of a session's page."""
    rows = json.loads(browser.site.text("/api/v1/reports/sessions?since=30d&limit=1"))["rows"]
    return f"/sessions/{rows[0]['session']}"


def test_tab_reaches_everything_and_shows_where_it_is(browser: Chromium) -> None:
    with browser.tab() as tab:
        tab.open("/?since=today&tool=codex")
        wanted = tab.ask(_TABBABLE)
        assert wanted > 50
        reached: list[int] = []
        while len(set(reached)) < wanted:
            tab.page.keyboard.press("Tab")
            place, outline, what = tab.ask(_FOCUSED)
            assert place >= 0, f"after {len(set(reached))} of {wanted}: {what}"
            assert outline != "none", what
            reached.append(place)
        assert sorted(set(reached)) == list(range(wanted))
        # A date has three parts, each of which is reached on its own.
        assert reached == sorted(reached)


def test_keys_do_what_the_dialog_says(browser: Chromium) -> None:
    with browser.tab() as tab:
        tab.open("/?since=7d")
        headings = tab.page.locator("section.panel h3").all_inner_texts()
        tab.page.keyboard.press("j")
        assert tab.ask(_HEADING) == headings[0]
        for key, place in (("j", 1), ("j", 2), ("k", 1), ("k", 0), ("k", 0)):
            tab.page.keyboard.press(key)
            assert tab.ask(_HEADING) == headings[place]
        tab.page.keyboard.press("?")
        assert tab.page.get_by_role("dialog", name="Keys").is_visible()
        tab.page.keyboard.press("j")
        tab.page.keyboard.press("Escape")
        assert tab.page.get_by_role("dialog").count() == 0
        assert tab.ask(_HEADING) == headings[0]
        tab.page.keyboard.press("/")
        assert tab.ask("document.activeElement.name") == "since"
        tab.page.locator("input[name=timezone]").focus()
        tab.page.keyboard.press("End")
        tab.page.keyboard.type("j?tu1/")
        assert tab.page.locator("input[name=timezone]").input_value() == "UTCj?tu1/"
        assert tab.page.get_by_role("dialog").count() == 0
        tab.page.locator("h2").first.click()
        tab.page.keyboard.press("Control+t")
        assert tab.text("[data-theme-switch]") == "system"
        tab.page.keyboard.press("u")
        tab.page.wait_for_url("**unit=tokens**", wait_until="domcontentloaded")
        tab.page.keyboard.press("1")
        tab.page.wait_for_url("**since=today&unit=tokens**", wait_until="domcontentloaded")


def test_keys_can_be_switched_off_for_good(browser: Chromium) -> None:
    with browser.tab() as tab:
        tab.open("/?since=today").page.get_by_role("button", name="keys").click()
        tab.page.get_by_role("checkbox").uncheck()
        tab.page.get_by_role("button", name="Close").click()
        for _ in range(2):
            tab.page.keyboard.press("j")
            tab.page.keyboard.press("?")
            assert tab.ask(_HEADING) == ""
            assert tab.page.get_by_role("dialog").count() == 0
            tab.open("/?since=today")


def test_the_theme_is_the_systems_until_one_is_chosen_and_then_kept(browser: Chromium) -> None:
    with browser.tab() as tab:
        light = tab.go("/?since=7d").ask("getComputedStyle(document.body).backgroundColor")
        assert set(tab.ask(_FILLS)) <= set(THEMES["light"]["palette"])
        tab.page.emulate_media(color_scheme="dark")
        assert tab.ask("getComputedStyle(document.body).backgroundColor") != light
        tab.until(lambda: set(tab.ask(_FILLS)) <= set(THEMES["dark"]["palette"]) and tab.ask(_FILLS))
        button = tab.page.locator("[data-theme-switch]")
        button.click()
        assert button.inner_text() == "light"
        assert tab.ask("getComputedStyle(document.body).backgroundColor") == light
        tab.until(lambda: set(tab.ask(_FILLS)) <= set(THEMES["light"]["palette"]) and tab.ask(_FILLS))
        tab.open("/?since=7d")
        assert tab.ask("getComputedStyle(document.body).backgroundColor") == light
        tab.page.keyboard.press("t")
        tab.page.keyboard.press("t")
        assert button.inner_text() == "system"
        assert tab.ask("[localStorage.getItem('theme'), getComputedStyle(document.body).backgroundColor]") != [
            None,
            light,
        ]


def test_everything_stands_in_a_landmark(browser: Chromium) -> None:
    with browser.tab() as tab:
        tab.open("/?since=7d&tool=codex").ask(f"window.axe || {_AXE}")
        found = tab.ask("axe.run({ runOnly: ['region'] })")
        assert found["passes"]
        assert [node["html"] for each in found["violations"] for node in each["nodes"]] == []


def test_axe_finds_nothing_serious_on_the_dashboard(browser: Chromium) -> None:
    with browser.tab() as tab:
        tab.go("/?since=7d&tool=codex")
        assert serious(tab) == []
        tab.page.emulate_media(color_scheme="dark")
        tab.drawn()
        assert serious(tab, rules=_COLOURS) == []
        tab.page.set_viewport_size({"width": 390, "height": 844})
        assert serious(tab, rules=_ALL_BUT_COLOURS) == []
        assert tab.ask(_SIDEWAYS) <= 0
        tab.page.locator("#models .ways summary").click()
        assert serious(tab, "#models") == []
        tab.page.keyboard.press("Escape")
        tab.page.keyboard.press("?")
        assert serious(tab, "dialog") == []


@pytest.mark.parametrize("page", ["events", "session", "why", "energy", "docs", "problem"])
def test_axe_finds_nothing_serious_beside_it(browser: Chromium, session: str, page: str) -> None:
    path = {
        "session": session,
        "why": "/why?since=7d&model=gpt-5.5",
        "problem": "/?since=never",
    }.get(page, f"/{page}")
    with browser.tab() as tab:
        tab.go(path)
        assert tab.page.locator("h1, h2, h3").count() > 0 or page == "problem"
        tab.wrong = [text for text in tab.wrong if page != "problem" or "400" not in text]
        assert serious(tab) == []
        tab.page.emulate_media(color_scheme="dark")
        assert serious(tab, rules=_COLOURS) == []
        tab.page.set_viewport_size({"width": 390, "height": 844})
        assert tab.ask(_SIDEWAYS) <= 0


_WRAPPED = """
[...document.querySelectorAll(".top > *")].filter((each) => each.checkVisibility())
  .map((each) => each.getBoundingClientRect()).filter((each, _, all) => each.top >= all[0].bottom).length
"""
_OUT_OF_SIGHT = """
(selector) => [...document.querySelectorAll(selector)].filter((each) => each.checkVisibility()).filter((each) => {
  const within = (each.closest(".scroll") ?? document.documentElement).getBoundingClientRect();
  return each.getBoundingClientRect().right > within.right + 1;
}).map((each) => `${each.closest("section")?.id} ${each.textContent}`)
"""
_CUT_LEGENDS = """
[...document.querySelectorAll("figure svg .role-legend")].filter((each) =>
  each.getBoundingClientRect().right > each.closest("figure").getBoundingClientRect().right + 1)
  .map((each) => each.closest("section").id)
"""
# What is out of sight is not laid out before somebody comes to it.
_LAID_OUT = "document.querySelectorAll('.question').forEach((each) => { each.style.contentVisibility = 'visible'; })"
_BARS = """
[...document.querySelectorAll("td .bar")].filter((each) => each.checkVisibility()).map((each) => {
  const words = document.createRange();
  words.selectNodeContents(each.parentElement.querySelector("bdi"));
  return Math.abs(each.getBoundingClientRect().right - words.getBoundingClientRect().right);
})
"""


def test_the_head_is_one_row_where_there_is_room(browser: Chromium) -> None:
    for width in (1400, 1920):
        with browser.tab(width=width) as tab:
            tab.open("/?since=7d&timezone=America/New_York")
            assert tab.ask(_WRAPPED) == 0
            # The note of a demo fits in too.
            tab.ask(
                "document.getElementById('status').insertAdjacentHTML('afterend',"
                "'<details class=\"ways about\"><summary>demo data</summary><p>All of it is made up.</p></details>')"
            )
            assert tab.ask(_WRAPPED) == 0


def test_the_note_of_a_demo_opens_within_the_page(browser: Chromium, tmp_path: Path) -> None:
    with demo(tmp_path) as site:
        for width in (1400, 390):
            with browser.before(site).tab(width=width) as tab:
                tab.open()
                note = tab.page.locator(".about p")
                assert note.is_hidden()
                tab.page.locator(".about summary", has_text="demo data").click()
                box = note.bounding_box()
                assert box
                assert 0 <= box["x"] < box["x"] + box["width"] <= width
                assert "made up" in note.inner_text()
                assert tab.text("#status") == "up to date"
                assert tab.page.locator(".top .bad").count() == 0
                assert tab.ask(_SIDEWAYS) <= 0
                tab.page.keyboard.press("Escape")
                assert note.is_hidden()


def test_a_phone_shows_all_periods_the_cost_of_every_row_and_whole_legends(browser: Chromium) -> None:
    with browser.tab(width=390, height=844) as tab:
        tab.go()
        assert tab.ask(_OUT_OF_SIGHT, "nav[aria-label=Period] a") == []
        costs = "#{} :is(th, td):nth-child({})"
        places = {"models": 8, "sessions": 9, "classes": 4, "change": 4, "projects": 2, "branches": 3}
        for panel, place in places.items():
            assert tab.page.locator(f"{costs.format(panel, place)} >> visible=true").count() > 0 or panel == "projects"
            assert tab.ask(_OUT_OF_SIGHT, costs.format(panel, place)) == [], panel
        assert tab.ask(_OUT_OF_SIGHT, "#limits tbody td:not(.minor)") == []
        assert tab.ask(_CUT_LEGENDS) == []
        assert tab.page.locator("figure svg .role-legend").count() > 3


_SIDEWAYS_TABLES = """
[...document.querySelectorAll(".scroll")].filter((each) => each.scrollWidth > each.clientWidth + 1)
  .map((each) => each.closest("section[id]")?.id ?? each.ariaLabel)
"""
_UNFOLDED = "document.querySelectorAll('details.behind').forEach((each) => { each.open = true; })"


_AGED = """document.querySelectorAll("#coverage tbody td").forEach((each) => {
  if (each.innerText.trim() === "just now" || each.innerText.endsWith("ago")) each.innerText = "59 minutes ago";
})"""
"""As long as times are told at most, whenever the test runs."""


def test_no_table_is_wider_than_a_phone_but_that_of_a_week_by_hours_which_keeps_its_sums_in_sight(
    browser: Chromium, session: str
) -> None:
    with browser.tab(width=390, height=844) as tab:
        for path in ("/why?since=7d", "/events?since=7d", "/events/1", "/energy", session, "/?since=30d"):
            tab.open(path)
            tab.ask(_LAID_OUT)
            tab.ask(_UNFOLDED)
            tab.ask(_AGED)
            wide = tab.ask(_SIDEWAYS_TABLES)
            assert wide == (["punchcard"] if path.startswith("/?") else []), path
        assert tab.page.locator("#punchcard tbody tr").count() == 24
        assert tab.ask(_OUT_OF_SIGHT, "#punchcard :is(th, td):last-child") == []


def test_a_bar_ends_where_the_figure_above_it_ends(browser: Chromium) -> None:
    for width in (1400, 390):
        with browser.tab(width=width) as tab:
            tab.open("/?since=30d")
            tab.ask(_LAID_OUT)
            ends = tab.ask(_BARS)
            assert len(ends) > 5
            assert max(ends) < 1


def test_panels_beside_one_another_are_of_one_height(browser: Chromium) -> None:
    with browser.tab() as tab:
        tab.go()
        boxes = [box for each in tab.page.locator(".panel.half").all() if (box := each.bounding_box())]
        rows: dict[int, set[int]] = {}
        for box in boxes:
            rows.setdefault(round(box["y"]), set()).add(round(box["height"]))
        assert len(boxes) > 8
        assert all(len(heights) == 1 for heights in rows.values())


def test_two_dozen_rows_are_seen_without_scrolling(browser: Chromium) -> None:
    with browser.tab() as tab:
        tab.open("/?since=30d").page.locator("#days .behind summary").click()
        scroll = tab.page.locator("#days .scroll").bounding_box()
        row = tab.page.locator("#days tbody tr").first.bounding_box()
        assert scroll
        assert row
        assert 22 <= scroll["height"] / row["height"] < 26
        assert tab.ask("getComputedStyle(document.querySelector('#days .scroll')).backgroundImage") != "none"


def test_who_writes_a_time_zone_is_offered_those_that_there_are(browser: Chromium) -> None:
    with browser.tab() as tab:
        tab.open("/events")
        fields = tab.page.locator("input[name=timezone]").all()
        assert fields
        for field in fields:
            field.focus()
            offered = field.evaluate("(field) => [...field.list.options].map((each) => each.value)")
            assert {"UTC", "Europe/Berlin"} <= set(offered)
            assert len(offered) == len(set(offered)) > 300
        assert tab.page.locator("#zones").count() == 1


_IMAGES = "[...document.images].filter((each) => !each.src.endsWith('/static/tally.svg')).length"
_ELSEWHERE = (
    "[...document.links].filter((each) => each.origin !== location.origin).map((each) => each.href.slice(0, 200))"
)


def harmless(tab: Tab) -> None:
    """Fail when a name has become more than text."""
    assert tab.ask(_IMAGES) == 0
    assert tab.ask(_ELSEWHERE) == []
    assert tab.ask("document.querySelectorAll('[onmouseover], [onerror], main script').length") == 0


@pytest.mark.parametrize("split", ["model", "project"])
def test_hostile_names_are_text_on_the_dashboard(browser: Chromium, split: str) -> None:
    with browser.tab() as tab:
        tab.go(f"{HOSTILE_PAGE}&split={split}")
        for panel in ("models", "projects", "tools", "machines", "branches", "agents", "sessions", "calls"):
            # A project is shown by the last part of its path.
            assert SCRIPT.rpartition("/")[2] in (tab.page.locator(f"#{panel} table").first.text_content() or ""), panel
        assert tab.page.locator(".undrawn").count() == 0
        harmless(tab)
        for mark in tab.page.locator("#days figure svg .mark-rect path").all():
            mark.hover()
            tab.until(lambda: tab.page.locator("#vg-tooltip-element.visible").count() == 1)
            harmless(tab)
        tab.page.set_viewport_size({"width": 390, "height": 844})
        assert tab.ask(_SIDEWAYS) <= 0


def test_hostile_names_are_text_wherever_they_lead(browser: Chromium) -> None:
    with browser.tab() as tab:
        tab.open(HOSTILE_PAGE)
        assert len(HOSTILE) == tab.page.locator("#sessions tbody tr").count()
        addresses = [
            each.get_attribute("href") or ""
            for panel in ("sessions", "models", "tools")
            for each in tab.page.locator(f"#{panel} tbody a").all()[: len(HOSTILE)]
        ]
        for address in dict.fromkeys(addresses):
            tab.open(address)
            harmless(tab)
            assert tab.ask(_SIDEWAYS) <= 0, address[:300]
