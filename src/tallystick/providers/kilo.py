"""Kilo's gateway: as OpenRouter, which answers behind it, with what it asks for the call in dollars."""

from functools import partial
from typing import Final

from tallystick.providers.formats import EMBEDDINGS, MESSAGES, RESPONSES, route
from tallystick.providers.openai_chat import Chat, Manner
from tallystick.providers.shape import Listing

KILO: Final = Listing(
    "kilo",
    ("api.kilo.ai",),
    (route(r"/(?:chat/)?completions", partial(Chat, manner=Manner(tells_cost=True))), EMBEDDINGS, RESPONSES, MESSAGES),
)
