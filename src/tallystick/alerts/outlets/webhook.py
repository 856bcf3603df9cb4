"""A webhook: the alert as JSON to any address, signed where a secret is set."""

import hmac
from collections.abc import Mapping
from typing import Any, Final

from tallystick.alerts.outlets.outlet import Alert, Field, Outlet, To, World
from tallystick.alerts.outlets.posting import post, wrong

SIGNATURE: Final = "X-Tally-Signature"
DELIVERY: Final = "X-Tally-Delivery"
_TOLD: Final = "must be a table of texts, and none of them with the end of a line in it"


def signature(secret: str, moment: int, body: bytes) -> str:
    """Return the header that tells who sent a body and when: HMAC-SHA256 of `<seconds>.<body>`."""
    made = hmac.new(secret.encode(), b"%d." % moment + body, "sha256").hexdigest()
    return f"t={moment},v1={made}"


def send(alert: Alert, to: To, world: World) -> str:
    """Post the alert."""
    body = alert.body()
    # The same for every try, so that who got it before its answer was lost can tell.
    headers = {DELIVERY: f"{alert.machine}-{alert.name}".encode("ascii", "replace").decode().replace("\n", " ")}
    if to.said.get("secret"):
        headers[SIGNATURE] = signature(to.said["secret"], world.now() // 1000, body)
    return post(to.said["url"], body, {**headers, **to.said.get("headers", {})}, to.timeout, to.said.get("ca", ""))


def check(said: Mapping[str, Any]) -> str:
    """Return what is wrong with address or headers."""
    if told := wrong(said["url"]):
        return f"url {told}"
    pairs = [text for pair in said.get("headers", {}).items() for text in pair]
    if not all(isinstance(text, str) and text.isascii() and text.isprintable() for text in pairs):
        return f"headers {_TOLD}"
    return ""


WEBHOOK: Final = Outlet(
    "webhook",
    {"url": Field(str, needed=True), "secret": Field(str), "headers": Field(dict), "ca": Field(str)},
    send,
    check,
)
