"""Slack: a message by an incoming webhook (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks)."""

import json
from collections.abc import Mapping
from typing import Any, Final

from tallystick.alerts.outlets.outlet import Alert, Field, Outlet, To, World
from tallystick.alerts.outlets.posting import post, wrong

_LONGEST: Final = 3_000


def send(alert: Alert, to: To, world: World) -> str:
    """Post the message."""
    del world
    mark = ":white_check_mark:" if alert.ended else ":rotating_light:" if alert.is_urgent else ":warning:"
    text = f"{mark} *{_plain(alert.title)}*\n{_plain(alert.text)}"
    return post(to.said["url"], json.dumps({"text": text}).encode(), {}, to.timeout, to.said.get("ca", ""))


def _plain(text: str) -> str:
    """Return a text in which nothing is a mention or a link; a cut never leaves half an escape."""
    for each, written in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text[:_LONGEST].replace(each, written)
    return text


def check(said: Mapping[str, Any]) -> str:
    """Return what is wrong with the address."""
    told = wrong(said["url"])
    return f"url {told}" if told else ""


SLACK: Final = Outlet("slack", {"url": Field(str, needed=True), "ca": Field(str)}, send, check)
