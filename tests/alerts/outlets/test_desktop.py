"""The desktop of each system shows a notification by that system's own command."""

import os
from pathlib import Path

from tests.alerts.places import ALERT, Runs, to, world

from tallystick.alerts.outlets.desktop import send


def test_linux_really_calls_notify_send(tmp_path: Path) -> None:
    tool = tmp_path / "notify-send"
    tool.write_text(f'#!/bin/sh\nfor each in "$@"; do echo "$each"; done > {tmp_path}/shown\n')
    tool.chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    before = os.environ["PATH"]
    try:
        # The program is looked for by the path of who starts it.
        os.environ["PATH"] = path
        assert send(ALERT, to("desktop"), world(PATH=path)) == ""
    finally:
        os.environ["PATH"] = before
    shown = (tmp_path / "shown").read_text().splitlines()
    assert shown == ["--app-name=Tallystick", "--urgency=critical", "--", ALERT.title, ALERT.text.replace("&", "&amp;")]


def test_macos_gets_the_texts_as_arguments_and_windows_as_variables() -> None:
    runs = Runs()
    alert = ALERT._replace(title='" & do shell script "x', text="'); Remove-Item $env:HOME")
    assert send(alert, to("desktop"), world()._replace(platform="darwin", run=runs)) == ""
    assert send(alert, to("desktop"), world(A="b")._replace(platform="win32", run=runs)) == ""
    (mac, _, _), (windows, _, environ) = runs.calls
    assert mac[0] == "osascript"
    assert mac[-2:] == [alert.title, alert.text]
    assert not any(alert.title in each for each in mac[:-2])
    assert windows[0] == "powershell"
    assert not any(text in each for each in windows for text in (alert.title, alert.text))
    assert environ == {"A": "b", "TALLY_ALERT_TITLE": alert.title, "TALLY_ALERT_TEXT": alert.text}
