"""What is said of budgets and alerts: the worst first, in as many lines as it takes, and nothing where there is none."""

from json import loads
from typing import Any

import pytest
from tests.faces.tui.pictures import NOW, picture, texts

from tallystick.answers.answer import Moment
from tallystick.answers.as_json import value
from tallystick.faces.tui import summary
from tallystick.faces.tui.draw import BAD, WARNING
from tallystick.faces.tui.notices import brief, lines, standing
from tallystick.faces.tui.state import Besides, Source

WEEK: dict[str, Any] = {
    "filter": "", "unit": "usd", "amount": 50.0, "used": 31.2, "period": "week", "share": 0.624, "state": "ok", "certain": True,
    "lifted_until": None,
}  # fmt: skip
SHOP = {**WEEK, "filter": "project=shop", "used": 20.41, "amount": 20.0, "period": "day", "share": 1.0205, "state": "over"}  # fmt: skip
CODEX = {**WEEK, "filter": "tool=codex", "unit": "tokens", "amount": 2_000_000, "used": 1_700_000, "period": "day", "share": 0.85, "state": "soft"}  # fmt: skip
SOON, THEN = (loads(value({"at": Moment(NOW + ahead)}))["at"] for ahead in (1_000, 0))
SILENT = {"level": "warning", "title": "Machine silent: laptop"}
OVER = {"level": "critical", "title": "Budget used up: project=shop"}


def test_the_worst_budgets_come_first() -> None:
    (line,) = lines(Besides((WEEK, CODEX, SHOP)), 120, NOW)
    assert texts([line])[0].rstrip() == (
        " Budgets  project=shop $20.41 of $20.00/day used up · tool=codex 1.70M of 2.00M/day 85 % · 1 more"
    )
    assert [tone for text, tone in line if text in {"used up", "85 %"}] == [BAD, WARNING]
    assert "everything $31.20+ of $50.00/week 62 %" in texts(lines(Besides(({**WEEK, "certain": False},)), 120, NOW))[0]


@pytest.mark.parametrize(
    "more, word",
    [
        ({}, "used up"),
        ({"lifted_until": SOON}, "let go"),
        ({"lifted_until": THEN}, "used up"),
        ({"state": "soft", "more": 5.0}, "let go"),
        ({"state": "soft", "used": 19.99}, "soft"),
    ],
)
def test_what_a_person_lets_be_exceeded_is_let_go(more: dict[str, Any], word: str) -> None:
    assert standing({**SHOP, **more}, NOW) == word


def test_alerts_are_counted_and_the_gravest_is_told() -> None:
    (line,) = lines(Besides(alerts=(SILENT,)), 120, NOW)
    assert texts([line])[0].rstrip() == " ! 1 alert  Machine silent: laptop"
    assert line[1][1] == WARNING
    (line,) = lines(Besides(alerts=(SILENT, OVER)), 120, NOW)
    assert texts([line])[0].rstrip() == " ! 2 alerts  Budget used up: project=shop …"
    assert line[1][1] == BAD
    assert texts(brief(Besides((SHOP,), (SILENT, OVER)))) == ["! 2 alerts"]


def test_both_share_a_line_where_there_is_room() -> None:
    both = Besides((WEEK,), (SILENT,))
    (line,) = texts(lines(both, 100, NOW))
    assert line.startswith(" Budgets  everything $31.20 of $50.00/week 62 %  ")
    assert line.endswith("! 1 alert  Machine silent: laptop")
    assert [text.split()[0] for text in texts(lines(both, 60, NOW))] == ["Budgets", "!"]
    assert all(len(text) <= 60 for text in texts(lines(both, 60, NOW)))


def test_without_any_there_is_no_line() -> None:
    assert lines(Besides(), 120, NOW) == []
    assert brief(Besides((WEEK,))) == []
    head = texts(summary.top(picture(), Source("box"), 118, 12))
    more = texts(summary.top(picture(), Source("box", besides=Besides((WEEK,))), 118, 12))
    assert [line.strip() for line in more if line not in head] == ["Budgets  everything $31.20 of $50.00/week 62 %"]


def test_nothing_in_a_name_steers_the_terminal() -> None:
    found = Besides(({**WEEK, "filter": "project=a\x1b[2J"},), ({**SILENT, "title": "\x1b]0;x"},))
    assert "\x1b" not in "".join(texts(lines(found, 200, NOW)))
