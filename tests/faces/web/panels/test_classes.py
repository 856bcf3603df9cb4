"""Classes of tokens as tokens and as money, and caches by day."""

import re

import vl_convert
from tests.answers.sample import MAIN, NOW, OPUS, THOUSAND, book_of, event, ledger_of

from tallystick.answers.answers import Answers
from tallystick.faces.web.charts import specification
from tallystick.faces.web.panels.classes import CACHE, cache, classes
from tallystick.faces.web.state import Place, State
from tallystick.ledger.memory import MemoryLedger

BOOK = book_of()
STATE = State(Place("UTC", NOW), "all")


def test_each_class_has_its_part_of_the_tokens_and_of_the_cost() -> None:
    view = classes(Answers(ledger_of(), lambda: BOOK), STATE)
    found = {(point["of"], point["class"]): point["share"] for point in view.points}
    assert found["tokens", "cache read"] == 100_000 / 122_910
    # $0.135 and $0.00175 of $0.8762.
    assert found["cost", "cache read"] == 0.13675 / 0.8762
    assert sum(share for (of, _), share in found.items() if of == "cost" and isinstance(share, float)) == 1
    rows = {row[0].text: [cell.text for cell in row[1:]] for row in view.table.rows}
    assert rows["cache read"] == ["100,000", "81.3 %", "$0.14", "15.6 %"]
    assert rows["of which reasoning"][0] == "60"
    links = {row[0].text: [cell.link for cell in row] for row in view.table.rows}
    assert links["cache read"] == ["", "/why?since=all", "", "/why?since=all", ""]
    # A search is no tokens, but costs.
    assert links["web search"] == ["", "", "", "/why?since=all", ""]
    assert [cell.text for cell in view.table.foot][:4] == ["Total", "122,910", "", "$0.88+"]


def test_caches_by_day() -> None:
    view = cache(Answers(ledger_of(), lambda: BOOK), STATE)
    assert [(point["day"], point["share"]) for point in view.points] == [
        ("2026-11-01", 90_000 / 105_600 * 100),
        ("2026-11-02", 10_000 / 11_007 * 100),
    ]
    # (3 x 390 - 1.5 + 15.75) thousandths of a dollar.
    assert view.note == (
        "85.7 % of all prompt tokens came from caches, which saved $1.18 against the same work without any."
    )
    assert [cell.text for cell in view.table.rows[-1]] == ["2026-11-01", "85.2 %", "90,000", "12,500", "3,100", "$1.17"]
    day, total = "/why?since=2026-11-01&until=2026-11-01", "/why?since=all"
    assert [cell.link for cell in view.table.rows[-1]][2:] == [day, day, day, ""]
    assert [cell.link for cell in view.table.foot][2:] == [total, total, total, ""]
    assert view.table.foot[0].text == "Total"
    # Nothing was written on the second day.
    assert view.table.rows[0][3].link == ""


def test_a_line_breaks_where_days_are_missing() -> None:
    events = [event(f"2026-11-{day:02}T10:00", OPUS, MAIN, THOUSAND) for day in (1, 2, 6)]
    view = cache(Answers(ledger_of(events, (), (), ()), lambda: BOOK), STATE)
    # 30 000 of 35 000.
    assert [(point["day"], point["share"]) for point in view.points] == [
        ("2026-11-01", 30 / 35 * 100),
        ("2026-11-02", 30 / 35 * 100),
        ("2026-11-05", None),
        ("2026-11-06", 30 / 35 * 100),
    ]
    text = vl_convert.vegalite_to_svg({**specification(CACHE, view), "width": 600})
    (line,) = re.findall(r'role="graphics-symbol" aria-roledescription="line mark" d="([^"]*)"', text)
    # Two strokes begin: from the 1st to the 2nd, and on the 6th.
    assert line.count("M") == 2


def test_nothing_says_so() -> None:
    answers = Answers(MemoryLedger(), lambda: BOOK)
    assert classes(answers, STATE).empty
    assert cache(answers, STATE).empty
