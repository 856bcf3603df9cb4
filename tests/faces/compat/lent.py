"""A server on the loopback with the routes of other programs, which stores what is pushed in a ledger of its own."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
from fastapi import APIRouter
from tests.answers.stand import answers
from tests.faces.http.live import running

from tallystick.answers.desk import Desk
from tallystick.faces.http.app import create_app
from tallystick.faces.http.site import Site
from tallystick.intake.push.kind import Sender
from tallystick.intake.push.kinds import KINDS
from tallystick.intake.push.taking import Offer, Taking
from tallystick.ledger.sqlite.engine import SqliteLedger

type Take = Callable[[str, Any, bytes, bool], Any]


class Clock:
    """This moment, as the test has it."""

    def __init__(self, now: int) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


class Lent(NamedTuple):
    """A server that runs."""

    client: httpx2.Client
    clock: Clock
    ledger: Path
    log: list[str]

    def get(self, path: str, **more: Any) -> httpx2.Response:  # noqa: ANN401  what httpx takes
        return self.client.get(path, **more)

    def post(self, path: str, said: Any, **headers: str) -> httpx2.Response:  # noqa: ANN401  whatever JSON has
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        return self.client.post(path, content=body, headers={"Content-Type": "application/json", **headers})


@contextmanager
def lent(
    folder: Path, made: Callable[[Desk, Take, Clock], Sequence[APIRouter]], now: int, site: Mapping[str, Any]
) -> Iterator[Lent]:
    """Serve routes for as long as they are needed; `site` are further fields of `Site`."""
    path, clock, log = folder / "ledger.db", Clock(now), list[str]()
    SqliteLedger(str(path), write=True).close()
    desk, lock = Desk(lambda: answers(path), 2), threading.Lock()

    async def take(kind: str, grant: Any, body: bytes, gzip: bool) -> tuple[int, bytes, int]:  # noqa: ANN401, FBT001  as routes call it
        sender = Sender(grant.machine, grant.name, grant.user)
        with lock:
            ledger = SqliteLedger(str(path), write=True)
            (answer,) = Taking(ledger, KINDS, clock, log.append).take([Offer(kind, sender, body, gzip)])
            ledger.close()
        desk.changed()
        return answer.status, answer.body, answer.again

    app = create_app(desk, Site("9.9.9", site.get("timezone", "UTC"), clock)._replace(**site), made(desk, take, clock))
    with running(app, desk) as (client, _, _):
        yield Lent(client, clock, path, log)
