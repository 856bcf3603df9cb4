"""The sender: what waits in an outbox goes to a server in portions, until all of it is acknowledged or something keeps it.

Nothing leaves the outbox that the server has not acknowledged or said that it can never store; whatever goes wrong, the
same is sent again, which changes nothing there. Only the standard library is used here: the client that needs no
installation sends with it too.
"""

from collections.abc import Callable, Mapping, Sequence
from email.utils import parsedate_to_datetime
from gzip import compress
from json import loads
from typing import Any, Final, NamedTuple, Protocol

from tallystick.intake.push.delivering import Answer, Deliver, Unreachable
from tallystick.intake.push.envelope import MOST_BYTES, MOST_EVENTS, Client, encoded, envelope
from tallystick.ledger.ledger import Batch

PATH: Final = "/api/v1/push"
FIRST_S: Final = 1.0
MOST_S: Final = 300.0
RETRY_AFTER_MOST_S: Final = 3_600.0
SKEW_MOST_MS: Final = 120_000
FAILED: Final = 1
REFUSED: Final = 4
_RECEIPT: Final = "tallystick.receipt/"
_LEVEL: Final = 6
_TOLD_MOST: Final = 200
_STRANGE_MOST: Final = 3
"""Single rows, one after another, that a server does not understand before it is the server that is taken for strange."""
_COUNTED_EVERY: Final = 50
_AGAIN: Final = (408, 425, 429)


class Portion(Protocol):
    """What an outbox hands out."""

    @property
    def batches(self) -> list[Batch]:
        """What is sent."""

    @property
    def marks(self) -> Sequence[Any]:
        """What leaves the outbox once it is acknowledged."""

    @property
    def origins(self) -> list[dict[str, list[int]]]:
        """For each batch and table the places among `marks` that its rows are from."""


class Outbox(Protocol):
    """What is still to be sent."""

    def waiting(self) -> int:
        """Return how much that is."""

    def take(self, limit: int) -> Any:  # noqa: ANN401  its own kind of portion
        """Return the next portion of up to so many marks; one without marks when nothing waits."""

    def done(self, portion: Any, refused: Mapping[int, str], now: int) -> None:  # noqa: ANN401  as it was handed out
        """Take out a portion; of the marks in `refused`, by their places, the reasons are kept."""


class World(NamedTuple):
    """What the sender needs to know of the world."""

    deliver: Deliver
    now: Callable[[], int]
    """This moment: milliseconds since 1970, UTC."""
    wait: Callable[[float], bool]
    """Waits for so many seconds; tells whether it is to end."""
    chance: Callable[[], float]
    """A random number from 0 to 1."""
    tell: Callable[[str], None]
    """Hears what is wrong, in a sentence; an empty one when nothing is any more."""
    sent: Callable[[int, int], None] = lambda _done, _left: None
    """Hears after each portion how much is sent and how much is left."""


class Outcome(NamedTuple):
    """How far sending came."""

    sent: int
    """What was acknowledged."""
    refused: int
    """What the server can never store; it is set aside."""
    code: int = 0
    """0 when nothing is left, 1 when something keeps the rest, 4 when the server does not let this machine in."""
    fault: str = ""
    """What keeps the rest, in a sentence."""
    skew_ms: int = 0
    """How far the clock of this machine is ahead of the server's."""


def skewed(skew_ms: int) -> str:
    """Return in a sentence that the clock of this machine is off; nothing where it is not by much."""
    if abs(skew_ms) <= SKEW_MOST_MS:
        return ""
    side = "ahead of" if skew_ms > 0 else "behind"
    return (
        f"The clock of this machine is {abs(skew_ms) / 60_000:.0f} min {side} the server's: set it right, "
        "so that days are told right."
    )


class _Kept(Exception):
    """Nothing more can be sent."""

    def __init__(self, code: int, fault: str) -> None:
        super().__init__(fault)
        self.code, self.fault = code, fault


