"""Cohere: its own chat, and OpenAI's manner at a path of its own."""

from typing import Final

from tallystick.providers.cohere_chat import Chat
from tallystick.providers.formats import CHAT, EMBEDDINGS, route
from tallystick.providers.shape import Listing

COHERE: Final = Listing("cohere", ("api.cohere.com", "api.cohere.ai"), (route(r"/v2/chat", Chat), CHAT, EMBEDDINGS))
