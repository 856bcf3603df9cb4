"""A part that is kept: it does what it is called for, and ends with whoever holds the other end of its input."""

from tests.cli.running import started
from tests.cli.stage import Stage


def test_it_is_the_command_and_says_what_that_says(stage: Stage) -> None:
    with started(stage, "kept", "config", "show", "--nope") as told:
        told.next(lambda line: "No such option" in line)
        assert told.process.wait(10) == 2


def test_it_ends_by_itself_when_its_keeper_is_gone(stage: Stage) -> None:
    with started(stage, "kept", "serve", "--port", "0") as told:
        told.next(lambda line: "serves at" in line, 30)
        assert told.process.stdin is not None
        assert told.process.poll() is None
        told.process.stdin.close()
        assert told.process.wait(15) == 0
