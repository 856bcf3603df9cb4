"""Where the messages of a process that goes on go, and what it said before it had a log."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tallystick.cli import messages
from tallystick.errors import Unavailable


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Leave logging as it was found."""
    root, ours = logging.getLogger(), logging.getLogger(messages.OURS)
    handlers, levels = list(root.handlers), (root.level, ours.level)
    yield
    for handler in set(root.handlers) - set(handlers):
        root.removeHandler(handler)
        handler.close()
    root.setLevel(levels[0])
    ours.setLevel(levels[1])


def test_news_of_ours_go_into_a_file_and_those_of_others_where_that_is_wanted(tmp_path: Path) -> None:
    logging.getLogger().setLevel(logging.WARNING)
    for named, others in ((messages.OURS, False), ("", True)):
        file = tmp_path / f"log{others}"
        messages.go_to(str(file), named)
        logging.getLogger("tallystick").info("ours")
        logging.getLogger("somebody").info("theirs")
        logging.getLogger("somebody").warning("wrong")
        text = file.read_text()
        assert ("ours" in text, "theirs" in text, "wrong" in text) == (True, others, True)


def test_without_a_file_what_is_wrong_goes_where_a_person_sees_it(capsys: pytest.CaptureFixture[str]) -> None:
    logging.getLogger().setLevel(logging.WARNING)
    messages.go_to(None)
    logging.getLogger("tallystick").info("news")
    logging.getLogger("tallystick").warning("wrong")
    assert capsys.readouterr().err == "tally: wrong\n"


def test_a_log_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="cannot be written"):
        messages.go_to(str(tmp_path / "file" / "log"))


def test_first_words_are_the_sentences_and_nothing_else(tmp_path: Path) -> None:
    log = messages.proxy_log({"XDG_STATE_HOME": str(tmp_path)}, "/home/dev")
    assert Path(log) == tmp_path / "tallystick" / "log" / "proxy.log"
    assert messages.first_words(log) == []
    Path(log).parent.mkdir(parents=True)
    Path(messages.first_words_of(log)).write_text("tally: First.\nIt listens.\n  more\ntally: Second.\n")
    assert messages.first_words(log) == ["First.", "Second."]
