"""Settings, read once at the front door: a flag counts before the environment, that before the file, that before the default."""

import os
import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from tallystick.settings.serving import DEFAULT, Server, server
from tallystick.settings.tables import NAMES, TABLES, read

APP: Final = "tallystick"
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
    ledger: Mapping[str, Any] = _NONE
    """What the file says about the ledger: its `url`, where servers keep it."""
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
    statusline: Mapping[str, Any] = _NONE
    """What the file says about the status line: its `template`, and the `width` that it may have."""
    budgets: Mapping[str, Any] = _NONE
    """What the file says about budgets: `gateway`, whether the gateway refuses what comes beyond a hard one."""
    alerts: Mapping[str, Any] = _NONE
    """What the file says about alerts: its rules, and `to`, where they go (`alerts/choices.py` checks it)."""
    limits: Mapping[str, Any] = _NONE
    """What the file says about usage windows: `fetch`, the vendors that are asked with the person's own login."""
    sources: Mapping[str, str] = _NONE
    """Where each value is from, by its name: `default`, or a flag, a variable or a file in words."""


def load(environ: Mapping[str, str], home: str, flags: Mapping[str, str] = _NONE) -> Settings:
    """Read the settings for a person whose home directory is given; raise Misused for a file that cannot be understood."""
    config = environ.get("TALLY_CONFIG") or os.path.join(config_folder(environ, home), "config.toml")
    said = read(config, explicit=bool(environ.get("TALLY_CONFIG")))
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
    tables: dict[str, Any] = {name: said.get(name, _NONE) for name in TABLES[1:]}
    sources |= {name: config if tables[name] else DEFAULT for name in tables if name != "server"}
    return Settings(homes=homes, sources=sources, **values, **tables)


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


__all__ = [
    "APP",
    "DEFAULT",
    "NAMES",
    "Server",
    "Settings",
    "config_folder",
    "data_folder",
    "load",
    "local_zone",
    "server",
    "state_folder",
]
