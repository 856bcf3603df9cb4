"""What every panel on the shelf keeps to."""

import re

import pytest
from tests.answers.sample import NOW

from tallystick.answers.reports import REPORTS
from tallystick.cli.tree import COMMANDS
from tallystick.faces.web.panels import PANELS, SECTIONS
from tallystick.faces.web.panels.panel import Panel
from tallystick.faces.web.state import Place, State

EVERY = pytest.mark.parametrize("panel", PANELS.values(), ids=lambda panel: panel.name)
STATE = State(Place("UTC", NOW))
OTHERS = {"query", "compare", "punchcard", "calls", "year", "limits", "receivers", "events"}


def test_the_questions_come_in_the_order_in_which_a_person_asks_them() -> None:
    assert [section.title for section in SECTIONS] == [
        "Am I about to be stopped?",
        "What did it cost?",
        "What changed?",
        "Where did it go?",
        "When, and how long?",
        "Which request?",
        "How complete is this?",
    ]


def test_everything_that_was_promised_has_its_place() -> None:
    promised = (
        "limits pace spans days classes cache facts change models projects branches machines tools agents speed prices "
        "punchcard strip calendar activity time calls blocks sessions coverage unpriced"
    )
    assert set(PANELS) == set(promised.split())
    assert len(PANELS) == sum(len(section.panels) for section in SECTIONS)


@EVERY
def test_a_panel_says_what_it_is_and_where_the_same_is_to_be_had(panel: Panel) -> None:
    assert re.fullmatch("[a-z]+", panel.name)
    assert panel.title
    assert panel.about.endswith(".")
    assert panel.size in {"full", "half", "third"}
    source = panel.source(STATE)
    name = source.path.removeprefix("reports/")
    assert name in {report.name for report in REPORTS} or name in OTHERS
    assert source.command.split()[0] in COMMANDS
