"""The proxy itself, in a thread of the test, and what it spooled."""

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mitmproxy.master import Master
from tests.intake.proxy.origin import HOSTS, Authority, Origin, in_thread
from tests.intake.wire.stand_in import Listed

from tallystick.intake.proxy.addon import Desk
from tallystick.intake.proxy.archive import Archive
from tallystick.intake.proxy.plan import Plan, Way
from tallystick.intake.proxy.process import serve
from tallystick.intake.proxy.refusals import Refusals
from tallystick.intake.wire import runs
from tallystick.intake.wire.spool import Spool

PLAIN = b"".join(b'{"n": %d}\n' % number for number in range(20_000))


class Proxy:
    """A proxy that runs."""

    def __init__(self, data: Path) -> None:
        """Take its data folder."""
        self.data = data
        self.port = 0

    def lines(self, many: int = 1, most: float = 10.0) -> list[dict[str, Any]]:
        """Wait until so many lines are spooled, and return all of them."""
        deadline = time.monotonic() + most
        while len(found := spooled(self.data)) < many:
            assert time.monotonic() < deadline, f"only {found}"
            time.sleep(0.01)
        return found


def spooled(data: Path) -> list[dict[str, Any]]:
    """Return every whole line in a spool, but for the note that the process is large, which is all tests together here."""
    files = sorted((data / "spool").glob("*.jsonl"))
    lines = [line for file in files for line in file.read_text().splitlines(keepends=True) if line[-1] == "\n"]
    return [told for told in map(json.loads, lines) if told.get("note", {}).get("why") != "memory"]


def plan(data: Path, origin: Origin | None, behind: Authority) -> Plan:
    """Return a plan that leads every name to the test's own server."""
    ways = tuple(Way(host, 443, "127.0.0.1", origin.port) for host in HOSTS) if origin else ()
    return Plan(str(data), 0, ways=ways, trusted=(str(behind.certificate),))


@contextmanager
def passing(planned: Plan, archive: Path | None = None) -> Iterator[Proxy]:
    """Pass traffic on; the CA is where the plan's data folder has it."""
    data = Path(planned.data_dir)
    proxy = Proxy(data)
    spool = Spool(str(data / "spool"), time.time)
    kept = Archive(str(archive), time.time) if archive else None
    desk = Desk(Listed(), spool, time.time, lambda token: runs.find(str(data), token), Refusals(time.time), kept)

    async def run(began: Callable[[Callable[[], None]], None]) -> None:
        masters: list[Master] = []

        def listens(port: int) -> None:
            proxy.port = port
            began(masters[0].shutdown)

        await serve(planned, desk, listens, masters.append)

    with in_thread(run):
        yield proxy
    spool.close()


def sha(data: bytes) -> str:
    """Return what the stand-in tells as the model."""
    return hashlib.sha256(data).hexdigest()


def last(proxy: Proxy, before: int, more: int = 1) -> list[dict[str, Any]]:
    """Return the lines that came after so many."""
    return proxy.lines(before + more)[before:]
