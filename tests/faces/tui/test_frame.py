"""The picture at every size: as many lines and columns as there are, and what matters on each of them."""

import pytest
from tests.faces.tui.pictures import NOW, picture, texts

from tallystick.faces.tui.draw import width_of
from tallystick.faces.tui.frame import Frame, frame, whole
from tallystick.faces.tui.state import CALLS, MACHINES, MODELS, PANELS, SESSIONS, TOOLS, Source, View

LIVE = picture()
HERE = Source("box")
SIZES = [
    (1, 1),
    (10, 3),
    (20, 5),
    (33, 8),
    (34, 9),
    (40, 12),
    (60, 24),
    (80, 24),
    (95, 50),
    (96, 20),
    (120, 36),
    (250, 80),
]


def framed(width: int, height: int, view: View | None = None) -> Frame:
    """Return the picture at a size."""
    return frame(LIVE, view or View(), HERE, (width, height), NOW)


@pytest.mark.parametrize("extent", SIZES)
@pytest.mark.parametrize("name", PANELS)
def test_it_has_the_size_of_the_terminal(extent: tuple[int, int], name: str) -> None:
    for live in (LIVE, None, LIVE._replace(sessions=[], models=[], tools=[], machines=[], calls=[], limits=[])):
        made = frame(live, View(panel=name), HERE, extent, NOW)
        assert len(made.lines) == extent[1]
        assert {width_of(line) for line in made.lines} == {extent[0]}


def test_in_120_columns_everything_is_side_by_side() -> None:
    lines = texts(framed(120, 36).lines)
    (titles,) = [line for line in lines if line.startswith(" Models")]
    assert "Tools" in titles
    assert "Machines" in titles
    said = "\n".join(lines)
    for text in ("anthropic 5 h", "47 %", "Pace", "Today", "Sessions  1 at work", "Mend the till", "Calls  the newest"):
        assert text in said
    assert "…" not in said


def test_in_60_columns_one_panel_is_shown_and_the_others_are_a_key_away() -> None:
    lines = texts(framed(60, 24).lines)
    assert " 1 Sessions 2 Models 3 Tools 4 Machines 5 Calls" in lines
    said = "\n".join(lines)
    for text in ("anthropic 5 h", "47 %", "in 2h 00m", "Pace", "Today", "blog", "Mend the till", "$0.59"):
        assert text in said
    assert "gpt-5.2-codex" not in said
    assert "gpt-5.2-codex" in "\n".join(texts(framed(60, 24, View(panel=MODELS)).lines))


def test_in_a_tiny_terminal_the_first_line_is_the_window_that_is_used_most() -> None:
    assert texts(framed(20, 2).lines) == ["47 % anthropic 5 h", "<$0.01+ today"]


def test_a_click_finds_its_row_and_its_panel() -> None:
    made = framed(120, 36)
    for name in PANELS:
        assert any(spot.panel == name and not spot.key for spot in made.spots)
    for spot in made.spots:
        if spot.panel == SESSIONS and spot.key == "s1":
            assert "Mend the till" in texts(made.lines)[spot.line]
            break
    else:
        pytest.fail("the session has no spot")
    tools = [spot for spot in made.spots if spot.panel == TOOLS and spot.key == "codex"]
    assert [texts(made.lines)[spot.line][spot.left : spot.left + 5] for spot in tools] == ["codex"]
    narrow = framed(60, 24)
    tab = next(spot for spot in narrow.spots if spot.panel == MACHINES)
    assert texts(narrow.lines)[tab.line][tab.left : tab.right] == "4 Machines"


def test_the_chosen_row_is_marked_and_always_shown() -> None:
    calls = [LIVE.calls[0]._replace(number=number) for number in range(1, 200)]
    live = LIVE._replace(calls=calls)
    for key in ("1", "100", "199"):
        made = frame(live, View(panel=CALLS, rows={CALLS: key}), HERE, (120, 30), NOW)
        marked = [line for line in made.lines if any(tone.endswith("+") for _, tone in line)]
        assert len(marked) == 1
        assert any(spot.key == key for spot in made.spots)
    # One that is gone is the first.
    gone = frame(live, View(panel=CALLS, rows={CALLS: "7000"}), HERE, (120, 30), NOW)
    assert any(spot.key == "1" for spot in gone.spots)


def test_time_goes_by_without_new_figures() -> None:
    later = frame(LIVE, View(), HERE, (120, 36), NOW + 60_000)
    said = "\n".join(texts(later.lines))
    assert "Mon 09:07" in said
    assert "in 1h 59m" in said
    assert "●  2m " in said


def test_as_text_it_has_every_panel() -> None:
    lines = texts(whole(LIVE, View(), HERE, 100))
    for title in ("Sessions", "Models", "Tools", "Machines", "Calls"):
        assert any(line.startswith(f" {title}") for line in lines)
    assert {width_of(line) for line in whole(LIVE, View(), HERE, 100)} <= set(range(101))
