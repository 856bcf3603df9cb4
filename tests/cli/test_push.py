"""`tally push`: what was done is told in a line, the exit code tells the rest, and to show sends nothing."""

import json
import os
import signal
import zipfile
from typing import Any

import pytest
from tests.cli.running import started, until
from tests.cli.stage import Stage
from tests.intake.push.served import Reply, Server, served, timeless

from tallystick.cli import entrance
from tallystick.intake.push.pairing import Pairing, write


def pair(stage: Stage, server: Server) -> None:
    """Pair a stage's machine with a server."""
    write(str(stage.home / "data" / "push.json"), Pairing(server.url, "tally_i_1", "laptop", "ann"))


def events(told: dict[str, Any]) -> int:
    """Return the number of events in an envelope."""
    return sum(len(source.get("events", ())) for source in told["sources"])


def test_without_a_server_it_says_how_to_get_one(stage: Stage) -> None:
    said = stage.tally("push")
    assert said.code == 3
    assert "tally join" in said.err


def test_what_is_in_the_logs_is_sent(stage: Stage) -> None:
    stage.answers(3)
    with served(timeless()) as server:
        pair(stage, server)
        said = stage.tally("push")
        # Three answers and their file.
        assert (said.code, said.err) == (0, "")
        assert said.out == f"Sent 4 rows to {server.url}; 0 rows wait.\n"
        assert stage.tally("push").out == f"Sent 0 rows to {server.url}; 0 rows wait.\n"
        (request,) = server.requests
        assert request.path == "/api/v1/push"
        assert request.headers["Authorization"] == "Bearer tally_i_1"
        assert request.headers["Content-Type"] == "application/json"
        stage.answers(1, model="claude-sonnet-4-5")
        assert stage.tally("push", "--no-refresh").out.startswith("Sent 0 rows")
        assert stage.tally("push").out.startswith("Sent 2 rows")
    assert [events(request.told) for request in server.requests] == [3, 1]


def test_a_token_that_is_revoked_is_told_and_nothing_is_dropped(stage: Stage) -> None:
    stage.answers(3)
    with served(Reply(401)) as server:
        pair(stage, server)
        said = stage.tally("push")
        assert said.code == 4
        assert "tally join" in said.err
        assert said.out == f"Sent 0 rows to {server.url}; 4 rows wait.\n"
        server.script = [timeless()]
        assert stage.tally("push").code == 0
        assert events(server.requests[-1].told) == 3


