"""Ollama, on this machine or in its cloud: its own API, and others' manners."""

from typing import Final

from tallystick.providers.formats import MESSAGES, OLLAMA_EMBED, OPENAI
from tallystick.providers.formats import OLLAMA as NATIVE
from tallystick.providers.shape import Listing

PORT: Final = ":11434"
"""How the `host` header of a request to a local one ends, unless it was set up otherwise."""
OLLAMA: Final = Listing("ollama", ("ollama.com",), (NATIVE, OLLAMA_EMBED, *OPENAI, MESSAGES))
