"""Sessions: whose work it is, and what they are called."""

import pytest

from tallystick.tools.opencode.dialect import MIMO_CODE, OPENCODE
from tallystick.tools.opencode.session import COLUMNS, Session, Sessions, session_of, titles_of
from tallystick.tools.opencode.shape import Message, Path
from tallystick.usage.event import Context, Title


def test_a_row_becomes_a_session() -> None:
    assert len(COLUMNS) == len(Session._fields)
    row = ("ses_a", None, "/p", "T", "1.4.0", "build", None, 1_700_000_000_000, 1_700_000_001)
    assert session_of(row) == Session(
        "ses_a", "", "/p", "T", "1.4.0", "build", "", 1_700_000_000_000, 1_700_000_001_000
    )
    assert session_of(("ses_a", *[b"\x00"] * 8)) == Session("ses_a")


def known(*sessions: Session) -> Sessions:
    made = Sessions(OPENCODE)
    made.known.update((each.id, each) for each in sessions)
    return made


def test_parents_are_followed_to_the_session_that_a_person_began() -> None:
    sessions = known(Session("a"), Session("b", "a"), Session("c", "b"), Session("d", "gone"))
    assert [sessions.root(each) for each in ("a", "b", "c", "d", "unknown")] == ["a", "a", "a", "gone", "unknown"]


def test_a_circle_of_parents_ends() -> None:
    assert known(Session("a", "b"), Session("b", "a")).root("a") in ("a", "b")


def test_a_session_that_is_gone_leaves_what_the_message_says() -> None:
    message = Message(agent="build", path=Path(cwd="/p/src", root="/p"))
    assert known().context("s", message, "") == Context("opencode", "s", "/p/src")
    assert known().context("s", Message(path=Path(root="/p")), "").project == "/p"
    assert known().context("s", Message(), "main") == Context("opencode", "s")


def test_an_agent_without_any_name_is_still_one() -> None:
    assert known(Session("b", "a")).context("b", Message(), "").agent == "subagent"
    assert Sessions(MIMO_CODE).context("a", Message(agent="explore"), "worker-1") == Context(
        "mimo-code", "a", agent="explore"
    )


@pytest.mark.parametrize(
    "title", ["", " ", "New session - 2026-11-20T12:00:00.000Z", "Child session - 2026-11-20T12:00:00.000Z"]
)
def test_a_session_without_a_name_has_no_title(title: str) -> None:
    assert titles_of([Session("a", title=title)]) == []


def test_titles_are_those_of_sessions_that_a_person_began() -> None:
    sessions = [
        Session("a", title=" Mend\nthe  shop ", updated=5),
        Session("b", "a", title="Explore (@explore subagent)"),
    ]
    assert titles_of(sessions) == [Title("a", "Mend the shop", 5)]
    assert len(titles_of([Session("a", title="x" * 900)])[0].text) == 200
