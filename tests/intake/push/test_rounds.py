"""A round: bounded in what waits, and nothing is read that has no room."""

import io
import json
from contextlib import closing
from pathlib import Path

import pytest
from tests.intake.push.receiving import CODE, Receiver
from tests.intake.tree import LOGS, answer, write

from tallystick.errors import Misused, Refused, TallystickError
from tallystick.intake.push import policy, rounds
from tallystick.intake.push.collecting import seen
from tallystick.intake.push.options import WAYS, Options, understood
from tallystick.intake.push.rounds import Round


class Machine:
    """A machine with a home, on which rounds are made in this process."""

    def __init__(self, folder: Path) -> None:
        self.home, self.state = folder / "home", folder / "state"
        self.said: list[str] = []
        self.now = 1_800_000_000_000

    def round(self, *arguments: str) -> Round:
        """Begin a round."""
        options = understood(arguments) if arguments else Options()
        return Round(options, {}, str(self.home), str(self.state), lambda: self.now)

    def send(self, *arguments: str) -> bool:
        """Make a round."""
        with closing(self.round(*arguments)) as made:
            made.settle()
            return made.send(seen([LOGS], str(self.home), {}), self.said.append)

    def shown(self) -> list[str]:
        """Return what would leave."""
        out = io.BytesIO()
        with closing(self.round()) as made:
            made.show(seen([LOGS], str(self.home), {}), out)
        return out.getvalue().decode().splitlines()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Set up a machine."""
    return Machine(tmp_path)


def test_what_waits_is_bounded(machine: Machine, server: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "MOST_WAITING", 60_000)
    monkeypatch.setattr(rounds, "_TRIES", 1)
    for file in range(12):
        write(
            machine.home / f"logs/{file}.jsonl",
            b"".join(answer(file * 1_000 + each, sessionId=f"s{file}") for each in range(600)),
        )
    write(machine.home / "logs/small.jsonl", answer(99_000))
    machine_round = machine.round("--server", server.url, "--join", CODE)
    with closing(machine_round) as made:
        made.settle()
        server.statuses = [(503, {})]
        with pytest.raises(TallystickError, match="503"):
            made.send(seen([LOGS], str(machine.home), {}), machine.said.append)
        assert server.bodies == []
        waiting = made._notebook.waiting()
        assert 60_000 <= waiting.bytes < 200_000
        # Not all of it was read.
        assert waiting.rows < 12 * 600
    for _ in range(3):
        # However often that happens, it stays within its bound.
        server.statuses = [(503, {})]
        with pytest.raises(TallystickError, match="503"):
            machine.send()
    with closing(machine.round()) as made:
        assert made._notebook.waiting() == waiting
    assert machine.send()
    assert (machine.state / rounds.NOTEBOOK).stat().st_size < waiting.bytes
    events = [
        row[0] for envelope in server.envelopes for source in envelope["sources"] for row in source.get("events", ())
    ]
    assert (len(events), len(set(events))) == (12 * 600 + 1, 12 * 600 + 1)
    # A letter holds 2 000 rows, and the file with which it is full.
    assert (
        max(sum(len(source.get("events", ())) for source in envelope["sources"]) for envelope in server.envelopes)
        <= 2_000
    )


def test_letters_tell_how_much_is_still_to_come(machine: Machine, server: Receiver) -> None:
    for file in range(7):
        write(
            machine.home / f"logs/{file}.jsonl",
            b"".join(answer(file * 1_000 + each, sessionId=f"s{file}") for each in range(900)),
        )
    machine.send("--server", server.url, "--join", CODE)
    pending = [envelope["client"]["pending"] for envelope in server.envelopes]
    assert pending[-1] == 0
    assert sorted(pending, reverse=True) == pending
    # Seven logs with 900 answers each: 6 307 with the logs themselves.
    assert pending[0] == 6_307 - sum(1 + len(source["events"]) for source in server.envelopes[0]["sources"])


def test_without_news_the_server_hears_once_an_hour_that_the_machine_is_there(
    machine: Machine, server: Receiver
) -> None:
    write(machine.home / "logs/a.jsonl", answer(1))
    machine.send("--server", server.url, "--join", CODE)
    machine.now += 3_599_999
    said = list(machine.said)
    machine.send()
    assert len(server.envelopes) == 1
    machine.now += 1
    machine.send()
    machine.send()
    _, empty = server.envelopes
    assert (empty["sources"], empty["sent_at"], empty["client"]["pending"]) == ([], machine.now, 0)
    # That is no news for whoever reads what cron says.
    assert machine.said == said
    # Once it is not let in any more, that is told, and asked again the next time.
    machine.now += 3_600_000
    for _ in range(2):
        server.statuses = [(401, {})]
        with pytest.raises(Refused, match="pair it anew"):
            machine.send()
    server.statuses = [(503, {})]
    assert machine.send()


def test_a_file_that_cannot_be_read_is_told_without_its_name(machine: Machine, server: Receiver) -> None:
    write(machine.home / "archive/secret-name.jsonl.zst", b"no archive at all")
    write(machine.home / "logs/a.jsonl", answer(1))
    assert machine.send("--server", server.url, "--join", CODE) is False
    (envelope,) = server.envelopes
    trouble = envelope["client"]["trouble"]
    assert trouble.startswith("1 files could not be read (damaged archive")
    assert "secret-name" not in json.dumps(envelope)


def test_without_a_server_nothing_is_read(machine: Machine) -> None:
    write(machine.home / "logs/a.jsonl", answer(1))
    with pytest.raises(Misused, match="no server yet"):
        machine.send()
    assert len(machine.shown()) == 1


def test_what_is_shown_changes_nothing(machine: Machine, server: Receiver) -> None:
    write(machine.home / "logs/a.jsonl", answer(1))
    first = machine.shown()
    assert machine.shown() == first
    server.statuses = [(401, {})]
    with pytest.raises(Refused):
        machine.send("--server", server.url, "--join", CODE)
    # It waits now, and is shown as it was.
    assert machine.shown() == first
    assert machine.send()
    assert machine.shown() == []


def test_the_server_names_the_machine(machine: Machine, server: Receiver) -> None:
    machine.send("--server", server.url, "--join", CODE, "--machine", "laptop")
    assert server.asked == [{"code": CODE, "machine": "laptop"}]
    pairing = json.loads((machine.state / rounds.PAIRING).read_text())
    assert (pairing["machine"], pairing["user"], pairing["url"]) == ("laptop", "dev", server.url)


def test_options_and_policy_have_the_same_words() -> None:
    assert WAYS == policy.CHOICES


@pytest.mark.parametrize("content", [b"", b"[1]", b"\xff", b'{"token": 7}', b"[" * 100_000])
def test_an_answer_that_is_none_is_no_token(content: bytes) -> None:
    assert rounds._texts_in(content).get("token") is None
