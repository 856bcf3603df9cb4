"""Discord: a message by a webhook (https://discord.com/developers/docs/resources/webhook#execute-webhook)."""

import json
from typing import Final

from tallystick.alerts.outlets.outlet import Alert, Field, Outlet, To, World
from tallystick.alerts.outlets.posting import post
from tallystick.alerts.outlets.slack import check

_LONGEST: Final = 2_000
"""Characters of a message."""
_MARKS: Final = "\\*_~`|>#[]()<@"


def send(alert: Alert, to: To, world: World) -> str:
    """Post the message."""
    del world
    content = f"**{_plain(alert.title)}**\n{_plain(alert.text)}"[:_LONGEST]
    # Nobody is called by a name that happens to be in it.
    body = json.dumps({"content": content, "allowed_mentions": {"parse": []}}).encode()
    return post(to.said["url"], body, {}, to.timeout, to.said.get("ca", ""))


def _plain(text: str) -> str:
    return "".join(f"\\{each}" if each in _MARKS else each for each in text)


DISCORD: Final = Outlet("discord", {"url": Field(str, needed=True), "ca": Field(str)}, send, check)
