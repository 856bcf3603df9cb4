"""`tally budget gate` as Claude Code runs it: a process per event, which says no, or nothing, and waits for nobody."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from tests.cli.running import PROGRAM, around, until
from tests.cli.spending import spend
from tests.cli.stage import Stage

from tallystick.cli import gate
from tallystick.cli.caps import UNKNOWN, Cap, State, path, read, write
from tallystick.cli.gate import begin, is_free, refusal
from tallystick.cli.stop import STALE_MS

NOW = 1_795_000_000_000
PROMPT = {"hook_event_name": "UserPromptSubmit", "session_id": "s1", "cwd": "/srv/shop", "prompt": "go on"}
TOOL = {**PROMPT, "hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": {"command": "ls"}}


def asked(stage: Stage, event: Any, *, state: str = "") -> "subprocess.CompletedProcess[str]":  # noqa: ANN401  whatever comes
    """Run the gate with an event."""
    told = event if isinstance(event, str) else json.dumps(event)
    words = ["--state", state] if state else []
    command = [*PROGRAM, "budget", "gate", *words]
    return subprocess.run(
        command, input=told, env=around(stage), capture_output=True, text=True, check=False, timeout=20
    )


def capped(stage: Stage, where: dict[str, tuple[str, ...]], *, age_ms: int = 0) -> str:
    """Write down that a budget is used up; return the file."""
    now = time.time_ns() // 1_000_000
    file = path(str(stage.home / "data"))
    write(file, State(now - age_ms, "box", "dev", 1, (Cap("1", where, now + 3_600_000, 0, "It is used up."),)))
    return file


def test_a_prompt_is_refused_in_the_words_of_the_tool(stage: Stage) -> None:
    capped(stage, {"project": ("shop",), "tool": ("claude-code",)})
    said = asked(stage, PROMPT)
    assert (said.returncode, said.stderr) == (0, "")
    assert json.loads(said.stdout) == {"decision": "block", "reason": "Tallystick: It is used up."}


def test_work_that_goes_on_by_itself_is_ended(stage: Stage) -> None:
    file = capped(stage, {})
    told = json.loads(asked(stage, TOOL, state=file).stdout)
    assert (told["continue"], told["stopReason"]) == (False, "Tallystick: It is used up.")
    own = told["hookSpecificOutput"]
    assert (own["hookEventName"], own["permissionDecision"]) == ("PreToolUse", "deny")


@pytest.mark.parametrize(
    "where", [{"project": ("other",)}, {"tool": ("codex",)}, {"model": ("*opus*",)}, {"user": ("eve",)}]
)
def test_whom_the_budget_is_not_about_goes_on(stage: Stage, where: dict[str, tuple[str, ...]]) -> None:
    capped(stage, where)
    said = asked(stage, PROMPT)
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")


@pytest.mark.parametrize("event", ["", "no JSON", "[]", "{}", '{"cwd": 1}', "null", "\0"])
def test_an_event_that_is_not_understood_goes_on(stage: Stage, event: str) -> None:
    capped(stage, {})
    said = asked(stage, event)
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")


@pytest.mark.parametrize("content", [b"", b"{", b"\xff" * 50, b'{"v": 1, "caps": 3}'])
def test_a_state_that_cannot_be_read_holds_nobody_up(stage: Stage, content: bytes) -> None:
    (stage.home / "data").mkdir()
    (stage.home / "data" / "budgets.json").write_bytes(content)
    # Nobody is to bring it up to date while this is looked at.
    (stage.home / "data" / "budgets.json.asked").touch()
    said = asked(stage, PROMPT)
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")


def test_a_config_that_cannot_be_read_holds_nobody_up(stage: Stage) -> None:
    stage.config.parent.mkdir(parents=True)
    stage.config.write_text("no [ TOML")
    said = asked(stage, PROMPT)
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")


def test_a_folder_that_cannot_be_written_holds_nobody_up(stage: Stage) -> None:
    (stage.home / "data").write_text("a file")
    said = asked(stage, PROMPT)
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")


def test_what_is_stale_is_gone_by_and_brought_up_to_date_behind_it(stage: Stage) -> None:
    spend(stage, 4)
    assert stage.tally("budget", "set", "project=shop", "10usd/month", "--hard").code == 0
    file = path(str(stage.home / "data"))
    before = read(file)
    assert before is not None
    write(file, before._replace(at=before.at - 31_000))
    spend(stage, 40)
    # By what is known there is room; that there is none any more is found out by whoever is asked behind it.
    assert asked(stage, PROMPT).stdout == ""
    assert until(lambda: (state := read(file)) and state.caps, 20)
    assert json.loads(asked(stage, PROMPT).stdout)["decision"] == "block"
    assert stage.tally("budget", "override", "1", "--for", "1h").code == 0
    assert asked(stage, PROMPT).stdout == ""


def test_a_ledger_that_is_broken_opens_the_gate(stage: Stage) -> None:
    spend(stage, 4)
    stage.tally("budget", "set", "1usd/month", "--hard")
    assert json.loads(asked(stage, PROMPT).stdout)["decision"] == "block"
    for name in ("ledger.db", "ledger.db-wal", "ledger.db-shm"):
        (stage.home / "data" / name).write_bytes(b"no ledger" * 1000)
    file = path(str(stage.home / "data"))
    before = read(file)
    assert before is not None
    write(file, before._replace(at=before.at - 31_000))
    asked(stage, PROMPT)
    assert until(lambda: (state := read(file)) and not state.caps, 20)
    assert asked(stage, PROMPT).stdout == ""


def test_where_nobody_brings_it_up_to_date_it_stops_nobody(stage: Stage) -> None:
    capped(stage, {}, age_ms=16 * 60_000)
    (stage.home / "data" / "budgets.json.asked").touch()
    assert asked(stage, PROMPT).stdout == ""


def test_one_is_asked_to_bring_it_up_to_date_and_not_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Any] = []
    monkeypatch.setattr(gate, "begin", lambda *given: begun.append(given))
    file = str(tmp_path / "data" / "budgets.json")
    for now in (1_000_000, 1_019_999, 1_020_000, 900_000):
        gate._refresh(file, now)
    assert len(begun) == 3
    command, environ = begun[0]
    assert command == [sys.executable, "-P", "-m", "tallystick", "budget", "refresh"]
    assert environ["TALLY_DATA_DIR"] == str(tmp_path / "data")


def test_what_is_begun_goes_on_by_itself(tmp_path: Path) -> None:
    line = "import os; print('lost'); open(os.environ['OUT'], 'w').write(str(os.getsid(0) == os.getpid()))"
    begin([sys.executable, "-c", line], {**os.environ, "OUT": str(tmp_path / "out")})
    assert until(lambda: (tmp_path / "out").exists() and (tmp_path / "out").read_text() == "True")
    os.wait()


@pytest.mark.parametrize("refuses", [False, True])
def test_nothing_heavy_is_imported_whatever_it_says(stage: Stage, *, refuses: bool) -> None:
    file = capped(stage, {"project": ("shop",)})
    if not refuses:
        write(file, read(file)._replace(caps=()))  # type: ignore[union-attr]
    line = f"import sys; from tallystick.cli import main; main(['budget', 'gate', '--state', {file!r}]); print(*sys.modules)"
    said = subprocess.run(
        [sys.executable, "-c", line], input=json.dumps(PROMPT), capture_output=True, text=True, check=True
    )
    loaded = set(said.stdout.split())
    assert "tallystick.cli.gate" in loaded
    assert ('"block"' in said.stdout) == refuses
    assert not loaded & {
        "click",
        "sqlite3",
        "subprocess",
        "tomllib",
        "datetime",
        "tallystick.settings",
        "rich",
        "json",
        "re",
        "typing",
        "tallystick.cli.caps",
    }


def test_both_mean_the_same_by_current() -> None:
    assert gate._FRESH_MS == STALE_MS


def test_only_a_file_that_plainly_says_so_is_free(tmp_path: Path) -> None:
    file = str(tmp_path / "budgets.json")
    assert not is_free(file, NOW)
    cap = Cap("1", {}, NOW + 1, 0, '"capped": 0, ')
    for state, free in (
        (State(NOW, '", "capped": 0, "', "dev", 1, ()), True),
        (State(NOW - 29_999, "box", "dev", 7, ()), True),
        (State(NOW - 30_000, "box", "dev", 7, ()), False),
        (State(NOW + 1, "box", "dev", 7, ()), False),
        (State(NOW - 10**9, "box", "dev", 0, ()), True),
        (State(NOW, "box", "dev", UNKNOWN, ()), True),
        (State(NOW - 30_000, "box", "dev", UNKNOWN, ()), False),
        (State(NOW, '"capped": 0', '"capped": 0, ', 1, (cap,)), False),
    ):
        write(file, state)
        assert is_free(file, NOW) == free
        assert read(file) == state
    for content in (
        b"",
        b"{",
        b'{"v": 2, "at": 1, "hard": 0, "capped": 0, ',
        b'{"v": 1, "at": x, "hard": 1, "capped": 0, ',
    ):
        Path(file).write_bytes(content)
        assert not is_free(file, NOW)


def test_each_event_has_its_own_words() -> None:
    assert set(refusal("UserPromptSubmit", "x")) == {"decision", "reason"}
    assert refusal("PreToolUse", "x")["continue"] is False
