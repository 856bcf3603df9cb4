"""Home Assistant: a webhook trigger, a notify service or an event (https://developers.home-assistant.io/docs/api/rest/)."""

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from tallystick.alerts.outlets.outlet import Alert, Field, Outlet, To, World
from tallystick.alerts.outlets.posting import post, wrong

_WAYS: Final = ("webhook", "notify", "event")


def send(alert: Alert, to: To, world: World) -> str:
    """Tell it in the way that was chosen."""
    del world
    said = to.said
    way = next(name for name in _WAYS if said.get(name))
    name, body = quote(said[way], safe=""), alert.body()
    path = {"webhook": f"webhook/{name}", "notify": f"services/notify/{name}", "event": f"events/{name}"}[way]
    if way == "notify":
        data = {"tag": f"tallystick-{alert.id}"}
        body = json.dumps({"title": alert.title, "message": alert.text, "data": data}).encode()
    # Whoever knows the id of a webhook may call it: the token stays here.
    headers = {"Authorization": f"Bearer {said['token']}"} if way != "webhook" else {}
    return post(f"{said['url'].rstrip('/')}/api/{path}", body, headers, to.timeout, said.get("ca", ""))


def check(said: Mapping[str, Any]) -> str:
    """Return what is wrong with the address, or what is missing."""
    if told := wrong(said["url"]):
        return f"url {told}"
    ways = [name for name in _WAYS if said.get(name)]
    if len(ways) != 1:
        return "it needs one of webhook, notify and event"
    return "" if ways == ["webhook"] or said.get("token") else f"{ways[0]} needs a token"


HOME_ASSISTANT: Final = Outlet(
    "home-assistant",
    {"url": Field(str, needed=True), **{name: Field(str) for name in (*_WAYS, "token", "ca")}},
    send,
    check,
)
