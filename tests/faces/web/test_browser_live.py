"""A page that stays open: what a log grows by shows without a reload, and nothing of what a person does is lost."""

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Route
from tests.faces.web.chromium import Chromium, Tab, serving
from tests.faces.web.growing import PAGE, Log, hide, shown

from tallystick.faces.web.panels import PANELS

_ALL = 9_000
"""Pixels from the first panel to the last, at least."""
_PLAYED = (
    "window.EventSource = class extends EventTarget { constructor() { super(); window.stream = this; } close() {} }"
)
_TELL = "(version) => stream.dispatchEvent(new MessageEvent('version', { data: JSON.stringify({ version }) }))"


def panels_in(asked: list[str]) -> list[str]:
    """Return the names of the panels that were asked for."""
    return [urlsplit(url).path.removeprefix("/panels/") for url in asked if "/panels/" in url]


def go_to(tab: Tab, panel: str) -> None:
    """Scroll to a panel, when everything is laid out: what comes to be so on the way moves it."""
    tab.ask("document.querySelectorAll('.question').forEach((each) => { each.style.contentVisibility = 'visible'; })")
    tab.ask(f"document.getElementById('{panel}').scrollIntoView()")


def test_what_is_new_shows_at_once_and_everything_stays_as_it_was(browser: Chromium, log: Log) -> None:
    with browser.tab(height=600) as tab:
        tab.go(PAGE)
        tab.until(lambda: shown(tab) == log.tokens)
        tab.drawn()
        tab.page.locator("#days .behind summary").click()
        link = tab.page.locator("#days tbody a").first
        link.focus()
        # The chart is beyond the window's upper edge, and what stands below it is read.
        tab.ask("scrollBy(0, document.querySelector('#days .behind').getBoundingClientRect().top - 80)")
        tab.ask(
            "window.kept = { y: scrollY, focus: document.activeElement, svg: document.querySelector('#days svg:not(.room)') }"
        )
        mark = tab.page.locator("#days figure").get_attribute("data-mark")
        log.grow()
        tab.until(lambda: shown(tab) == log.tokens, 3)
        tab.until(lambda: tab.text("#status") == "up to date", 3)
        tab.drawn()
        assert tab.page.locator("#days figure").get_attribute("data-mark") != mark
        assert tab.page.locator("#days figure .drawing").count() == 1
        assert tab.ask("kept.svg !== document.querySelector('#days svg')")
        assert tab.ask("kept.y > 200 && kept.y === scrollY")
        assert tab.ask("kept.focus === document.activeElement && kept.focus.isConnected")
        assert tab.ask("document.querySelector('#days .behind').open")
        go_to(tab, "models")
        log.grow(model="claude-sonnet-4-5-20250929")
        tab.until(lambda: tab.page.locator("#models tbody tr").count() == 2, 5)
        assert tab.ask("kept.focus === document.activeElement")


def test_what_is_of_a_moment_ago_is_brought_up_to_date_although_nothing_new_comes(browser: Chromium) -> None:
    def former(route: Route) -> None:
        answer = route.fetch()
        text = answer.text().replace('id="spans" data-panel', 'id="spans" data-late data-panel', 1)
        route.fulfill(response=answer, body=text)

    with browser.tab() as tab:
        asked: list[str] = []
        tab.page.on("request", lambda request: asked.append(request.url))
        tab.page.route(lambda url: urlsplit(url).path == "/", former)
        tab.open(PAGE)
        tab.until(lambda: tab.page.locator("#spans[data-panel]:not([data-late])").count() == 1)
        assert panels_in(asked) == ["spans"]


