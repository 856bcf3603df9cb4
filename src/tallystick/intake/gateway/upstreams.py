"""Where the gateway leads: the providers it knows, what a config adds, and the way out through a proxy."""

from collections.abc import Mapping
from ipaddress import ip_address
from types import MappingProxyType
from typing import Any, Final, NamedTuple
from urllib.parse import SplitResult, urlsplit

from tallystick.errors import Misused

NAMES: Final = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
"""Variables that name a proxy on the way to what is encrypted, as all providers are, the first that is set."""
VARIABLE: Final = "TALLY_GATEWAY_UPSTREAMS_"
KNOWN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "anthropic": "https://api.anthropic.com",
        "openai": "https://api.openai.com",
        "google": "https://generativelanguage.googleapis.com",
    }
)
_KEYS: Final = frozenset(("url", "provider", "websockets"))
_PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_")


class Upstream(NamedTuple):
    """Who answers behind a name."""

    name: str
    scheme: str
    authority: str
    """Host and port, as a URL has them."""
    host: str
    """In lower case, without port."""
    path: bytes = b""
    """What stands before each path, without a slash at its end."""
    provider: str = ""
    """Whose wire shapes it speaks; empty where its host tells."""
    websockets: bool = True
    """Whether websockets are relayed; else they are answered with 426, after which tools use plain requests."""

    @property
    def speaks(self) -> str:
        """Whose errors a tool expects there."""
        return self.provider or self.name


def upstreams(said: Mapping[str, Any], environ: Mapping[str, str], source: str) -> dict[str, Upstream]:
    """Return all upstreams by name: those that are known, then the config's, then the environment's.

    `said` is the table `[gateway.upstreams]`, `source` the file that it is from. Raises Misused, naming where it was set.
    """
    found = {name: _upstream(name, url, "") for name, url in KNOWN.items()}
    for name, given in said.items():
        if not name or set(name) - _PLAIN:
            raise Misused(f"{source} names the upstream {name!r}: use small letters, digits, - and _.")
        found[name] = _upstream(name, given, source)
    names = {name.replace("-", "_"): name for name in found}
    for variable, value in environ.items():
        if variable.startswith(VARIABLE) and value:
            name = variable.removeprefix(VARIABLE).lower()
            name = names.get(name, name)
            # What the file says besides the URL stays.
            before = said.get(name)
            table = {**before, "url": value} if isinstance(before, Mapping) else value
            found[name] = _upstream(name, table, f"{variable} in the environment")
    return found


def _upstream(name: str, given: Any, source: str) -> Upstream:  # noqa: ANN401  what TOML holds
    table = given if isinstance(given, Mapping) else {"url": given}
    if strange := sorted(set(table) - _KEYS):
        raise Misused(f"{source} sets {strange[0]} of the upstream {name}: it has url, provider and websockets.")
    url, provider, websockets = table.get("url"), table.get("provider", ""), table.get("websockets", True)
    if not isinstance(provider, str) or not isinstance(websockets, bool):
        raise Misused(f"{source} sets up the upstream {name}: provider is a name, websockets is true or false.")
    parts = _parts(url)
    if parts is None:
        raise Misused(
            f"{source} leads the upstream {name} to {url!r}: give an address such as https://llm.example.com/v1, "
            "without a user, ? and #."
        )
    path = parts.path.rstrip("/").encode()
    return Upstream(name, parts.scheme, parts.netloc, (parts.hostname or "").lower(), path, provider, websockets)


def _parts(url: object) -> SplitResult | None:
    """Return the parts of an address that can be led to; None for any other."""
    if not isinstance(url, str) or not url.isascii():
        return None
    try:
        parts = urlsplit(url)
        # A port that is none shows when it is asked for.
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    usable = usable and parts.scheme in {"http", "https"} and "@" not in parts.netloc
    return parts if usable and not parts.query and not parts.fragment else None


def proxy_for(upstream: Upstream, environ: Mapping[str, str]) -> str | None:
    """Return the proxy through which an upstream is reached, as the usual variables say; None for the direct way."""
    if _is_here(upstream.host):
        return None
    for name in (f"{upstream.scheme}_proxy", "all_proxy"):
        found = environ.get(name) or environ.get(name.upper())
        if found:
            unproxied = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
            return None if _is_left_out(upstream.host, unproxied) else _as_url(found)
    return None


def is_spoken(proxy: str) -> bool:
    """Tell whether a proxy is of a kind that can be gone through; SOCKS is none."""
    return "://" not in proxy or proxy.lower().startswith(("http://", "https://"))


def _as_url(proxy: str) -> str | None:
    if not is_spoken(proxy):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _is_left_out(host: str, unproxied: str) -> bool:
    for part in unproxied.lower().split(","):
        name = part.strip().rpartition(":")[0] if part.count(":") == 1 else part.strip()
        name = name.removeprefix("*").removeprefix(".")
        if part.strip() == "*" or (name and (host == name or host.endswith(f".{name}"))):
            return True
    return False
