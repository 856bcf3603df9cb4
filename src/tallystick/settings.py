"""Settings, read once at the front door: a flag counts before the environment, that before the file, that before the default."""

import os
import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from tallystick.errors import Misused

APP: Final = "tallystick"
DEFAULT: Final = "default"
_UTC: Final = frozenset(("UTC", "UCT", "Zulu", "Universal", "Etc/UTC", "Etc/UCT", "Etc/Zulu", "Etc/Universal"))
_ZONE_FOLDERS: Final = ("/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo")
_NONE: Final[Mapping[str, Any]] = MappingProxyType({})


class Settings(NamedTuple):
    """What a person can set, and where each value is from."""

    home: str
    """The home directory under which tools keep their logs."""
    data_dir: str
    """Where the ledger lies."""
    config: str
    """The file that was read, or would be."""
    timezone: str
    """The IANA name of the zone in which days are told."""
    machine: str
    user: str
    homes: tuple[str, ...] = ()
    """Further homes whose tools are read too."""
    prices: Mapping[str, Any] = _NONE
    """The person's own prices and aliases, as the file has them."""
    server: Mapping[str, Any] = _NONE
    """What the file says about the server (`server`)."""
    push: Mapping[str, Any] = _NONE
    """What the file says may leave this machine (`intake/push/policy.py`)."""
    remote: Mapping[str, Any] = _NONE
    """What the file says about the server that is asked instead of the ledger here: `server`, and a `token` for it."""
    gateway: Mapping[str, Any] = _NONE
    """What the file says about the gateway: `upstreams`, and `upstream_ca`, a file of further certificates."""
    proxy: Mapping[str, Any] = _NONE
    """What the file says about the proxy: `memory_mib`, above which something is wrong."""
    providers: Mapping[str, Any] = _NONE
    """Providers that the file declares, by their names (`providers/declared.py`)."""
    sources: Mapping[str, str] = _NONE
    """Where each value is from, by its name: `default`, or a flag, a variable or a file in words."""


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
    sources: Mapping[str, str] = _NONE
    """Where each value is from, by its name."""

    @property
    def everywhere(self) -> bool:
        """Whether it listens at every address of this machine."""
        return self.host in {"0.0.0.0", "::", ""}  # noqa: S104  what is meant by a person who says so


NAMES: Final = ("home", "data_dir", "timezone", "machine", "user")
"""What the file may set besides its tables, each also as a variable: `TALLY_TIMEZONE`."""
_TABLES: Final = ("tools", "prices", "server", "push", "remote", "gateway", "proxy", "providers")
_PORT_MOST: Final = 65_535
_TTL_MOST: Final = 86_400
_WORDS: Final[Mapping[str, bool]] = MappingProxyType({"true": True, "1": True, "false": False, "0": False})
_LISTS: Final = frozenset(("hosts", "origins", "proxies", "guids"))
_HIDEABLE: Final = ("project", "branch", "session")
_HIDDEN: Final = ("keep", "pseudonym", "leave-out")
_PLAIN: Final[Mapping[str, str]] = MappingProxyType({"port": "PORT", "cache_ttl": "CACHE_TTL"})
"""Variables of tokengate's server, which count too where ours are not set."""


def load(environ: Mapping[str, str], home: str, flags: Mapping[str, str] = _NONE) -> Settings:
    """Read the settings for a person whose home directory is given; raise Misused for a file that cannot be understood."""
    config = environ.get("TALLY_CONFIG") or os.path.join(config_folder(environ, home), "config.toml")
    said = _read(config, explicit=bool(environ.get("TALLY_CONFIG")))
    values: dict[str, Any] = {"config": config}
    sources = {"config": "TALLY_CONFIG in the environment" if environ.get("TALLY_CONFIG") else DEFAULT}
    for name in NAMES:
        variable = f"TALLY_{name.upper()}"
        if flags.get(name):
            values[name], sources[name] = flags[name], f"--{name.replace('_', '-')}"
        elif environ.get(variable):
            values[name], sources[name] = environ[variable], f"{variable} in the environment"
        elif name in said:
            values[name], sources[name] = said[name], config
        else:
            values[name], sources[name] = _default(name, environ, home)
    for name in ("home", "data_dir"):
        values[name] = _placed(values[name], config if sources[name] == config else "", home)
    named, sources["homes"] = _homes(said, config, environ, flags)
    homes = tuple(_placed(each, config if sources["homes"] == config else "", home) for each in named)
    tables: dict[str, Any] = {name: said.get(name, _NONE) for name in _TABLES[1:]}
    sources |= {name: config if tables[name] else DEFAULT for name in tables if name != "server"}
    return Settings(homes=homes, sources=sources, **values, **tables)


