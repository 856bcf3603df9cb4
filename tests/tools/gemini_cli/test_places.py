"""Where chats lie, and what paths and the small files around them say."""

from hashlib import sha256

import pytest

from tallystick.tools.gemini_cli.places import Place, companions_of, place_of, project_of, roots
from tallystick.tools.tool import DOCUMENT, LINES

HOME = "/home/dev"
SESSION = "5e551011-0000-4000-8000-000000000001"
AGENT = "a9e57000-0000-4000-8000-00000000000a"


def places(**environ: str) -> list[str]:
    return list(dict.fromkeys(root.path for root in roots(HOME, environ)))


def test_the_usual_place_holds_lines_and_documents() -> None:
    lines, documents = roots(HOME, {})
    assert lines.path == documents.path == f"{HOME}/.gemini/tmp"
    assert (lines.suffixes, lines.form, lines.within) == ((".jsonl",), LINES, "/chats/")
    assert (documents.suffixes, documents.form, documents.within) == ((".json",), DOCUMENT, "/chats/")
    assert documents.prefix == "session-"


@pytest.mark.parametrize(
    "environ, expected",
    [
        ({"GEMINI_CLI_HOME": "/data/me"}, ["/data/me/.gemini/tmp"]),
        ({"GEMINI_CLI_HOME": "~/second/"}, ["/home/dev/second/.gemini/tmp"]),
        ({"GEMINI_CLI_HOME": "/data/.gemini"}, ["/data/.gemini/.gemini/tmp", "/data/.gemini/tmp"]),
        ({"GEMINI_DATA_DIR": "/a/tmp, ~/b/tmp/,,/a/tmp"}, ["/a/tmp", "/home/dev/b/tmp"]),
        ({"GEMINI_DATA_DIR": "/c/.gemini"}, ["/c/.gemini/tmp"]),
        ({"GEMINI_DATA_DIR": "/a/tmp", "GEMINI_CLI_HOME": "/data/me"}, ["/a/tmp"]),
        ({"GEMINI_DATA_DIR": " ", "GEMINI_CLI_HOME": ""}, ["/home/dev/.gemini/tmp"]),
    ],
)
def test_the_tool_s_own_variables_count(environ: dict[str, str], expected: list[str]) -> None:
    assert places(**environ) == expected


@pytest.mark.parametrize(
    "path, place",
    [
        (f"/x/tmp/shop/chats/session-2026-11-20T10-00-{SESSION[:8]}.jsonl", Place("shop", f"session-2026-11-20T10-00-{SESSION[:8]}", is_agent=False)),
        ("/x/tmp/0b1c/chats/session-a.json", Place("0b1c", "session-a", is_agent=False)),
        (f"/x/tmp/shop/chats/{SESSION}/{AGENT}.jsonl", Place("shop", SESSION, is_agent=True)),
        (f"/x/tmp/shop/chats/{SESSION}/code-reader-1x9k2f.jsonl", Place("shop", SESSION, is_agent=True, agent="code-reader")),
        ("C:\\Users\\dev\\.gemini\\tmp\\shop\\chats\\session-a.jsonl", Place("shop", "session-a", is_agent=False)),
        ("a.jsonl", Place("", "a", is_agent=False)),
    ],
)  # fmt: skip
def test_a_path_tells_project_session_and_agent(path: str, place: Place) -> None:
    assert place_of(path) == place


def test_the_files_that_name_the_project_lie_beside_and_above() -> None:
    expected = ("/x/.gemini/tmp/shop/.project_root", "/x/.gemini/projects.json")
    assert companions_of("/x/.gemini/tmp/shop/chats/session-a.jsonl") == expected
    assert companions_of(f"/x/.gemini/tmp/shop/chats/{SESSION}/{AGENT}.jsonl") == expected
    assert companions_of("/x/a.jsonl") == ()


def test_a_folder_s_own_mark_comes_first_then_the_list_then_the_hash() -> None:
    mark = {"/x/tmp/shop/.project_root": "/home/dev/shop\n"}
    listed = {"/x/projects.json": {"projects": {"/home/dev/front": "shop", "/home/dev/back": "back"}}}
    digest = sha256(b"/home/dev/back").hexdigest()
    assert project_of("shop", mark | listed) == "/home/dev/shop"
    assert project_of("shop", listed) == "/home/dev/front"
    assert project_of(digest, listed) == "/home/dev/back"
    assert project_of("other", listed) == "other"
    assert project_of(digest, {}) == digest


@pytest.mark.parametrize("content", [None, 5, "", [], {}, {"projects": 5}, {"projects": {"a": 1}}, {"projects": None}])
def test_what_is_no_list_of_projects_says_nothing(content: object) -> None:
    companions = {"/x/projects.json": content, "/x/tmp/shop/.project_root": {} if content == "" else content and ""}
    assert project_of("shop", companions) == "shop"
