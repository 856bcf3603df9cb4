"""The config file: its tables, read, and checked so far that a misspelt word is told."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from tallystick.errors import Misused
from tallystick.settings import serving

NAMES: Final = ("home", "data_dir", "timezone", "machine", "user")
"""What the file may set besides its tables, each also as a variable: `TALLY_TIMEZONE`."""
TABLES: Final = (
    "tools",
    "ledger",
    "prices",
    "server",
    "push",
    "remote",
    "gateway",
    "proxy",
    "providers",
    "statusline",
    "budgets",
    "alerts",
    "limits",
)
FETCHED: Final = ("anthropic",)
"""Vendors that can be asked what is used of a plan, with the person's own login."""
_NONE: Final[Mapping[str, Any]] = MappingProxyType({})
_HIDEABLE: Final = ("project", "branch", "session")
_HIDDEN: Final = ("keep", "pseudonym", "leave-out")


def read(path: str, *, explicit: bool) -> dict[str, Any]:
    """Return what a config file says, nothing where there is none; raise Misused for one that cannot be understood.

    One that is named explicitly has to be there.
    """
    content = _content(path, explicit=explicit)
    if not content:
        # Nearly everywhere: reading TOML costs as much as a warm answer's half.
        return {}
    from tomllib import TOMLDecodeError, loads

    try:
        said = loads(content.decode())
    except (TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misused(f"The config file {path} is no TOML: {error}.") from None
    for name, value in said.items():
        wanted = dict if name in TABLES else str
        if name not in (*NAMES, *TABLES):
            raise Misused(
                f"The config file {path} sets {name!r}, which means nothing: known are {', '.join(NAMES)}, {', '.join(f'[{each}]' for each in TABLES)}."
            )
        # The system takes no name with a NUL in it.
        if not isinstance(value, wanted) or (isinstance(value, str) and "\0" in value):
            kind = "a table" if wanted is dict else "a text in quotes"
            raise Misused(f"The config file {path} sets {name} to {value!r}: it must be {kind}.")
    _check_tools(path, said.get("tools", _NONE))
    _check_ledger(path, said.get("ledger", _NONE))
    serving.check(path, said.get("server", _NONE))
    _check_push(path, said.get("push", _NONE))
    _check_gateway(path, said.get("gateway", _NONE))
    _check_proxy(path, said.get("proxy", _NONE))
    _check_statusline(path, said.get("statusline", _NONE))
    _check_budgets(path, said.get("budgets", _NONE))
    _check_limits(path, said.get("limits", _NONE))
    for name, value in said.get("remote", _NONE).items():
        if name not in {"server", "token"} or not isinstance(value, str):
            raise Misused(
                f"The config file {path} sets {name} under [remote] to {value!r}: known are server and token, texts in quotes."
            )
    return said


def _content(path: str, *, explicit: bool) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        if explicit:
            raise Misused(f"There is no config file {path}, which TALLY_CONFIG names.") from None
        return b""
    except OSError as error:
        raise Misused(f"The config file {path} cannot be read: {(error.strerror or str(error)).lower()}.") from None


def _check_ledger(path: str, said: Mapping[str, Any]) -> None:
    for name, value in said.items():
        if name != "url" or not isinstance(value, str) or not value.startswith("clickhouse://"):
            raise Misused(
                f"The config file {path} sets {name} under [ledger] to {value!r}: known is url, such as "
                '"clickhouse://host:8123/tally".'
            )


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


def _check_budgets(path: str, said: Mapping[str, Any]) -> None:
    for name, value in said.items():
        if name != "gateway" or not isinstance(value, bool):
            raise Misused(
                f"The config file {path} sets {name} under [budgets] to {value!r}: known is gateway, true or false."
            )


def _check_limits(path: str, said: Mapping[str, Any]) -> None:
    for name, value in said.items():
        # A login is used for this: a word that is misspelt must not be taken for leave to do so.
        if name != "fetch" or not isinstance(value, list) or any(each not in FETCHED for each in value):
            raise Misused(
                f"The config file {path} sets {name} under [limits] to {value!r}: known is fetch, a list with any of "
                f"{', '.join(FETCHED)} in quotes."
            )


def _check_statusline(path: str, said: Mapping[str, Any]) -> None:
    for name, value in said.items():
        # A truth is a number to Python.
        fits = (name == "template" and isinstance(value, str)) or (
            name == "width" and type(value) is int and value >= 0
        )
        if not fits:
            raise Misused(
                f"The config file {path} sets {name} under [statusline] to {value!r}: known are template, a text in quotes, "
                "and width, a number of columns (0: any)."
            )


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