def test_a_panel_out_of_view_is_up_to_date_when_somebody_gets_there(browser: Chromium, log: Log) -> None:
    with browser.tab(height=600) as tab:
        tab.page.clock.install()
        tab.go(PAGE)
        tab.until(lambda: shown(tab) == log.tokens)
        go_to(tab, "spans")
        tab.page.wait_for_timeout(300)
        asked: list[str] = []
        tab.page.on("request", lambda request: asked.append(request.url))
        log.grow(model="claude-opus-4-5-20251101")
        tab.until(lambda: "spans" in panels_in(asked))
        tab.until(lambda: quiet(tab, asked))
        # Nobody sees the others.
        assert not {"models", "sessions", "tools", "coverage"} & set(panels_in(asked))
        row = tab.page.locator("#models tbody tr", has_text="claude-opus-4-5-20251101")
        assert row.count() == 0
        go_to(tab, "models")
        tab.until(lambda: row.count() == 1, 2)
        assert "sessions" not in panels_in(asked)
        # When nothing new comes in any more, the rest comes one after another, out of sight as it is.
        everything = set(tab.page.locator("section[data-panel]").evaluate_all("(all) => all.map((each) => each.id)"))
        passes(tab, lambda: set(panels_in(asked)) == everything)
        assert log.tokens in (tab.page.locator("#tools tbody").text_content() or "")
        tab.until(lambda: quiet(tab, asked), 10)
        assert len(panels_in(asked)) == len(set(panels_in(asked)))


def test_what_costs_much_is_asked_for_seldom(browser: Chromium) -> None:
    with browser.tab() as tab:
        tab.page.add_init_script(_PLAYED)
        tab.page.clock.install()
        tab.go("/?since=today&tool=codex")
        asked: list[str] = []
        tab.page.on("request", lambda request: asked.append(request.url))
        costs = {"Server-Timing": "work;dur=2000.0", "Content-Type": "text/html"}
        tab.page.route("**/panels/**", lambda route: route.fulfill(headers=costs, body="<p>"))
        tab.ask(_TELL, "x-1")
        tab.until(lambda: asked)
        tab.until(lambda: quiet(tab, asked))
        seconds = 2 * 12 * len(panels_in(asked))
        asked.clear()
        tab.ask(_TELL, "x-2")
        tab.page.clock.run_for(1_000 * (seconds - 5))
        assert asked == []
        tab.page.clock.fast_forward(6_000)
        tab.until(lambda: asked)
        tab.until(lambda: quiet(tab, asked))
        asked.clear()
        # Whoever goes to a panel does not wait for it.
        tab.ask(_TELL, "x-3")
        go_to(tab, "sessions")
        tab.until(lambda: "sessions" in panels_in(asked), 2)
        assert "limits" not in panels_in(asked)


def test_what_has_not_changed_is_not_touched(browser: Chromium, log: Log) -> None:
    with browser.tab(height=_ALL) as tab:
        tab.go(f"{PAGE}&tool=codex")
        tab.ask("window.kept = [...document.querySelectorAll('section.panel')].map((panel) => panel.innerHTML)")
        asked: list[str] = []
        tab.page.on("requestfinished", lambda request: asked.append(request.url))
        log.grow()
        tab.until(lambda: len([url for url in asked if "/panels/" in url]) >= tab.ask("kept.length"))
        assert tab.page.locator("#days.new, #models.new, #tools.new").count() == 0
        assert tab.ask(
            "['days', 'models', 'tools'].every((name) => kept.includes(document.getElementById(name).innerHTML))"
        )


_ROWS = """
async ([before, after]) => {
  const { morph } = await import("/static/morph.js");
  const table = (rows) => {
    const made = document.createElement("table");
    for (const row of rows) {
      const line = made.insertRow();
      for (const [place, text] of row.entries()) {
        if (place) line.insertCell().textContent = text;
        else line.insertCell().innerHTML = `<a href="/">${text}</a>`;
      }
    }
    return made;
  };
  const text = (of) => [...of.rows].map((row) => [...row.cells].map((cell) => cell.textContent));
  const old = document.body.appendChild(table(before));
  const lines = Object.fromEntries([...old.rows].map((row) => [row.cells[0].textContent, row]));
  const focus = old.querySelector("a");
  focus.focus();
  const changed = morph(old, table(after));
  const same = [...old.rows].filter((row) => lines[row.cells[0].textContent] === row).map((row) => row.cells[0].textContent);
  return { changed, rows: text(old), same, focus: document.activeElement === focus };
}
"""


