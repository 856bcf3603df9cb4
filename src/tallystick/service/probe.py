"""Asking an address whether Tallystick answers there."""

import json
from http.client import HTTPConnection, HTTPException
from typing import Any, Final, NamedTuple

from tallystick.service.planning import HOST

HEALTHY: Final = "healthy"
FOREIGN: Final = "foreign"
"""Something answers, or holds the port, that does not speak as a server of ours does."""
SILENT: Final = "silent"
"""Nobody is there."""
_MOST: Final = 65_536
"""Bytes of an answer that are read."""


class Answer(NamedTuple):
    """What was found at an address."""

    kind: str
    version: str = ""
    pid: int | None = None
    """The process that answered, if it says so."""
    uptime_seconds: float | None = None


def ask(host: str, port: int, timeout_seconds: float = 2.0) -> Answer:
    """Ask a server on this machine for its health; no proxy is in between."""
    # One that listens everywhere is asked where it is near.
    host = {"0.0.0.0": HOST, "::": "::1", "": HOST}.get(host, host)  # noqa: S104  nothing is bound here
    connection = HTTPConnection(host, port, timeout=timeout_seconds)
    try:
        try:
            connection.connect()
        except TimeoutError:
            return Answer(FOREIGN)
        except OSError:
            return Answer(SILENT)
        # Under this name a server answers whatever address it listens on.
        connection.request("GET", "/health", headers={"Accept": "application/json", "Host": f"localhost:{port}"})
        response = connection.getresponse()
        told = json.loads(response.read(_MOST))
    except (OSError, HTTPException, ValueError):
        return Answer(FOREIGN)
    finally:
        connection.close()
    # tokengate-server, which has the same port and the same answer, lets every site read it; ours lets none.
    if response.status != 200 or response.headers.get("Access-Control-Allow-Origin") == "*":  # noqa: PLR2004  OK
        return Answer(FOREIGN)
    return _understood(told)


def _understood(told: Any) -> Answer:  # noqa: ANN401  whatever answers there
    if not isinstance(told, dict) or told.get("status") != "ok" or not isinstance(told.get("version"), str):
        return Answer(FOREIGN)
    pid, uptime = told.get("pid"), told.get("uptime_seconds")
    return Answer(
        HEALTHY,
        told["version"],
        pid if isinstance(pid, int) else None,
        float(uptime) if isinstance(uptime, int | float) else None,
    )
