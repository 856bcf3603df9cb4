"""Any program gets the alert on its standard input, and nobody's shell reads it."""

import json
import os
import sys
from pathlib import Path

from tests.alerts.places import ALERT, to, world

from tallystick.alerts.outlets.program import check, send

WRITE = "import os, sys; open(sys.argv[1], 'wb').write(sys.stdin.buffer.read()); open(sys.argv[1] + 'e', 'w').write(repr(dict(os.environ)))"


def test_a_program_gets_the_alert(tmp_path: Path) -> None:
    told = tmp_path / "$(id); told"
    run = [sys.executable, "-c", WRITE, str(told)]
    alert = ALERT._replace(title="'; rm -rf \0 $(x)")
    assert send(alert, to("command", run=run), world(PATH=os.environ["PATH"])) == ""
    assert json.loads(told.read_text())["facts"] == {"filters": [["project", "~/wörk"]], "share": 1.02}
    environ = eval(Path(f"{told}e").read_text())  # noqa: S307  what the line above wrote
    assert {name: environ[name] for name in environ if name.startswith("TALLY")} == {
        "TALLY_ALERT_ID": "7",
        "TALLY_ALERT_RULE": "budget",
        "TALLY_ALERT_LEVEL": "critical",
        "TALLY_ALERT_TITLE": "'; rm -rf  $(x)",
        "TALLY_ALERT_TEXT": ALERT.text,
        "TALLY_ALERT_TEST": "",
        "TALLY_ALERT_OVER": "",
    }


def test_its_failures_are_told() -> None:
    assert send(ALERT, to("command", run=[sys.executable, "-c", "raise SystemExit(3)"]), world()) == "it ended with 3"
    assert send(ALERT, to("command", run=["/nowhere/it"]), world()) == "it cannot be run (no such file or directory)"


def test_a_command_is_a_list_of_texts() -> None:
    assert check({"run": ["a", "b"]}) == ""
    for run in ([], [""], ["a", 1], ["a\0"]):
        assert check({"run": run}).startswith("run must be a list of texts")