def server(chosen: Settings, environ: Mapping[str, str], flags: Mapping[str, str] = _NONE) -> Server:
    """Return how the server is to run; raise Misused for a value that makes no sense, naming where it was set."""
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for name in Server._fields[:-1]:
        ours, plain = f"TALLY_SERVER_{name.upper()}", _PLAIN.get(name, "")
        given: Any
        if flags.get(name):
            given, source = flags[name], f"--{name}"
        elif environ.get(ours):
            given, source = environ[ours], f"{ours} in the environment"
        elif plain and environ.get(plain):
            given, source = environ[plain], f"{plain} in the environment"
        elif name in chosen.server:
            given, source = chosen.server[name], chosen.config
        else:
            continue
        values[name], sources[name] = _served(name, given, source), source
    return Server(**values, sources={name: sources.get(name, DEFAULT) for name in Server._fields[:-1]})


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
    if name in {"host", "token"}:
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


def config_folder(environ: Mapping[str, str], home: str) -> str:
    """Return the folder for the config file, as platformdirs' `user_config_dir` has it."""
    return _folder("user_config_dir", "XDG_CONFIG_HOME", ".config", environ, home)


def data_folder(environ: Mapping[str, str], home: str) -> str:
    """Return the folder for the ledger, as platformdirs' `user_data_dir` has it."""
    return _folder("user_data_dir", "XDG_DATA_HOME", ".local/share", environ, home)


def state_folder(environ: Mapping[str, str], home: str) -> str:
    """Return the folder for logs of our own, as platformdirs' `user_state_dir` has it."""
    return _folder("user_state_dir", "XDG_STATE_HOME", ".local/state", environ, home)


def local_zone(
    environ: Mapping[str, str], etc: str = "/etc", folders: tuple[str, ...] = _ZONE_FOLDERS
) -> tuple[str, str]:
    """Return the IANA name of the machine's time zone and where it is from; UTC where nothing tells.

    Where one of the folders is there, only zones that lie in it are known.
    """
    folders = tuple(folder for folder in folders if os.path.isdir(folder))
    name = environ.get("TZ", "").removeprefix(":")
    if named := _zone(name, folders):
        return named, "TZ in the environment"
    localtime = os.path.join(etc, "localtime")
    for target in (_target(localtime), os.path.realpath(localtime)):
        if named := _zone(target.rpartition("zoneinfo/")[2], folders):
            return named, localtime
    try:
        with open(os.path.join(etc, "timezone"), encoding="utf-8") as file:
            if named := _zone(file.read().strip(), folders):
                return named, file.name
    except (OSError, UnicodeDecodeError):
        pass
    return "UTC", DEFAULT


def _target(link: str) -> str:
    try:
        return os.readlink(link)
    except OSError:
        return ""


def _zone(name: str, folders: tuple[str, ...]) -> str:
    """Return an IANA name as it is used here; empty for anything else, such as the rules that POSIX allows in TZ."""
    name = name.removeprefix("posix/").removeprefix("right/")
    if "zoneinfo/" in name:
        name = name.rpartition("zoneinfo/")[2]
    if name in _UTC:
        return "UTC"
    if not name or name.startswith(("/", ".")):
        return ""
    known = any(os.path.isfile(os.path.join(folder, name)) for folder in folders) if folders else "/" in name
    return name if known else ""


def _default(name: str, environ: Mapping[str, str], home: str) -> tuple[str, str]:
    if name == "home":
        return home, DEFAULT
    if name == "data_dir":
        return data_folder(environ, home), DEFAULT
    if name == "timezone":
        return local_zone(environ)
    if name == "machine":
        # Without the domain, which changes with the network.
        return (os.uname().nodename if hasattr(os, "uname") else environ.get("COMPUTERNAME", "")).partition(".")[
            0
        ], DEFAULT
    return next((environ[key] for key in ("LOGNAME", "USER", "LNAME", "USERNAME") if environ.get(key)), ""), DEFAULT


def _folder(function: str, variable: str, under_home: str, environ: Mapping[str, str], home: str) -> str:
    if sys.platform in {"darwin", "win32"}:
        import platformdirs

        folder: str = getattr(platformdirs, function)(APP, appauthor=False)
        return folder
    # The XDG rule by hand: importing platformdirs costs more than reading the ledger.
    given = environ.get(variable, "").strip()
    return os.path.join(given or os.path.join(home, under_home), APP)


def _homes(
    said: Mapping[str, Any], config: str, environ: Mapping[str, str], flags: Mapping[str, str]
) -> tuple[list[str], str]:
    """Return the further homes as they were named, with commas between them where that is no list, and where they are from."""
    for text, source in (
        (flags.get("homes"), "--homes"),
        (environ.get("TALLY_HOMES"), "TALLY_HOMES in the environment"),
    ):
        if text:
            return [part.strip() for part in text.split(",") if part.strip()], source
    tools = said.get("tools", _NONE)
    return (tools["homes"], config) if "homes" in tools else ([], DEFAULT)


