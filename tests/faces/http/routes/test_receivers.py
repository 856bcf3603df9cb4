"""Tools, receivers and limits over HTTP."""

from tests.faces.http.live import Live


def test_what_came_in_is_told_by_tool(live: Live) -> None:
    tools = {each["tool"]: each for each in live.get("/receivers").json()["tools"]}
    assert (tools["claude-code"]["events"], tools["claude-code"]["skipped"]) == (4, 1)
    held = {each["tool"]: each for each in live.get("/tools").json()["tools"]}
    assert held["codex"]["events"] == 2


def test_windows_tell_whether_they_are_over(live: Live) -> None:
    told = {each["name"]: each for each in live.get("/limits").json()["windows"]}
    assert (told["codex:300"]["used_percent"], told["codex:300"]["over"]) == (None, True)
    assert told["codex:10080"]["over"] is False


def test_what_was_said_of_a_window_is_told_in_its_order(live: Live) -> None:
    told = live.get("/limits/history?provider=openai&name=codex:300&since=2026-11-20").json()["samples"]
    assert [(each["time"], each["used_percent"]) for each in told] == [
        ("2026-11-21T22:00:00.000Z", 40.0),
        ("2026-11-22T01:00:00.000Z", 66.5),
    ]
    told = live.get("/limits/history?since=2026-11-22T00:30&until=2026-11-22T01:01").json()["samples"]
    assert sorted(each["name"] for each in told) == ["codex:10080", "codex:300"]
    assert live.get("/limits/history?provider=nobody").json()["samples"] == []
    assert live.get("/limits/history?account=a").status_code == 400


def test_what_a_session_used_is_told_of_sessions_that_there_are(live: Live) -> None:
    assert live.get("/limits/points?session=s1").json()["session"] == "s1"
    assert live.get("/limits/points?session=nobody").status_code == 404


def test_they_take_no_parameters(live: Live) -> None:
    for path in ("/receivers", "/tools", "/limits"):
        assert live.get(f"{path}?since=7d").status_code == 400
