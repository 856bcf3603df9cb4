"""What a wire shape promises, and how a provider's file says which of them it speaks where."""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol, runtime_checkable

from tallystick.providers.provider import Asked, Call, Limit


class Shape(Protocol):
    """Takes the JSON of one answer, piece by piece or at once, and tells the calls in it.

    Provider, request id, status and the model that was asked for are filled in by whoever feeds it.
    """

    by_line: bool
    """Whether its streams are lines of JSON."""
    limits: list[Limit]
    """What the answer's own text has told of usage windows."""

    def head(self, headers: Mapping[str, str]) -> None:
        """Take the answer's headers."""

    def wants(self, data: bytes) -> bool:
        """Tell quickly whether there may be something in an event, or in several of them, that matters."""

    def text(self, data: bytes) -> None:
        """Take one JSON text: an event's data, a line, or the whole answer."""

    def calls(self, asked: str, *, cut: bool) -> list[Call]:
        """Return the calls of the answer, which ended or was cut off; `asked` is the model in the request's body."""


@runtime_checkable
class Several(Protocol):
    """A shape of many answers in one, which are told as they come."""

    def ready(self) -> list[Call]:
        """Return the calls that are complete and were not told yet."""


class Place(NamedTuple):
    """Where a request went, as far as its shape must know."""

    asked: Asked
    model: str = ""
    """As the path has it."""


class Route(NamedTuple):
    """A kind of path at which one wire shape is spoken."""

    path: re.Pattern[str]
    """Looked for in the path without its query; a group called `model` is the model."""
    shape: Callable[[Place], Shape]
    methods: tuple[str, ...] = ("POST",)
    socket: bool = False
    """Whether it is only for requests that ask for a websocket."""


def no_limits(_headers: Mapping[str, str]) -> list[Limit]:
    """Return nothing, as providers do whose headers tell of no usage windows."""
    return []


class Listing(NamedTuple):
    """One provider: whose hosts, which shapes, what its headers are called."""

    name: str
    hosts: tuple[str, ...]
    """Patterns; `*` stands for one label or several."""
    routes: tuple[Route, ...]
    request_ids: tuple[str, ...] = ("x-request-id",)
    """Headers of the answer that name the request, in order of preference."""
    limits: Callable[[Mapping[str, str]], list[Limit]] = no_limits
