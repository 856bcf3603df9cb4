"""A real browser before a real server: pages that keep a record of whatever goes wrong on them."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, build_opener

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    Request,
    Response,
    sync_playwright,
)

from tallystick.cli.vega import Script

DRAWN_S: Final = 20.0
_PROGRAM: Final = (sys.executable, "-P", "-m", "tallystick")
_VIOLATIONS: Final = """
window.violations = [];
addEventListener("securitypolicyviolation", (event) => violations.push(`${event.violatedDirective} ${event.blockedURI}`));
"""
_UNDRAWN: Final = """
[...document.querySelectorAll("figure[data-chart]")]
  .filter((figure) => figure.dataset.drawn !== (figure.dataset.mark ?? "") && !figure.querySelector(".undrawn")).length
"""


class Site:
    """A server that runs, and its home."""

    def __init__(self, address: str, home: Path) -> None:
        self.address, self.home = address, home

    def text(self, path: str) -> str:
        """Return what an address says."""
        with build_opener(ProxyHandler({})).open(f"{self.address}{path}", timeout=30) as answer:
            return str(answer.read().decode())


def serving(home: Path, **environ: str) -> AbstractContextManager[Site]:
    """Run `tally serve` in a home, on a port that is free, for as long as it is needed."""
    return _running(("serve",), home, **environ)


def demo(home: Path) -> AbstractContextManager[Site]:
    """Run `tally demo serve` in the same way."""
    return _running(("demo", "serve"), home)


@contextmanager
def _running(command: tuple[str, ...], home: Path, **environ: str) -> Iterator[Site]:
    kept = {name: os.environ[name] for name in ("PATH", "COVERAGE_PROCESS_START", "LANG") if name in os.environ}
    keep_script(home / "data" / "cache")
    around = {**kept, "HOME": str(home), "TALLY_DATA_DIR": str(home / "data"), "TZ": "UTC", **environ}
    process = subprocess.Popen(
        [*_PROGRAM, *command, "--port", "0"],
        env=around,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        line = process.stdout.readline() if process.stdout is not None else ""
        found = re.search(r"http://\S+(?=/)", line)
        assert found, f"it did not start: {line}"
        yield Site(found[0], home)
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def keep_script(folder: Path) -> None:
    """Put the script that draws charts where a server finds it, which would take each of them seconds to make."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"vega-{version('vl-convert-python')}.js").write_bytes(_script())


@cache
def _script() -> bytes:
    with TemporaryDirectory() as folder:
        return Script(folder)().result(60)


class Tab:
    """A page on which nothing may go wrong unseen."""

    def __init__(self, page: Page, site: Site) -> None:
        """Begin to listen."""
        self.page, self.site = page, site
        self.wrong: list[str] = []
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("dialog", self._opened)
        page.on("request", self._asked)
        page.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.wrong.append(message.text)

    def _opened(self, dialog: Dialog) -> None:
        self.wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _asked(self, request: Request) -> None:
        if f"{urlsplit(request.url).scheme}://{urlsplit(request.url).netloc}" != self.site.address:
            self.wrong.append(f"asked elsewhere: {request.url}")

    def _answered(self, answer: Response) -> None:
        if answer.status >= 400:
            self.wrong.append(f"{answer.status} {answer.url}")

    def open(self, path: str = "/") -> "Tab":
        """Open an address; its scripts listen from then on, its charts may come later."""
        self.page.goto(f"{self.site.address}{path}", wait_until="domcontentloaded")
        return self

    def go(self, path: str = "/") -> "Tab":
        """Open an address, and wait until all its charts are drawn or said not to be."""
        self.open(path).drawn()
        return self

    def drawn(self) -> None:
        """Wait until all charts are drawn or said not to be."""
        self.until(lambda: self.ask(_UNDRAWN) == 0, DRAWN_S)

    def until(self, holds: Callable[[], object], seconds: float = 5.0) -> None:
        """Wait until something holds; fail when it does not in time."""
        # Playwright's own waiting for a function needs eval, which the page's policy forbids.
        end = monotonic() + seconds
        while not holds():
            assert monotonic() < end, f"it did not come to hold in {seconds} s; wrong: {self.wrong}"
            self.page.wait_for_timeout(30)

    def ask(self, expression: str, value: object = None) -> Any:  # noqa: ANN401  whatever it is
        """Return what an expression of the page's own language is."""
        return self.page.evaluate(expression, value)

    def text(self, selector: str) -> str:
        """Return what one element shows."""
        return self.page.locator(selector).inner_text()

    def faults(self) -> list[str]:
        """Return everything that went wrong so far."""
        return [*self.wrong, *(self.ask("window.violations") or [])]


class Chromium:
    """A browser whose tabs are closed with it."""

    def __init__(self, browser: Browser, site: Site) -> None:
        self._browser, self.site = browser, site

    def before(self, site: Site) -> "Chromium":
        """Return the same browser before another server: two drivers cannot run side by side."""
        return Chromium(self._browser, site)

    @contextmanager
    def tab(self, width: int = 1400, height: int = 1000, **options: Any) -> Iterator[Tab]:  # noqa: ANN401  as Playwright has them
        """Open a tab in a profile of its own; fail when anything went wrong on it."""
        context: BrowserContext = self._browser.new_context(viewport={"width": width, "height": height}, **options)
        try:
            page = context.new_page()
            page.add_init_script(_VIOLATIONS)
            tab = Tab(page, self.site)
            yield tab
            faults = tab.faults()
            assert not faults, faults
        finally:
            context.close()


@contextmanager
def chromium(site: Site) -> Iterator[Chromium]:
    """Start Chromium before a server."""
    with sync_playwright() as driver:
        # As root Chromium has no sandbox to offer.
        options = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        browser = driver.chromium.launch(executable_path=required(), args=options)
        try:
            yield Chromium(browser, site)
        finally:
            browser.close()


def required() -> str:
    """Return where Chromium is; skip where there is none, unless TALLY_REQUIRE_CHROMIUM says that there must be one."""
    path = os.environ.get("TALLY_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        assert not os.environ.get("TALLY_REQUIRE_CHROMIUM"), "TALLY_REQUIRE_CHROMIUM is set, but Chromium is missing"
        pytest.skip("no Chromium on PATH; TALLY_CHROMIUM can name one")
    return path
