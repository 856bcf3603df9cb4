"""The shelf itself: which provider and which wire shape a request belongs to."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from tallystick.providers.anthropic import ANTHROPIC
from tallystick.providers.aws import AWS
from tallystick.providers.azure import AZURE
from tallystick.providers.cohere import COHERE
from tallystick.providers.dashscope import DASHSCOPE
from tallystick.providers.declared import Declared, listing_of
from tallystick.providers.deepseek import DEEPSEEK
from tallystick.providers.formats import ANY
from tallystick.providers.github_copilot import GITHUB_COPILOT
from tallystick.providers.google import GOOGLE
from tallystick.providers.groq import GROQ
from tallystick.providers.kilo import KILO
from tallystick.providers.meter import Meter
from tallystick.providers.minimax import MINIMAX
from tallystick.providers.mistral import MISTRAL
from tallystick.providers.moonshot import MOONSHOT
from tallystick.providers.ollama import OLLAMA, PORT
from tallystick.providers.openai import CHATGPT, OPENAI
from tallystick.providers.openai_socket import Socket
from tallystick.providers.openrouter import OPENROUTER
from tallystick.providers.provider import Asked, Watch
from tallystick.providers.shape import Listing, Place
from tallystick.providers.x_ai import X_AI
from tallystick.providers.xiaomi import XIAOMI
from tallystick.providers.zai import ZAI, ZHIPUAI

PROVIDERS: Final = (
    ANTHROPIC,
    OPENAI,
    CHATGPT,
    GOOGLE,
    AWS,
    AZURE,
    GITHUB_COPILOT,
    OPENROUTER,
    KILO,
    X_AI,
    MISTRAL,
    DEEPSEEK,
    GROQ,
    MOONSHOT,
    ZAI,
    ZHIPUAI,
    DASHSCOPE,
    MINIMAX,
    XIAOMI,
    COHERE,
    OLLAMA,
)
_HERE: Final = ("localhost", "127.0.0.1", "::1", "[::1]")
_ESCAPE: Final = re.compile(r"(?:%[0-9A-Fa-f]{2})+")


class Shelf:
    """The providers that are built in, and those that a config declares."""

    def __init__(self, declared: Sequence[Declared] = ()) -> None:
        """Take the declared providers, which come first."""
        self._listings = (*map(listing_of, declared), *PROVIDERS)
        self._hosts = [(_pattern(listing.hosts), listing) for listing in self._listings]

    def watch(self, asked: Asked, provider: str = "") -> Watch | None:
        """Return a watch over an exchange; None when nothing in it is metered.

        With a `provider` given the host does not decide, only the path does; one of another name than those on the shelf may
        speak any of the wire shapes.
        """
        if asked.method == "HEAD":
            return None
        listings = self._named(provider) if provider else self._at(asked)
        path = asked.path.partition("?")[0].rstrip("/")
        upgrades = asked.method == "CONNECT" or asked.headers.get("upgrade", "").lower() == "websocket"
        for listing in listings:
            for route in listing.routes:
                found = route.path.search(path) if asked.method in route.methods else None
                if found and route.socket is upgrades:
                    if upgrades:
                        return Socket(listing)
                    model = _unescaped(found.groupdict().get("model") or "")
                    return Meter(listing, asked, route.shape(Place(asked, model)), model)
        return None

    def _named(self, provider: str) -> Iterable[Listing]:
        found = [listing for listing in self._listings if listing.name == provider]
        return found or [Listing(provider, (), ANY, ("request-id", "x-request-id"))]

    def _at(self, asked: Asked) -> Iterable[Listing]:
        if asked.host in _HERE:
            # Ollama is asked without encryption and known by its port alone.
            return [OLLAMA] if asked.headers.get("host", "").endswith(PORT) else []
        return [listing for pattern, listing in self._hosts if pattern.fullmatch(asked.host)]

    def hosts(self) -> tuple[str, ...]:
        """Return patterns of the hosts whose traffic is read; `*` stands for one label or several, or for a part of one."""
        return tuple(dict.fromkeys(host for listing in self._listings for host in listing.hosts))

    def known(self, host: str) -> bool:
        """Tell whether a host is one of them."""
        return any(pattern.fullmatch(host.lower()) for pattern, _ in self._hosts)


def _pattern(hosts: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join("[a-z0-9.-]+".join(map(re.escape, host.split("*"))) for host in hosts))


def _unescaped(text: str) -> str:
    """Return a part of a path with its escapes undone."""
    return _ESCAPE.sub(lambda found: bytes.fromhex(found[0].replace("%", "")).decode("utf-8", "replace"), text)
