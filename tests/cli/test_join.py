"""`tally join` and `tally leave`: this machine is paired with a real server, and what happens when it cannot be."""

import json
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.cli.stage import Said, Stage
from tests.faces.http.live import SITE, serving

from tallystick.access import keys, tokens
from tallystick.access.door import Door
from tallystick.access.invites import invite
from tallystick.access.keys import Wanted
from tallystick.access.store import Store, path
from tallystick.cli import entrance, service
from tallystick.faces.http.routes import join
from tallystick.intake.push import pairing

CODE = "ABCD-EFGH-JKLM"


class Hub(NamedTuple):
    """A server with which machines are paired."""

    url: str
    store: Store

    def code(self, machine: str = "", user: str = "", lasts: int = 60_000) -> str:
        """Return a new code."""
        now = entrance.now()
        return invite(
            self.store, Wanted("ingest", machine, user, expires=now + lasts), "cli", min(now, now + lasts - 1)
        )


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    """Return a server that is not of this machine's ledger."""
    folder = tmp_path / "hub"
    folder.mkdir()
    store = Store(path(str(folder)))
    door = Door(store, entrance.now)
    site = SITE._replace(admit=door.admit, guarded=door.guarded)
    with serving(folder, site, [join.router(door, "the hub")], full=False) as live:
        yield Hub(f"http://127.0.0.1:{live.port}", store)
    store.close()


@contextmanager
def answering(status: int, body: bytes, **headers: str) -> Iterator[str]:
    """Serve the same answer to whatever is asked, and return the address."""

    class Same(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Same) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def paired(stage: Stage) -> pairing.Pairing | None:
    """Return what this machine keeps of its server."""
    return pairing.read(str(stage.home / "data" / "push.json"))


def joined(stage: Stage, *arguments: str) -> Said:
    """Join without being asked anything."""
    return stage.tally("join", *arguments, "--no-service")


def test_a_machine_joins_sends_nothing_else_of_itself_and_leaves(stage: Stage, hub: Hub) -> None:
    code = hub.code(user="anna")
    said = joined(stage, f"{hub.url}/", code.lower(), "--machine", "laptop")
    assert said.code == 0, said.err
    assert said.out == f"This machine is laptop, of anna, and belongs to {hub.url} (the hub).\n"
    kept = paired(stage)
    assert kept
    assert (kept.url, kept.machine, kept.user) == (hub.url, "laptop", "anna")
    assert kept.token not in said.out + said.err
    assert code not in said.out + said.err
    grant = keys.admit(hub.store, kept.token, entrance.now())
    assert grant
    assert (grant.scope, grant.machine) == ("ingest", "laptop")
    file = stage.home / "data" / "push.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    left = stage.tally("leave")
    assert (left.code, left.out, left.err) == (0, f"This machine no longer belongs to {hub.url}.\n", "")
    assert keys.admit(hub.store, kept.token, entrance.now()) is None
    assert kept.token not in file.read_text()
    again = stage.tally("leave")
    assert (again.code, again.err) == (1, "tally: This machine belongs to no server.\n")