def _placed(path: str, file: str, home: str) -> str:
    """Return a path in full: in a file it is meant from where the file lies, elsewhere from where the person stands."""
    return os.path.abspath(os.path.join(os.path.dirname(file), _expanded(path, home)))


def _expanded(path: str, home: str) -> str:
    return home + path[1:] if path == "~" or path.startswith("~/") else path


def _read(path: str, *, explicit: bool) -> dict[str, Any]:
    try:
        with open(path, "rb") as file:
            content = file.read()
    except FileNotFoundError:
        if explicit:
            raise Misused(f"There is no config file {path}, which TALLY_CONFIG names.") from None
        return {}
    except OSError as error:
        raise Misused(f"The config file {path} cannot be read: {(error.strerror or str(error)).lower()}.") from None
    from tomllib import TOMLDecodeError, loads

    try:
        said = loads(content.decode())
    except (TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misused(f"The config file {path} is no TOML: {error}.") from None
    for name, value in said.items():
        wanted = dict if name in _TABLES else str
        if name not in (*NAMES, *_TABLES):
            raise Misused(
                f"The config file {path} sets {name!r}, which means nothing: known are {', '.join(NAMES)}, {', '.join(f'[{each}]' for each in _TABLES)}."
            )
        # The system takes no name with a NUL in it.
        if not isinstance(value, wanted) or (isinstance(value, str) and "\0" in value):
            kind = "a table" if wanted is dict else "a text in quotes"
            raise Misused(f"The config file {path} sets {name} to {value!r}: it must be {kind}.")
    _check_tools(path, said.get("tools", _NONE))
    _check_server(path, said.get("server", _NONE))
    _check_push(path, said.get("push", _NONE))
    _check_gateway(path, said.get("gateway", _NONE))
    _check_proxy(path, said.get("proxy", _NONE))
    for name, value in said.get("remote", _NONE).items():
        if name not in {"server", "token"} or not isinstance(value, str):
            raise Misused(
                f"The config file {path} sets {name} under [remote] to {value!r}: known are server and token, texts in quotes."
            )
    return said


def _check_gateway(path: str, said: Mapping[str, Any]) -> None:
    for name, value in said.items():
        if not isinstance(value, {"upstreams": dict, "upstream_ca": str}.get(name, ())):
            raise Misused(
                f"The config file {path} sets {name} under [gateway] to {value!r}: known are the table upstreams, and "
                "upstream_ca, a file in quotes."
            )


def _check_proxy(path: str, said: Mapping[str, Any]) -> None:
    for name, value in said.items():
        if name != "memory_mib" or type(value) is not int or value <= 0:
            raise Misused(
                f"The config file {path} sets {name} under [proxy] to {value!r}: known is memory_mib, a number."
            )


def _check_server(path: str, said: Mapping[str, Any]) -> None:
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
        elif name in {"host", "token"}:
            fits, kind = isinstance(value, str), "a text in quotes"
        elif name == "energy":
            fits, kind = isinstance(value, bool), "true or false"
        else:
            fits, kind = isinstance(value, int) and not isinstance(value, bool), "a number"
        if not fits:
            raise Misused(f"The config file {path} sets {name} under [server] to {value!r}: it must be {kind}.")


def _check_push(path: str, said: Mapping[str, Any]) -> None:
    """Check what may leave this machine: a word that is misspelt must not let out what was to be hidden."""
    paths = said.get("paths", [])
    if not isinstance(paths, list) or not all(isinstance(each, dict) for each in paths):
        raise Misused(f"The config file {path} sets paths under [push] to {paths!r}: write each as [[push.paths]].")
    for table, known, told in [("[push]", ("paths", *_HIDEABLE), said)] + [
        ("[[push.paths]]", ("match", *_HIDEABLE), each) for each in paths
    ]:
        for name, value in told.items():
            if name not in known:
                raise Misused(
                    f"The config file {path} sets {name!r} under {table}, which means nothing: known are {', '.join(known)}."
                )
            if name in _HIDEABLE and value not in _HIDDEN:
                raise Misused(
                    f"The config file {path} sets {name} under {table} to {value!r}: it must be one of {', '.join(_HIDDEN)}."
                )
        if table != "[push]" and not (isinstance(told.get("match"), str) and told["match"]):
            raise Misused(
                f"The config file {path} has a {table} without match: name the projects, such as ~/clients/**."
            )


def _check_tools(path: str, tools: Mapping[str, Any]) -> None:
    for name, value in tools.items():
        if name != "homes":
            raise Misused(f"The config file {path} sets {name!r} under [tools], which means nothing: known is homes.")
        if not isinstance(value, list) or not all(
            isinstance(each, str) and each and "\0" not in each for each in value
        ):
            raise Misused(
                f"The config file {path} sets homes to {value!r}: it must be a list of folders, each a text in quotes."
            )
