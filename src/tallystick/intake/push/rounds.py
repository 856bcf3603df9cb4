"""A round of the client: what was said is settled, what is new is read, and what waits is sent."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from json import dumps, loads
from typing import Any, BinaryIO, Final

from tallystick import __version__
from tallystick.errors import Misused, Refused, TallystickError, Unavailable
from tallystick.intake.push import pairing
from tallystick.intake.push.collecting import Seen, news_in, readable
from tallystick.intake.push.envelope import MOST_EVENTS, Client, encoded, envelope
from tallystick.intake.push.letterbox import Letterbox, batches_of, letter_of, refusals, size_of
from tallystick.intake.push.notebook import Notebook
from tallystick.intake.push.options import Options
from tallystick.intake.push.policy import FIELDS, applied, policy
from tallystick.intake.push.portions import Portion, portions
from tallystick.intake.walk import Trouble
from tallystick.ledger.ledger import Batch

PAIRING: Final = "pairing.json"
NOTEBOOK: Final = "notebook.db"
TOKEN: Final = "TALLY_PUSH_TOKEN"  # noqa: S105  the name of a variable
MOST_WAITING: Final = 64 << 20
"""Bytes that wait to be sent, from which on nothing more is read until the server has taken some."""
_POLICY, _SERVER, _HEARD = "policy", "server", "heard"
_SILENCE_MS: Final = 3_600_000
"""After so long without anything to send the server hears all the same that this machine is there and knows of nothing more."""
_NAME: Final = "client.pyz"
_JOIN: Final = "/api/v1/join"
_TAKEN: Final = (200, 201)
_SHUT: Final = (401, 403)
_HEADERS: Final = {"Content-Type": "application/json", "User-Agent": f"{_NAME}/{__version__}"}
_TRIES: Final = 4
"""Failures in a row after which what waits is left for the next run."""

type Tell = Callable[[str], None]


class Round:
    """Does what one run of the client is there for; holds the notebook meanwhile."""

    def __init__(
        self, options: Options, environ: Mapping[str, str], home: str, folder: str, clock: Callable[[], int]
    ) -> None:
        """Open what is remembered in a folder, or begin it; `clock` gives milliseconds since 1970. Raise `Unavailable`."""
        self._clock, self._environ = clock, environ
        self._options, self._home, self._folder = options, options.said.get("home") or home, folder
        self._path = os.path.join(folder, PAIRING)
        self._pairing = pairing.read(self._path) or pairing.write(self._path, pairing.Pairing("", "", ""))
        self._token = environ.get(TOKEN, "").strip() or self._pairing.token
        self._notebook = Notebook(os.path.join(folder, NOTEBOOK), self._pairing.key)
        self._client = Client(_NAME, __version__)
        self._troubles: list[Trouble] = []

    def close(self) -> None:
        """Let go of the notebook."""
        self._notebook.close()

    def settle(self) -> None:
        """Keep what was said of the server and of names; raise `Misused`, `Refused` or `Unavailable`."""
        said, before = self._options.said, self._pairing
        if "machine" in said and "join" not in said:
            raise Misused("--machine is the name to join with: say --join CODE, too.")
        if self._options.flags >= {"show", "all"}:
            raise Misused("--all sends, and --show sends nothing: say one of them.")
        url, token = said.get("server", before.url), before.token
        self._keep_closed(url)
        if "join" in said:
            self._join(url, said["join"], said.get("machine", ""))
            url, token = self._pairing.url, self._token
        elif url != before.url:
            token = self._token_for(url)
        if self._options.flags >= {"install"} and "dry-run" not in self._options.flags:
            # What is run by the system has no environment of the person's to take a token from.
            token = self._token
        if (url, token) != (self._pairing.url, self._pairing.token):
            self._pairing = pairing.write(self._path, self._pairing._replace(url=url, token=token))
        self._settle_server()
        if "join" in said or "all" in self._options.flags:
            # The server may have forgotten this machine, or be another one by now.
            self._notebook.begin_anew()
        self._settle_names()

    def _keep_closed(self, url: str) -> None:
        """Raise `Refused` for an address that is said now and to which the way is open, unless that is wanted."""
        from tallystick.intake.push.delivering import complaint, is_open

        if not self._options.said.keys() & {"server", "join"} or "insecure" in self._options.flags:
            return
        if url and not complaint(url) and is_open(url):
            raise Refused(
                f"Over {url} the code and the token of this machine could be read on the way. Use https://, or say --insecure"
                " in a network that you trust, such as a VPN."
            )

    def _settle_server(self) -> None:
        """Begin anew where what was read was sent to another server."""
        url, before = self._pairing.url, self._notebook.setting(_SERVER)
        if url == before:
            return
        from tallystick.intake.push.delivering import may_follow

        self._notebook.set(_SERVER, url, forget=bool(before) and not may_follow(before, url))

    def _token_for(self, url: str) -> str:
        """Return the token for another address; none where that is another server's."""
        from tallystick.intake.push.delivering import complaint, may_follow

        if wrong := complaint(url):
            raise Misused(wrong)
        kept = self._pairing.token if may_follow(self._pairing.url, url) else ""
        self._token = self._environ.get(TOKEN, "").strip() or kept
        return kept

    def _settle_names(self) -> None:
        before = self._chosen()
        chosen = {**before, **{name: self._options.said[name] for name in FIELDS if name in self._options.said}}
        if self._options.paths is not None:
            chosen["paths"] = [{"match": match, **dict.fromkeys(FIELDS, way)} for match, way in self._options.paths]
        if chosen != before:
            # What waits was masked as it was said before: it is read once more.
            self._notebook.set(_POLICY, dumps(chosen), forget=self._notebook.waiting().letters > 0)

    def show(self, look: Seen, out: BinaryIO) -> None:
        """Write what would leave as lines of JSON, each a push: what waits already, and what is new."""
        letter = self._notebook.letter()
        while letter is not None:
            self._write(batches_of(letter.body), out)
            letter = self._notebook.letter(letter.id)
        for portion in self._read(look):
            for batches in portion.batches:
                self._write(batches, out)

    def send(self, look: Seen, tell: Tell) -> bool:
        """Read what is new and send what waits; tell whether all could be read.

        Raise `Misused` where there is no server yet, `Refused` where it does not let this machine in, another
        `TallystickError` where something else keeps what waits.
        """
        if not self._pairing.url or not self._token:
            raise Misused(
                "This machine has no server yet: say --server URL --join CODE, with the code of `tally server invite` there."
            )
        if self._is_full():
            self._deliver(tell)
        for portion in self._read(look):
            self._notebook.add(portion.sources, [(letter_of(each), size_of(each)) for each in portion.batches])
            if self._is_full():
                self._deliver(tell)
        if self._notebook.waiting().letters:
            self._deliver(tell)
        elif self._clock() - int(self._notebook.setting(_HEARD) or 0) >= _SILENCE_MS:
            self._sign_on()
        return not self._troubles

    def _is_full(self) -> bool:
        return self._notebook.waiting().bytes >= MOST_WAITING

    def _chosen(self) -> dict[str, Any]:
        chosen: dict[str, Any] = loads(self._notebook.setting(_POLICY) or "{}")
        return chosen

    def _read(self, look: Seen) -> Iterator[Portion]:
        """Yield what is new, masked; afterwards the client's trouble is known."""
        chosen = policy(self._chosen(), self._home, self._pairing.key)
        files, packed = readable(look.files)
        self._troubles = list(look.troubles)
        news = news_in(files, self._notebook)
        yield from portions(news, ("", ""), lambda batch: applied(batch, chosen), self._troubles, MOST_EVENTS)
        self._client = self._client._replace(trouble=_told(self._troubles, packed, refusals(self._notebook)))

    def _write(self, batches: list[Batch], out: BinaryIO) -> None:
        out.write(encoded(envelope(batches, self._client, self._clock())) + b"\n")

    def _post(self) -> Callable[[bytes], Any]:
        """Return what sends a packed body to the server and returns its answer."""
        from tallystick.intake.push.delivering import delivery
        from tallystick.intake.push.sender import PATH

        headers = {**_HEADERS, "Content-Encoding": "gzip", "Authorization": f"Bearer {self._token}"}
        return delivery(self._pairing.url.rstrip("/") + PATH, headers, self._environ)

    def _sign_on(self) -> None:
        """Have the server hear that this machine is there; where it does not, what is to be sent next will tell."""
        from gzip import compress

        from tallystick.intake.push.delivering import Unreachable

        try:
            answer = self._post()(compress(encoded(envelope([], self._client, self._clock()))))
        except Unreachable:
            return
        if answer.status in _SHUT:
            raise Refused("The server does not let this machine in any more: pair it anew with --join CODE.")
        if answer.status in _TAKEN:
            self._notebook.set(_HEARD, str(self._clock()))

    def _deliver(self, tell: Tell) -> None:
        if not self._notebook.waiting().letters:
            return
        from random import random
        from time import sleep

        from tallystick.intake.push.sender import REFUSED, Sender, World

        def wait(seconds: float) -> bool:
            sleep(seconds)
            return False

        world = World(self._post(), self._clock, wait, random, tell)
        outcome = Sender(Letterbox(self._notebook), self._client, world, lambda batch: batch).send(_TRIES)
        if outcome.code:
            raise (Refused if outcome.code == REFUSED else TallystickError)(outcome.fault)
        self._notebook.set(_HEARD, str(self._clock()))
        tell(f"Sent {outcome.sent}" + (f"; the server cannot store {outcome.refused}." if outcome.refused else "."))

    def _join(self, url: str, code: str, machine: str) -> None:
        """Exchange a code for a token of this machine."""
        from platform import node

        from tallystick.intake.push.delivering import Unreachable, complaint, delivery

        if not url:
            raise Misused("A code is exchanged at a server: say --server URL, too.")
        if wrong := complaint(url):
            raise Misused(wrong)
        asked = {"code": code, "machine": machine or node()}
        try:
            answer = delivery(f"{url.rstrip('/')}{_JOIN}", _HEADERS, self._environ)(dumps(asked).encode())
        except Unreachable as error:
            raise Unavailable(
                f"{error} Where only its answer was lost, the code is used up: `tally server invite` makes another one."
            ) from None
        told = _texts_in(answer.body)
        if answer.status not in _TAKEN or not told.get("token"):
            reason = told.get("error") or f"it answers with {answer.status}"
            raise Refused(f"The server does not take the code: {reason}")
        self._token = told["token"]
        made = pairing.Pairing(url, self._token, told.get("machine", machine), told.get("user", ""))
        self._pairing = pairing.write(self._path, made)


def _texts_in(body: bytes) -> dict[str, str]:
    """Return the texts of an object of JSON, also of the one that tells what is wrong."""
    try:
        told = loads(body)
    except (ValueError, RecursionError):
        return {}
    found = told if isinstance(told, dict) else {}
    error = found.get("error")
    if isinstance(error, dict):
        found = {**found, "error": error.get("message")}
    return {name: value[:1_000] for name, value in found.items() if isinstance(value, str)}


def _told(troubles: Sequence[Trouble], packed: int, refused: tuple[int, str]) -> str:
    """Return what could not be read or was not taken, without a name of a file; empty when all was."""
    told = []
    if troubles:
        reasons = "; ".join(sorted({trouble.reason for trouble in troubles})[:3])
        told.append(f"{len(troubles)} files could not be read ({reasons}).")
    if packed:
        told.append(f"{packed} files packed with zstd are left out: Python reads them from 3.14 on.")
    if refused[0]:
        told.append(f"{refused[0]} rows could never be stored ({refused[1]}).")
    return " ".join(told)
