"""Opening rows: each leads to its page, and the command line that says the same gives the same figures."""

import pytest
from tests.faces.tui.pictures import answers, picture, texts

from tallystick.errors import NotFound
from tallystick.faces.tui import opening
from tallystick.faces.tui.opening import Page
from tallystick.faces.tui.state import CALLS, MACHINES, MODELS, SESSIONS, TOOLS

LIVE = picture()


def said(page: Page) -> str:
    """Return what a page says."""
    return "\n".join(texts(page.lines(100)))


def test_a_session_opens_as_its_timeline_and_a_call_with_its_witnesses() -> None:
    assert "Mend the till" in said(opening.opened(LIVE, SESSIONS, "s1")(answers()))
    call = LIVE.calls[1]
    assert "11.0k in" in said(opening.opened(LIVE, CALLS, str(call.number))(answers()))


@pytest.mark.parametrize(
    "panel, key, total",
    [
        (MODELS, "gpt-5.2-codex", "11.1k tokens  1 call"),
        (TOOLS, "codex", "11.1k tokens  2 calls"),
        (MACHINES, "box", "11.1k tokens  2 calls"),
        (SESSIONS, "s1", "74.8k tokens  3 calls"),
    ],
)
def test_why_a_row_is_what_it_is(panel: str, key: str, total: str) -> None:
    page = opening.explained(LIVE, panel, key)(answers())
    assert total in said(page)
    if panel != SESSIONS:
        assert said(opening.opened(LIVE, panel, key)(answers())) == said(page)


def test_why_a_call_cost_what_it_did_is_of_that_call_only() -> None:
    call = LIVE.calls[1]
    page = opening.explained(LIVE, CALLS, str(call.number))(answers())
    assert "<$0.01  11.1k tokens  1 call" in said(page)


def test_filters_stay_and_the_command_can_be_copied() -> None:
    live = LIVE._replace(question=LIVE.question._replace(where={"tool": ("codex",)}))
    asked, title = opening.about(live, MODELS, "gpt,5*")
    assert (title, asked.where) == ("gpt,5* today", {"tool": ("codex",), "model": ("gpt,5*",)})
    assert opening.said(asked) == (
        "tally why --since=2026-11-02 --until=2026-11-02 --timezone=UTC --tool=codex '--model=gpt\\,5*'"
    )


def test_a_page_scrolls_within_its_lines() -> None:
    page = Page("Title", lambda _: [((str(number), ""),) for number in range(50)], top=1000).within(40, 13)
    assert page.top == 40
    lines = texts(page.drawn(40, 13))
    assert lines[0].startswith(" Title ─")
    assert lines[2:12] == [f"  {number}" for number in range(40, 50)]
    assert "35 lines more" in texts(page._replace(top=5).drawn(40, 13))[-1]
    assert page._replace(top=-7).within(40, 13).top == 0
    for height in range(1, 6):
        assert len(page.drawn(10, height)) == height


def test_other_pages_say_what_they_are() -> None:
    assert said(opening.waiting()) == "Asking …"
    assert said(opening.refused(NotFound("There is\x1b none."))) == "There is� none."
    assert "Looking around" in said(opening.help_page())
    with pytest.raises(NotFound):
        opening.opened(LIVE, SESSIONS, "nobody")(answers())
