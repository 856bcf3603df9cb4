"""Problems: the four kinds of error, and what goes wrong with a request itself, as status codes with one sentence each."""

import re
from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from tallystick.answers.as_json import value
from tallystick.errors import Misused, NotFound, Refused, TallystickError, Unavailable

STATUS: Final[Mapping[type[TallystickError], tuple[int, str]]] = {
    Misused: (400, "misused"),
    Refused: (403, "refused"),
    NotFound: (404, "not_found"),
    Unavailable: (503, "unavailable"),
}
_RETRY: Final = {"Retry-After": "2"}
_LONGEST: Final = 600
_COMMAND: Final = re.compile(r"`tally report --by ([^`]*)`")
_OPTION: Final = re.compile(r"`[^`]*`|--([a-z][a-z-]*)")
"""Commands stay as they are."""
_OTHERS: Final = {
    404: ("not_found", "There is nothing at this address: /api/v1/openapi.json tells what there is."),
    405: ("method", "This address is asked with another method: the header Allow tells which."),
}


def sentence(text: str) -> str:
    """Return what an error tells, as it is meant over HTTP: options have no dashes there."""
    text = _COMMAND.sub(r"`/api/v1/query?by=\1`", text)
    text = _OPTION.sub(lambda found: found[1].replace("-", "_") if found[1] else found[0], text)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def body(code: str, message: str) -> bytes:
    """Return a problem as JSON."""
    return (value({"error": {"code": code, "message": message}}) + "\n").encode()


def problem(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return a problem as a response."""
    told = {"Cache-Control": "no-store", **(headers or {})}
    return Response(body(code, message), status, told, "application/json")


def of(error: TallystickError) -> Response:
    """Return an error as a response; one of no kind is the server's own."""
    status, code = next((told for kind, told in STATUS.items() if isinstance(error, kind)), (500, "failed"))
    return problem(status, code, sentence(str(error)), _RETRY if isinstance(error, Unavailable) else None)


def told(app: FastAPI) -> None:
    """Have an app tell its problems this way."""

    async def ours(_: Request, error: Exception) -> Response:
        return of(error if isinstance(error, TallystickError) else TallystickError("This failed."))

    async def of_http(_: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        headers = error.headers if isinstance(error, HTTPException) else None
        code, message = _OTHERS.get(status, ("refused", str(getattr(error, "detail", "This failed."))))
        return problem(status, code, message, headers)

    app.add_exception_handler(TallystickError, ours)
    app.add_exception_handler(HTTPException, of_http)


_MEANINGS: Final = {
    400: "The question itself is wrong; the sentence says what may be asked.",
    401: "The server wants a token, and none was shown, or one that is wrong, revoked or expired.",
    403: "Asked by a page of another site, or with a token that does not allow this.",
    404: "There is no such thing here.",
    413: "The body is larger than what is taken in at once.",
    415: "The body is of another kind, or packed in another way, than what is taken in here.",
    421: "Asked under a name that is not this server's.",
    429: "Too many wrong tokens, logins or codes came from this address; `Retry-After` tells when the next may.",
    503: "Something that is needed is missing or busy; ask again in a moment.",
}


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what an API's description says of problems: those that every route has, and some besides."""
    error = {
        "type": "object",
        "required": ["error"],
        "properties": {
            "error": {
                "type": "object",
                "required": ["code", "message"],
                "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
            }
        },
    }
    content = {"application/json": {"schema": error}}
    found: dict[int | str, dict[str, Any]] = {
        status: {"description": _MEANINGS[status], "content": content}
        for status in (*statuses, 401, 403, 421, 429, 503)
    }
    if 400 in found:  # noqa: PLR2004  the status itself
        # An address beyond 64 KiB is refused by the server's engine (h11), before anything of ours has seen it.
        found[400]["content"] = {**content, "text/plain": {"schema": {"type": "string"}}}
    return found