def test_an_old_tokenfold_is_recognized(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.answers(1)
    with served(Reply(404, {"detail": "Not Found"})) as server:
        monkeypatch.setenv("TOKENFOLD_URL", server.url)
        monkeypatch.setenv("TOKENFOLD_API_KEY", "k")
        monkeypatch.setenv("TOKENFOLD_MACHINE", "desk")
        said = stage.tally("push")
    assert said.code == 1
    assert "older tokenfold" in said.err
    assert server.requests[0].headers["X-Tally-Machine"] == "desk"


def test_tokenfolds_verbose_tells_of_each_portion(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.answers(1)
    with served(timeless()) as server:
        for name, value in {"URL": server.url, "API_KEY": "k", "VERBOSE": "1"}.items():
            monkeypatch.setenv(f"TOKENFOLD_{name}", value)
        assert stage.tally("push").err == "tally: 2 rows are sent, 0 wait.\n"


def test_what_was_refused_is_told_and_can_be_sent_again(stage: Stage) -> None:
    stage.answers(2)
    rejected = [{"table": "events", "source": 0, "row": 1, "reason": "out of range"}]
    with served(timeless(rejected), timeless()) as server:
        pair(stage, server)
        said = stage.tally("push")
        assert said.code == 0
        assert "1 row can never be stored there, such as event 2: out of range" in said.err
        assert stage.tally("push").out.startswith("Sent 0 rows")
        said = stage.tally("push", "--again")
        assert (said.out[:10], said.err) == ("Sent 1 row", "")


def test_what_was_refused_is_sent_again_though_another_one_sends(stage: Stage) -> None:
    stage.answers(2)
    rejected = [{"table": "events", "source": 0, "row": 1, "reason": "out of range"}]
    with served(timeless(rejected), timeless()) as server:
        pair(stage, server)
        with started(stage, "push", "--follow"):
            assert until(lambda: len(server.requests) == 1)
            assert until(lambda: (entrance.house(entrance.settings()).outbox_standing() or (1, []))[0] == 0)
            assert stage.tally("push", "--again").code == 0
            assert until(lambda: len(server.requests) == 2)
        assert events(server.requests[1].told) == 1


def test_everything_is_sent_once_more_when_that_is_wanted(stage: Stage) -> None:
    stage.answers(3)
    with served(timeless()) as server:
        pair(stage, server)
        assert stage.tally("push").code == 0
        assert stage.tally("push", "--all").out == f"Sent 4 rows to {server.url}; 0 rows wait.\n"
        assert [events(request.told) for request in server.requests] == [3, 3]
        with started(stage, "push", "--follow"):
            assert until(lambda: opened_elsewhere(stage))
            # Also where another one sends.
            assert stage.tally("push", "--all").code == 0
            assert until(lambda: len(server.requests) == 3)
        assert events(server.requests[2].told) == 3


def opened_elsewhere(stage: Stage) -> bool:
    """Tell whether another process sends."""
    del stage
    lock = entrance.house(entrance.settings()).sending_lock()
    free = lock.take(wait=False)
    lock.release()
    return not free


def test_to_show_prints_what_would_leave_and_sends_nothing(stage: Stage) -> None:
    stage.answers(2)
    said = stage.tally("push", "--show")
    assert said.code == 0
    (line,) = said.out.splitlines()
    told = json.loads(line)
    assert told["schema"] == "tallystick.push/1"
    assert events(told) == 2
    assert told["sources"][0]["path"] == str(stage.log)
    with served(timeless()) as server:
        pair(stage, server)
        assert events(json.loads(stage.tally("push", "--show").out)) == 2
        assert server.requests == []
        assert stage.tally("push").code == 0
        # What is left to be sent: nothing.
        assert stage.tally("push", "--show").out == ""
        sent = server.requests[0].told
        assert sent["sources"] == told["sources"]
    # Of a machine that is not paired nothing is kept for anybody.
    assert not (stage.home / "data" / "push.json.part").exists()


def test_what_is_hidden_is_shown_hidden(stage: Stage) -> None:
    stage.answers(1)
    stage.say('[[push.paths]]\nmatch = "/home/dev/**"\nproject = "leave-out"\nsession = "pseudonym"\n')
    shown = stage.tally("push", "--show").out
    assert "/home/dev/p" not in shown
    assert str(stage.home) not in shown
    with served(timeless()) as server:
        pair(stage, server)
        stage.tally("push")
    assert server.requests[0].told["sources"] == json.loads(shown)["sources"]


def test_a_machine_that_is_paired_no_more_keeps_nothing_for_anybody(stage: Stage) -> None:
    stage.answers(1)
    with served(timeless()) as server:
        pair(stage, server)
        stage.tally("push")
    opened = entrance.house(entrance.settings())
    assert opened.outbox_standing() == (0, [])
    (stage.home / "data" / "push.json").unlink()
    assert stage.tally("push").code == 3
    assert opened.outbox_standing() is None
    # There is nothing to be forgotten, and no ledger is made for that.
    opened.forget_outbox()
    for each in (stage.home / "data").iterdir():
        each.unlink()
    opened.forget_outbox()
    assert list((stage.home / "data").iterdir()) == []


def test_what_another_one_sends_is_not_forgotten_by_one_that_knows_no_server(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.answers(1)
    stage.tally("daily")
    with served(Reply(404)) as server:
        monkeypatch.setenv("TALLY_PUSH_URL", server.url)
        monkeypatch.setenv("TALLY_PUSH_TOKEN", "t")
        assert stage.tally("push").code == 1
        monkeypatch.delenv("TALLY_PUSH_URL")
        # The service has the server in its own environment.
        opened = entrance.house(entrance.settings())
        lock = opened.sending_lock()
        assert lock.take(wait=False)
        assert stage.tally("push").code == 3
        assert opened.outbox_standing() == (2, [])
        lock.release()
        assert stage.tally("push").code == 3
        assert opened.outbox_standing() is None


def test_only_one_thing_at_a_time(stage: Stage) -> None:
    assert stage.tally("push", "--show", "--again").code == 2
    assert stage.tally("push", "--all", "--again").code == 2
    assert stage.tally("push", "--follow", "--show").code == 2


def test_two_at_once_are_safe(stage: Stage) -> None:
    stage.answers(1)
    with served(timeless()) as server:
        pair(stage, server)
        with started(stage, "push", "--follow"):
            assert until(lambda: len(server.requests) == 1)
            said = stage.tally("push")
            assert said.code == 0
            assert "sending already" in said.err
            assert len(server.requests) == 1


@pytest.mark.parametrize("reply, code, told", [(Reply(401), 4, "tally join"), (Reply(500), 1, "answers with 500")])
def test_who_comes_second_is_told_how_the_first_one_fares(stage: Stage, reply: Reply, code: int, told: str) -> None:
    stage.answers(1)
    stage.tally("daily")
    with served(reply, reply) as server:
        pair(stage, server)
        record = stage.home / "data" / "push.record.json"
        with started(stage, "push", "--for-server"):
            assert until(lambda: record.exists() and told in record.read_text())
            said = stage.tally("push", "--all")
            assert said.code == code
            assert "sending already" in said.err
            assert told in said.err
            server.script = [timeless()]


def test_what_comes_is_sent_soon_and_ctrl_c_ends_it(stage: Stage) -> None:
    stage.answers(1)
    with served(timeless()) as server:
        pair(stage, server)
        with started(stage, "push", "--follow") as running:
            assert until(lambda: len(server.requests) == 1)
            stage.answers(2, model="claude-sonnet-4-5")
            stage.tally("daily")
            assert until(lambda: len(server.requests) == 2, 2)
            assert events(server.requests[1].told) == 2
            running.process.send_signal(signal.SIGINT)
            assert running.process.wait(5) == 0


def test_who_follows_ends_where_it_may_not_send(stage: Stage) -> None:
    stage.answers(1)
    with served(Reply(403)) as server:
        pair(stage, server)
        with started(stage, "push", "--follow") as running:
            assert running.process.wait(10) == 4
            running.next(lambda line: "tally join" in line)


def test_for_a_server_it_tells_troubles_and_ends_with_its_input(stage: Stage) -> None:
    stage.answers(1)
    with served(Reply(401), timeless()) as server:
        pair(stage, server)
        stage.tally("daily")
        with started(stage, "push", "--for-server") as running:
            assert running.event("trouble")["text"] == ""
            assert "does not know the token" in running.event("trouble")["text"]
            # Paired anew, it goes on without being started again.
            pair(stage, server)
            os.utime(stage.home / "data" / "push.json", (5, 5))
            assert running.event("trouble")["text"] == ""
            assert until(lambda: len(server.requests) == 2)
            assert running.process.stdin is not None
            running.process.stdin.close()
            assert running.process.wait(5) == 0


def test_a_machine_that_is_killed_while_it_sends_sends_the_rest_next_time(stage: Stage) -> None:
    stage.answers(59)
    with served(timeless()) as server:

        def slow(_: object) -> None:
            server.ending.wait(1)

        server.script = [slow, timeless()]
        pair(stage, server)
        with started(stage, "push") as running:
            assert until(lambda: len(server.requests) == 1)
            running.process.kill()
            running.process.wait()
        assert stage.tally("push").out == f"Sent 60 rows to {server.url}; 0 rows wait.\n"


def test_the_client_that_needs_nothing_else_is_written(stage: Stage) -> None:
    target = stage.home / "made.pyz"
    said = stage.tally("push", "--build-client", str(target))
    assert (said.code, said.out) == (0, "")
    assert said.err == f"tally: {target} is made: `python3 {target} --help` tells what it does.\n"
    with zipfile.ZipFile(target) as archive:
        assert "tallystick/intake/push/client.py" in archive.namelist()
    assert stage.tally("push", "--build-client", str(stage.home / "none" / "x")).code == 3
    assert stage.tally("push", "--build-client", str(target), "--show").code == 2
