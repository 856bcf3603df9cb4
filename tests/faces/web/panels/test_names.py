"""Names are told apart, short enough for an axis, and lead only to what they are of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.answers.sample import NOW

from tallystick.faces.web.panels.names import address, called, distinct, session_address, session_cell
from tallystick.faces.web.state import Place, State

STATE = State(Place("UTC", NOW), "all")


def test_a_project_is_called_by_the_end_of_its_path() -> None:
    assert called(["/home/dev/shop", "C:\\src\\till\\", "/", ""]) == {
        "/home/dev/shop": "shop",
        "C:\\src\\till\\": "till",
        "/": "/",
        "": "",
    }


def test_projects_that_end_alike_are_told_apart() -> None:
    names = called(["/home/dev/shop", "/home/dev/tools/shop", "shop", "/home/dev/blog"])
    assert list(names.values()) == ["dev/shop", "tools/shop", "shop", "blog"]


def test_paths_that_differ_far_up_are_shown_whole() -> None:
    one, other = "/a" + "/x" * 5_000, "/b" + "/x" * 5_000
    assert called([one, other]) == {one: one, other: other}


@given(st.sets(st.text("ab/", min_size=1, max_size=9)))
def test_no_two_projects_are_called_alike_unless_their_paths_are(paths: set[str]) -> None:
    names = called(paths)
    assert set(names) == paths
    whole = {path: tuple(part for part in path.split("/") if part) or path for path in paths}
    assert len(set(names.values())) >= len(set(whole.values()))


def test_names_on_an_axis_are_short_and_differ() -> None:
    assert distinct(["", " ", "x" * 60, "y" * 10_000, "y" * 9_000]) == [
        "(no name)",
        "(no name) (2)",
        "x" * 60,
        "y" * 59 + "…",
        "y" * 59 + "… (2)",
    ]


def test_an_address_has_a_name_as_its_filter() -> None:
    assert address(STATE, "/why", {"model": "a b"}, [("a b",), ("c",)]) == "/why?since=all&model=a+b"
    pair = {"project": "/home/dev/shop", "branch": "main"}
    among = [("/home/dev/shop", "main"), ("/home/dev/shop", "fix"), ("/home/dev/blog", "main")]
    assert address(STATE, "/", pair, among) == "/?since=all&project=%2Fhome%2Fdev%2Fshop&branch=main"


def test_there_is_no_address_of_what_no_filter_is_of_alone() -> None:
    # A filter knows no upper case, `*` is anything, and a project is also found by its last part.
    assert address(STATE, "/", {"machine": "box"}, [("box",), ("Box",)]) == ""
    assert address(STATE, "/", {"machine": "b*"}, [("b*",), ("box",)]) == ""
    assert address(STATE, "/", {"project": "shop"}, [("shop",), ("/home/dev/shop",)]) == ""
    assert address(STATE, "/", {"project": "shop"}, [("shop",), ("/home/dev/blog",)]) == "/?since=all&project=shop"


def test_there_is_no_address_of_what_none_can_tell() -> None:
    for name in ("", " box", "x" * 1_001, "half a \ud800"):
        assert address(STATE, "/", {"machine": name}, [(name,)]) == ""
    assert address(STATE, "/", {"machine": "x" * 1_000}, [("x" * 1_000,)])


@pytest.mark.parametrize(
    "name, expected",
    [
        ("", ""),
        ("a/b?c#d", "/sessions/a%2Fb%3Fc%23d"),
        ("..", "/sessions/.."),
        ("\ud800x", "/sessions/%3Fx"),
        ("<é>", "/sessions/%3C%C3%A9%3E"),
    ],
)
def test_the_address_of_a_session(name: str, expected: str) -> None:
    assert session_address(name, STATE._replace(since="7d", where={"tool": ("codex",)})) == expected
    # Nor does half a character keep any other address from being made.
    assert STATE.address("/", project="\ud800x") == "/?since=all&project=%3Fx"


def test_a_session_is_shown_in_the_zone_of_the_page_and_named_by_the_beginning_of_a_long_id() -> None:
    there = State(Place("UTC", 0), timezone="Asia/Kolkata")
    long = session_cell(there, "979785cc-a17d-408a-9ad3-39e94f0f0000")
    assert (long.text, long.raw, long.title) == ("979785cc…", long.title, "979785cc-a17d-408a-9ad3-39e94f0f0000")
    assert long.link == "/sessions/979785cc-a17d-408a-9ad3-39e94f0f0000?timezone=Asia%2FKolkata"
    assert session_cell(there, "s1").text == "s1"
    nameless = session_cell(there, "")
    assert (nameless.text, nameless.raw, nameless.link) == ("(no name)", "", "")
