"""How the server is to run: what a flag, the environment and the config file say about it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tallystick.errors import Misused

if TYPE_CHECKING:
    from tallystick.settings import Settings

DEFAULT: Final = "default"
_NONE: Final[Mapping[str, Any]] = MappingProxyType({})
_PORT_MOST: Final = 65_535
_TTL_MOST: Final = 86_400
_WORDS: Final[Mapping[str, bool]] = MappingProxyType({"true": True, "1": True, "false": False, "0": False})
_LISTS: Final = frozenset(("hosts", "origins", "proxies", "guids"))
_PLAIN: Final[Mapping[str, str]] = MappingProxyType(
    {"port": "PORT", "cache_ttl": "CACHE_TTL", "control": "TALLY_CONTROL"}
)
"""Further variables that count where ours are not set: those of tokengate's server, and one for what is no server's alone."""


class Server(NamedTuple):
    """How the server is to run."""

    host: str = "127.0.0.1"
    port: int = 3847
    hosts: tuple[str, ...] = ()
    """Further names by which it may be called."""
    origins: tuple[str, ...] = ()
    """Whose pages may ask it: `https://example.org`, `chrome-extension://…`."""
    token: str = ""
    """What everybody must show who calls it from elsewhere."""
    cache_ttl: int = 30
    """Seconds for which an answer of `/usage` is given again."""
    energy: bool = False
    """Whether pages tell what usage took of electricity and water, estimated."""
    guids: tuple[str, ...] = ()
    """Those that clients of the Token Usage Server may show; on this machine, without any, every one."""
    proxies: tuple[str, ...] = ()
    """Addresses and networks of proxies that are believed when they say from where and how somebody asks."""
    control: str = ""
    """The PostgreSQL database that keeps who may do what, budgets and alerts for several servers; by default files do."""
    sources: Mapping[str, str] = _NONE
    """Where each value is from, by its name."""

    @property
    def everywhere(self) -> bool:
        """Whether it listens at every address of this machine."""
        return self.host in {"0.0.0.0", "::", ""}  # noqa: S104  what is meant by a person who says so


def server(chosen: "Settings", environ: Mapping[str, str], flags: Mapping[str, str] = _NONE) -> Server:
    """Return how the server is to run; raise Misused for a value that makes no sense, naming where it was set."""
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for name in Server._fields[:-1]:
        given, source = (flags[name], f"--{name}") if flags.get(name) else _given(name, chosen, environ)
        if source != DEFAULT:
            values[name], sources[name] = _served(name, given, source), source
    return Server(**values, sources={name: sources.get(name, DEFAULT) for name in Server._fields[:-1]})


def control(chosen: "Settings", environ: Mapping[str, str]) -> tuple[str, str]:
    """Return the database that keeps who may do what, empty where a file does, and where that is set."""
    given, source = _given("control", chosen, environ)
    return given or "", source


def _given(name: str, chosen: "Settings", environ: Mapping[str, str]) -> tuple[Any, str]:
    """Return a value as the environment or the file gives it, and which of them does."""
    for variable in (f"TALLY_SERVER_{name.upper()}", _PLAIN.get(name, "")):
        if variable and environ.get(variable):
            return environ[variable], f"{variable} in the environment"
    return (chosen.server[name], chosen.config) if name in chosen.server else (None, DEFAULT)


def _served(name: str, given: Any, source: str) -> Any:  # noqa: ANN401  a text from the environment, or what TOML holds
    """Return a value of the server as it is used."""
    if name in _LISTS:
        found = tuple(part.strip() for part in given.split(",")) if isinstance(given, str) else tuple(given)
        found = tuple(part for part in found if part)
        for origin in found if name == "origins" else ():
            scheme, _, rest = origin.partition("://")
            if not scheme or not rest or set(rest) & set("/*?#@ "):
                raise Misused(
                    f"{source} allows the origin {origin!r}: give one such as https://example.org or chrome-extension://…, "
                    "without a path and without *."
                )
        if name == "proxies":
            _check_proxies(found, source)
        return found
    if name in {"host", "token", "control"}:
        return given
    if name == "energy":
        switched = _WORDS.get(str(given).strip().lower())
        if switched is None:
            raise Misused(f"{source} sets {name} to {given!r}: it must be true or false.")
        return switched
    most = _PORT_MOST if name == "port" else _TTL_MOST
    text = str(given)
    if not text.isdecimal() or not text.isascii() or int(text) > most:
        raise Misused(f"{source} sets {name} to {given!r}: it must be a number from 0 to {most}.")
    return int(text)


def _check_proxies(found: tuple[str, ...], source: str) -> None:
    from ipaddress import ip_network

    for each in found:
        try:
            ip_network(each)
        except ValueError:
            raise Misused(
                f"{source} names the proxy {each!r}: give an address such as 10.0.0.2 or a network such as 10.0.0.0/24."
            ) from None


def check(path: str, said: Mapping[str, Any]) -> None:
    """Check what a config file says about the server; raise Misused for what makes no sense."""
    for name, value in said.items():
        if name not in Server._fields[:-1]:
            known = ", ".join(Server._fields[:-1])
            raise Misused(
                f"The config file {path} sets {name!r} under [server], which means nothing: known are {known}."
            )
        if name in _LISTS:
            fits, kind = (
                isinstance(value, list) and all(isinstance(each, str) for each in value),
                "a list of texts in quotes",
            )
        elif name in {"host", "token", "control"}:
            fits, kind = isinstance(value, str), "a text in quotes"
        elif name == "energy":
            fits, kind = isinstance(value, bool), "true or false"
        else:
            fits, kind = isinstance(value, int) and not isinstance(value, bool), "a number"
        if not fits:
            # A password may be in it, whatever it is.
            shown = "what it cannot be" if name == "control" else repr(value)
            raise Misused(f"The config file {path} sets {name} under [server] to {shown}: it must be {kind}.")
