"""Alerts: which are open and which were, how each was told, what is muted, and where they go."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from tallystick.answers.answer import Details
from tallystick.answers.as_json import value
from tallystick.faces.http import parameters
from tallystick.faces.http.models import Count, Document, Open
from tallystick.faces.http.parameters import Parameter
from tallystick.faces.http.routing import Told, add
from tallystick.faces.http.serving import JSON
from tallystick.faces.http.site import PREFIX

_MOST: Final = 100
_LIMIT: Final = Parameter(
    "limit",
    f"At most so many episodes, those that are open first, then the latest; {_MOST} where nothing is said.",
    {"type": "integer", "minimum": 1, "maximum": 1_000},
    example=20,
)


class Telling(Open):
    """How an alert fared on one way out."""

    to: str
    over: bool = Field(description="Whether it is told there that the alert is over.")
    state: str = Field(
        description="`waiting`, `sending`, `told`, `failed` after the last try, or `left`: over before it could be told."
    )
    tries: Count
    time: datetime | None
    trouble: str | None


class Episode(Open):
    """One alert, from its beginning to its end."""

    id: int
    rule: str
    key: str = Field(description="What it is about; can be muted.")
    level: str = Field(description="`warning` or `critical`.")
    title: str
    text: str
    facts: dict[str, Any] = Field(description="What the text tells, as values; by rule.")
    began: datetime
    ended: datetime | None
    why: str | None = Field(description="`fine`, `term` (its period or window was over) or `off`.")
    told: list[Telling]


class Mute(Open):
    """What is not told."""

    what: str = Field(description="A rule, the key of an episode, or `*`.")
    since: datetime
    until: datetime | None


class Rule(Open):
    """One thing that an alert can be about."""

    rule: str
    title: str
    on: bool
    limits: dict[str, float]


class Place(Open):
    """Where alerts go."""

    name: str
    kind: str
    rules: list[str] = Field(description="Only these; none means all.")
    levels: list[str]
    always: bool = Field(description="Also in quiet hours.")
    trouble: str | None


class Alerts(Document):
    """Everything about alerts."""

    now: datetime
    open: list[Episode]
    past: list[Episode]
    muted: list[Mute]
    rules: list[Rule]
    to: list[Place]


def router(told: Callable[[int], Details]) -> APIRouter:
    """Return the route; `told` gives the answer with so many episodes at most, and may wait for a disk."""
    routes = APIRouter(prefix=PREFIX, tags=["coverage"])

    async def alerts(request: Request) -> Response:
        said = parameters.read(request.query_params, (_LIMIT,))
        found = await asyncio.to_thread(told, said.get("limit", _MOST))
        body = (value(found) + "\n").encode("utf-8", "backslashreplace")
        return Response(body, 200, {"Cache-Control": "no-store"}, JSON)

    add(
        routes,
        "/alerts",
        alerts,
        Told("Alerts that are open, those that were, and how they were told", Alerts, (_LIMIT,)),
    )
    return routes
