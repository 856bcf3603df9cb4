"""The client, run as a person or cron runs it: the oldest and a new Python, nothing but their own library, a real server."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from tests.intake.push.clients import LOG, Client, furnish, ledgers, outputs, read_in, take_in, together, told
from tests.intake.push.pythons import BOTH
from tests.intake.push.receiving import CODE, TOKEN, Receiver, receiver
from tests.intake.tree import answer, write

from tallystick.ledger.sqlite.engine import SqliteLedger

HEAVY = {
    "sqlite3",
    "json",
    "re",
    "typing",
    "hashlib",
    "ssl",
    "http",
    "datetime",
    "argparse",
    "subprocess",
    "zipfile",
    "gzip",
}
"""What a run without news has no time to import."""
CPU_SECONDS_MOST = 0.1


@BOTH
@pytest.mark.slow
def test_it_tells_of_every_tool_what_the_full_product_reads(tmp_path: Path, version: str) -> None:
    wrong = []
    for number, cases in enumerate(together()):
        with receiver() as server, closing(SqliteLedger(":memory:", write=True)) as here, closing(SqliteLedger(":memory:", write=True)) as there:  # fmt: skip
            client = Client(tmp_path / str(number), version)
            furnish(client.home, cases)
            client.join(server)
            read_in(client.home, here)
            take_in(server.bodies, there)
            ours, theirs = told(there), told(here)
            assert theirs["events"] or theirs["skipped"]
            wrong += [([case.name for case in cases], name) for name in theirs if ours[name] != theirs[name]]
    assert not wrong


@BOTH
@pytest.mark.slow
def test_a_made_up_tree_is_read_and_told_whole_also_when_it_is_killed_on_the_way(
    tmp_path: Path, shared: Path, server: Receiver, version: str
) -> None:
    maker = [sys.executable, str(shared / "corpus" / "make_corpus.py"), "--out", str(tmp_path / "tree"), "--seed", "7"]
    subprocess.run([*maker, "--size-mib", "20", "--share", "claude=50,codex=25,opencode=13,gemini=12"], check=True)
    client = Client(tmp_path, version, tmp_path / "tree" / "home")
    with subprocess.Popen(
        [*client.command, "--server", server.url, "--join", CODE, "--machine", "box"], env=client.environ
    ) as killed:
        while not server.bodies and killed.poll() is None:
            pass
        killed.kill()
    assert killed.returncode == -9
    assert client().returncode == 0
    here, there = ledgers()
    with closing(here), closing(there):
        read_in(client.home, here)
        take_in(server.bodies, there)
        assert told(there) == told(here)
    sent = len(server.bodies)
    used = []
    for _ in range(5):
        before = os.times()
        assert client().returncode == 0
        after = os.times()
        used.append(after.children_user + after.children_system - before.children_user - before.children_system)
    assert len(server.bodies) == sent
    assert min(used) <= CPU_SECONDS_MOST


@BOTH
def test_a_run_without_news_imports_little_and_opens_nothing(tmp_path: Path, server: Receiver, version: str) -> None:
    client = Client(tmp_path, version)
    write(client.home / LOG, answer(1))
    client.join(server)
    client.command.insert(1, "-Ximporttime")
    done = client("--verbose")
    assert done.returncode == 0
    rows = [
        row.rpartition(b"|")[2].strip().decode() for row in done.stderr.splitlines() if row.startswith(b"import time:")
    ]
    # What stands before is what Python itself needs to run an archive.
    imported = set(rows[rows.index("unpacking") :])
    assert {"tallystick.tools.shelf", "tallystick.intake.push.client"} <= imported
    assert not imported & HEAVY
    assert b"Nothing new in 1 files." in done.stderr
    assert len(server.bodies) == 1


@BOTH
def test_whatever_happens_to_logs_nothing_is_lost_or_counted_twice(
    tmp_path: Path, server: Receiver, version: str
) -> None:
    client = Client(tmp_path, version)
    path, other = client.home / LOG, client.home / LOG.replace("s1", "s2")
    steps: dict[str, Callable[[], object]] = {
        "a torn line": lambda: write(path, answer(1) + answer(2)[:70]),
        "its end": lambda: write(path, answer(1) + answer(2) + answer(3)),
        "bad bytes": lambda: write(other, answer(4, sessionId="s2") + b"\xff\x00{]\n" + b"[" * 90 + b"\n" + answer(5, sessionId="s2")),
        "a file that is gone": path.unlink,
        "a rewritten one": lambda: write(other, answer(6, sessionId="s2")),
        "one under another name": lambda: other.rename(path),
        "one that came back": lambda: write(other, answer(4, sessionId="s2") + answer(7, sessionId="s2")),
    }  # fmt: skip
    here, there = ledgers()
    with closing(here), closing(there):
        for step, happen in steps.items():
            happen()
            if server.asked:
                assert client().returncode == 0, step
            else:
                client.join(server)
            read_in(client.home, here)
            take_in(server.bodies, there)
            assert told(there) == told(here), step
            server.bodies.clear()
        assert sum(1 for _ in here.ask("events", since=-(2**62), until=2**62)) == 7


def test_what_was_read_is_not_sent_again(client: Client, server: Receiver) -> None:
    client.join(server)
    with (client.home / LOG).open("ab") as file:
        file.write(answer(3, 30))
    assert client().returncode == 0
    # The last answer of a log may have gone on: it is told again with what follows it.
    assert outputs(server) == [10, 20, 20, 30]
    assert client("--once").returncode == 0
    assert len(server.bodies) == 2


def test_it_shows_what_would_leave_and_sends_nothing(client: Client, server: Receiver) -> None:
    shown = [client("--show") for _ in range(2)]
    assert [done.returncode for done in shown] == [0, 0]
    lines = [json.loads(line) for done in shown for line in done.stdout.splitlines()]
    client.join(server)
    sent = server.envelopes
    for each in (*lines, *sent):
        assert each.pop("sent_at") > 1_700_000_000_000
        assert each.pop("client")["name"] == "client.pyz"
    assert lines == sent * 2
    assert outputs(server) == [10, 20]


@pytest.mark.parametrize(
    "arguments, code, sentence",
    [
        ((), 2, b"This machine has no server yet: say --server URL --join CODE"),
        (("--nonsense",), 2, b"'--nonsense' is not understood"),
        (("--server", "ftp://x", "--join", CODE), 2, b"'ftp://x' is no address of a server"),
        (("--join", CODE), 2, b"say --server URL, too"),
        (("--server", "http://127.0.0.1:9", "--join", CODE), 3, b"cannot be reached"),
    ],
)
def test_a_failure_is_told_in_a_sentence(
    client: Client, arguments: tuple[str, ...], code: int, sentence: bytes
) -> None:
    done = client(*arguments)
    assert (done.returncode, done.stdout) == (code, b"")
    assert sentence in done.stderr
    assert done.stderr.count(b"\n") == 1
    assert done.stderr.endswith(b".\n")


@pytest.mark.parametrize("url", ["http://tally.example.org", "http://192.0.2.1:3847"])
@pytest.mark.parametrize("more", [("--join", CODE), ()])
def test_over_an_open_network_nothing_is_sent_unless_that_is_wanted(
    client: Client, url: str, more: tuple[str, ...]
) -> None:
    # Whatever is asked for goes to a proxy that is not there.
    away = {"http_proxy": "http://127.0.0.1:9", "TALLY_PUSH_TOKEN": TOKEN}
    done = client("--server", url, *more, **away)
    assert (done.returncode, b"could be read on the way" in done.stderr, b"--insecure" in done.stderr) == (
        4,
        True,
        True,
    )
    (pairing,) = client.state.rglob("pairing.json")
    assert json.loads(pairing.read_text())["url"] == ""
    done = client("--server", url, *more, "--insecure", "--once", **away)
    assert b"cannot be reached" in done.stderr
    assert (b"the code is used up" in done.stderr) == bool(more)
    if not more:
        # What was said once is remembered.
        assert json.loads(pairing.read_text())["url"] == url


def test_a_code_that_is_not_known_is_refused(client: Client, server: Receiver) -> None:
    done = client("--server", server.url, "--join", "WRONG")
    assert (done.returncode, done.stderr) == (4, b"The server does not take the code: This code is not known.\n")
    assert server.asked[0]["machine"]


def test_the_token_is_kept_for_its_owner_and_its_server(client: Client, server: Receiver) -> None:
    client.join(server)
    (pairing,) = client.state.rglob("pairing.json")
    assert stat.S_IMODE(pairing.stat().st_mode) == 0o600
    assert TOKEN.encode() in client.kept
    write(client.home / LOG, answer(3))
    with receiver() as other:
        done = client("--server", other.url)
        assert (done.returncode, other.bodies) == (2, [])
        assert TOKEN.encode() not in client.kept
        # The environment's goes before what is kept, and is not kept.
        assert client(TALLY_PUSH_TOKEN=TOKEN).returncode == 0
        assert outputs(other) == [10]
        assert TOKEN.encode() not in client.kept


def test_packed_logs_are_told_where_they_cannot_be_read(client: Client, server: Receiver) -> None:
    write(client.home / ".codex/archived_sessions/rollout-2026-11-01T12-00-00-01a196fb.jsonl.zst", b"\x28\xb5\x2f\xfd")
    client.join(server)
    assert outputs(server) == [10, 20]
    assert (
        server.envelopes[-1]["client"]["trouble"]
        == "1 files packed with zstd are left out: Python reads them from 3.14 on."
    )
    assert client("--verbose").stderr == b"Nothing new in 2 files.\n"


def test_it_has_itself_run_every_five_minutes(client: Client, server: Receiver, tmp_path: Path) -> None:
    table = tmp_path / "table"
    program = tmp_path / "bin" / "crontab"
    write(program, f'#!/bin/sh\nif [ "$1" = -l ]; then cat "{table}" 2>/dev/null || {{ echo "no crontab for dev" >&2; exit 1; }}; else cat > "{table}"; fi\n'.encode())  # fmt: skip
    program.chmod(0o755)
    client.environ["PATH"] = f"{program.parent}:{client.environ['PATH']}"
    client.join(server)
    shown = client("--install", "--dry-run")
    assert (shown.returncode, table.exists()) == (0, False)
    assert shown.stdout.startswith(b"run crontab -, with:\n")
    assert client("--install", TALLY_PUSH_TOKEN=TOKEN).returncode == 0
    (entry,) = table.read_text().splitlines()
    assert entry.encode() in shown.stdout
    minutes, command = entry.split(" * * * * ")
    assert minutes.endswith("-59/5")
    # What stands there is what runs, as cron runs it.
    write(client.home / LOG, answer(5, 50))
    cron = {name: client.environ[name] for name in ("HOME", "XDG_STATE_HOME")}
    subprocess.run(["/bin/sh", "-c", command], env=cron, check=True)
    assert outputs(server)[-1] == 50
    assert client("--uninstall").returncode == 0
    assert table.read_text() == ""


def test_it_tells_how_it_is_used(client: Client) -> None:
    assert client("--help").stdout.startswith(b"Usage: python3 -I -S client.pyz")
    assert client("--version").stdout.startswith(b"client.pyz 0.")


def test_another_server_gets_everything_from_the_beginning(client: Client, server: Receiver) -> None:
    client.join(server)
    with receiver() as other:
        client.join(other)
        assert outputs(other) == [10, 20]
        assert client().returncode == 0
        assert len(other.bodies) == 1


def test_who_joins_again_or_says_so_sends_everything_once_more(client: Client, server: Receiver) -> None:
    client.join(server)
    # The server may have forgotten the machine.
    client.join(server)
    assert outputs(server) == [10, 20] * 2
    assert client("--all").returncode == 0
    assert outputs(server) == [10, 20] * 3
    done = client("--all", "--show")
    assert (done.returncode, done.stdout) == (2, b"")
    assert client().returncode == 0
    assert outputs(server) == [10, 20] * 3
