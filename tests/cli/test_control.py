"""Where control data stand, and two real servers over one database: what one is told, the other knows."""

import json
import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from threading import Barrier, Thread
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import pytest
from tests.cli.running import PROGRAM, Told, started, until
from tests.cli.stage import Stage
from tests.postgres import Server

from tallystick.access.engine import Part
from tallystick.access.leases import Leases
from tallystick.access.store import Store, Tables, path
from tallystick.alerts.file import SCHEMA, File
from tallystick.cli import control
from tallystick.errors import Misused
from tallystick.settings import load

SECRET = "hunter2"


def test_by_default_it_stands_in_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TALLY_CONTROL", "TALLY_SERVER_CONTROL"):
        monkeypatch.delenv(name, raising=False)
    chosen = load({"TALLY_DATA_DIR": str(tmp_path)}, str(tmp_path))
    assert control.place(chosen) == control.store(chosen).path == path(str(tmp_path))
    found = control.alerts(chosen)
    assert isinstance(found, File)
    assert found.path == str(tmp_path / "alerts.db")
    # It is always this one's turn.
    assert control.shared(chosen, control.ALERTS) is None


def test_a_database_is_named_once_for_all_and_its_password_is_never_shown(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.say(f'[server]\ncontrol = "postgresql://u:{SECRET}@127.0.0.1:1/t"\n')
    chosen = load({"TALLY_DATA_DIR": str(stage.home / "data")}, str(stage.home))
    assert str(control.place(chosen)) == "postgresql://127.0.0.1:1/t"
    for command in (("server", "tokens", "list"), ("budget", "list"), ("alert", "list"), ("server", "audit")):
        said = stage.tally(*command)
        assert (said.code, SECRET in said.out + said.err) == (3, False)
        assert "postgresql://127.0.0.1:1/t cannot be reached" in said.err
    shown = stage.tally("config", "show").out
    assert re.search(r"server\.control +postgresql://127\.0\.0\.1:1/t +/", shown)
    assert SECRET not in shown
    assert not (stage.home / "data" / "access.db").exists()
    monkeypatch.setenv("TALLY_CONTROL", f"mysql://{SECRET}")
    with pytest.raises(Misused, match="TALLY_CONTROL in the environment must name a PostgreSQL database"):
        control.place(chosen)
    assert re.search(r"server\.control +\(set\) ", stage.tally("config", "show").out)


def test_whose_turn_it_is_is_given_back(postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TALLY_CONTROL", postgres.url)
    chosen = load({"TALLY_DATA_DIR": str(tmp_path)}, str(tmp_path))
    with closing(control.alerts(chosen)) as kept:
        assert isinstance(kept, Tables)
        assert kept.rows("SELECT count(*) FROM episodes") == [(0,)]
    one, other = control.shared(chosen, "x"), control.shared(chosen, "x")
    assert one is not None
    assert other is not None
    assert (one.turn.mine(), other.turn.mine()) == (1, None)
    one.end()
    assert other.turn.mine() == 2
    other.end()


def test_whose_turn_it_is_to_settle_is_shared_with_the_database(
    postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = load({"TALLY_DATA_DIR": str(tmp_path)}, str(tmp_path))
    assert control.settling(chosen) is None
    monkeypatch.setenv("TALLY_CONTROL", postgres.url)
    one, other = control.settling(chosen), control.settling(chosen)
    assert one
    assert other
    number = one.mine()
    assert number
    assert (other.mine(), one.lift(number + 5), one.mine()) == (None, number + 5, number + 5)
    one.end()
    assert other.mine() == number + 6
    other.close()
    assert one.mine() == number + 7
    one.close()


def test_every_command_goes_by_the_database(stage: Stage, postgres: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.answers(2)
    monkeypatch.setenv("TALLY_CONTROL", postgres.url)

    def said(*arguments: str) -> str:
        found = stage.tally(*arguments)
        assert found.code == 0, (arguments, found.err)
        return found.out

    said("server", "tokens", "create", "--scope", "ingest", "--machine", "laptop", "--user", "anna")
    said("server", "machines", "rename", "laptop", "lap")
    said("server", "users", "rename", "anna", "ann")
    (machine,) = json.loads(said("server", "machines", "list", "--json"))["machines"]
    assert (machine["id"], machine["name"], machine["user"], machine["valid"]) == ("laptop", "lap", "ann", True)
    said("server", "tokens", "rotate", "1")
    said("server", "machines", "remove", "lap", "--yes")
    assert "revoked" in said("server", "tokens", "list")
    said("budget", "set", "50 tokens/day", "--hard")
    said("budget", "override", "1", "--for", "1h")
    (budget,) = json.loads(said("budget", "list", "--json"))["budgets"]
    assert (budget["amount"], budget["unit"], budget["hard"]) == (50, "tokens", True)
    said("budget", "remove", "1")
    said("alert", "mute", "spend", "--for", "1h")
    said("alert", "check")
    assert [each["what"] for each in json.loads(said("alert", "list", "--json"))["muted"]] == ["spend"]
    said("alert", "unmute", "spend")
    assert stage.tally("alert", "unmute", "spend").code == 1
    actions = [each["action"] for each in json.loads(said("server", "audit", "--json"))["changes"]]
    assert actions == [
        *("create token", "rename machine", "rename user", "rotate token", "remove machine"),
        *("set budget", "override budget", "remove budget"),
    ]
    kept = {each.name for each in (stage.home / "data").iterdir()}
    assert not kept & {"access.db", "alerts.db"}


class Node:
    """A server that runs, over a database that others use, too."""

    def __init__(self, home: Path, url: str, told: Told) -> None:
        """Begin when it serves."""
        self.home, self.told, self._url = home, told, url
        line = told.next(lambda line: "Tallystick serves at" in line, 30)
        self.address = line.split("serves at ")[1].split("/ ")[0]

    def ask(self, way: str, token: str = "", body: object = None) -> tuple[int, Any]:
        """Return the status and what is answered."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        asked = Request(f"{self.address}{way}", json.dumps(body).encode() if body is not None else None, headers)  # noqa: S310  our own
        try:
            with build_opener(ProxyHandler({})).open(asked, timeout=20) as answer:
                return answer.status, json.loads(answer.read())
        except HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def tally(self, *arguments: str) -> str:
        """Call a command at this node; return what it says."""
        from subprocess import run

        environ = {**os.environ, **surroundings(self.home, self._url)}
        done = run([*PROGRAM, *arguments], env=environ, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout


def surroundings(home: Path, url: str) -> dict[str, str]:
    """Return the environment of a node."""
    return {"HOME": str(home), "TALLY_DATA_DIR": str(home / "data"), "TALLY_CONTROL": url, "TZ": "UTC"}


@contextmanager
def node(stage: Stage, name: str, url: str, config: str = "") -> Iterator[Node]:
    """Give a node with a home of its own."""
    home = stage.home / name
    (home / ".config" / "tallystick").mkdir(parents=True)
    (home / ".config" / "tallystick" / "config.toml").write_text(f'machine = "{name}"\n{config}')
    with started(stage, "serve", "--port", "0", **surroundings(home, url)) as told:
        yield Node(home, url, told)
        told.process.terminate()
        told.process.wait(20)


def test_what_one_server_is_told_the_other_knows_at_once(stage: Stage, postgres: Server) -> None:
    with ExitStack() as stack:
        one, other = (stack.enter_context(node(stage, name, postgres.url)) for name in ("one", "other"))
        # Nobody has a token yet: on this machine anybody may read.
        assert other.ask("/api/v1/alerts")[0] == 200
        token = one.tally("server", "tokens", "create", "--scope", "read").strip()
        assert [each.ask("/api/v1/alerts")[0] for each in (one, other)] == [401, 401]
        assert [each.ask("/api/v1/alerts", token)[0] for each in (other, one)] == [200, 200]
        # One code is exchanged once, although both are asked in the same moment.
        code = one.tally("server", "invite").split()[-1]
        found: list[tuple[int, Any]] = []
        together = Barrier(6)

        def join(at: Node, number: int) -> None:
            together.wait()
            found.append(at.ask("/api/v1/join", body={"code": code, "machine": f"m{number}"}))

        threads = [Thread(target=join, args=((one, other)[number % 2], number)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        joined = [said for status, said in found if status == 200]
        assert len(joined) == 1, found
        assert one.tally("server", "tokens", "list").count("ingest") == 1
        # A budget that was defined at one counts at the other.
        one.tally("budget", "set", "5usd/day")
        assert len(other.ask("/api/v1/budgets", token)[1]["budgets"]) == 1
        other.tally("server", "tokens", "revoke", "1")
        assert [each.ask("/api/v1/alerts", token)[0] for each in (one, other)] == [401, 401]
        audit = other.tally("server", "audit")
        for each in ("create token", "invite", "join", "set budget", "revoke token"):
            assert each in audit


def test_while_the_database_is_away_nobody_is_let_in_and_nobody_has_to_do_anything_afterwards(
    stage: Stage, postgres: Server
) -> None:
    with node(stage, "one", postgres.url) as one:
        token = one.tally("server", "tokens", "create", "--scope", "read").strip()
        assert one.ask("/api/v1/alerts", token)[0] == 200
        postgres.stop()
        try:
            status, said = one.ask("/api/v1/alerts", token)
            assert (status, said["error"]["code"]) == (503, "unavailable")
            # What is guarded stays so.
            assert one.ask("/api/v1/alerts")[0] == 401
            # What needs nobody's leave goes on.
            assert one.ask("/health")[0] == 200
        finally:
            postgres.start()
        assert until(lambda: one.ask("/api/v1/alerts", token)[0] == 200, 5)
        assert one.ask("/api/v1/alerts")[0] == 401


def test_an_alert_is_told_once_and_by_the_other_when_one_is_killed(stage: Stage, postgres: Server) -> None:
    heard = stage.home / "heard"
    config = f'[alerts]\n[[alerts.to]]\nkind = "command"\nname = "heard"\nrun = ["sh", "-c", "echo told >> {heard}"]\n'
    with closing(Tables(postgres.address, Part("alerts", (SCHEMA,)))) as kept:
        assert kept.rows("SELECT * FROM episodes") == []
    tell(postgres)
    with ExitStack() as stack, closing(Store(postgres.address)) as store:
        nodes = {name: stack.enter_context(node(stage, name, postgres.url, config)) for name in ("one", "other")}
        leases = Leases(store)
        assert until(lambda: postgres.run("SELECT state FROM tallystick.tellings") == [["told"]], 20)
        assert heard.read_text() == "told\n"
        (first,) = leases.held()
        assert (first.name, first.number) == ("alerts", 1)
        # Whose turn it is is killed, and its time is over: the next one follows.
        killed = nodes.pop(first.holder.split(":")[0])
        killed.told.process.kill()
        killed.told.process.wait()
        with store.changing("", 0) as change:
            change.do("UPDATE leases SET until = 0")
        (left,) = nodes.values()
        assert until(lambda: [each.number for each in leases.held()] == [2], 20)
        assert leases.held()[0].holder.startswith(f"{left.home.name}:")
        assert left.ask("/api/v1/alerts")[1]["open"][0]["told"][0]["state"] == "told"
        # Whoever ends in order does not have to be waited for.
        left.told.process.terminate()
        left.told.process.wait(20)
        assert leases.held() == []
    assert heard.read_text() == "told\n"


def tell(postgres: Server) -> None:
    """Have an alert that is to be told by the one way out that there is."""
    postgres.run(
        "INSERT INTO tallystick.episodes (key, rule, state, level, title, text, facts, term, span, first, began, looked,"
        " held, calm, ended, why) VALUES ('k', 'machines', 'open', 'warning', 'T', 'X', '{}', 0, 0, 1, 1, 1, 0, -1, 0, '')"
    )
    postgres.run("INSERT INTO tallystick.tellings SELECT id, 'heard', 'waiting', 0, 0, 0, '' FROM tallystick.episodes")
