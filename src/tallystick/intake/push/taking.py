"""Taking in: whatever pushes wait go into the ledger in one transaction, and each is answered once that is durable."""

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from json import dumps
from typing import Final, NamedTuple

from tallystick.errors import TallystickError
from tallystick.intake.push.kind import Kind, Sender, Taken, Unacceptable
from tallystick.ledger.ledger import Batch, Ledger

INFLATED_MOST: Final = 32 << 20
"""Bytes of a body without its compression."""
_SOON: Final = 5
"""Seconds after which it is worth trying again."""


class Offer(NamedTuple):
    """One push as it came."""

    kind: str
    sender: Sender
    body: bytes
    gzip: bool = False


class Answer(NamedTuple):
    """What is answered to a push."""

    status: int
    body: bytes
    again: int = 0
    """Seconds after which it is worth trying again; 0 when that is not said."""


def problem(status: int, code: str, message: str, again: int = 0) -> Answer:
    """Return an answer that tells what is wrong, in the form of every problem of the server."""
    return Answer(status, dumps({"error": {"code": code, "message": message}}).encode(), again)


class _GoneError(Exception):
    """Some of those who sent may do so no more."""

    def __init__(self, tokens: frozenset[str]) -> None:
        super().__init__(tokens)
        self.tokens = tokens


class _Understood(NamedTuple):
    """A push that was understood, and by which token its sender was let in."""

    taken: Taken
    token: str


class Taking:
    """Takes pushes in for one ledger, open for writing."""

    def __init__(
        self,
        ledger: Ledger,
        kinds: Mapping[str, Kind],
        now: Callable[[], int],
        log: Callable[[str], None],
        still: Callable[[str], bool] = lambda _: True,
    ) -> None:
        """Begin with the shapes that are understood, the clock, who hears what went wrong here, and which tokens still count."""
        self._ledger, self._kinds, self._now, self._log, self._still = ledger, kinds, now, log, still

    def take(self, offers: Sequence[Offer]) -> list[Answer]:
        """Take offers in, each whole or not at all; return their answers, when all is durable."""
        answers: list[Answer | None] = [None] * len(offers)
        taken: dict[int, _Understood] = {}
        for number, offer in enumerate(offers):
            found = self._understood(offer)
            if isinstance(found, Answer):
                answers[number] = found
            else:
                taken[number] = _Understood(found, offer.sender.token)
        for number, answer in self._added(taken).items():
            answers[number] = answer
        return [answer for answer in answers if answer is not None]

    def _understood(self, offer: Offer) -> Taken | Answer:
        try:
            body = inflated(offer.body) if offer.gzip else offer.body
            return self._kinds[offer.kind](body, offer.sender, self._now(), self._ledger)
        except Unacceptable as error:
            return problem(error.status, "too_large" if error.status == 413 else "malformed", error.message)  # noqa: PLR2004
        except TallystickError as error:
            return problem(503, "unavailable", str(error), _SOON)
        except Exception as error:  # noqa: BLE001 - one push that is not understood never hinders the others
            self._log(f"A push of {offer.sender.machine!r} ({offer.kind}) was not understood: {type(error).__name__}.")
            return problem(400, "malformed", "This push was not understood.")

    def _added(self, taken: Mapping[int, _Understood]) -> dict[int, Answer]:
        """Add what was understood; where that fails for all at once, each by itself."""
        if not taken:
            return {}
        try:
            self._add(list(taken.values()))
        except _GoneError as gone:
            left = {number: each for number, each in taken.items() if each.token not in gone.tokens}
            return {**dict.fromkeys(taken.keys() - left.keys(), _REVOKED), **self._added(left)}
        except TallystickError as error:
            # The disk is full, or somebody else writes for long: that is so for each of them.
            return dict.fromkeys(taken, problem(503, "unavailable", str(error), _SOON))
        except Exception as error:  # noqa: BLE001 - as above
            if len(taken) > 1:
                return {
                    number: answer for each in taken.items() for number, answer in self._added(dict([each])).items()
                }
            self._log(f"A push could not be stored: {type(error).__name__}: {error}.")
            return dict.fromkeys(taken, problem(400, "malformed", "This push holds what cannot be stored."))
        return {number: Answer(*each.taken.answer) for number, each in taken.items()}

    def _add(self, understood: Sequence[_Understood]) -> None:
        arrivals = [each.taken.arrival for each in understood if each.taken.arrival is not None]
        if arrivals or any(each.taken.batches for each in understood):
            self._ledger.add(self._batches(understood), arrivals)

    def _batches(self, understood: Sequence[_Understood]) -> Iterator[Batch]:
        """Yield the batches of those who may still send; raise `_GoneError` when some may not.

        The ledger begins its transaction before it takes the first one. Who is taken out of a ledger has lost the token
        before: that is seen here, or they are taken out after this is stored.
        """
        tokens = {each.token for each in understood} - {""}
        if gone := frozenset(token for token in tokens if not self._still(token)):
            raise _GoneError(gone)
        for each in understood:
            yield from each.taken.batches


_REVOKED: Final = problem(401, "unknown", "The token that was shown has been revoked meanwhile.")
_TOO_LARGE: Final = f"A push may have {INFLATED_MOST >> 20} MiB at most without its compression."


def inflated(body: bytes) -> bytes:
    """Return a gzipped body as it was, without ever holding more of it than is allowed; raise `Unacceptable`."""
    inflating = zlib.decompressobj(wbits=31)
    try:
        found = inflating.decompress(body, INFLATED_MOST + 1)
    except zlib.error:
        raise Unacceptable(400, "The body is not gzipped as its header says.") from None
    if len(found) > INFLATED_MOST:
        raise Unacceptable(413, _TOO_LARGE)
    if not inflating.eof or inflating.unused_data:
        raise Unacceptable(400, "The body is cut off, or goes on after its end.")
    return found
