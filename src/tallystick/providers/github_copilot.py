"""GitHub Copilot: models of several vendors, each in its vendor's manner."""

from typing import Final

from tallystick.providers.formats import CHAT, EMBEDDINGS, MESSAGES, RESPONSES, SOCKET
from tallystick.providers.shape import Listing

GITHUB_COPILOT: Final = Listing(
    "github-copilot",
    ("api.githubcopilot.com", "api.*.githubcopilot.com", "copilot-api.*.ghe.com"),
    (CHAT, EMBEDDINGS, RESPONSES, SOCKET, MESSAGES),
    ("request-id", "x-request-id", "x-github-request-id"),
)
