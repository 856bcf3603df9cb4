"""The page for logging in: a token is exchanged for a cookie that only this server gets back and no script sees."""

import asyncio
from typing import Final, Protocol
from urllib.parse import parse_qs, quote, urlsplit

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from tallystick.answers.as_json import value
from tallystick.faces.web.html import as_bytes
from tallystick.faces.web.page import rendered

COOKIE: Final = "tally_session"
LASTING_S: Final = 30 * 86_400
_NEXT_LONGEST: Final = 2_000
_FRESH: Final = {"Cache-Control": "no-store"}
_WRONG: Final = "This token is wrong, revoked or expired, or it may only send."
_SEE: Final = 303
_UNSAFE: Final = frozenset("\\") | {chr(code) for code in range(33)} | {"\x7f"}
"""What browsers leave out of an address or take for a slash."""


class Logins(Protocol):
    """Where tokens are exchanged."""

    def log_in(self, token: str) -> str:
        """Return the text of a login; empty for a token with which nothing can be read."""

    def log_out(self, text: str) -> None:
        """End a login."""


def router(logins: Logins, version: str) -> APIRouter:
    """Return the routes for logging in and out."""
    routes = APIRouter(include_in_schema=False)

    async def page(request: Request) -> Response:
        return HTMLResponse(_page(version, request.query_params.get("next", "")), headers=_FRESH)

    async def log_in(request: Request) -> Response:
        said = parse_qs((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
        token, after = (said.get(name, [""])[0].strip() for name in ("token", "next"))
        text = await asyncio.to_thread(logins.log_in, token) if token else ""
        if text:
            found: Response = RedirectResponse(local(after), _SEE, _FRESH)
            _set(found, request, text, LASTING_S)
        elif "text/html" in request.headers.get("accept", ""):
            found = HTMLResponse(_page(version, after, _WRONG), 401, _FRESH)
        else:
            told = {"error": {"code": "unknown", "message": _WRONG}}
            found = Response(as_bytes(value(told) + "\n"), 401, _FRESH, "application/json")
        return found

    async def log_out(request: Request) -> Response:
        text = request.cookies.get(COOKIE, "")
        if text:
            await asyncio.to_thread(logins.log_out, text)
        found = RedirectResponse("/login", _SEE, _FRESH)
        _set(found, request, "", 0)
        return found

    routes.add_api_route("/login", page, methods=["GET"])
    routes.add_api_route("/login", log_in, methods=["POST"])
    routes.add_api_route("/logout", log_out, methods=["POST"])
    return routes


def local(address: str) -> str:
    """Return an address on this server, as it may stand in a header; the first page for anything else."""
    if (
        not address.startswith("/")
        or address.startswith("//")
        or _UNSAFE & set(address)
        or len(address) > _NEXT_LONGEST
    ):
        return "/"
    try:
        parts = urlsplit(address)
    except ValueError:
        return "/"
    if parts.scheme or parts.netloc or parts.path in {"/login", "/logout"}:
        return "/"
    return quote(address, safe="/?#[]@!$&'()*+,;=:%-._~", errors="replace")


def _page(version: str, after: str, sentence: str = "") -> bytes:
    return as_bytes(rendered("login.html", version=version, next=local(after), sentence=sentence))


def _set(response: Response, request: Request, text: str, lasting_s: int) -> None:
    # Behind a proxy that encrypts, the scheme is what that one says, if it is one that is believed.
    secure = request.url.scheme == "https"
    response.set_cookie(COOKIE, text, lasting_s, path="/", secure=secure, httponly=True, samesite="strict")