def test_a_machine_has_the_name_that_it_has_unless_the_invitation_names_it(
    stage: Stage, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TALLY_MACHINE", "box")
    assert joined(stage, hub.url, hub.code()).code == 0
    kept = paired(stage)
    assert kept
    assert kept.machine == "box"
    said = joined(stage, hub.url, hub.code("server-room"))
    assert said.out.startswith("This machine is server-room, and belongs to")
    # Joined once more it goes on under the same pseudonyms.
    again = paired(stage)
    assert again
    assert (again.machine, again.key) == ("server-room", kept.key)
    assert again.token != kept.token


def test_the_code_can_come_from_the_input(stage: Stage, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", StringIO(f"{hub.code()}\n"))
    assert joined(stage, hub.url, "-", "--machine", "laptop").code == 0
    monkeypatch.setattr("sys.stdin", StringIO(""))
    said = joined(stage, hub.url, "-", "--machine", "laptop")
    assert (said.code, "That is no code" in said.err) == (2, True)


def test_a_code_that_does_not_count_is_told_of_and_changes_nothing(stage: Stage, hub: Hub) -> None:
    first = hub.code()
    assert joined(stage, hub.url, first, "--machine", "laptop").code == 0
    before = paired(stage)
    for code, machine, exit_code, sentence in (
        (first, "other", 4, "This code was used already"),
        (hub.code(lasts=0), "other", 4, "This code has expired"),
        (CODE, "other", 4, "There is no such code"),
        (hub.code(), "laptop", 4, "There is a machine of that name already"),
        ("WXYZ", "other", 2, "That is no code"),
        (hub.code(), "<b>", 2, "This name of a machine cannot be used"),
    ):
        said = joined(stage, hub.url, code, "--machine", machine)
        assert (said.code, said.out) == (exit_code, ""), said.err
        assert sentence in said.err
        assert code not in said.err
        assert paired(stage) == before


@pytest.mark.parametrize("url", ["http://tally.example.org", "http://192.0.2.1:3847", "http://localhost.example.org"])
def test_over_an_open_network_nothing_is_sent_unless_that_is_wanted(stage: Stage, url: str) -> None:
    said = joined(stage, url, CODE)
    assert said.code == 4
    assert "could be read on the way" in said.err
    assert "--insecure" in said.err
    assert CODE not in said.err


@pytest.mark.parametrize("url", ["tally.example.org", "ftp://x", "https://a:b@x", "https://", "http://x:99999"])
def test_what_is_no_address_is_told_of(stage: Stage, url: str) -> None:
    said = joined(stage, url, CODE)
    assert said.code == 2
    assert "The command line names" in said.err


def test_a_server_that_is_not_there_is_told_of(stage: Stage) -> None:
    said = joined(stage, "http://127.0.0.1:1", CODE)
    assert said.code == 3
    assert said.err.startswith("tally: http://127.0.0.1:1 cannot be reached (connection refused). See whether")
    assert "Where only its answer was lost, the code is used up" in said.err
    assert paired(stage) is None


def told(**changes: Any) -> bytes:  # noqa: ANN401  whatever JSON holds
    """Return what a server tells to who has joined, with changes."""
    return json.dumps(
        {"token": tokens.make("ingest"), "machine": "laptop", "user": "", "server": "hub", **changes}
    ).encode()


PROBLEM = b'{"error": {"code": "%s", "message": "Because \\u001b[31mof that."}}'


@pytest.mark.parametrize(
    "status, body, headers, code, sentence",
    [
        (404, b"<html>nothing</html>", {}, 3, "(status 404) is no Tallystick server"),
        (200, b"<html>hello</html>", {}, 3, "(status 200) is no Tallystick server"),
        (200, b"[" * 100_000, {}, 3, "is no Tallystick server"),
        (200, b"{}", {}, 3, "is no Tallystick server"),
        (200, told(token="tally_i_x"), {}, 3, "is no Tallystick server"),
        (200, told(token=tokens.make("admin")), {}, 3, "is no Tallystick server"),
        (200, told(machine="<b>"), {}, 3, "is no Tallystick server"),
        (200, told(user=5), {}, 3, "is no Tallystick server"),
        (200, told(server="\x1b[31m"), {}, 3, "is no Tallystick server"),
        (302, b"", {"Location": "https://elsewhere.example/"}, 3, "sends to https://elsewhere.example/: if that"),
        (429, PROBLEM % b"too_often", {"Retry_After": "7"}, 3, "try again in 7 s."),
        (503, PROBLEM % b"unavailable", {}, 3, "try again later."),
        (421, PROBLEM % b"misdirected", {}, 3, "TALLY_SERVER_HOSTS"),
        (401, PROBLEM % b"wrong", {}, 4, "Because �[31mof that."),
        (500, b"", {}, 3, "(status 500) is no Tallystick server"),
    ],
)  # fmt: skip
def test_what_is_no_server_or_does_not_want_is_told_of(
    stage: Stage, status: int, body: bytes, headers: dict[str, str], code: int, sentence: str
) -> None:
    with answering(status, body, **headers) as url:
        said = joined(stage, url, CODE)
    assert (said.code, said.out) == (code, "")
    assert sentence in said.err
    assert "\x1b" not in said.err
    assert paired(stage) is None


def test_where_a_token_cannot_be_kept_no_code_is_spent(stage: Stage, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    code = hub.code()
    monkeypatch.setenv("TALLY_DATA_DIR", "/dev/null/x")
    assert joined(stage, hub.url, code, "--machine", "laptop").code == 3
    monkeypatch.setenv("TALLY_DATA_DIR", str(stage.home / "data"))
    assert joined(stage, hub.url, code, "--machine", "laptop").code == 0


def test_another_server_takes_the_place_of_the_one_before(stage: Stage, hub: Hub) -> None:
    pairing.write(str(stage.home / "data" / "push.json"), pairing.Pairing("https://before.example", "t", "m"))
    said = joined(stage, hub.url, hub.code(), "--machine", "laptop")
    assert said.code == 0
    assert "It was paired with https://before.example before" in said.err


def test_who_joins_again_sends_everything_again(stage: Stage, hub: Hub) -> None:
    stage.answers(2)
    stage.tally("daily")
    assert joined(stage, hub.url, hub.code(), "--machine", "laptop").code == 0
    opened = entrance.house(entrance.settings())
    with closing(opened.outbox()) as outbox:
        outbox.make(f"{hub.url} laptop")
        outbox.done(outbox.take(100))
    assert opened.outbox_standing() == (0, [])
    # Of a machine that was removed the server knows nothing any more, of itself it may not know either.
    assert joined(stage, hub.url, hub.code("laptop"), "--machine", "laptop").code == 0
    with closing(opened.outbox()) as outbox:
        outbox.make(f"{hub.url} laptop")
    # Two answers and their log.
    assert opened.outbox_standing() == (3, [])


def test_who_joins_again_is_told_where_the_ledger_cannot_be_used(stage: Stage, hub: Hub) -> None:
    (stage.home / "data").mkdir()
    (stage.home / "data" / "ledger.db").write_bytes(b"no ledger" * 1_000)
    said = joined(stage, hub.url, hub.code(), "--machine", "laptop")
    assert (said.code, said.out[:22]) == (0, "This machine is laptop")
    assert "`tally push --all`" in said.err


def test_a_machine_leaves_also_when_its_server_is_gone(stage: Stage) -> None:
    token = tokens.make("ingest")
    pairing.write(str(stage.home / "data" / "push.json"), pairing.Pairing("http://127.0.0.1:1", token, "m"))
    said = stage.tally("leave")
    assert (said.code, said.out) == (0, "This machine no longer belongs to http://127.0.0.1:1.\n")
    assert f"until somebody revokes it: `tally server tokens list` shows it as {token[:12]}…" in said.err
    assert token not in said.err
    assert stage.tally("leave").code == 1


@pytest.mark.parametrize(
    "arguments, installed, note",
    [(["--yes"], 1, ""), (["--service"], 1, ""), (["-n"], 0, ""), ([], 0, "`tally service install`")],
)
def test_the_background_service_is_offered(
    stage: Stage, hub: Hub, monkeypatch: pytest.MonkeyPatch, arguments: list[str], installed: int, note: str
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(service, "install", lambda *_, **__: asked.append(1))
    said = stage.tally("join", hub.url, hub.code(), "--machine", "laptop", *arguments)
    assert said.code == 0
    assert len(asked) == installed
    assert note in said.err if note else said.err == ""


class Terminal(StringIO):
    """What a person types."""

    def isatty(self) -> bool:
        """Tell that there is one."""
        return True


@pytest.mark.parametrize("typed, installed", [("y\n", 1), ("\n", 1), ("n\n", 0)])
def test_on_a_terminal_a_person_is_asked(
    stage: Stage, hub: Hub, monkeypatch: pytest.MonkeyPatch, typed: str, installed: int
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(service, "install", lambda *_, **__: asked.append(1))
    monkeypatch.setattr("sys.stdin", Terminal(typed))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    said = stage.tally("join", hub.url, hub.code(), "--machine", "laptop")
    assert said.code == 0
    assert "Install the background service" in said.out
    assert len(asked) == installed
