"""Notifications by ntfy, of a topic, published as JSON (https://docs.ntfy.sh/publish/#publish-as-json)."""

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from tallystick.alerts.outlets.outlet import Alert, Field, Outlet, To, World
from tallystick.alerts.outlets.posting import post, wrong

_HIGH: Final = 4
_DEFAULT: Final = 3


def send(alert: Alert, to: To, world: World) -> str:
    """Publish the notification; as JSON it may have any characters, as headers it may not."""
    del world
    server, _, topic = to.said["url"].rstrip("/").rpartition("/")
    told = {
        "topic": topic,
        "title": alert.title,
        "message": alert.text,
        "priority": _HIGH if alert.is_urgent else _DEFAULT,
        "tags": ["white_check_mark" if alert.ended else "rotating_light" if alert.is_urgent else "warning"],
    }
    token = to.said.get("token", "")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return post(f"{server}/", json.dumps(told).encode(), headers, to.timeout, to.said.get("ca", ""))


def check(said: Mapping[str, Any]) -> str:
    """Return what is wrong with the address."""
    url = said["url"]
    if told := wrong(url):
        return f"url {told}"
    topic = urlsplit(url).path.strip("/")
    return "" if topic and "?" not in url else "url must end with the topic, as https://ntfy.sh/my-topic does"


NTFY: Final = Outlet("ntfy", {"url": Field(str, needed=True), "token": Field(str), "ca": Field(str)}, send, check)
