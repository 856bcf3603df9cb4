"""Xiaomi (MiMo): OpenAI's manner and Anthropic's, paid by use or by plan, and a free chat that MiMo Code uses without a key."""

from typing import Final

from tallystick.providers.formats import CHAT, MESSAGES, route
from tallystick.providers.openai_chat import Chat
from tallystick.providers.shape import Listing

XIAOMI: Final = Listing(
    "xiaomi",
    ("api.xiaomimimo.com", "token-plan-*.xiaomimimo.com"),
    (CHAT, MESSAGES, route(r"/free-ai/openai/chat", Chat)),
)
