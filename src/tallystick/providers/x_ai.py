"""The API of xAI: OpenAI's manner, but in chats the output leaves out the reasoning; the cost comes in ticks."""

from functools import partial
from typing import Final

from tallystick.providers.counts import Habit
from tallystick.providers.formats import EMBEDDINGS, MESSAGES, RESPONSES, RETRIEVAL, route
from tallystick.providers.openai_chat import Chat, Manner
from tallystick.providers.shape import Listing

_MANNER: Final = Manner(Habit(reasoning_inside=False), tells_cost=True)

X_AI: Final = Listing(
    "x-ai",
    ("api.x.ai", "*.api.x.ai"),
    (route(r"/(?:chat/)?completions", partial(Chat, manner=_MANNER)), EMBEDDINGS, RESPONSES, RETRIEVAL, MESSAGES),
)
