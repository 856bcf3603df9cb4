"""What one run of a tool used: its calls, as proxy and gateway spooled them, summed and priced."""

import json
import os
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException
from threading import Event, Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tallystick.faces.text.words import counted, exact, number
from tallystick.usage.event import Variant
from tallystick.usage.tokens import NO_TOKENS, Tokens

if TYPE_CHECKING:
    from tallystick.prices.price_book import PriceBook

_QUIET_S: Final = 0.2
_MOST_S: Final = 2.0
"""How long the last calls are waited for: until nothing has come for a moment, and no longer than that."""
_STEP_S: Final = 0.02
_EVERY_S: Final = 600.0
"""How often a long run is looked at while it lasts: files that were read long ago are removed."""
_NO_CALLS: Final = frozenset(("retrieval", "refusal"))
"""Kinds that are told and are no billed calls."""
_DIGITS: Final = 10**8
"""Pico-dollars in a hundredth of a cent."""


class Sums(NamedTuple):
    """What a run used."""

    calls: int = 0
    tokens: Tokens = NO_TOKENS
    cost: int = 0
    """Pico-dollars (1e-12 USD), of the calls that have a price."""
    unpriced: int = 0
    """Tokens of the others."""
    cut: int = 0
    """Calls, among all, whose answers broke off."""
    failed: int = 0
    """Requests that were refused; they are no calls."""
    unknown: int = 0
    """Calls besides of which nothing was told."""


class Used:
    """Looks for the calls of one run in a spool, from where that ended when the run began."""

    def __init__(self, folder: str, token: str) -> None:
        """Begin before the run does."""
        self._folder, self._token = folder, token.encode()
        self._places = {name: self._size(name) for name in self._names()}
        self._calls: dict[tuple[Any, ...], Mapping[str, Any]] = {}
        self._ended = Event()
        self._watcher = Thread(target=self._watch, name="used", daemon=True)

    def watch(self) -> None:
        """Begin to look from time to time, until `settle`."""
        self._watcher.start()

    def _watch(self) -> None:
        while not self._ended.wait(_EVERY_S):
            self._look()

    def settle(self, port: int) -> None:
        """Wait for the last calls of a run that has ended; whoever counts them is at the port."""
        self._ended.set()
        if self._watcher.is_alive():
            self._watcher.join()
        # What it is asked after the tool's connections were closed, it answers after it has seen that.
        _ask(port)
        end = monotonic() + _MOST_S
        quiet = monotonic() + _QUIET_S
        while (now := monotonic()) < min(quiet, end):
            if self._look():
                quiet = now + _QUIET_S
            sleep(_STEP_S)

    def sums(self, book: "Callable[[], PriceBook]") -> Sums:
        """Return what was used; the prices are asked for where something is to be priced."""
        found = Sums()
        for line in self._calls.values():
            found = _with(found, line, book)
        return found

    def _look(self) -> bool:
        """Read on; tell whether something of this run came."""
        heard = False
        for name in self._names():
            for line in self._lines(name):
                told = _told(line) if self._token in line else None
                if told is not None and told.get("run") == self._token.decode():
                    self._calls[_identity(told)] = told
                    heard = True
        return heard

    def _lines(self, name: str) -> list[bytes]:
        """Return the whole lines that were added to a file."""
        place = self._places.get(name, 0)
        try:
            with open(os.path.join(self._folder, name), "rb") as file:
                file.seek(place)
                data = file.read()
        except OSError:
            return []
        whole = data.rpartition(b"\n")[0]
        if whole:
            self._places[name] = place + len(whole) + 1
        return whole.split(b"\n") if whole else []

    def _names(self) -> list[str]:
        try:
            return sorted(name for name in os.listdir(self._folder) if name.endswith(".jsonl"))
        except OSError:
            return []

    def _size(self, name: str) -> int:
        try:
            return os.stat(os.path.join(self._folder, name)).st_size
        except OSError:
            return 0


def _ask(port: int) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=_MOST_S)
    try:
        connection.request("GET", "/health")
        connection.getresponse().read()
    except (OSError, HTTPException):
        return
    finally:
        connection.close()


def _told(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
        Tokens(*map(int, found["tokens"]))
    except (ValueError, KeyError, TypeError):
        return None
    return found if isinstance(found, dict) else None


def _identity(told: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return by what a call is known: its id, else the line itself. One that failed has the id of none that came after it."""
    if told.get("id") and told.get("outcome") != "failed":
        return told["provider"], told["id"], told.get("part", 0), told.get("kind") in _NO_CALLS
    return (told.get("nonce"), told.get("at"))


def _with(sums: Sums, told: Mapping[str, Any], book: "Callable[[], PriceBook]") -> Sums:
    outcome, tokens = told.get("outcome"), Tokens(*map(int, told["tokens"]))
    if outcome == "failed":
        return sums._replace(failed=sums.failed + 1)
    if outcome == "prewarm" or told.get("kind") in _NO_CALLS:
        return sums
    if outcome == "missing" and not tokens.total:
        return sums._replace(unknown=sums.unknown + 1)
    if outcome == "cut" and not tokens.total and not told.get("id"):
        # Nobody answered at all.
        return sums._replace(unknown=sums.unknown + 1)
    variant = Variant(*(str(told.get(name, "")) for name in ("provider", "model", "tier", "speed", "geo")))
    quote = book().quote(variant, tokens.prompt, int(told.get("at", 0)))
    return sums._replace(
        # A further part of a call is billed as one of its own.
        calls=sums.calls + 1,
        tokens=Tokens(*(a + b for a, b in zip(sums.tokens, tokens, strict=True))),
        cost=sums.cost + (quote.cost(tokens, int(told.get("searches", 0))) if quote else 0),
        unpriced=sums.unpriced + (0 if quote else tokens.total),
        cut=sums.cut + (outcome == "cut"),
    )


def sentence(sums: Sums) -> str:
    """Return the one line that tells of a run; empty where there was nothing."""
    apart = [
        f"{sums.failed:,} failed" if sums.failed else "",
        f"of {sums.unknown:,} nothing was told" if sums.unknown else "",
    ]
    besides = f" Besides, {' and '.join(filter(None, apart))}." if any(apart) else ""
    if not sums.calls:
        return f"No call was counted.{besides}" if besides else ""
    cut = f" ({sums.cut:,} cut off)" if sums.cut else ""
    parts = [f"{counted(sums.calls, 'call')}{cut}", f"{number(sums.tokens.total, compact=False)} tokens", _cost(sums)]
    if sums.tokens.prompt:
        parts.append(f"{100 * sums.tokens.cache_read / sums.tokens.prompt:.0f}% of the input from caches")
    return f"{', '.join(parts)}.{besides}"


def _cost(sums: Sums) -> str:
    if sums.unpriced and sums.unpriced == sums.tokens.total:
        return "no known price"
    rounded = (sums.cost + _DIGITS // 2) // _DIGITS * _DIGITS
    cost = "<$0.0001" if sums.cost and not rounded else exact(rounded)
    return f"{cost} and {number(sums.unpriced, compact=False)} tokens without a price" if sums.unpriced else cost
