"""The page about the API: every route with its parameters, its answer and a line to copy, from the API's own description."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from shlex import quote
from typing import Any, Final, NamedTuple
from urllib.parse import quote as escaped
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from tallystick.faces.web.assets import File, file, sent
from tallystick.faces.web.page import rendered

type Description = Mapping[str, Any]
"""What OpenAPI 3.1 has, or a part of it."""

_SHAPES: Final = "#/components/schemas/"
_KINDS: Final = {"string": "text", "array": "list", "null": "null", "number": "number", "boolean": "true or false"}
_FORMATS: Final = {"date": "date", "date-time": "moment"}
_ADDRESSES: Final = 8
"""Names under which one server is asked for, each of which has its own page, because of the lines to copy."""


class Part(NamedTuple):
    """A part of the name of a type."""

    text: str
    shape: str = ""
    """The shape that it leads to."""


class Field(NamedTuple):
    """One thing that an answer holds, or that a route takes."""

    name: str
    type: tuple[Part, ...]
    about: str
    needed: bool
    example: str = ""


class Shape(NamedTuple):
    """What several answers hold a part of."""

    name: str
    about: str
    fields: list[Field]


class Route(NamedTuple):
    """One address and what becomes of it."""

    method: str
    path: str
    summary: str
    about: str
    parameters: list[Field]
    curl: str
    statuses: list[tuple[str, str]]
    media: str
    answer: tuple[Part, ...]
    shape: Shape | None

    @property
    def anchor(self) -> str:
        """Its name within the page."""
        words = "".join(each if each.isalnum() else " " for each in self.path.removeprefix("/api/v1"))
        return "-".join((self.method.lower(), *words.split()))


class Group(NamedTuple):
    """Routes about one thing."""

    name: str
    about: str
    routes: list[Route]


def router(described: Callable[[], Description], *, token: bool = False) -> APIRouter:
    """Return the route of the page; `described` gives what OpenAPI has, `token` tells whether one has to be shown."""
    routes = APIRouter(include_in_schema=False)
    style = file(files("tallystick.faces.web").joinpath("static", "docs.css").read_bytes(), "docs.css")

    @lru_cache(_ADDRESSES)
    def made(base: str) -> File:
        return file(page(described(), base, token=token).encode(), "docs.html")

    @routes.get("/docs")
    async def docs(request: Request) -> Response:
        return sent(request, await asyncio.to_thread(made, str(request.base_url).rstrip("/")))

    @routes.get("/docs.css")
    async def css(request: Request) -> Response:
        return sent(request, style)

    return routes


def page(description: Description, base: str, *, token: bool = False) -> str:
    """Return the page for what OpenAPI has, with lines to copy that ask at `base` (`http://localhost:3847`)."""
    groups = _groups(description, base, token=token)
    shapes = [_shape(name, schema, description) for name, schema in _objects(description)]
    told = {route.shape.name for group in groups for route in group.routes if route.shape}
    return rendered(
        "docs.html",
        title=description["info"]["title"],
        version=description["info"]["version"],
        about=description["info"].get("description", ""),
        groups=groups,
        # Whatever is the whole of an answer stands at its route.
        shapes=[shape for shape in shapes if shape.name not in told],
        places={route.shape.name: route.anchor for group in groups for route in group.routes if route.shape},
    )


def _groups(description: Description, base: str, *, token: bool) -> list[Group]:
    abouts = {tag["name"]: tag.get("description", "") for tag in description.get("tags", ())}
    groups: dict[str, Group] = {}
    for path, methods in description["paths"].items():
        for method, told in methods.items():
            name = next(iter(told.get("tags", ())), "other")
            group = groups.setdefault(name, Group(name, abouts.get(name, ""), []))
            group.routes.append(_route(description, (method.upper(), path), told, base, token=token))
    return list(groups.values())


def _route(description: Description, place: tuple[str, str], told: Description, base: str, *, token: bool) -> Route:
    parameters = told.get("parameters", ())
    content = told["responses"]["200"].get("content", {})
    media = next(iter(content), "")
    schema = content.get(media, {}).get("schema", {})
    name = _name(schema)
    shape = _shape(name, _resolved(schema, description), description) if _is_object(schema, description) else None
    return Route(
        *place,
        told.get("summary", ""),
        told.get("description", ""),
        [_parameter(each, description) for each in parameters],
        _curl(base + place[1], parameters, endless=media == "text/event-stream", token=token),
        [(status, each["description"]) for status, each in told["responses"].items()],
        media,
        tuple(_type(schema, description)),
        shape,
    )


def _parameter(told: Description, description: Description) -> Field:
    parts = tuple(_type(told["schema"], description))
    return Field(told["name"], parts, told.get("description", ""), told["required"], str(told.get("example", "")))


def _curl(address: str, parameters: Any, *, endless: bool, token: bool) -> str:  # noqa: ANN401  a list from a description
    """Return a line for a shell: with everything that has to be said, and the first of what may be."""
    asked: dict[str, str] = {}
    for each in parameters:
        example = each.get("example", each["schema"].get("enum", ["1"])[0])
        if each["in"] == "path":
            address = address.replace(f"{{{each['name']}}}", escaped(str(example)))
        elif each["required"] or (not asked and "example" in each):
            asked[each["name"]] = str(example)
    if asked:
        address += f"?{urlencode(asked, safe='/,:')}"
    options = [
        *(["-N"] if endless else []),
        *(['-H "Authorization: Bearer $TALLY_SERVER_TOKEN"'] if token else []),
    ]
    return " ".join(("curl", *options, quote(address)))


def _shape(name: str, schema: Description, description: Description) -> Shape:
    needed = schema.get("required", ())
    fields = [
        Field(each, tuple(_type(told, description)), _about(told, description), each in needed)
        for each, told in schema["properties"].items()
    ]
    return Shape(name, schema.get("description", ""), fields)


def _about(schema: Description, description: Description) -> str:
    """Return what is told of a field: at the field, else where its type is one that has a name."""
    if "description" in schema or _is_object(schema, description):
        return str(schema.get("description", ""))
    found = [schema, *schema.get("anyOf", ())]
    return next((told for each in found if (told := _resolved(each, description).get("description", ""))), "")


def _type(schema: Description, description: Description) -> Iterator[Part]:
    """Yield the parts of the name of a type."""
    if _is_object(schema, description):
        yield Part(_name(schema) or "object", _name(schema))
        return
    schema = _resolved(schema, description)
    kind = schema.get("type", "")
    if "anyOf" in schema:
        for place, each in enumerate(schema["anyOf"]):
            if place:
                yield Part(" or ")
            yield from _type(each, description)
    elif "enum" in schema:
        yield Part(" | ".join(map(str, schema["enum"])))
    elif kind == "array" and "items" in schema:
        yield Part("list of ")
        yield from _type(schema["items"], description)
    elif kind == "object" and isinstance(schema.get("additionalProperties"), Mapping):
        yield Part("by name: ")
        yield from _type(schema["additionalProperties"], description)
    else:
        yield Part(_FORMATS.get(schema.get("format", ""), "") or _KINDS.get(kind, kind or "anything") + _bounds(schema))


def _bounds(schema: Description) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is None or most is None:
        return ""
    return f", {least} to {most}"


def _resolved(schema: Description, description: Description) -> Description:
    while "$ref" in schema:
        schema = description["components"]["schemas"][schema["$ref"].removeprefix(_SHAPES)]
    return schema


def _is_object(schema: Description, description: Description) -> bool:
    return "properties" in _resolved(schema, description)


def _name(schema: Description) -> str:
    return str(schema.get("$ref", "")).removeprefix(_SHAPES)


def _objects(description: Description) -> Iterator[tuple[str, Description]]:
    """Yield each shape that has a name of its own, in order of names."""
    for name, schema in sorted(description.get("components", {}).get("schemas", {}).items()):
        if "properties" in schema:
            yield name, schema
