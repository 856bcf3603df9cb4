"""What was last said about each usage window."""

from contextlib import closing
from pathlib import Path

from tests.answers.sample import NOW, at
from tests.answers.stand import answers, fill

from tallystick.answers.answer import Moment


def test_the_last_word_on_each_window_counts_and_one_from_long_ago_is_left_out(tmp_path: Path) -> None:
    fill(tmp_path / "ledger.db")
    with closing(answers(tmp_path / "ledger.db")) as asked:
        told = asked.limits(NOW).told()["windows"]
    assert [(each["name"], each["used_percent"], each["over"]) for each in told] == [
        ("codex:10080", 12.5, False),
        # It was reset at three, and now it is past four.
        ("codex:300", 66.5, True),
    ]
    assert told[1]["resets_at"] == Moment(at("2026-11-22T03:00"))
