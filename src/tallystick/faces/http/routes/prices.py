"""Prices: what one model costs at one moment, and how that is known."""

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from tallystick.answers.desk import Desk
from tallystick.answers.price_card import as_json
from tallystick.errors import Misused
from tallystick.faces.http import models, parameters
from tallystick.faces.http.parameters import Parameter, Said
from tallystick.faces.http.routing import Told, add
from tallystick.faces.http.serving import served
from tallystick.faces.http.site import PREFIX, Site
from tallystick.usage.event import Variant
from tallystick.usage.period import Zone, period

_ROUND_MS: Final = 60_000
_WORD: Final = {"type": "string", "maxLength": 100}
_MODEL: Final = Parameter(
    "model",
    "The model's name, also as provider/model.",
    {"type": "string", "minLength": 1},
    needed=True,
    example="claude-opus-4-8",
)
OF_PRICES: Final = (
    Parameter(
        "at",
        "On this day (UTC), a date; now where none is said.",
        {"type": "string", "format": "date"},
        example="2026-03-01",
    ),
    Parameter("provider", "Whose price, such as anthropic, openai or openrouter.", _WORD),
    Parameter(
        "prompt",
        "For a prompt of so many tokens; where none is said, each size above which other prices hold.",
        {"type": "integer", "minimum": 0, "maximum": 10**9},
    ),
    Parameter("tier", "Service tier: priority, flex, batch.", _WORD),
    Parameter("speed", "Speed: fast.", _WORD),
    Parameter("geo", "Where inference is pinned to: us.", _WORD),
)


def router(desk: Desk, site: Site) -> APIRouter:
    """Return the route."""
    routes = APIRouter(prefix=PREFIX, tags=["prices"])

    async def prices(request: Request) -> Response:
        said = parameters.read(request.query_params, OF_PRICES)
        asked = Variant(model=request.path_params["model"], **{name: said.get(name, "") for name in _NAMES})
        time, prompt = _moment(said, site.now()), said.get("prompt")
        return await served(
            request, desk, ("prices", *asked, time, prompt), lambda answers: as_json(answers.cards(asked, prompt, time))
        )

    about = "What `tally prices show MODEL --json` prints; 404, in words, where the price is not known."
    add(
        routes,
        "/prices/{model:path}",
        prices,
        Told("What a model costs", models.Price, OF_PRICES, (_MODEL,), (400, 404), about),
    )
    return routes


_NAMES: Final = ("provider", "tier", "speed", "geo")


def _moment(said: Said, now: int) -> int:
    """Return the moment that is asked for; now is the minute that has begun, so that everybody in it gets the same answer."""
    at = said.get("at")
    if at is None:
        return now // _ROUND_MS * _ROUND_MS
    try:
        return period(Zone(), now, at).since if at[:1].isdigit() else _none(at)
    except Misused:
        return _none(at)


def _none(at: str) -> int:
    raise Misused(f"at {at!r} is no day: give a date such as 2026-03-01.")
