"""The client: one file with which a machine sends what its tools consumed, and which needs nothing but Python."""

import asyncio
from collections.abc import Callable
from hashlib import blake2b
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from tallystick.errors import TallystickError
from tallystick.faces.http import problems
from tallystick.faces.http.serving import held
from tallystick.faces.http.ways import OPEN, Way

PATH: Final = "/client.pyz"
MEDIA: Final = "application/zip"
WAYS: Final = {PATH: Way(OPEN)}
"""Who fetches it has no token yet; what is in it is the same for everybody."""
_ABOUT: Final = (
    "A zipapp for Python 3.9 and later: `python3 client.pyz --server URL --join CODE` pairs a machine and sends, "
    "`--install` has the system do that every five minutes, `--help` tells the rest."
)


class _Made:
    """The file, made when it is first asked for."""

    def __init__(self, build: Callable[[], bytes]) -> None:
        self._build = build
        self._making: asyncio.Task[tuple[bytes, str]] | None = None

    async def get(self) -> tuple[bytes, str]:
        """Return it with its tag."""
        if self._making is None or (self._making.done() and self._making.exception() is not None):
            self._making = asyncio.create_task(asyncio.to_thread(self._make))
        # Who goes away meanwhile takes it from nobody else.
        return await asyncio.shield(self._making)

    def _make(self) -> tuple[bytes, str]:
        content = self._build()
        return content, f'"{blake2b(content, digest_size=12).hexdigest()}"'


def router(build: Callable[[], bytes]) -> APIRouter:
    """Return the route; `build` makes the file, which is done once."""
    routes = APIRouter(tags=["push"])
    made = _Made(build)

    async def client(request: Request) -> Response:
        try:
            content, tag = await made.get()
        except TallystickError as error:
            return problems.of(error)
        headers = {"ETag": tag, "Cache-Control": "no-cache"}
        if held(request.headers, f"W/{tag}"):
            return Response(None, 304, headers)
        headers["Content-Disposition"] = 'attachment; filename="client.pyz"'
        return Response(content, 200, headers, MEDIA)

    routes.add_api_route(
        PATH,
        client,
        methods=["GET"],
        name="client",
        summary="The client that needs nothing but Python",
        description=_ABOUT,
        response_class=Response,
        responses={
            200: {"description": "The file.", "content": {MEDIA: {"schema": {"type": "string", "format": "binary"}}}},
            304: {"description": "Whoever asks has it already (`If-None-Match`)."},
            **problems.responses(),
        },
    )
    return routes
