"""`tally alert` on a real ledger, to real places."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.alerts.places import answers, hangs, place
from tests.cli.running import PROGRAM, around
from tests.cli.stage import Stage

from tallystick.answers.desk import Desk
from tallystick.cli import alert, alerting, entrance
from tallystick.intake.inbox import append


@pytest.fixture
def told(stage: Stage) -> Path:
    """Return the file to which a program of the config adds each alert."""
    file = stage.home / "told"
    stage.say(program(file))
    return file


def program(file: Path, more: str = "") -> str:
    """Return a config by which alerts go to a file."""
    run = [sys.executable, "-c", "import sys; open(sys.argv[1], 'a').write(sys.stdin.read())", str(file)]
    return f'[alerts]\nunpriced = {{ tokens = 50 }}\n{more}[[alerts.to]]\nkind = "command"\nname = "file"\nrun = {json.dumps(run)}\n'


def lines(file: Path) -> list[dict[str, object]]:
    """Return the alerts in the file."""
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def test_a_check_tells_what_is_new_once(stage: Stage, told: Path) -> None:
    stage.answers(2, "house-model-9")
    first = stage.tally("alert", "check")
    assert first.code == 0
    assert first.out.startswith("warning  No price is known for house-model-9  60 tokens of it are in no cost")
    for _ in range(2):
        assert stage.tally("alert", "check").out == first.out
    (alert,) = lines(told)
    assert (alert["rule"], alert["test"], alert["facts"]) == ("unpriced", False, {"model": "house-model-9", "tokens": 60})  # fmt: skip
    found = json.loads(stage.tally("alert", "log", "--json").out)
    assert [each["key"] for each in found["open"]] == ["unpriced:house-model-9"]
    assert [each["state"] for each in found["open"][0]["told"]] == ["told"]
    log = stage.tally("alert", "log").out
    assert "No price is known for house-model-9" in log
    assert "    file: told 20" in log
    assert "unpriced:house-model-9" in stage.tally("alert", "list").out


def test_a_budget_that_is_used_up_is_told(stage: Stage, told: Path) -> None:
    from datetime import UTC, datetime

    stage.answers(1)
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    stage.log.write_text(stage.log.read_text().replace("2026-11-01T10:00:00", f"{today}T00:00:00"))
    assert stage.tally("budget", "set", "project=p", "30 tokens/day", "--hard").code == 0
    assert stage.tally("alert", "check").code == 0
    (alert,) = lines(told)
    assert (alert["level"], alert["title"]) == ("critical", "Budget used up: project=p")


def spend(stage: Stage, usd: int) -> None:
    """Have so many dollars spent today, by output at 75 dollars a million tokens."""
    from datetime import UTC, datetime

    before = stage.log.read_text() if stage.log.exists() else ""
    stage.answers(1)
    line = stage.log.read_text()[len(before) :].replace("2026-11-01T10:00:00", f"{datetime.now(UTC):%Y-%m-%d}T00:00:00")
    line = line.replace('"input_tokens": 10', '"input_tokens": 0').replace("msg_", f"msg_{usd}_")
    stage.log.write_text(before + line.replace('"output_tokens": 20', f'"output_tokens": {usd * 1_000_000 // 75}'))


def test_what_a_person_allowed_besides_is_no_alert(stage: Stage, told: Path) -> None:
    # A dollar is 13333 tokens and a third: 51 dollars are 680000 tokens, and 21 more 280000.
    spend(stage, 51)
    assert stage.tally("budget", "set", "50usd/month", "--hard").code == 0
    assert stage.tally("budget", "override", "1", "--more", "20usd").code == 0
    assert stage.tally("alert", "check").code == 0
    # It is 73 % of what is allowed.
    assert lines(told) == []
    chosen, log = entrance.settings(), list[str]()
    desk = Desk(lambda: entrance.answers(entrance.house(chosen)), 1)
    try:
        assert alerting.Alerting(chosen, alerting.chosen_alerts(chosen), desk, log.append).look() == []
    finally:
        desk.close()
    spend(stage, 21)
    assert stage.tally("alert", "check").code == 0
    (alert,) = lines(told)
    assert (alert["level"], str(alert["text"])[:49]) == (
        "critical",
        "$72.00 of $70.00 for this month are used (103%). ",
    )


def say_used(stage: Stage, percent: float, minutes: float, now: int = 0) -> None:
    """Have a status line been told some minutes ago how much of a window is used that is reset in an hour."""
    now = now or entrance.now()
    told = {"rate_limits": {"five_hour": {"used_percentage": percent, "resets_at": now // 1000 + 3_600}}}
    line = json.dumps({"v": 1, "time": now - int(minutes * 60_000), "told": told})
    assert append(str(stage.home / "data" / "inbox" / "limits"), [line], now)


def test_a_window_that_will_run_out_is_told_by_one_check_where_that_was_foretold_some_minutes_before(
    stage: Stage, told: Path
) -> None:
    # A point and a half a minute, and one is left for an hour.
    now = entrance.now()
    for minutes in range(60, 5, -1):
        say_used(stage, 108 - 1.5 * minutes, minutes, now)
    said = stage.tally("alert", "check")
    assert said.out.startswith(
        "warning  anthropic five_hour: will run out before its reset  99 % are used; it is expected"
    )
    assert "not told yet" not in said.err
    (alert,) = lines(told)
    assert (alert["level"], alert["rule"]) == ("warning", "window")


def test_what_nobody_could_foretell_some_minutes_before_is_left_to_the_next_check(stage: Stage, told: Path) -> None:
    # The same is so, but told by nobody until four minutes ago.
    now = entrance.now()
    for tenths in range(40, 0, -1):
        say_used(stage, 99.5 - 1.5 * tenths, tenths / 10, now)
    said = stage.tally("alert", "check")
    assert (said.out, lines(told)) == ("", [])
    assert "will run out before its reset (warning): not told yet" in said.err


def test_a_window_that_is_used_up_for_some_minutes_is_told_by_one_check(stage: Stage, told: Path) -> None:
    say_used(stage, 100, 5)
    said = stage.tally("alert", "check")
    assert said.out.startswith("critical  anthropic five_hour: used up  100 % are used; it is reset at ")
    (alert,) = lines(told)
    assert (alert["level"], alert["rule"]) == ("critical", "window")


def test_names_of_windows_steer_no_terminal(stage: Stage, told: Path) -> None:
    now = entrance.now()
    name = "five_hour\x1b[31m\x07\u202e\nx"
    window = {"rate_limits": {name: {"used_percentage": 100, "resets_at": now // 1000 + 3_600}}}
    line = json.dumps({"v": 1, "time": now - 300_000, "told": window})
    assert append(str(stage.home / "data" / "inbox" / "limits"), [line], now)
    for command in ("check", "list", "log"):
        said = stage.tally("alert", command)
        assert "five_hour\ufffd[31m\ufffd\ufffd x" in said.out
        assert all(each.isprintable() for each in (said.out + said.err).splitlines())
    # A program gets the name as it is.
    (alert,) = lines(told)
    assert alert["facts"]["window"] == name  # type: ignore[index]  # an object


def test_what_one_check_does_not_tell_yet_it_says(stage: Stage, told: Path) -> None:
    say_used(stage, 100, 1)
    said = stage.tally("alert", "check")
    assert (said.code, said.out) == (0, "")
    assert "anthropic five_hour: used up (critical): not told yet, until a later look finds it, too." in said.err
    assert lines(told) == []


def test_a_test_goes_everywhere_at_once_and_says_what_happened(stage: Stage, told: Path) -> None:
    with place(answers(500)) as failing, place(hangs) as hung:
        webhooks = "".join(
            f'[[alerts.to]]\nkind = "webhook"\nname = "{name}"\nurl = "{at.url}/hunter2"\ntimeout = 0.5\n'
            for name, at in (("bad", failing), ("slow", hung))
        )
        stage.say(program(told) + webhooks)
        said = stage.tally("alert", "test")
        assert said.code == 1
        assert [line.split(None, 2) for line in said.out.splitlines()] == [
            ["file", "command", "took it"],
            ["bad", "webhook", "answered 500"],
            ["slow", "webhook", "no answer within 0.5 s"],
        ]
        assert "hunter2" not in said.out + said.err
    (alert,) = lines(told)
    assert (alert["test"], alert["id"]) == (True, 0)
    one = stage.tally("alert", "test", "file", "--json")
    assert (one.code, json.loads(one.out)) == (
        0,
        {"schema": "tallystick.alert_test/1", "to": [{"to": "file", "kind": "command", "trouble": None}]},
    )
    missing = stage.tally("alert", "test", "none")
    assert missing.code == 1
    assert "there are: file, bad, slow" in missing.err
    # A test is no episode.
    assert stage.tally("alert", "log").out == ""


def test_what_is_muted_is_told_when_it_is_not_any_more(stage: Stage, told: Path) -> None:
    stage.answers(2, "house-model-9")
    assert stage.tally("alert", "mute", "unpriced", "--for", "2h").code == 0
    assert stage.tally("alert", "check").code == 0
    assert lines(told) == []
    assert "unpriced  20" in stage.tally("alert", "list").out
    assert stage.tally("alert", "unmute", "unpriced").code == 0
    assert stage.tally("alert", "check").code == 0
    assert len(lines(told)) == 1
    assert "is not muted" in stage.tally("alert", "unmute", "unpriced").err
    assert "neither a rule" in stage.tally("alert", "mute", "weather").err
    for wrong in ("2", "0h", "h", "123456h", "2y"):
        assert "is no stretch of time" in stage.tally("alert", "mute", "*", "--for", wrong).err


def test_names_leave_by_the_policy_of_pushes(stage: Stage, told: Path) -> None:
    from datetime import UTC, datetime

    stage.say('[push]\nproject = "leave-out"\n' + program(told, 'names = "push"\n'))
    stage.answers(1)
    stage.log.write_text(stage.log.read_text().replace("2026-11-01", f"{datetime.now(UTC):%Y-%m-%d}"))
    assert stage.tally("budget", "set", "project=p", "30 tokens/month").code == 0
    assert stage.tally("alert", "check").code == 0
    (alert,) = lines(told)
    assert alert["title"] == "Budget used up: project=…"
    assert "project=p" in stage.tally("alert", "list").out


def test_a_config_that_makes_no_sense_is_told(stage: Stage) -> None:
    stage.say("[alerts]\nspends = 1\n")
    said = stage.tally("alert", "list")
    assert said.code == 2
    assert "'spends' under [alerts]" in said.err
    # What has nothing to do with alerts goes on.
    assert stage.tally("daily").code == 0


def test_nothing_set_up_is_said(stage: Stage) -> None:
    said = stage.tally("alert", "list")
    assert (said.code, said.out.splitlines()[0]) == (0, "Nothing is wrong, as far as was looked.")
    assert "Nobody is told" in said.out
    assert stage.tally("alert", "test").code == 1
    assert json.loads(stage.tally("alert", "list", "--json").out)["schema"] == "tallystick.alerts/1"
    assert alert.command("alert").name == "alert"


def test_two_checks_at_once_tell_once(stage: Stage) -> None:
    stage.answers(400, "house-model-9")
    assert stage.tally("daily").code == 0
    with place(answers(200)) as at:
        stage.say(f'[[alerts.to]]\nkind = "webhook"\nurl = "{at.url}"\n')
        commands = [
            subprocess.Popen((*PROGRAM, "alert", "check"), env=around(stage), stdout=subprocess.PIPE, text=True)
            for _ in range(3)
        ]
        try:
            said = [each.communicate(timeout=30)[0] for each in commands]
        finally:
            for each in commands:
                each.kill()
                each.wait()
        assert [each.returncode for each in commands] == [0, 0, 0]
        assert len(at.asked) == 1
    assert all("No price is known for house-model-9" in each for each in said)
