"""Tools, receivers and limits over HTTP."""

from tests.faces.http.live import Live


def test_what_came_in_is_told_by_tool(live: Live) -> None:
    tools = {each["tool"]: each for each in live.get("/receivers").json()["tools"]}
    assert (tools["claude-code"]["events"], tools["claude-code"]["skipped"]) == (4, 1)
    held = {each["tool"]: each for each in live.get("/tools").json()["tools"]}
    assert held["codex"]["events"] == 2


def test_windows_tell_whether_they_are_over(live: Live) -> None:
    told = {each["name"]: each for each in live.get("/limits").json()["windows"]}
    assert (told["codex:300"]["used_percent"], told["codex:300"]["over"]) == (66.5, True)
    assert told["codex:10080"]["over"] is False


def test_they_take_no_parameters(live: Live) -> None:
    for path in ("/receivers", "/tools", "/limits"):
        assert live.get(f"{path}?since=7d").status_code == 400
