"""The files that a page needs: styles, scripts and pictures, each with a tag by its content, so that none is sent twice."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from functools import lru_cache
from hashlib import blake2b
from importlib.resources import files
from typing import Final, NamedTuple

from fastapi import APIRouter, Request
from starlette.responses import Response

from tallystick.errors import NotFound
from tallystick.faces.web.html import add

_MEDIA: Final = {"css": "text/css", "html": "text/html", "js": "text/javascript", "svg": "image/svg+xml"}


class File(NamedTuple):
    """A file as it is sent."""

    content: bytes
    media: str
    tag: str
    """Another one for another content."""


def router(version: str, script: Callable[[], Future[bytes]]) -> APIRouter:
    """Return the routes of everything below /static; `script` gives what draws the charts of a page."""
    routes = APIRouter(include_in_schema=False)
    folder = files("tallystick.faces.web").joinpath("static")
    kept = {each.name: file(each.read_bytes(), each.name) for each in folder.iterdir() if _ending(each.name) in _MEDIA}

    @lru_cache(1)
    def drawing(content: bytes) -> File:
        # The same few megabytes all the time.
        return file(content, "vega.js")

    async def vega(request: Request) -> Response:
        made: bytes = await asyncio.wrap_future(script())
        return sent(request, drawing(made))

    async def static(request: Request) -> Response:
        found = kept.get(request.path_params["name"])
        if found is None:
            raise NotFound("There is no such file here.")
        return sent(request, found)

    add(routes, "/static/vega.js", version, vega, data=True)
    add(routes, "/static/{name}", version, static, data=True)
    return routes


def file(content: bytes, name: str) -> File:
    """Return a file of a name whose ending tells what it is."""
    return File(content, _MEDIA[_ending(name)], f'"{blake2b(content, digest_size=9).hexdigest()}"')


def sent(request: Request, found: File) -> Response:
    """Return a file, or 304 to whoever has it; browsers ask each time, because another release has others at the same address."""
    headers = {"ETag": found.tag, "Cache-Control": "private, no-cache"}
    if has(request, found.tag):
        return Response(None, 304, headers)
    return Response(found.content, media_type=found.media, headers=headers)


def has(request: Request, tag: str) -> bool:
    """Tell whether whoever asks has what has a tag; who packs on the way may have made a weak one of it (RFC 9110, 13.1.2)."""
    told = [each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")]
    return tag in told or told == ["*"]


def _ending(name: str) -> str:
    return name.rpartition(".")[2]
