"""The first page: whole without a script, right in its figures, and safe whatever is called what."""

from html.parser import HTMLParser

from tests.answers.sample import asked, book_of, ledger_of

from tallystick.answers.answer import Figures, Row
from tallystick.answers.answers import Answers
from tallystick.answers.desk import Status
from tallystick.answers.overview import Overview, overview
from tallystick.answers.reports.times import DAILY
from tallystick.faces.web.pages import page
from tallystick.ledger.memory import MemoryLedger
from tallystick.usage.period import Zone

NOW = 1_793_577_600_000
"""1 November 2026, midnight at its end, UTC."""
BOOK = book_of()
HOSTILE = "</script><img src=x onerror=alert(1)>\u202e" + "x" * 10_000


class Seen(HTMLParser):
    """The tags of a page, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def sample() -> Overview:
    return overview(ledger_of(), BOOK, Zone("UTC"), NOW - 1)


def test_its_figures_are_those_of_the_reports() -> None:
    seen = Seen(page(sample(), Status(), "1.2"))
    daily = Answers(ledger_of(), lambda: BOOK).ask(asked(DAILY))
    tokens = sum(row.figures.total for row in daily.rows if row.keys[0] == "2026-11-01")
    assert tokens
    assert f"{tokens:,} tokens" in seen.text
    assert seen.tags.count("tr") >= 31
    assert "Tallystick 1.2" in seen.text
    assert "Days in UTC" in seen.text


def test_nothing_in_it_is_a_script_or_a_style_of_its_own() -> None:
    seen = Seen(page(sample(), Status(), "1"))
    assert not {"script", "style", "iframe", "img"} & set(seen.tags)
    assert "style" not in seen.attributes
    assert not any(name.startswith("on") for name in seen.attributes)


def test_hostile_names_are_text() -> None:
    names = [Row((HOSTILE,), Figures(requests=1, input=5, unpriced_tokens=5))]
    seen = Seen(page(sample()._replace(projects=names, models=names), Status(trouble=HOSTILE), "1"))
    assert "img" not in seen.tags
    assert "script" not in seen.tags
    assert seen.text.count(HOSTILE) == 3
    assert "no price" in seen.text


def test_an_empty_ledger_says_what_to_do() -> None:
    seen = Seen(page(overview(MemoryLedger(), BOOK, Zone("Europe/Berlin"), NOW), Status(), "1"))
    assert "Nothing yet" in seen.text
    assert "tally doctor" in seen.text
    assert "table" not in seen.tags


def test_an_import_and_a_trouble_are_told() -> None:
    text = Seen(page(sample(), Status(importing=0.437, trouble="The disk is full."), "1")).text
    assert "importing: 43 %" in text
    assert "The disk is full." in text
