"""Tools that the model used: asked, started, ended."""

from tallystick.tools.copilot_cli.calls import Calls


def test_a_call_belongs_to_the_answer_that_asked_for_it() -> None:
    calls = Calls()
    calls.ask("call-1", 77)
    running = calls.start("call-1", "bash", 1000)
    ended = calls.end("call-1", 3000, failed=True)
    assert running[1:] == (77, "bash", 1000, 0, False)
    assert ended is not None
    assert ended[1:] == (77, "bash", 1000, 3000, True)
    assert running.key == ended.key


def test_what_a_person_started_belongs_to_no_answer() -> None:
    assert Calls().start("call-1", "bash", 1000).event == 0


def test_a_result_without_a_start_is_no_call() -> None:
    assert Calls().end("call-1", 1000, failed=False) is None


def test_a_clock_that_was_set_back_makes_no_call_shorter_than_nothing() -> None:
    calls = Calls()
    calls.start("call-1", "bash", 5000)
    ended = calls.end("call-1", 4000, failed=False)
    assert ended is not None
    assert ended.ended == 5000


def test_another_reader_goes_on() -> None:
    calls = Calls()
    calls.ask("call-1", 1)
    calls.ask("call-2", 2)
    calls.start("call-2", "view", 1000)
    later = Calls(calls.state())
    ended = later.end("call-2", 2000, failed=False)
    assert ended is not None
    assert ended.event == 2
    assert later.start("call-1", "bash", 3000).event == 1


def test_calls_that_never_end_do_not_pile_up() -> None:
    calls = Calls()
    for number in range(1000):
        calls.ask(f"asked-{number}", number)
        calls.start(f"running-{number}", "bash", number)
    assert all(len(part) <= 256 for part in calls.state())
    assert calls.end("running-0", 5, failed=False) is None
    assert calls.end("running-999", 5000, failed=False) is not None
