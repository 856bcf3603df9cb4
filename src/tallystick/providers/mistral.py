"""Mistral: OpenAI's manner."""

from typing import Final

from tallystick.providers.formats import CHAT, EMBEDDINGS, route
from tallystick.providers.openai_chat import Chat
from tallystick.providers.shape import Listing

MISTRAL: Final = Listing(
    "mistral",
    ("api.mistral.ai", "codestral.mistral.ai"),
    (CHAT, route(r"/(?:fim|agents)/completions", Chat), EMBEDDINGS),
    ("x-request-id", "mistral-correlation-id"),
)
