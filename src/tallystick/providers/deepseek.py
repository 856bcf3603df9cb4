"""DeepSeek: OpenAI's manner with hits and misses of its cache, and Anthropic's under `/anthropic`."""

from typing import Final

from tallystick.providers.formats import CHAT, MESSAGES
from tallystick.providers.shape import Listing

DEEPSEEK: Final = Listing("deepseek", ("api.deepseek.com",), (CHAT, MESSAGES), ("x-request-id", "x-ds-trace-id"))
