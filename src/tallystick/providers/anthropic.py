"""Anthropic's own API; its counts are exclusive, and the `request-id` is what Claude Code writes down."""

from typing import Final

from tallystick.providers.anthropic_limits import limits_in_headers
from tallystick.providers.formats import BATCH, CHAT, MESSAGES
from tallystick.providers.shape import Listing

ANTHROPIC: Final = Listing(
    "anthropic",
    ("api.anthropic.com",),
    (MESSAGES, BATCH, CHAT),
    # On AWS's side of it the second one comes too.
    ("request-id", "x-amzn-requestid"),
    limits_in_headers,
)
