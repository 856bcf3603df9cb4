"""MiniMax: OpenAI's manner, and Anthropic's under `/anthropic`."""

from typing import Final

from tallystick.providers.formats import CHAT, MESSAGES, route
from tallystick.providers.openai_chat import Chat
from tallystick.providers.shape import Listing

MINIMAX: Final = Listing(
    "minimax",
    ("api.minimax.io", "api.minimaxi.com"),
    (CHAT, route(r"/text/chatcompletion_v2", Chat), MESSAGES),
    ("x-request-id", "trace-id"),
)