@pytest.mark.parametrize(
    "after, same",
    [
        ([["a", "1"], ["b", "2"], ["c", "3"]], "abc"),
        ([["a", "1"], ["b", "5"], ["c", "3"]], "abc"),
        ([["new", "9"], ["a", "1"], ["b", "2"], ["c", "3"]], "abc"),
        ([["a", "7"], ["c", "3"]], "ac"),
        ([["c", "3"], ["new", "0"], ["a", "4"], ["b", "2"]], "cab"),
        ([["a", "1"], ["a", "1"], ["b", "2"]], "ab"),
    ],
    ids=["nothing", "a figure", "a row above", "a row less", "another order", "the same name twice"],
)
def test_a_row_stays_itself_wherever_it_goes(browser: Chromium, after: list[list[str]], same: str) -> None:
    before = [["a", "1"], ["b", "2"], ["c", "3"]]
    with browser.tab() as tab:
        found = tab.open("/?since=never-mind").ask(_ROWS, [before, after])
        tab.wrong = [text for text in tab.wrong if "400" not in text]
    assert found == {"changed": after != before, "rows": after, "same": list(same), "focus": True}


_SELECTED = """
async ([before, after, from, to]) => {
  const { morph } = await import("/static/morph.js");
  const made = (text) => Object.assign(document.createElement("p"), { textContent: text });
  const old = document.body.appendChild(made(before));
  getSelection().setBaseAndExtent(old.firstChild, from, old.firstChild, to);
  morph(old, made(after));
  return [old.textContent, getSelection().toString()];
}
"""


def test_what_is_selected_in_a_text_stays_so_while_it_says_that(browser: Chromium) -> None:
    with browser.tab() as tab:
        tab.open("/energy")
        for before, after, selected in (
            ("41 requests", "42 requests", "requests"),
            ("cost: $1.20", "cost: $1.33", "cost"),
            ("1 of 3 calls", "1 of 33 calls", "calls"),
            ("aa", "aaa", "aa"),
        ):
            place = before.index(selected)
            found = tab.ask(_SELECTED, [before, after, place, place + len(selected)])
            assert found == [after, selected]


def minutes(tab: Tab, holds: Callable[[], bool], step: int = 61_000) -> int:
    """Let a page's clock run ahead until something holds; return how often."""
    for passed in range(1, 6):
        tab.page.clock.fast_forward(step)
        for _ in range(20):
            if holds():
                return passed
            tab.page.wait_for_timeout(50)
    raise AssertionError(f"it did not come to hold; wrong: {tab.wrong}")


def test_the_first_log_brings_the_whole_dashboard(browser: Chromium, tmp_path: Path) -> None:
    with serving(tmp_path) as site, browser.before(site).tab() as tab:
        tab.open(PAGE)
        assert "Nothing has come in yet" in tab.text("main h2")
        assert tab.page.locator("section.panel").count() == 0
        tab.ask("window.kept = true")
        log = Log(tmp_path / ".claude" / "projects" / "growing" / "growing.jsonl")
        log.grow(3)
        tab.until(lambda: tab.page.locator("section.panel").count() == len(PANELS), 20)
        assert tab.page.locator("#start, [data-live]").count() == 0
        tab.drawn()
        assert shown(tab) == log.tokens
        # From here on it is a page like another.
        log.grow()
        tab.until(lambda: shown(tab) == log.tokens, 5)
        assert tab.ask("window.kept")


def test_a_hidden_tab_rests_and_catches_up(browser: Chromium, log: Log) -> None:
    with browser.tab(height=_ALL) as tab:
        tab.go(PAGE)
        tab.until(lambda: shown(tab) == log.tokens)
        before = log.tokens
        hide(tab, hidden=True)
        asked: list[str] = []
        tab.page.on("request", lambda request: asked.append(request.url))
        log.grow()
        with browser.tab(height=_ALL) as other:
            other.open(PAGE)
            other.until(lambda: shown(other) == log.tokens)
        tab.page.wait_for_timeout(700)
        assert (shown(tab), asked) == (before, [])
        hide(tab, hidden=False)
        tab.until(lambda: shown(tab) == log.tokens, 3)


