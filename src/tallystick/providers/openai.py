"""OpenAI's own API, and the one of ChatGPT that Codex uses after a login; counts are inclusive."""

from typing import Final

from tallystick.providers.codex_limits import limits_in_headers
from tallystick.providers.formats import OPENAI as ROUTES
from tallystick.providers.formats import route
from tallystick.providers.openai_responses import Responses
from tallystick.providers.shape import Listing

_CODEX: Final = r"/backend-api/codex/responses"

OPENAI: Final = Listing("openai", ("api.openai.com", "*.api.openai.com"), ROUTES, limits=limits_in_headers)
CHATGPT: Final = Listing(
    "openai",
    ("chatgpt.com",),
    # A person's chats on the same host are none of a meter's business.
    (
        route(rf"{_CODEX}(?:/compact)?", Responses),
        route(rf"{_CODEX}/[\w-]+", Responses, "GET"),
        route(_CODEX, Responses, "GET", "CONNECT")._replace(socket=True),
    ),
    limits=limits_in_headers,
)
