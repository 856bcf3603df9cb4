"""Where OpenCode and its relatives are looked for."""

import pytest

from tallystick.tools.opencode import KILO_CLI, MIMO_CODE, OPENCODE
from tallystick.tools.opencode.places import companions_of
from tallystick.tools.tool import DATABASE, DOCUMENT, Root, Tool

HOME = "/home/dev"
SHARE = "/home/dev/.local/share"


def places(tool: Tool, **environ: str) -> list[tuple[str, str]]:
    return [(root.path, root.form) for root in tool.roots(HOME, environ)]


@pytest.mark.parametrize(
    "tool, folder, prefix",
    [(OPENCODE, "opencode", "opencode"), (KILO_CLI, "kilo", "kilo"), (MIMO_CODE, "mimocode", "mimocode")],
)
def test_databases_and_messages_lie_below_the_place_for_data(tool: Tool, folder: str, prefix: str) -> None:
    top = f"{SHARE}/{folder}"
    assert tool.roots(HOME, {}) == [
        Root(top, (".db",), form=DATABASE, prefix=prefix, depth=0),
        Root(f"{top}/storage/message", (".json",), form=DOCUMENT, prefix="msg_", depth=1),
    ]


def test_the_place_for_data_may_be_another() -> None:
    both = places(OPENCODE, XDG_DATA_HOME="/data")
    assert both[::2] == [("/data/opencode", DATABASE), (f"{SHARE}/opencode", DATABASE)]
    assert places(OPENCODE, XDG_DATA_HOME=SHARE) == places(OPENCODE)


def test_folders_can_be_named() -> None:
    found = places(OPENCODE, OPENCODE_DATA_DIR="~/one/, /two ,", XDG_DATA_HOME="/data")
    assert found[::2] == [("/home/dev/one", DATABASE), ("/two", DATABASE)]
    assert places(KILO_CLI, KILO_DATA_DIR="/three")[0] == ("/three", DATABASE)
    assert places(KILO_CLI, OPENCODE_DATA_DIR="/three") == places(KILO_CLI)


@pytest.mark.parametrize(
    "named, folder, name",
    [
        ("/tmp/mine.sqlite", "/tmp", "mine.sqlite"),
        ("~/mine.db", "/home/dev", "mine.db"),
        ("mine.db", f"{SHARE}/opencode", "mine.db"),
        ("sub/mine.db", f"{SHARE}/opencode/sub", "mine.db"),
        ("/mine.db", "/", "mine.db"),
        (r"C:\data\mine.db", "C:/data", "mine.db"),
    ],
)
def test_one_database_can_be_named(named: str, folder: str, name: str) -> None:
    first = OPENCODE.roots(HOME, {"OPENCODE_DB": named})[0]
    assert first == Root(folder, (name,), form=DATABASE, prefix=name, depth=0)


@pytest.mark.parametrize("named", ["", " ", ":memory:"])
def test_a_database_that_is_no_file_has_no_place(named: str) -> None:
    assert places(OPENCODE, OPENCODE_DB=named) == places(OPENCODE)


def test_the_session_and_the_parts_lie_beside_a_message() -> None:
    top = f"{SHARE}/opencode/storage"
    assert companions_of(f"{top}/message/ses_a/msg_1.json") == (
        f"{top}/session/*/ses_a.json",
        f"{top}/part/msg_1/*.json",
    )
    windows = companions_of(r"C:\Users\dev\opencode\storage\message\ses_a\msg_1.json")
    assert windows[1] == "C:/Users/dev/opencode/storage/part/msg_1/*.json"


@pytest.mark.parametrize("path", [f"{SHARE}/opencode/opencode.db", "/storage/message/msg_1.json", "msg_1.json"])
def test_nothing_describes_a_database(path: str) -> None:
    assert companions_of(path) == ()
