"""Pages beside the dashboard that stay open: they keep up with the ledger too, and nothing moves under who reads them."""

import pytest
from tests.faces.web.chromium import Chromium
from tests.faces.web.growing import DAY, SESSION, Log, hide

DAYS = f"since={DAY}&until={DAY}&session={SESSION}"
SHOWN = {
    f"/sessions/{SESSION}": "document.querySelectorAll('.card .figure')[1].title",
    f"/events?{DAYS}&order=asc": "document.querySelectorAll('tbody tr').length * 30 + ''",
    f"/why?{DAYS}": "document.querySelectorAll('.card .figure')[1].title",
    f"/energy?{DAYS}": "parseInt(document.querySelectorAll('.card')[2].innerText.split('\\n').at(-1)) * 30 + ''",
}
"""What tells on a page how many tokens it is about, an answer being of thirty."""
KEEP = """
(selector) => {
  const words = document.querySelector(selector).firstChild;
  getSelection().setBaseAndExtent(words, 1, words, 4);
  const link = document.querySelector("main details.ways a");
  link.closest("details").open = true;
  link.focus({ preventScroll: true });
  scrollTo(0, 150);
  window.kept = { link, y: scrollY, selected: getSelection().toString(), main: document.querySelector("main") };
}
"""
HELD = """
[document.activeElement === kept.link, kept.link.isConnected, kept.link.closest("details").open, scrollY === kept.y,
  getSelection().toString() === kept.selected && kept.selected.length === 3, document.querySelector("main") === kept.main]
"""
FIRST_ROWS = "[...document.querySelectorAll('tbody tr')].map((row) => row.cells[0].textContent)"
TOP = "(number) => [...document.querySelectorAll('tbody tr')].find((row) => row.cells[0].textContent === number).getBoundingClientRect().top"


@pytest.mark.parametrize("path", SHOWN)
def test_what_is_new_shows_and_nothing_else_moves(browser: Chromium, log: Log, path: str) -> None:
    with browser.tab(height=400) as tab:
        # More than one page of events is another test's.
        assert log.answers < 50
        tab.go(path)
        assert tab.ask(SHOWN[path]).replace(",", "") == log.tokens.replace(",", "")
        tab.ask(KEEP, "h1 bdi" if "sessions" in path else "h1")
        assert tab.ask("kept.y") > 100
        log.grow()
        tab.until(lambda: tab.ask(SHOWN[path]).replace(",", "") == log.tokens.replace(",", ""))
        assert tab.ask(HELD) == [True] * 6


def test_a_hidden_page_rests_and_catches_up(browser: Chromium, log: Log) -> None:
    path = f"/sessions/{SESSION}"
    with browser.tab() as tab:
        tab.go(path)
        before = tab.ask(SHOWN[path])
        hide(tab, hidden=True)
        asked: list[str] = []
        tab.page.on("request", lambda request: asked.append(request.url))
        log.grow()
        with browser.tab() as other:
            other.open(path)
            other.until(lambda: other.ask(SHOWN[path]) == log.tokens)
        assert (tab.ask(SHOWN[path]), asked) == (before, [])
        hide(tab, hidden=False)
        tab.until(lambda: tab.ask(SHOWN[path]) == log.tokens, 3)


def test_the_chart_of_a_session_is_drawn_anew(browser: Chromium, log: Log) -> None:
    with browser.tab(height=2_000) as tab:
        tab.go(f"/sessions/{SESSION}")
        tab.ask("window.kept = document.querySelector('#running svg:not(.room)')")
        log.grow()
        tab.until(lambda: not tab.ask("kept.isConnected"))
        tab.drawn()
        assert tab.page.locator("#running .drawing").count() == 1


def test_new_events_come_in_above_and_the_row_that_is_read_stays_where_it_is(browser: Chromium, log: Log) -> None:
    with browser.tab(height=600) as tab:
        tab.go(f"/events?{DAYS}")
        (top, *_, read) = tab.ask(FIRST_ROWS)[:25]
        tab.ask("(number) => scrollBy(0, (" + TOP + ")(number) - 300)", read)
        tab.until(lambda: abs(tab.ask(TOP, read) - 300) < 2)
        log.grow(2)
        tab.until(lambda: tab.ask(FIRST_ROWS)[2] == top)
        tab.until(lambda: abs(tab.ask(TOP, read) - 300) < 2)


def test_an_old_page_of_events_stays_and_tells_how_many_are_new(browser: Chromium, log: Log) -> None:
    log.grow(70 - log.answers)
    with browser.tab(height=500) as tab:
        tab.open(f"/events?{DAYS}")
        tab.until(lambda: tab.page.locator("a[rel=next]").count() == 1)
        tab.page.locator("a[rel=next]").click()
        tab.page.wait_for_url("**after=**", wait_until="domcontentloaded")
        assert tab.page.locator("#news a").count() == 0
        rows = tab.ask(FIRST_ROWS)
        assert len(rows) == 20
        tab.ask("scrollTo(0, 200)")
        log.grow(3)
        link = tab.page.locator("#news a")
        tab.until(lambda: link.count() == 1 and link.inner_text() == "3 new events")
        log.grow()
        tab.until(lambda: link.inner_text() == "4 new events")
        # It is in sight, and nothing has made room for it.
        box = link.bounding_box()
        assert box
        assert 0 <= box["y"] < 500
        assert (tab.ask(FIRST_ROWS), tab.ask("scrollY")) == (rows, 200)
        link.click()
        tab.page.wait_for_url(lambda url: "after=" not in url, wait_until="domcontentloaded")
        # Four more rows than before are beyond the first fifty.
        tab.page.locator("a[rel=next]").click()
        tab.page.wait_for_url("**after=**", wait_until="domcontentloaded")
        assert tab.ask(FIRST_ROWS)[4:] == rows
