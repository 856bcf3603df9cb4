"""The wire shapes by their names, with the paths at which they are spoken wherever nobody says otherwise."""

import re
from collections.abc import Callable
from functools import partial
from typing import Final

from tallystick.providers.anthropic_batches import Results
from tallystick.providers.anthropic_messages import Messages
from tallystick.providers.google_generate import Generate
from tallystick.providers.google_interactions import Interactions
from tallystick.providers.ollama_native import Native
from tallystick.providers.openai_chat import Chat, Manner
from tallystick.providers.openai_responses import Responses
from tallystick.providers.shape import Route

EMBEDDING: Final = Manner(kind="embedding")
_MODEL: Final = r"/models/(?P<model>[^/:]+(?::[^/:]+)?):"


def route(path: str, shape: Callable[..., object], *methods: str) -> Route:
    """Return a route to a path's end; without methods it is one for POST."""
    return Route(re.compile(f"(?:{path})$"), shape, methods or ("POST",))  # type: ignore[arg-type]


MESSAGES: Final = route(r"/messages", Messages)
BATCH: Final = route(r"/messages/batches/[\w-]+/results", Results, "GET")
CHAT: Final = route(r"/(?:chat/)?completions", Chat)
EMBEDDINGS: Final = route(r"/embeddings", partial(Chat, manner=EMBEDDING))
RESPONSES: Final = route(r"/responses(?:/compact)?", Responses)
RETRIEVAL: Final = route(r"/responses/[\w-]+", Responses, "GET")
SOCKET: Final = route(r"/responses|/realtime", Responses, "GET", "CONNECT")._replace(socket=True)
GENERATE: Final = route(rf"{_MODEL}(?:streamG|g)enerateContent", Generate)
EMBED: Final = route(rf"{_MODEL}(?:batchE|e)mbedContents?", partial(Generate, kind="embedding"))
INTERACTIONS: Final = route(r"/interactions", Interactions)
INTERACTION: Final = route(r"/interactions/[\w-]+", Interactions, "GET")
RAW_PREDICT: Final = route(rf"{_MODEL}(?:streamR|r)awPredict", Messages)
OLLAMA: Final = route(r"/api/(?:chat|generate)", Native)
OLLAMA_EMBED: Final = route(r"/api/embed", partial(Native, kind="embedding"))

OPENAI: Final = (CHAT, EMBEDDINGS, RESPONSES, RETRIEVAL, SOCKET)
"""All that speaks OpenAI's API may speak of it."""
GOOGLE: Final = (GENERATE, EMBED, INTERACTIONS, INTERACTION)
ANY: Final = (MESSAGES, BATCH, *OPENAI, *GOOGLE, RAW_PREDICT, OLLAMA, OLLAMA_EMBED)
"""What an upstream may speak of which nothing is known but its name."""

BY_NAME: Final[dict[str, tuple[Route, ...]]] = {
    "anthropic-messages": (MESSAGES, BATCH),
    "openai-chat": (CHAT, EMBEDDINGS),
    "openai-responses": (RESPONSES, RETRIEVAL, SOCKET),
    "google-generate": GOOGLE,
    "ollama": (OLLAMA, OLLAMA_EMBED),
}
"""The formats that a config may name."""
