"""One connection: what it finds and does, and which of several hosts it goes to."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.postgres import Server

from tallystick.access.line import Error, InterfaceError, Line, _tls, connected


@pytest.fixture
def line(postgres: Server) -> Iterator[Line]:
    """Return a connection."""
    with closing(connected(postgres.address, 5)) as made:
        yield made


def test_values_go_and_come_as_they_are(line: Line) -> None:
    line.run("CREATE TEMPORARY TABLE t (a BIGINT, b TEXT, c BYTEA, d DOUBLE PRECISION)")
    done = line.execute("INSERT INTO t VALUES (?, ?, ?, ?)", (2**62, "it's ? ü\n", b"\x00\xff", "0.8"))
    assert done.rowcount == 1
    found = line.execute("SELECT a, b, c, d, NULL FROM t WHERE a = ?", (2**62,))
    assert found.fetchone() == (2**62, "it's ? ü\n", b"\x00\xff", 0.8, None)
    assert found.fetchone() is None
    # Prepared once, carried out again.
    for name in ("x", None):
        line.execute("INSERT INTO t VALUES (?, ?, ?, ?)", (1, name, None, None))
    assert line.execute("SELECT b FROM t WHERE a = ? ORDER BY b", (1,)).fetchall() == [("x",), (None,)]
    assert line.execute("UPDATE t SET a = a + ?", (1,)).rowcount == 3
    assert list(line.execute("SELECT 1 FROM t WHERE a > ?", (2**62,))) == [(1,)]


def test_the_first_host_that_takes_changes_is_used(postgres: Server) -> None:
    here = postgres.address
    nowhere = (str(postgres.folder / "nowhere"), 5432)
    with closing(connected(here._replace(hosts=(nowhere, *here.hosts)), 5)) as line:
        assert line.run("SELECT 1") == [[1]]
    with pytest.raises(Error):
        connected(here._replace(hosts=(nowhere, nowhere)), 5)


def test_a_standby_is_passed_over(postgres: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Line.run
    monkeypatch.setattr(Line, "run", lambda line, sql: asked(line, sql.replace("pg_is_in_recovery()", "true")))
    here = postgres.address
    with pytest.raises(InterfaceError, match="only standbys"):
        connected(here._replace(hosts=here.hosts * 2), 5)


def test_encryption_is_as_it_is_asked_for(postgres: Server, tmp_path: Path) -> None:
    found = [_tls(postgres.address._replace(sslmode=mode)) for mode in ("disable", "prefer", "require")]
    assert found == [False, None, True]
    checked = _tls(postgres.address._replace(sslmode="verify-full"))
    assert checked is not None
    assert not isinstance(checked, bool)
    assert checked.check_hostname
    with pytest.raises(OSError, match="No such file"):
        _tls(postgres.address._replace(sslmode="verify-full", sslrootcert=str(tmp_path / "none")))
