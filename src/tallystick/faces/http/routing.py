"""Routing: a route with everything that the API's description tells of it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import Response

from tallystick.faces.http.parameters import Parameter, described
from tallystick.faces.http.problems import responses

type Endpoint = Callable[[Request], Awaitable[Response]]

_TAGS: dict[int | str, dict[str, Any]] = {304: {"description": "Whoever asks has it already (`If-None-Match`)."}}


class Told(NamedTuple):
    """What is told of a route."""

    summary: str
    model: type[BaseModel]
    parameters: Sequence[Parameter] = ()
    in_path: Sequence[Parameter] = ()
    problems: tuple[int, ...] = (400,)
    """Statuses beside those that every route has."""
    about: str = ""


def add(router: APIRouter, path: str, endpoint: Endpoint, told: Told) -> None:
    """Add a route that gets something."""
    router.add_api_route(
        path,
        endpoint,
        methods=["GET"],
        name=endpoint.__name__,
        summary=told.summary,
        description=told.about or None,
        response_model=told.model,
        response_description="The answer.",
        responses={**_TAGS, **responses(*told.problems)},
        openapi_extra=described(told.parameters, told.in_path),
    )
