"""By day: sums that were worked out by hand, divided in each way."""

import re
from collections.abc import Mapping

import pytest
import vl_convert
from tests.answers.sample import MAIN, NOW, book_of, event, ledger_of

from tallystick.answers.answers import Answers
from tallystick.faces.web.charts import specification
from tallystick.faces.web.panels.classes import CLASSES
from tallystick.faces.web.panels.days import CLASS_NAMES, DAYS, show, title
from tallystick.faces.web.panels.panel import View
from tallystick.faces.web.state import Place, State
from tallystick.ledger.memory import MemoryLedger
from tallystick.usage.event import Variant
from tallystick.usage.tokens import Tokens

BOOK = book_of()
STATE = State(Place("UTC", NOW), "all")


def shown(state: State = STATE, ledger: MemoryLedger | None = None) -> View:
    return show(Answers(ledger or ledger_of(), lambda: BOOK), state)


def of(view: View) -> dict[tuple[object, object], object]:
    return {(point["day"], point["series"]): point["value"] for point in view.points}


def test_cost_by_day_and_model() -> None:
    view = shown()
    # Three of $0.285 on Opus; $0.0063 and a search for a cent on Sonnet; $0.0049 on Codex.
    assert of(view) == {
        ("2026-11-01", "claude-opus-4-1-20250805"): 0.855,
        ("2026-11-01", "claude-sonnet-4-5-20250929"): 0.0163,
        ("2026-11-02", "gpt-5.2-codex"): 0.0049,
    }
    assert [point["rank"] for point in view.points] == [0, 1, 2]
    assert view.points[0]["whole"] == "$0.87"
    assert view.title == "Cost by day and model"


@pytest.mark.parametrize(
    "split, expected",
    [
        ("tool", {("2026-11-01", "claude-code"): 0.8713, ("2026-11-02", "codex"): 0.0049}),
        (
            "agent",
            {
                ("2026-11-01", "main line"): 0.5863,
                ("2026-11-01", "subagents"): 0.285,
                ("2026-11-02", "main line"): 0.0049,
            },
        ),
        (
            "class",
            {
                # 3 x 15 + 0.3, 3 x 75 + 3, 3 x 45, 3 x 150 + 3 thousandths of a dollar; then Codex.
                ("2026-11-01", "input"): 0.0453,
                ("2026-11-01", "cache write"): 0.228,
                ("2026-11-01", "cache read"): 0.135,
                ("2026-11-01", "output"): 0.453,
                ("2026-11-01", "web search"): 0.01,
                ("2026-11-02", "input"): 0.00175,
                ("2026-11-02", "cache read"): 0.00175,
                ("2026-11-02", "output"): 0.0014,
            },
        ),
    ],
)
def test_cost_divided_in_another_way(split: str, expected: dict[tuple[str, str], float]) -> None:
    assert of(shown(STATE._replace(split=split))) == expected


def test_tokens_by_class() -> None:
    state = STATE._replace(split="class", unit="tokens")
    assert of(shown(state)) == {
        ("2026-11-01", "input"): 3_100,
        ("2026-11-01", "cache write"): 12_500,
        ("2026-11-01", "cache read"): 90_000,
        ("2026-11-01", "output"): 6_200,
        ("2026-11-02", "input"): 1_007,
        ("2026-11-02", "cache read"): 10_000,
        ("2026-11-02", "output"): 103,
    }
    assert title(state) == "Tokens by day and token class"


def test_each_class_has_its_place_and_colour_here_and_in_the_panel_of_classes() -> None:
    # By cost, output would come first, and on the second day there is no cache write.
    view = shown(STATE._replace(split="class"))
    of_both = {(point["series"], point["rank"]) for point in view.points}
    assert of_both == {("input", 0), ("cache write", 1), ("cache read", 2), ("output", 3), ("web search", 4)}
    second = State(Place("UTC", NOW), "2026-11-02", "2026-11-02", split="class")
    found = [specification(panel, panel.show(Answers(ledger_of(), lambda: BOOK), second)) for panel in (DAYS, CLASSES)]
    colours = [each["encoding"]["color"] for each in found]
    assert colours[0]["scale"] == colours[1]["scale"] == {"domain": list(CLASS_NAMES.values())}
    # The legend names what there is.
    assert colours[0]["legend"]["values"] == colours[1]["legend"]["values"] == ["input", "cache read", "output"]
    drawn = [
        re.findall(r'aria-label="[^"]*cache read[^"]*" role="graphics-symbol"[^>]*fill="(#\w+)"', svg(each))
        for each in found
    ]
    # The third of the palette.
    assert {colour for each in drawn for colour in each} == {"#44aa99"}


def svg(found: Mapping[str, object]) -> str:
    return vl_convert.vegalite_to_svg({**found, "width": 600})


def test_a_bar_stands_in_the_middle_of_its_label_and_the_axis_spans_the_period() -> None:
    at_ = STATE._replace(since="2026-10-24", until="2026-11-22")
    text = svg(specification(DAYS, shown(at_)))
    labels = {name: float(x) for x, name in re.findall(r'translate\(([\d.]+),15\)"[^>]*>(\d+ \w{3})<', text)}
    assert next(iter(labels)) == "26 Oct"
    assert list(labels)[-1] == "22 Nov"
    (_, left, width) = max(
        (float(width), float(left), float(width))
        for left, width in re.findall(r'roledescription="bar" d="M([\d.]+),[\d.]+h([\d.]+)v', text)
    )
    assert abs(left + width / 2 - labels["1 Nov"]) < 1
    day = (labels["22 Nov"] - labels["26 Oct"]) / 27
    # A bar is a little less than its day.
    assert day - 2 < width < day


def test_the_table_has_the_newest_day_first_and_totals() -> None:
    table = shown().table
    assert [[cell.text for cell in row[:3]] for row in table.rows] == [
        ["2026-11-02", "< $0.01+", "11,110"],
        ["2026-11-01", "$0.87", "111,800"],
    ]
    assert [cell.text for cell in table.foot] == [
        "Total",
        "$0.88+",
        "122,910",
        "4,107",
        "12,500",
        "100,000",
        "6,303",
        "6",
    ]
    assert table.rows[1][1].link == "/why?since=2026-11-01&until=2026-11-01"


def test_many_models_share_the_last_colour() -> None:
    events = [
        event("2026-11-01T10:00", Variant("x", f"m{number}"), MAIN, Tokens(100 - number), work_ms=number)._replace(
            key=number
        )
        for number in range(10)
    ]
    view = shown(STATE._replace(unit="tokens"), ledger_of(events, (), (), ()))
    found = of(view)
    assert len(found) == 8
    # 93, 92 and 91.
    assert found["2026-11-01", "other"] == 276


def test_nothing_says_so() -> None:
    assert shown(ledger=MemoryLedger()).empty == "Nothing was used on these days."
