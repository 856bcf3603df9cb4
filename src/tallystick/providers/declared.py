"""Providers that a person declares in the config: hosts, paths, and a format or the places of the counts."""

import re
from collections.abc import Mapping
from functools import partial
from typing import Any, Final, NamedTuple

from tallystick.providers.fields import COUNTS, NAMES, Fields
from tallystick.providers.formats import BY_NAME
from tallystick.providers.shape import Listing, Route

_KEYS: Final = ("name", "hosts", "paths", "format", "fields", "inclusive")
_FORMAT: Final = "format"
_FIELDS: Final = "fields"
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_HOST: Final = re.compile(r"(?:\*\.)?[a-z0-9](?:[a-z0-9-]*(?:\.(?=[a-z0-9]))?)*")
_LONGEST: Final = 253
"""Characters of a host's name at the most."""


class Declared(NamedTuple):
    """One provider of the config's making."""

    name: str
    hosts: tuple[str, ...]
    paths: tuple[str, ...] = ()
    """Ends of paths, `*` for any part of one; empty where the format says at which it is spoken."""
    format: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    """What is told, and the dotted path to it."""
    inclusive: bool = True
    """Whether the input's count holds what was read from a cache and written to one."""


def declared(table: Mapping[str, Any]) -> Declared | str:
    """Return the provider that a config's table declares, or a sentence that tells what is wrong with it."""
    name = table.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        return "A provider needs a `name` of small letters, digits, dots and dashes."
    wrong = _wrong(name, table)
    if wrong:
        return wrong
    return Declared(
        name,
        tuple(host.lower() for host in table["hosts"]),
        tuple(table.get("paths", ())),
        table.get("format", ""),
        tuple(table.get("fields", {}).items()),
        table.get("inclusive", True),
    )


def _wrong(name: str, table: Mapping[str, Any]) -> str:
    """Return what is wrong with a table that has a name; empty when nothing is."""
    unknown = [key for key in table if key not in _KEYS]
    if unknown:
        return f"Provider {name}: there is no setting `{unknown[0]}`."
    hosts, paths = table.get("hosts"), table.get("paths", [])
    if not _are_texts(hosts) or not hosts or not all(_is_host(each) for each in hosts):
        return f"Provider {name}: `hosts` must be a list of host names without port; `*.` before one stands for all below it."
    if not _are_texts(paths) or not all(each.startswith(("/", "*")) for each in paths):
        return f"Provider {name}: `paths` must be a list of paths that begin with a slash."
    if not isinstance(table.get("inclusive", True), bool):
        return f"Provider {name}: `inclusive` must be true or false."
    if (_FORMAT in table) == (_FIELDS in table):
        return f"Provider {name}: say either a `format` or the `fields`."
    return _wrong_format(name, table) if _FORMAT in table else _wrong_fields(name, table["fields"], paths)


def _wrong_format(name: str, table: Mapping[str, Any]) -> str:
    if table["format"] not in BY_NAME:
        return f"Provider {name}: `format` must be one of {', '.join(BY_NAME)}."
    if "inclusive" in table:
        return f"Provider {name}: `inclusive` belongs to `fields`; a format knows how it counts."
    return ""


def _wrong_fields(name: str, fields: object, paths: list[str]) -> str:
    if not isinstance(fields, dict) or not all(isinstance(path, str) and path.strip(".") for path in fields.values()):
        return f"Provider {name}: `fields` must be a table of dotted paths."
    unknown = [each for each in fields if each not in NAMES]
    if unknown:
        return f"Provider {name}: there is no field `{unknown[0]}`; there are {', '.join(NAMES)}."
    if not any(each in COUNTS for each in fields):
        return f"Provider {name}: `fields` must lead to at least one count."
    if not paths:
        return f"Provider {name}: `fields` need the `paths` at which they are answered."
    return ""


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) and each for each in value)


def _is_host(host: str) -> bool:
    return len(host) <= _LONGEST and "." in host and _HOST.fullmatch(host.lower()) is not None


def listing_of(own: Declared) -> Listing:
    """Return a declared provider as the shelf keeps it."""
    patterns = [re.compile(f"(?:{'.*'.join(map(re.escape, path.split('*')))})$") for path in own.paths]
    if own.format:
        routes = BY_NAME[own.format]
        if patterns:
            routes = tuple(each._replace(path=pattern) for pattern in patterns for each in routes)
    else:
        shape = partial(Fields, paths=dict(own.fields), inclusive=own.inclusive)
        routes = tuple(Route(pattern, shape) for pattern in patterns)
    return Listing(own.name, own.hosts, routes, ("x-request-id", "request-id"))
