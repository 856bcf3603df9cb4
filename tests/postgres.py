"""A PostgreSQL server of the tests' own, in a folder of its own, reached by a socket there."""

import getpass
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

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

    @property
    def address(self) -> Address:
        """Where the tests' database is."""
        return Address(((str(self.folder), 5432),), "tally", "", "tally")

    @property
    def url(self) -> str:
        """The same as a person gives it."""
        return f"postgresql://tally@/tally?host={self.folder}"

    def start(self) -> None:
        """Run, and return when it can be asked; it is no child of the tests, of whom some wait for all that they have."""
        settings = " ".join(f"-c {each}" for each in (*_QUICK, f"unix_socket_directories={self.folder}"))
        self._control("-o", settings, "-l", str(self.folder / "log"), "start")

    def stop(self, how: str = "fast") -> None:
        """Stop: `fast` in order, without waiting for whoever is connected, or `immediate` as in a crash."""
        self._control("-m", how, "stop")

    def _control(self, *arguments: str) -> None:
        command = [str(self._programs / "pg_ctl"), "-D", str(self.folder / "data"), "-t", str(_PATIENCE_S), "-w"]
        subprocess.run([*command, *arguments], check=True, user=self._owner, cwd=self.folder, stdout=subprocess.DEVNULL)

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
            # A test that failed may have stopped it.
            with suppress(subprocess.CalledProcessError):
                server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
