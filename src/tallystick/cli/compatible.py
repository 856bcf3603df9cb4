"""The routes of the programs whose clients keep working here unchanged, as the server has them, and their environment."""

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from tallystick.cli import entrance, reach
from tallystick.errors import Misused
from tallystick.settings import Server, Settings
from tallystick.usage.period import Zone

if TYPE_CHECKING:
    from fastapi import APIRouter

    from tallystick.answers.desk import Desk
    from tallystick.faces.compat.token_usage_server import Take
    from tallystick.faces.compat.tokenfold import Grant
    from tallystick.faces.http.ways import Way

_BATCH: Final = ("/api/ingest", "/api/usage")
_WAITS: Final = "DB_PATH names a database of tokenfold: `tally import tokenfold {}` takes over what is in it."


def routers(
    desk: "Desk", take: "Take", served: Server, chosen: Settings, admit: "Callable[[str], Grant | None]"
) -> "list[APIRouter]":
    """Return the routes; `take` hands on what is pushed, `admit` tells whose token is shown."""
    from tallystick.faces.compat import token_usage_server, tokenfold, tokentap

    whom = token_usage_server.Whom(frozenset(served.guids), is_asked_from_beyond(served))
    door = tokenfold.Door(key_of_all(os.environ), admit)
    zone = zone_of(os.environ, chosen)
    return [
        token_usage_server.router(desk, take, whom),
        tokenfold.router(desk, take, door, zone, entrance.now),
        tokentap.router(desk),
    ]


def ways(served: Server) -> "dict[str, Way]":
    """Return what their addresses want of whoever asks: where a client shows something else than a token, the route looks."""
    from tallystick.faces.compat import token_usage_server, tokenfold
    from tallystick.faces.http.ways import OPEN, Way

    return {
        "/update": Way(OPEN, token_usage_server.BODY_MOST),
        "/api/health": Way(OPEN),
        **{f"/status/{guid}": Way(OPEN) for guid in served.guids},
        **{path: Way(OPEN, tokenfold.BODY_MOST, decides=True) for path in _BATCH},
    }


def key_of_all(environ: Mapping[str, str]) -> str:
    """Return the key with which machines may send that were not paired; empty where there is none such."""
    return environ.get("STATS_API_KEY", "").strip()


def zone_of(environ: Mapping[str, str], chosen: Settings) -> Zone:
    """Return the zone of tokenfold's days: TZ in the environment, as there, else the one that is set."""
    try:
        return Zone(environ["TZ"].removeprefix(":"))
    except (KeyError, Misused):
        return Zone(chosen.timezone)


def waiting(environ: Mapping[str, str], chosen: Settings) -> str:
    """Return what to tell of a database of tokenfold that the environment names; empty where it is taken over, or there is none."""
    path = os.path.abspath(environ["DB_PATH"]) if environ.get("DB_PATH") else ""
    if not path or not os.path.isfile(path):
        return ""
    from tallystick.intake.tokenfold_database import mark_of

    opened = entrance.house(chosen)
    try:
        return "" if opened.ledger.ask("source", path=mark_of(path)) else _WAITS.format(path)
    finally:
        opened.close()


def is_asked_from_beyond(served: Server) -> bool:
    """Tell whether others than this machine can ask: where it listens, or under which further names it is called."""
    return bool(served.hosts or served.proxies) or reach.goes_beyond(served)
