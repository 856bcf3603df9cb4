"""Where chats lie."""

import pytest

from tallystick.tools.qwen_code.places import roots, session_of

HOME = "/home/dev"


@pytest.mark.parametrize(
    "environ, expected",
    [
        ({}, ["/home/dev/.qwen/projects", "/home/dev/.qwen/tmp"]),
        ({"QWEN_HOME": "/data/qwen/"}, ["/data/qwen/projects", "/data/qwen/tmp"]),
        ({"QWEN_RUNTIME_DIR": "~/run", "QWEN_HOME": "/x"}, ["/home/dev/run/projects", "/home/dev/run/tmp"]),
        ({"QWEN_DATA_DIR": "/a/.qwen, /b/projects,", "QWEN_HOME": "/x"}, ["/a/.qwen/projects", "/a/.qwen/tmp", "/b/projects"]),
        ({"QWEN_DATA_DIR": " ", "QWEN_HOME": ""}, ["/home/dev/.qwen/projects", "/home/dev/.qwen/tmp"]),
        ({"QWEN_DATA_DIR": "~"}, ["/home/dev/projects", "/home/dev/tmp"]),
    ],
)  # fmt: skip
def test_the_tool_s_own_variables_count(environ: dict[str, str], expected: list[str]) -> None:
    found = roots(HOME, environ)
    assert [root.path for root in found] == expected
    assert {(root.suffixes, root.within) for root in found} == {((".jsonl",), "/chats/")}


def test_a_chat_s_name_is_its_session() -> None:
    assert session_of("/x/projects/-home-dev/chats/5e55.jsonl") == "5e55"
    assert session_of("C:\\x\\chats\\5e55.jsonl") == "5e55"
