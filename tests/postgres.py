"""A PostgreSQL server of the tests' own, in a folder of its own, reached by a socket there."""

import getpass
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic, sleep

import pytest

from tallystick.access.address import Address

_HBA = "local all guarded scram-sha-256\nlocal all all trust\n"
_QUICK = ("fsync=off", "full_page_writes=off", "shared_buffers=16MB", "max_connections=60", "listen_addresses=", "wal_level=minimal", "max_wal_senders=0", "autovacuum=off")  # fmt: skip
_PATIENCE_S = 20


def folder_of_programs() -> Path | None:
    """Return where PostgreSQL's own programs lie, the newest first; None where they are not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda each: int(each.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


class Server:
    """A server that runs, and can be stopped and started again."""

    def __init__(self, programs: Path, folder: Path, owner: str) -> None:
        """Make a database in an empty folder."""
        self._programs, self.folder, self._owner = programs, folder, owner
        made = [str(programs / "initdb"), "-D", str(folder / "data"), "-A", "trust", "-N", "-U", owner]
        subprocess.run([*made, "--no-locale", "-E", "UTF8"], check=True, user=owner, cwd=folder, capture_output=True)
        (folder / "data" / "pg_hba.conf").write_text(_HBA)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> Address:
        """Where the tests' database is."""
        return Address(((str(self.folder), 5432),), "tally", "", "tally")

    @property
    def url(self) -> str:
        """The same as a person gives it."""
        return f"postgresql://tally@/tally?host={self.folder}"

    def start(self) -> None:
        """Run, and return when it can be asked."""
        settings = [part for each in (*_QUICK, f"unix_socket_directories={self.folder}") for part in ("-c", each)]
        self._process = subprocess.Popen(
            [str(self._programs / "postgres"), "-D", str(self.folder / "data"), *settings],
            user=self._owner,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        end = monotonic() + _PATIENCE_S
        while True:
            try:
                self.run("SELECT 1", "postgres")
            except Exception:
                if monotonic() > end:
                    raise
                sleep(0.02)
            else:
                return

    def stop(self, how: int = signal.SIGINT) -> None:
        """Stop: by default at once and in order, without waiting for whoever is connected."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(_PATIENCE_S)
            self._process = None

    def run(self, sql: str, database: str = "tally") -> list[list[object]]:
        """Carry out a statement as the owner of everything."""
        from tallystick.access.line import connected

        owner = Address(((str(self.folder), 5432),), self._owner, "", database)
        with closing(connected(owner, 5)) as line:
            return line.run(sql)


@contextmanager
def running() -> Iterator[Server]:
    """Give a server; skip the test where PostgreSQL is not installed, unless TALLY_REQUIRE_ENGINE says that it must be."""
    programs = folder_of_programs()
    if programs is None:
        if os.environ.get("TALLY_REQUIRE_ENGINE"):
            pytest.fail("PostgreSQL is not installed, but TALLY_REQUIRE_ENGINE is set")
        pytest.skip("PostgreSQL is not installed")
    # Root may not run it; and what a socket's path may have is little, so that it is no folder of pytest's.
    owner = "postgres" if os.geteuid() == 0 else getpass.getuser()
    folder = Path(tempfile.mkdtemp(prefix="tally-pg-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, owner)
        server = Server(programs, folder, owner)
        server.start()
        try:
            server.run("CREATE ROLE tally LOGIN", "postgres")
            server.run("CREATE ROLE guarded LOGIN PASSWORD 'open sesame'", "postgres")
            server.run("CREATE DATABASE tally OWNER tally", "postgres")
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
