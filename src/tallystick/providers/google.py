"""Google's Gemini API, Code Assist (Gemini CLI after a login), and Vertex with Google's and Anthropic's models."""

from typing import Final

from tallystick.providers.formats import CHAT, EMBEDDINGS, MESSAGES, RAW_PREDICT, route
from tallystick.providers.formats import GOOGLE as OWN
from tallystick.providers.google_generate import Generate
from tallystick.providers.shape import Listing

_CODE_ASSIST: Final = route(r"/v1internal:(?:streamG|g)enerateContent", Generate)

GOOGLE: Final = Listing(
    "google",
    (
        "generativelanguage.googleapis.com",
        "cloudcode-pa.googleapis.com",
        "daily-cloudcode-pa.googleapis.com",
        "daily-cloudcode-pa.sandbox.googleapis.com",
        "aiplatform.googleapis.com",
        "*-aiplatform.googleapis.com",
        "aiplatform.us.rep.googleapis.com",
        "aiplatform.eu.rep.googleapis.com",
    ),
    (*OWN, _CODE_ASSIST, RAW_PREDICT, CHAT, EMBEDDINGS, MESSAGES),
    # Google documents none; the answers of Anthropic's models on Vertex have theirs.
    ("request-id", "x-vertex-request-id"),
)
