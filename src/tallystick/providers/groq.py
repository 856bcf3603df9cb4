"""Groq: OpenAI's manner; in streams the counts may stand under `x_groq`."""

from typing import Final

from tallystick.providers.formats import OPENAI
from tallystick.providers.shape import Listing

GROQ: Final = Listing("groq", ("api.groq.com",), OPENAI)
