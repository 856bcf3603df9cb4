"""Moonshot (Kimi): OpenAI's manner, with the counts of a stream in its choice, and Anthropic's."""

from typing import Final

from tallystick.providers.formats import CHAT, MESSAGES
from tallystick.providers.shape import Listing

MOONSHOT: Final = Listing(
    "moonshotai",
    ("api.moonshot.ai", "api.moonshot.cn", "api.kimi.com"),
    (CHAT, MESSAGES),
    ("x-request-id", "msh-request-id"),
)
