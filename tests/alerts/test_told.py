"""What is told of alerts: everything, and no secret."""

from pathlib import Path

from tallystick.alerts.choices import Choices, choices
from tallystick.alerts.file import File, path
from tallystick.alerts.lookout import Lookout
from tallystick.alerts.pending import mute
from tallystick.alerts.situation import Situation, Unpriced
from tallystick.alerts.told import told
from tallystick.answers.as_json import value

NOW = 1_767_600_000_000


def test_everything_is_told_and_no_secret(tmp_path: Path) -> None:
    said = {"spend": False, "to": [{"kind": "slack", "url": "https://example.org/hunter2"}]}
    chosen, file = choices(said, "c", {}), File(path(str(tmp_path)))
    Lookout(file, chosen, print).look(Situation(NOW, unpriced=(Unpriced("m", 99_999),)))
    mute(file, "budget", NOW, NOW + 60_000)
    found = told(file, chosen, NOW, 10)
    assert found["open"] == [
        {
            "id": 1,
            "rule": "unpriced",
            "key": "unpriced:m",
            "level": "warning",
            "title": "No price is known for m",
            "text": "99,999 tokens of it are in no cost: `tally prices update` fetches newer prices, and the config can set one.",
            "facts": {"model": "m", "tokens": 99_999},
            "began": NOW,
            "ended": None,
            "why": None,
            "told": [{"to": "slack", "over": False, "state": "waiting", "tries": 0, "time": None, "trouble": None}],
        }
    ]
    assert (found["past"], found["muted"]) == ([], [{"what": "budget", "since": NOW, "until": NOW + 60_000}])
    assert {each["rule"] for each in found["rules"] if not each["on"]} == {"spend"}
    assert found["to"] == [{"name": "slack", "kind": "slack", "rules": [], "levels": [], "always": False, "trouble": None}]  # fmt: skip
    assert "hunter2" not in value(found)
    assert '"began":"2026-01-05T08:00:00.000Z"' in value(found).replace(": ", ":")


def test_where_nothing_was_there_is_nothing() -> None:
    found = told(File(""), Choices(), NOW, 10)
    assert (found["open"], found["past"], found["muted"], found["to"]) == ([], [], [], [])
