"""Budgets: how much of each is used, day by day, and where it leads."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from tallystick.answers.answers import Answers
from tallystick.answers.as_json import document
from tallystick.answers.budgets import Budget, Override, Standings, standings
from tallystick.answers.desk import Desk
from tallystick.faces.http import parameters, shapes
from tallystick.faces.http.routing import Told, add
from tallystick.faces.http.serving import Timely, served
from tallystick.faces.http.site import PREFIX

type Known = Callable[[], tuple[Sequence[Budget], Sequence[Override]]]
"""Returns all budgets, and what persons let be exceeded."""

_HOLDS_MS: Final = 10_000
_ABOUT: Final = (
    "What `tally budget check --json` prints. Each figure is that of a report over the budget's period. With `certain` false, "
    "tokens without a known price are in no figure, so that more is used than it says."
)


def router(desk: Desk, clock: Callable[[], int], known: Known) -> APIRouter:
    """Return the route; the clock tells milliseconds since 1970, UTC."""
    routes = APIRouter(prefix=PREFIX, tags=["coverage"])

    async def budgets(request: Request) -> Response:
        parameters.read(request.query_params, ())
        now = clock()
        # Read from a file that others write to: whoever asks for something else does not wait for that.
        defined, overrides = await asyncio.to_thread(known)

        def work(answers: Answers) -> str:
            at = clock()
            return document(Standings(at, standings(answers, defined, at, overrides)))

        # What is defined is in no ledger: it is a part of what is asked.
        key = ("budgets", repr(defined), repr(overrides))
        return await served(request, desk, key, work, timely=Timely(now, _HOLDS_MS))

    add(routes, "/budgets", budgets, Told("How budgets stand, and where that leads", shapes.Budgets, about=_ABOUT))
    return routes
