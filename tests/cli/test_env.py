"""`tally env`: variables for a .env file, put in once, taken out without a trace."""

import os
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.stage import Stage
from tests.cli.test_ca import wire
from tests.shell.listeners import healthy

from tallystick.cli import entrance, env
from tallystick.intake.proxy.running import Running, alone, tell
from tallystick.shell.variables import of, plain

__all__ = ["wire"]


@pytest.fixture
def port(wire: Stage) -> Iterator[int]:
    """Return the port of a proxy that answers."""
    data = str(wire.home / "data")
    with healthy() as number, alone(data):
        tell(data, Running(os.getpid(), number, 1))
        yield number


def wanted(stage: Stage, port: int) -> dict[str, str]:
    """Return the variables that there should be."""
    ca = stage.home / "data" / "ca"
    return plain(of(f"http://127.0.0.1:{port}", str(ca / "extra.pem"), str(ca / "bundle.pem"), {}))


def test_they_are_printed(wire: Stage, port: int) -> None:
    found = wire.tally("env")
    assert (found.code, found.err) == (0, "")
    assert dict(line.split("=", 1) for line in found.out.splitlines()) == wanted(wire, port)
    assert all(Path(value).is_file() for value in wanted(wire, port).values() if value.startswith("/"))


def test_without_a_proxy_they_are_those_of_its_usual_port(wire: Stage) -> None:
    found = wire.tally("env")
    assert found.code == 0
    assert dict(line.split("=", 1) for line in found.out.splitlines()) == wanted(wire, 8377)
    assert "The proxy does not run" in found.err


@pytest.mark.parametrize("before", [b"", b"A=1", b"A=1\r\nB='x y'\r\n", b"# words\n\nA=1\n\n"])
def test_a_file_takes_them_once_and_gives_them_back(wire: Stage, port: int, before: bytes) -> None:
    file = wire.home / ".env"
    file.write_bytes(before)
    assert wire.tally("env", "-o", str(file)) == (0, "", "")
    first = file.read_bytes()
    assert first.startswith(before)
    assert first.count(f"HTTPS_PROXY=http://127.0.0.1:{port}".encode()) == 1
    assert wire.tally("env", "-o", str(file)).code == 0
    assert file.read_bytes() == first
    assert wire.tally("env", "-o", str(file), "--remove") == (0, "", "")
    assert file.read_bytes() == before
    assert "nothing of ours" in wire.tally("env", "-o", str(file), "--remove").err


def test_a_file_that_is_made_for_them_is_gone_with_them(wire: Stage, port: int) -> None:
    file = wire.home / "project" / ".env"
    assert port
    assert wire.tally("env", "-o", str(file)).code == 0
    assert wire.tally("env", "-o", str(file), "--remove").code == 0
    assert not file.exists()


def test_what_the_file_sets_besides_is_told(wire: Stage, port: int) -> None:
    file = wire.home / ".env"
    file.write_text("export HTTPS_PROXY=http://corp:1\nNO_PROXY = x\nOTHER=1\n")
    found = wire.tally("env", "-o", str(file))
    assert (found.code, port > 0) == (0, True)
    assert "sets HTTPS_PROXY, NO_PROXY besides" in found.err


def test_removing_needs_a_file(wire: Stage) -> None:
    assert wire.tally("env", "--remove").code == 2


def test_values_are_quoted_only_where_they_must_be() -> None:
    lines = env.written({"A": "/plain:path,1", "B": '/a b/it\'s $HOME `x` "q" \\'})
    assert lines == 'A=/plain:path,1\nB="/a b/it\'s \\$HOME \\`x\\` \\"q\\" \\\\"\n'
    # As a shell reads it that sources the file.
    assert shlex.split(lines.splitlines()[0]) == ["A=/plain:path,1"]


@pytest.mark.usefixtures("wire")
def test_what_is_given_to_a_program_knows_the_persons_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://corp:3128")
    given = env.given(entrance.settings(), env.address())
    assert given["HTTPS_PROXY"] == "http://127.0.0.1:8377" == env.address()
    assert given["_TALLY_OWN_HTTPS_PROXY"] == "http://corp:3128"
