"""Routing: a route with everything that the API's description tells of it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.convertors import Convertor, register_url_convertor
from starlette.responses import Response

from tallystick.faces.http.parameters import Parameter, described
from tallystick.faces.http.problems import responses

type Endpoint = Callable[[Request], Awaitable[Response]]

_TAGS: dict[int | str, dict[str, Any]] = {304: {"description": "Whoever asks has it already (`If-None-Match`)."}}


class _Text(Convertor[str]):
    """Any text in an address: Starlette's `path` takes none that has an end of a line in it."""

    regex = "(?s:.*)"

    def convert(self, value: str) -> str:
        """Return the text as it is."""
        return value

    def to_string(self, value: str) -> str:
        """Return the text as it is."""
        return value


register_url_convertor("text", _Text())


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
