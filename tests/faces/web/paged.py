"""A real server with all pages before a ledger of one's own, and what a test reads off a page."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

from tests.answers.sample import NOW
from tests.answers.stand import answers, fill
from tests.faces.http.live import SITE, Live, serving
from tests.faces.web.world import HOSTILE, hostile

from tallystick.answers.answer import Details, Moment
from tallystick.answers.beside import Beside
from tallystick.answers.budgets import Budget
from tallystick.answers.desk import Desk
from tallystick.errors import Unavailable
from tallystick.faces.http.routes import alerts, budgets
from tallystick.faces.web.pages import router
from tallystick.ledger.ledger import Batch
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.usage.event import UsageEvent

BUDGETS: Final = (
    Budget("1", {}, 10**12, "usd", "month", "UTC", 0.8, hard=False),
    Budget("2", {"tool": ("codex",)}, 1_000_000, "tokens", "week", "UTC", 0.8, hard=True),
)
ALERTS: Final[Details] = {
    "schema": "tallystick.alerts/1",
    "now": Moment(NOW),
    "open": [
        {
            "id": 2,
            "rule": "budget",
            "key": "budget:1:over",
            "level": "critical",
            "title": "Budget used up: everything",
            "text": "All of it.",
            "facts": {},
            "began": Moment(NOW - 3_600_000),
            "ended": None,
            "why": None,
            "told": [],
        }
    ],
    "past": [],
    "muted": [],
    "rules": [],
    "to": [],
}
BESIDE: Final = Beside(lambda: (BUDGETS, ()), lambda _, __: ALERTS)


def no_script() -> "Future[bytes]":
    """Return that nothing draws charts here: what does is made by the server's own process."""
    future: Future[bytes] = Future()
    future.set_exception(Unavailable("Charts are drawn elsewhere."))
    return future


@contextmanager
def paged(
    folder: Path,
    events: Sequence[UsageEvent] = (),
    batches: Sequence[Batch] = (),
    *,
    full: bool = True,
    energy: bool = False,
) -> Iterator[Live]:
    """Serve the pages for as long as they are needed: before the sample's events, unless not `full`, and others."""
    ledger = folder / "ledger.db"
    if events:
        fill(ledger, events)
    if batches:
        opened = SqliteLedger(str(ledger), write=True)
        opened.add(batches)
        opened.close()
    site = SITE._replace(energy=energy, beside=BESIDE)
    desk = Desk(lambda: answers(ledger), 2)
    told = [budgets.router(desk, site.now, BESIDE.budgets), alerts.router(lambda _: ALERTS)]
    try:
        with serving(folder, site, [router(desk, site, no_script), *told], full=full) as made:
            yield made
    finally:
        desk.close()


@contextmanager
def hostile_pages(folder: Path, *, energy: bool = False) -> Iterator[Live]:
    """Serve the pages before a ledger in which everything has a hostile name."""
    with paged(folder, batches=hostile(HOSTILE), full=False, energy=energy) as made:
        yield made


class Read(HTMLParser):
    """What a page holds: its tags, attributes and text, its tables as rows of texts, and its links."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.addresses: list[tuple[str, str]] = []
        """Everything that leads somewhere or is fetched, with its tag."""
        self.links: dict[str, str] = {}
        """Addresses by the text that leads there; of several the last."""
        self.tables: list[list[list[str]]] = []
        self.text = ""
        self._cell: list[str] | None = None
        self._link = ""
        self._of: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self.addresses += [(tag, value or "") for name, value in attrs if name in {"href", "src", "action"}]
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in {"th", "td"}:
            self._cell = []
        elif tag == "a":
            self._link, self._of = dict(attrs).get("href") or "", []

    def handle_endtag(self, tag: str) -> None:
        if tag in {"th", "td"} and self._cell is not None:
            self.tables[-1][-1].append("".join(self._cell).strip())
            self._cell = None
        elif tag == "a":
            self.links["".join(self._of).strip()] = self._link

    def handle_data(self, data: str) -> None:
        self.text += data
        self._of.append(data)
        if self._cell is not None:
            self._cell.append(data)

    def unsafe(self) -> list[object]:
        """Return everything that no page may hold: foreign addresses, scripts, styles and pictures that are not its own."""
        found: list[object] = [
            (tag, address)
            for tag, address in self.addresses
            if not address.startswith(("/", "#")) or address[:2] == "//"
        ]
        found += [name for name, _ in self.attributes if name.startswith("on") or name in {"style", "srcdoc"}]
        found += [tag for tag in self.tags if tag in {"style", "iframe", "object", "base"}]
        counts = {tag: self.tags.count(tag) for tag in ("script", "img")}
        return [*found, *([counts] if counts not in ({"script": 2, "img": 1}, {"script": 1, "img": 1}) else [])]