def test_without_a_stream_it_asks_from_time_to_time(browser: Chromium, log: Log) -> None:
    with browser.tab(height=_ALL) as tab:
        streams: list[str] = []

        def refuse(route: Route) -> None:
            streams.append(route.request.url)
            route.fulfill(status=503)

        tab.page.route("**/api/v1/stream", refuse)
        tab.page.clock.install()
        tab.open(PAGE)
        tab.until(lambda: tab.text("#status") == "up to date" and streams)
        assert len(streams) == 1
        log.grow()
        passed = minutes(tab, lambda: shown(tab) == log.tokens, 11_000)
        assert 2 <= len(streams) <= 1 + passed
        tab.page.unroute("**/api/v1/stream")
        tab.page.clock.fast_forward(11_000)
        tab.page.clock.resume()
        log.grow()
        tab.until(lambda: shown(tab) == log.tokens, 3)
        tab.wrong = [text for text in tab.wrong if "503" not in text and "stream" not in text]


def test_the_head_tells_what_is_going_on(browser: Chromium) -> None:
    # What the stream says is played to the page, because an import of a size to watch takes minutes.
    told = {"files": 1, "events": 2, "importing": None, "trouble": None, "following": True}
    with browser.tab() as tab:
        tab.page.add_init_script(_PLAYED)
        tab.open("/?since=today")
        for change, text in (
            ({"importing": 0.4379}, "importing: 43 %"),
            ({"importing": 1.0}, "importing: 100 %"),
            ({"trouble": "<b>The disk is full.</b>"}, "<b>The disk is full.</b>"),
            ({"following": False}, "not following"),
            ({}, "up to date"),
        ):
            data = json.dumps({**told, **change})
            tab.ask("(data) => stream.dispatchEvent(new MessageEvent('status', { data }))", data)
            assert tab.text("#status") == text


def test_many_versions_at_once_are_one_refresh(browser: Chromium) -> None:
    with browser.tab(height=_ALL) as tab:
        tab.page.add_init_script(_PLAYED)
        tab.go("/?since=today&tool=codex")
        asked: list[str] = []
        tab.page.on("request", lambda request: asked.append(request.url))
        panels = tab.page.locator("section[data-panel]").count()
        tab.ask(f"for (let number = 1; number <= 50; number++) ({_TELL})(`x-${{number}}`)")
        # Some begin at once, and are asked for once more to bring everything up to the last.
        tab.until(lambda: len(panels_in(asked)) > panels, 20)
        tab.until(lambda: quiet(tab, asked))
        assert len(set(panels_in(asked))) == panels
        assert len(panels_in(asked)) < 2 * panels


def passes(tab: Tab, holds: Callable[[], object], seconds: int = 60) -> None:
    """Let a page's clock run, second by second, until something holds."""
    for _ in range(seconds):
        if holds():
            return
        tab.page.clock.run_for(1_000)
        tab.page.wait_for_timeout(20)
    raise AssertionError(f"it did not come to hold; wrong: {tab.wrong}")


def quiet(tab: Tab, asked: list[str]) -> bool:
    """Tell whether nothing was asked for in the last half a second."""
    number = len(asked)
    tab.page.wait_for_timeout(500)
    return len(asked) == number


def test_what_failed_is_asked_again_and_what_ages_is_renewed_each_minute(browser: Chromium, log: Log) -> None:
    with browser.tab(height=_ALL) as tab:
        tab.page.clock.install()
        tab.open(PAGE)
        tab.until(lambda: shown(tab) == log.tokens)
        tab.page.route("**/panels/days*", lambda route: route.fulfill(status=503))
        before = log.tokens
        log.grow()
        tab.until(lambda: log.tokens in tab.text("#tools tbody"))
        assert shown(tab) == before
        tab.page.unroute("**/panels/days*")
        asked: list[str] = []
        tab.page.on("requestfinished", lambda request: asked.append(request.url))
        minutes(tab, lambda: shown(tab) == log.tokens)
        # What the growing log still brings has come when nothing is asked for any more.
        tab.until(lambda: quiet(tab, asked), 10)
        asked.clear()
        minutes(tab, lambda: any("/panels/limits" in url for url in asked))
        # What holds for a quarter of an hour is left alone.
        assert "sessions" not in panels_in(asked)
        tab.wrong = [text for text in tab.wrong if "503" not in text]
