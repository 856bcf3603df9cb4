"""Azure: OpenAI's models under the names of deployments, its OpenAI-like path, and Foundry's Anthropic models.

API Management (`*.azure-api.net`) may be anybody's API and is left alone; the config can name one.
"""

from functools import partial
from typing import Final

from tallystick.providers.formats import EMBEDDING, MESSAGES, OPENAI, route
from tallystick.providers.openai_chat import Chat
from tallystick.providers.openai_responses import Responses
from tallystick.providers.shape import Listing

_DEPLOYMENT: Final = r"/openai/deployments/(?P<model>[^/]+)"

AZURE: Final = Listing(
    "azure",
    ("*.openai.azure.com", "*.cognitiveservices.azure.com", "*.services.ai.azure.com"),
    (
        route(rf"{_DEPLOYMENT}/(?:chat/)?completions", Chat),
        route(rf"{_DEPLOYMENT}/embeddings", partial(Chat, manner=EMBEDDING)),
        route(rf"{_DEPLOYMENT}/responses", Responses),
        MESSAGES,
        *OPENAI,
    ),
    ("request-id", "apim-request-id", "x-request-id"),
)
