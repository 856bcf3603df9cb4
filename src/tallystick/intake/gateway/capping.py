"""Capping: whether a request goes on or a budget that is used up stops it, by what can be told of the request at once.

Whatever fails here, the request goes on.
"""

import logging
import re
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import unquote

from tallystick.intake.gateway.asgi import Message, Receive
from tallystick.intake.wire.decoding import Decoder
from tallystick.intake.wire.runs import Run
from tallystick.providers.clients import client
from tallystick.providers.provider import Asked
from tallystick.providers.request import Request

type Stops = Callable[[Mapping[str, str]], str | None]
"""Returns why a request is refused, given who sends it by the names of filters; an empty text where it goes on, None where that
depends on its model and that is not among them."""

_LOG: Final = logging.getLogger(__name__)
_IN_PATH: Final = re.compile(r"/models?/([^/:?]+)")
"""Where Google, Bedrock and others have the model in the address."""
_BODY_MOST: Final = 8 << 20
"""Bytes of a body within which the model is looked for."""
_DRAINED_MOST: Final = 256 << 20


def told_of(asked: Asked, run: Run) -> dict[str, str]:
    """Return who sends a request, by the names of filters; what is not known is missing."""
    who = client(asked)
    model = _IN_PATH.search(asked.path)
    known = {
        "tool": who.tool,
        "session": who.session,
        "agent": who.agent,
        "project": run.project,
        # None has an end of a line in it.
        "tag": "\n".join(f"{name}={value}" for name, value in run.tags.items()),
        "model": unquote(model[1]) if model else "",
    }
    return {name: value for name, value in known.items() if value}


class Capping:
    """Holds one request, or one websocket, against what is used up."""

    def __init__(self, stops: Stops, asked: Asked, run: Callable[[], Run]) -> None:
        """Begin with whom to ask, the head of a request, and what tells the run that it belongs to."""
        self._stops, self._asked, self._run = stops, asked, run
        self._known: Mapping[str, str] | None = None

    def stops_socket(self) -> bool:
        """Tell whether a websocket is to end, or not to begin: what comes on it is then held against budgets as plain requests.

        That is so, too, where it depends on the model, which each message names anew.
        """
        try:
            return self._judged() != ""
        except Exception as error:  # noqa: BLE001  what is wrong with us stops nobody
            _failed(error)
            return False

    async def stops_request(self, receive: Receive) -> tuple[str, Receive]:
        """Return why a request is refused, empty where it goes on, and what then gives its body.

        The body is looked at only where the model decides. Of a request that is refused nothing is to come any more: who is
        still sending would not hear the answer.
        """
        held: list[Message] = []
        try:
            why = self._judged()
            if why is None:
                encoding = self._asked.headers.get("content-encoding", "")
                model = await _model(receive, held, encoding)
                why = self._judged(model) if model else ""
        except Exception as error:  # noqa: BLE001  what is wrong with us stops nobody
            _failed(error)
            why = ""
        again = _again(held, receive) if held else receive
        if why:
            await _drain(again)
        return why or "", again

    def _judged(self, model: str = "") -> str | None:
        if self._known is None:
            self._known = told_of(self._asked, self._run())
        return self._stops({**self._known, "model": model} if model else self._known)


def _failed(error: Exception) -> None:
    # Its kind only: what it says may hold a piece of what was on the wire.
    _LOG.warning("A request is not held against budgets: %s", type(error).__name__)


async def _drain(receive: Receive) -> None:
    size = 0
    while size < _DRAINED_MOST:
        message = await receive()
        size += len(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body", False):
            return


async def _model(receive: Receive, held: list[Message], encoding: str) -> str:
    """Return the model that a body asks for; what was received to find it is held."""
    found, decoder, size = Request(), Decoder(encoding), 0
    while size < _BODY_MOST:
        message = await receive()
        held.append(message)
        data = message.get("body", b"")
        size += len(data)
        for piece in decoder.feed(data):
            found.add(piece)
        if message["type"] != "http.request" or not message.get("more_body", False):
            break
    return found.model()


def _again(held: list[Message], receive: Receive) -> Receive:
    waiting = iter(held)

    async def received() -> Message:
        message = next(waiting, None)
        return await receive() if message is None else message

    return received