class Sender:
    """Sends what waits in one outbox to one server."""

    def __init__(
        self, outbox: Outbox, client: Client, world: World, shape: Callable[[Batch], Batch], server: str = "The server"
    ) -> None:
        """Begin with who sends, and with what becomes of a batch before it leaves; `server` names it in sentences."""
        self._outbox, self._client, self._world, self._shape, self._server = outbox, client, world, shape, server
        self._limit = MOST_EVENTS
        self._sent = self._refused = self._skew = self._strange = self._failures = self._portions = 0
        self._left = 0
        self._told = ""

    def send(self, tries: int = 0) -> Outcome:
        """Send until nothing waits; with `tries`, give up after so many failures in a row."""
        self._sent = self._refused = self._portions = self._failures = 0
        code, fault = 0, ""
        try:
            while self._portion(tries):
                pass
        except _Kept as kept:
            code, fault = kept.code, kept.fault
        return Outcome(self._sent, self._refused, code, fault, self._skew)

    def _portion(self, tries: int) -> bool:
        """Send one portion; tell whether there may be more."""
        portion = self._outbox.take(self._limit)
        if not portion.marks:
            return False
        batches = [self._shape(batch) for batch in portion.batches]
        if not batches:
            self._outbox.done(portion, {}, self._world.now())
            return True
        if self._portions % _COUNTED_EVERY == 0:
            self._left = self._outbox.waiting()
        self._portions += 1
        client = self._client._replace(pending=max(self._left - len(portion.marks), 0))
        body = compress(encoded(envelope(batches, client, self._world.now())), _LEVEL)
        if len(body) > MOST_BYTES and len(portion.marks) > 1:
            self._limit = len(portion.marks) // 2
            return True
        try:
            answer = self._world.deliver(body)
        except Unreachable as error:
            return self._again(str(error), "", tries)
        return self._judged(answer, portion, batches, tries)

    def _judged(self, answer: Answer, portion: Portion, batches: list[Batch], tries: int) -> bool:
        told, status = _object(answer.body), answer.status
        rejected = told.get("rejected")
        if status == 200 and str(told.get("schema")).startswith(_RECEIPT):  # noqa: PLR2004  as HTTP has it
            self._note_time(told.get("time"))
        elif status == 400 and rejected and _is_ours(told):  # noqa: PLR2004
            pass
        elif status == 413 or (status == 400 and _is_ours(told)):  # noqa: PLR2004
            if not _is_ours(told) and len(portion.marks) == 1:
                return self._again(self._ails(status, told), answer.retry_after, tries)
            return self._smaller(status, portion, told)
        elif status >= 500 or status == 400 or status in _AGAIN or status == 200:  # noqa: PLR2004
            return self._again(self._ails(status, told), answer.retry_after, tries)
        else:
            raise self._kept(answer, told)
        refused = self._places(rejected, portion, batches)
        if refused is None or told.get("rejected_more"):
            # It does not say of all rows which it can never store: fewer at once will tell.
            return self._smaller(status, portion, told)
        self._accept(portion, refused)
        return True

    def _accept(self, portion: Portion, refused: Mapping[int, str]) -> None:
        self._outbox.done(portion, refused, self._world.now())
        self._sent += len(portion.marks) - len(refused)
        self._refused += len(refused)
        self._left = max(self._left - len(portion.marks), 0)
        self._limit = min(self._limit * 2, MOST_EVENTS)
        self._failures = self._strange = 0
        self._tell("")
        self._world.sent(self._sent, self._left)

    def _smaller(self, status: int, portion: Portion, told: Mapping[str, Any]) -> bool:
        """Send less at once; a single row that is refused is set aside."""
        count = len(portion.marks)
        if count > 1:
            self._limit = count // 2
            return True
        reason = "It is too large." if status == 413 else _message(told) or "It was not understood."  # noqa: PLR2004
        self._strange += 1
        if self._strange >= _STRANGE_MOST and status != 413:  # noqa: PLR2004
            raise _Kept(
                FAILED, f"{self._server} does not understand what is sent: {reason} Is one of the two much older?"
            )
        self._outbox.done(portion, {0: reason}, self._world.now())
        self._refused += 1
        return True

    def _places(self, rejected: Any, portion: Portion, batches: list[Batch]) -> dict[int, str] | None:  # noqa: ANN401  JSON
        """Return the marks of rejected rows with the reasons; None when it is not clear which rows are meant."""
        found: dict[int, str] = {}
        if rejected and not isinstance(rejected, list):
            return None
        for each in rejected or ():
            try:
                table, source, row = each["table"], each["source"], each["row"]
                reason = str(each.get("reason") or "It can never be stored.")[:_TOLD_MOST]
                places = _places_of(portion.origins[source], batches[source], table, row)
            except (TypeError, KeyError, IndexError, AttributeError):
                return None
            found.update((place, reason) for place in places)
        return found

    def _again(self, fault: str, retry_after: str, tries: int) -> bool:
        """Wait before the same is sent once more."""
        self._failures += 1
        if tries and self._failures >= tries:
            raise _Kept(FAILED, fault)
        self._tell(fault)
        # The exponent is bounded, so that years of failures do not overflow it.
        longest = min(FIRST_S * 2 ** min(self._failures - 1, 20), MOST_S)
        seconds = max(longest * (0.5 + self._world.chance() / 2), self._asked(retry_after))
        if tries and seconds > MOST_S:
            raise _Kept(FAILED, f"{fault} It asks to try again in {seconds / 60:.0f} min.")
        if self._world.wait(seconds):
            raise _Kept(FAILED, fault)
        return True

    def _asked(self, text: str) -> float:
        """Return for how many seconds a server wants to be left alone."""
        if text.isdecimal() and text.isascii():
            return float(min(int(text[:9]), RETRY_AFTER_MOST_S))
        try:
            moment = parsedate_to_datetime(text).timestamp()
        except (ValueError, TypeError, IndexError, OverflowError):
            return 0.0
        return min(max(moment - self._world.now() / 1000, 0.0), RETRY_AFTER_MOST_S)

    def _note_time(self, time: Any) -> None:  # noqa: ANN401  JSON
        if isinstance(time, int) and not isinstance(time, bool):
            self._skew = self._world.now() - time

    def _ails(self, status: int, told: Mapping[str, Any]) -> str:
        if status == 200:  # noqa: PLR2004
            return f"{self._server} answers with something that is no receipt: does a proxy or a login page stand before it?"
        if status in {400, 413} and not _is_ours(told):
            return f"{self._server} answers with {status}, though not as Tallystick does: does a proxy stand before it that does not let this through?"
        words = _message(told)
        return f"{self._server} answers with {status}{f': {words}' if words else '.'}"

    def _kept(self, answer: Answer, told: Mapping[str, Any]) -> _Kept:
        """Return why nothing more can be sent, and what to do."""
        status = answer.status
        if status == 401:  # noqa: PLR2004
            return _Kept(
                REFUSED,
                f"{self._server} does not know the token of this machine (any more). Nothing is lost: pair it anew with `tally join`.",
            )
        if status == 403:  # noqa: PLR2004
            return _Kept(
                REFUSED,
                f"{self._server} does not let this token send. Nothing is lost: pair this machine with `tally join`.",
            )
        if status == 404:  # noqa: PLR2004
            return _Kept(
                FAILED,
                f"{self._server} has no {PATH}: it is an older tokenfold or something else. Nothing was sent: put Tallystick in its "
                "place, which answers tokenfold's clients as well.",
            )
        if answer.location:
            return _Kept(
                FAILED,
                f"{self._server} sends this machine to {answer.location}, where its token may not go: pair it with that address.",
            )
        return _Kept(FAILED, self._ails(status, told))

    def _tell(self, fault: str) -> None:
        if fault != self._told:
            self._told = fault
            self._world.tell(fault)


def _places_of(origins: Mapping[str, list[int]], batch: Batch, table: str, row: int) -> list[int]:
    """Return the marks of a row that was rejected; raise IndexError or TypeError when there is no such row."""
    if table == "sources":
        # Without its source no row can be stored.
        return [place for places in origins.values() for place in places]
    places = origins.get(table, [])
    if table == "titles" and len(batch.titles) < len(places):
        # Titles that may not leave are missing from what was sent: which of them is meant is not known.
        return places
    return [places[row]]


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        found = loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_ours(told: Mapping[str, Any]) -> bool:
    """Tell whether an answer is a Tallystick server's, and not that of something on the way."""
    error = told.get("error")
    of_ours = isinstance(error, dict) and isinstance(error.get("code"), str)
    return of_ours or str(told.get("schema")).startswith(_RECEIPT)


def _message(told: Mapping[str, Any]) -> str:
    """Return what an answer says is wrong."""
    found: Any = told.get("error")
    if isinstance(found, dict):
        found = found.get("message")
    text = found if isinstance(found, str) else ""
    return "".join(each if each.isprintable() else " " for each in text[:_TOLD_MOST])
