"""The sender: whatever a server answers, nothing leaves the outbox but what was acknowledged or can never be stored."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from tests.intake.push.served import LONG_AGO_MS, Reply, Script, Server, cut, receipt, reset, served
from tests.ledger.sample import LOG, View, batch

from tallystick.intake.push.delivering import delivery
from tallystick.intake.push.envelope import Client
from tallystick.intake.push.policy import applied, policy
from tallystick.intake.push.sender import Outcome, Sender, World, skewed
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.ledger.sqlite.outbox import Outbox

NOTHING: Mapping[str, object] = {}
TOO_LARGE = Reply(413, {"error": {"code": "too_large", "message": "It is larger than 4 MiB."}})


class Stand:
    """An outbox with so many events and their source, and a sender to a server."""

    def __init__(self, path: str, events: int) -> None:
        self.path = path
        self.waits: list[float] = []
        self.told: list[str] = []
        self.progress: list[tuple[int, int]] = []
        self.now = LONG_AGO_MS
        self.ending = False
        with closing(SqliteLedger(path, write=True)) as ledger:
            ledger.add([batch(LOG, [View(number) for number in range(1, events + 1)])])
        self.outbox = Outbox(path)
        self.outbox.make("server")

    def _wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        return self.ending

    def sender(
        self, server: Server, times: tuple[float, float] = (2, 2), said: Mapping[str, object] = NOTHING
    ) -> Sender:
        """Return a sender; `said` is the policy."""
        deliver = delivery(f"{server.url}/api/v1/push", {"Authorization": "Bearer t"}, {}, times)
        world = World(
            deliver,
            lambda: self.now,
            self._wait,
            lambda: 1.0,
            self.told.append,
            lambda sent, left: self.progress.append((sent, left)),
        )
        chosen = policy(said, "/home/dev", b"k" * 32)
        return Sender(self.outbox, Client("tally", "1.2"), world, lambda each: applied(each, chosen), "The server")

    def send(self, server: Server, tries: int = 0, **said: object) -> Outcome:
        """Send all that waits."""
        return self.sender(server, said=said).send(tries)


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Callable[[int], Stand]]:
    """Return what makes a stand with so many events."""
    made: list[Stand] = []

    def make(events: int) -> Stand:
        made.append(Stand(str(tmp_path / "ledger.db"), events))
        return made[-1]

    yield make
    for each in made:
        each.outbox.close()


def keys(server: Server, first: int = 0) -> list[int]:
    """Return the keys of the events that came, from a request on."""
    return [
        row[0]
        for request in server.requests[first:]
        for source in request.told["sources"]
        for row in source.get("events", ())
    ]


def test_all_that_waits_is_sent_once(stand: Callable[[int], Stand]) -> None:
    at = stand(3)
    with served() as server:
        assert at.send(server) == Outcome(4, 0)
        assert at.send(server) == Outcome(0, 0)
    (request,) = server.requests
    assert request.headers["Authorization"] == "Bearer t"
    assert keys(server) == [1, 2, 3]
    assert request.told["client"] == {"name": "tally", "version": "1.2", "pending": 0, "trouble": ""}
    assert request.told["sent_at"] == LONG_AGO_MS
    assert at.progress == [(4, 0)]


def test_no_more_than_two_thousand_go_at_once_and_the_rest_is_told(stand: Callable[[int], Stand]) -> None:
    at = stand(4_500)
    with served() as server:
        assert at.send(server) == Outcome(4_501, 0)
    assert [request.told["client"]["pending"] for request in server.requests] == [2_501, 501, 0]
    assert [len(request.told["sources"][0]["events"]) for request in server.requests] == [2_000, 2_000, 500]
    assert keys(server) == list(range(1, 4_501))


def test_what_is_larger_than_a_server_takes_goes_in_halves(stand: Callable[[int], Stand]) -> None:
    at = stand(99)
    with served(Reply(413), Reply(413), receipt()) as server:
        assert at.send(server) == Outcome(100, 0)
    # 100, 50 and 25 rows; then twice as many each time.
    counts = [sum(len(source.get("events", ())) for source in request.told["sources"]) for request in server.requests]
    assert counts == [99, 50, 25, 50, 24]
    assert keys(server, 2) == list(range(1, 100))


def test_a_row_that_is_too_large_by_itself_is_set_aside(stand: Callable[[int], Stand]) -> None:
    at = stand(3)

    with served() as server:

        def picky(handler: BaseHTTPRequestHandler) -> None:
            large = 2 in keys(server, len(server.requests) - 1)
            server.script.insert(0, TOO_LARGE if large else receipt())
            server.requests.pop()
            server.script.append(picky)
            _again(server, handler)

        server.script = [picky]
        outcome = at.send(server)
    assert outcome == Outcome(3, 1)
    ((kind, _, reason, time),) = at.outbox.refused()
    assert (kind, reason, time) == ("event", "It is too large.", LONG_AGO_MS)


def _again(server: Server, handler: BaseHTTPRequestHandler) -> None:
    """Answer with the first of the script; what was read is gone."""
    reply = server.script.pop(0)
    assert isinstance(reply, Reply)
    handler.send_response(reply.status)
    content = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)
    handler.close_connection = True


@pytest.mark.parametrize("status", [200, 400])
def test_rejected_rows_are_set_aside_and_all_others_are_acknowledged(
    stand: Callable[[int], Stand], status: int
) -> None:
    at = stand(3)
    reply = receipt([{"table": "events", "source": 0, "row": 1, "reason": "out of range"}])
    with served(reply._replace(status=status), receipt()) as server:
        assert at.send(server) == Outcome(3, 1)
    assert [refusal[::2] for refusal in at.outbox.refused()] == [("event", "out of range")]
    assert at.outbox.refused()[0].id == "2"


@pytest.mark.parametrize(
    "rejected",
    [
        [{"table": "events", "source": 7, "row": 0, "reason": "x"}],
        [{"table": "events", "source": 0, "row": 99, "reason": "x"}],
        [{"table": "nothing"}],
        ["x"],
        7,
    ],
)
def test_a_rejection_that_names_no_row_is_narrowed_down(stand: Callable[[int], Stand], rejected: object) -> None:
    at = stand(3)
    with served(receipt()._replace(body={"schema": "tallystick.receipt/1", "rejected": rejected}), receipt()) as server:
        assert at.send(server) == Outcome(4, 0)
    assert [len(request.told["sources"][0].get("events", ())) for request in server.requests] == [3, 2, 1]


def test_more_rejections_than_are_named_are_narrowed_down(stand: Callable[[int], Stand]) -> None:
    at = stand(3)
    first = receipt([{"table": "events", "source": 0, "row": 1, "reason": "x"}], rejected_more=1)
    with served(first, receipt()) as server:
        assert at.send(server) == Outcome(4, 0)
    assert at.outbox.refused() == []


def test_a_title_that_is_rejected_is_found_though_others_may_not_leave(stand: Callable[[int], Stand]) -> None:
    at = stand(1)
    with closing(SqliteLedger(at.path, write=True)) as ledger:
        hidden = batch(
            LOG, [View(9, context=View().context._replace(session="s7", project="/x"))], titles=[("s7", "X", 1)]
        )
        ledger.add([hidden, batch(LOG, titles=[("s1", "Y", 1)])])
    with served(receipt([{"table": "titles", "source": 0, "row": 0, "reason": "x"}]), receipt()) as server:
        outcome = at.send(server, paths=[{"match": "/x", "session": "leave-out"}])
    assert server.requests[0].told["sources"][0]["titles"] == [["s1", "Y", 1]]
    # Which of the two is not known: both are kept for another try.
    assert (outcome.sent, outcome.refused) == (3, 2)
    assert {refusal.id for refusal in at.outbox.refused()} == {"s1", "s7"}


def test_what_a_server_does_not_understand_is_narrowed_down(stand: Callable[[int], Stand]) -> None:
    at = stand(1)
    malformed = Reply(400, {"error": {"code": "malformed", "message": "`events` is no list."}})
    with served(malformed, malformed, receipt()) as server:
        assert at.send(server) == Outcome(1, 1)
    assert at.outbox.refused()[0].reason == "`events` is no list."


def test_a_server_that_understands_nothing_is_not_sent_everything_row_by_row(stand: Callable[[int], Stand]) -> None:
    at = stand(100)
    with served(Reply(400, {"error": {"code": "malformed", "message": "?"}})) as server:
        outcome = at.send(server)
    assert (outcome.code, outcome.sent, outcome.refused) == (1, 0, 2)
    assert "does not understand" in outcome.fault
    assert at.outbox.waiting() == 99


@pytest.mark.parametrize("status", [400, 413])
@pytest.mark.parametrize(
    "body",
    [b"", b"<html>413 Request Entity Too Large</html>", {"error": {"message": "x"}}, {"error": "x", "rejected": [{"table": "events", "source": 0, "row": 0}]}, [1]],
)  # fmt: skip
def test_what_something_on_the_way_answers_sets_nothing_aside(
    stand: Callable[[int], Stand], status: int, body: object
) -> None:
    at = stand(2)
    with served(Reply(status, body)) as server:
        outcome = at.send(server, 3)
        assert outcome[:3] == (0, 0, 1)
        assert f"answers with {status}, though not as Tallystick does" in outcome.fault
        assert (at.outbox.waiting(), at.outbox.refused(), at.waits) == (3, [], [1, 2])
        # Only less of it may fit through.
        sizes = [sum(len(each.get("events", ())) for each in request.told["sources"]) for request in server.requests]
        assert sizes == ([2, 2, 2] if status == 400 else [2, 1, 1, 1])
        server.script = [receipt()]
        assert at.send(server) == Outcome(3, 0)


def test_failures_are_waited_out_longer_and_longer(stand: Callable[[int], Stand]) -> None:
    at = stand(2)
    script: list[Script] = [
        Reply(500),
        cut,
        reset,
        Reply(503),
        Reply(200, b"<html>log in"),
        *[Reply(502)] * 6,
        receipt(),
    ]
    with served(*script) as server:
        assert at.send(server) == Outcome(3, 0)
    # Jitter is at its most here: twice as long each time, five minutes at last.
    assert at.waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    # The same each time.
    assert keys(server, 11) == [1, 2]
    assert at.told[0] == "The server answers with 500."
    assert any("no receipt" in each for each in at.told)
    # It is told when all is well again.
    assert at.told[-1] == ""


def test_jitter_is_up_to_half(stand: Callable[[int], Stand]) -> None:
    at = stand(1)
    with served(Reply(500), receipt()) as server:
        sender = at.sender(server)
        sender._world = sender._world._replace(chance=lambda: 0.0)
        sender.send()
    assert at.waits == [0.5]


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    "text, seconds",
    [("42", 42), ("0", 1), ("99999999999", 3_600), ("Mon, 21 Sep 2026 14:13:50 GMT", 30), ("soon", 1), ("-5", 1), ("Mon, 21 Sep 2020 14:13:50 GMT", 1)],
)  # fmt: skip
def test_a_server_is_left_alone_for_as_long_as_it_asks(
    stand: Callable[[int], Stand], status: int, text: str, seconds: float
) -> None:
    at = stand(1)
    at.now = 1_790_000_000_000  # Mon, 21 Sep 2026 14:13:20 GMT
    with served(Reply(status, b"", {"Retry-After": text}), receipt()) as server:
        assert at.send(server).sent == 2
    assert at.waits == [seconds]


def test_who_sends_once_gives_up(stand: Callable[[int], Stand]) -> None:
    at = stand(1)
    with served(Reply(500, {"error": {"message": "The disk is full."}})) as server:
        assert at.send(server, 3) == Outcome(0, 0, 1, "The server answers with 500: The disk is full.")
        assert len(server.requests) == 3
    assert at.outbox.waiting() == 2
    with served(Reply(429, b"", {"Retry-After": "900"})) as server:
        outcome = at.send(server, 3)
    assert (outcome.code, outcome.fault) == (1, "The server answers with 429. It asks to try again in 15 min.")


def test_it_ends_when_it_is_told_to_while_it_waits(stand: Callable[[int], Stand]) -> None:
    at = stand(1)
    at.ending = True
    with served(Reply(500)) as server:
        assert at.send(server).code == 1
    assert len(server.requests) == 1
    assert at.outbox.waiting() == 2


@pytest.mark.parametrize(
    "reply, code, told",
    [
        (Reply(401), 4, "tally join"),
        (Reply(403), 4, "tally join"),
        (Reply(404), 1, "older tokenfold"),
        (Reply(405), 1, "answers with 405"),
        (Reply(415, {"error": {"message": "Send JSON."}}), 1, "415: Send JSON."),
        (Reply(307, b"", {"Location": "https://elsewhere.example/"}), 1, "https://elsewhere.example/"),
    ],
)
def test_what_waiting_does_not_mend_ends_it_and_nothing_is_dropped(
    stand: Callable[[int], Stand], reply: Reply, code: int, told: str
) -> None:
    at = stand(1)
    with served(reply) as server:
        outcome = at.send(server)
    assert outcome[:3] == (0, 0, code)
    assert told in outcome.fault
    assert (at.outbox.waiting(), at.outbox.refused(), at.waits) == (2, [], [])


def test_a_server_that_says_nothing_is_tried_again(stand: Callable[[int], Stand]) -> None:
    at = stand(1)
    with served() as server:

        def slow(_: BaseHTTPRequestHandler) -> None:
            server.ending.wait(1)

        server.script = [slow, receipt()]
        assert at.sender(server, (1, 0.2)).send() == Outcome(2, 0)
    assert "took too long" in at.told[0]


@pytest.mark.parametrize(
    "ahead_ms, told", [(0, ""), (120_000, ""), (180_000, "3 min ahead of"), (-600_000, "10 min behind")]
)
def test_a_clock_that_is_off_is_noticed(stand: Callable[[int], Stand], ahead_ms: int, told: str) -> None:
    at = stand(1)
    at.now = LONG_AGO_MS + ahead_ms
    with served() as server:
        assert at.send(server) == Outcome(2, 0, skew_ms=ahead_ms)
    assert told in skewed(ahead_ms)
    assert bool(skewed(ahead_ms)) == bool(told)


def test_what_is_too_large_by_its_bytes_goes_in_halves(
    stand: Callable[[int], Stand], monkeypatch: pytest.MonkeyPatch
) -> None:
    at = stand(3)
    with closing(SqliteLedger(at.path, write=True)) as ledger:
        noise = [(number, 1, os.urandom(400).hex(), 1, 2, False) for number in range(100)]
        ledger.add([batch(LOG, calls=noise)])
    monkeypatch.setattr("tallystick.intake.push.sender.MOST_BYTES", 20_000)
    with served() as server:
        assert at.send(server) == Outcome(104, 0)
    assert all(len(request.body) <= 20_000 for request in server.requests)
    assert len(server.requests) > 2


def test_what_has_nothing_to_be_sent_is_done_without_the_server(stand: Callable[[int], Stand]) -> None:
    at = stand(0)
    with closing(SqliteLedger(at.path, write=True)) as ledger:
        at.outbox.done(at.outbox.take(9))
        ledger.add([batch(LOG._replace(path="push:laptop:/a"), [View(1)])])
    with served() as server:
        assert at.send(server) == Outcome(0, 0)
    assert server.requests == []
    assert at.outbox.waiting() == 0
