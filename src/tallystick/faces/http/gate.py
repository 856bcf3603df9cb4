"""The gate: who a request is from, by what it shows, and whether they may come in on their way."""

import hmac
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Final, NamedTuple
from urllib.parse import unquote

from starlette.types import Scope

from tallystick.errors import Misused, TallystickError
from tallystick.faces.http.routes import join, push
from tallystick.faces.http.shown import Shown, shown
from tallystick.faces.http.site import PREFIX, Grant, Site
from tallystick.faces.http.tries import Tries
from tallystick.faces.http.ways import ADMIN, INGEST, OPEN, READ, Way
from tallystick.usage.names import checked, unpaired

READING: Final = frozenset(("GET", "HEAD", "OPTIONS"))
_SMALL: Final = 1 << 14
_OWN: Final[Mapping[str, Way]] = {
    "/health": Way(OPEN, more=True),
    "/login": Way(OPEN, _SMALL),
    "/logout": Way(OPEN, _SMALL),
    # What the page for logging in is made of.
    "/static/tally.css": Way(OPEN),
    "/static/tally.svg": Way(OPEN),
    "/static/theme.js": Way(OPEN),
    **join.WAYS,
    push.PUSH: push.WAY,
    "/api/ingest": Way(INGEST, push.WAY.body_most, key=True),
    "/api/usage": Way(INGEST, key=True),
}
"""By whole addresses, as they reach the routes. Whatever is not here is for reading, or for administering below _ADMIN."""
_ADMIN: Final = f"{PREFIX}/admin"
_MAY: Final[Mapping[str, frozenset[str]]] = {
    READ: frozenset((READ, ADMIN)),
    INGEST: frozenset((INGEST,)),
    ADMIN: frozenset((ADMIN,)),
}
_NEEDS: Final[Mapping[str, str]] = {
    READ: "This token may only send: to read, show one with the scope read or admin.",
    INGEST: "This token may not send: that needs the token of a machine, which `tally server invite` pairs.",
    ADMIN: "This token may not change anything: that needs one with the scope admin.",
}
_WITH_TOKEN: Final = "Show a token: Authorization: Bearer TOKEN."  # noqa: S105  a sentence
_APART: Final = "Show a token of this server's as X-Tally-Token: TOKEN."
_WRONG: Final = "The token that was shown is wrong, revoked or expired."
_MACHINE: Final = b"x-tally-machine"
_NAMELESS: Final = "This token is of no machine: say which one sends, as X-Tally-Machine, with letters, digits, spaces and . _ - + @ ( )."
_ANOTHER: Final = "This token is of another machine than the one that X-Tally-Machine names."
_TOO_OFTEN: Final = "Too many tries from this address were wrong. Try again in {} s."


class _ServerItself(NamedTuple):
    """The grant of whoever shows the token that the server was started with."""

    id: str = "server"
    scope: str = ADMIN
    machine: str = ""
    name: str = ""
    user: str = ""


SERVER: Final = _ServerItself()


class _Unpaired(NamedTuple):
    """The grant of a machine that shows the key of all and says its name."""

    machine: str
    name: str
    id: str = ""
    scope: str = INGEST
    user: str = ""


class Entry(NamedTuple):
    """Somebody who may come in; nobody in particular where nothing was asked."""

    grant: Grant | None = None
    by_cookie: bool = False
    wait: int = 0
    """For how many seconds they have to wait if what is behind the gate does not let them in."""


class Denied(NamedTuple):
    """Somebody who may not."""

    status: int
    code: str
    message: str
    again: int = 0
    """Seconds after which they may try again; 0 where that is no matter of time."""


class Gate:
    """Lets in by tokens; what an address wants is looked up, and nothing else of it is looked at."""

    def __init__(self, site: Site, clock: Callable[[], float] = monotonic) -> None:
        """Begin with whom to let in."""
        self._site, self._token, self._key = site, site.token.encode(), site.key.encode()
        self._ways = {**_OWN, **site.ways}
        self._tries = Tries(clock)

    def way(self, path: str) -> Way:
        """Return what an address wants."""
        found = self._ways.get(path)
        if found is None:
            return Way(ADMIN) if path == _ADMIN or path.startswith(f"{_ADMIN}/") else Way()
        return found

    def enter(self, scope: Scope, told: Mapping[bytes, bytes], way: Way, *, foreign: bool) -> Entry | Denied:
        """Return who may come in, or why not; a page of another site that may ask has no use of a browser's login."""
        if way.scope == OPEN:
            wait = 0 if scope["method"] in READING else self._tries.wait(whence(scope))
            if way.more and not foreign and (known := self._reader(scope, told)):
                return known
            return _later(wait) if wait and not way.decides else Entry(wait=wait)
        what = shown(told, key=way.key)
        known = self._recognised(what._replace(login="") if foreign else what)
        entry: Entry | Denied | None = known
        if scope["path"] == push.PUSH:
            entry = self._named(known, what.token, told.get(_MACHINE))
        if way.scope == READ and not self._token and not self._site.guarded():
            return entry or Entry()
        if entry is None:
            entry = self._guessed(what.secret, whence(scope)) if what.secret else Denied(401, "unknown", _WITH_TOKEN)
        return entry if isinstance(entry, Denied) else _allowed(entry, scope, told, way)

    def passes(self, scope: Scope, secret: bytes) -> Denied | None:
        """Return why somebody may not pass by the app who shows a token for that; None when they may."""
        if not secret:
            return Denied(401, "unknown", _APART)
        if self._site.admit(secret.decode("ascii", "replace")) is not None:
            return None
        found = self._guessed(secret, whence(scope))
        return found if isinstance(found, Denied) else None

    def _reader(self, scope: Scope, told: Mapping[bytes, bytes]) -> Entry | None:
        """Return who may read, where everybody may ask; what hinders recognising them hinders nobody."""
        what = shown(told)
        try:
            entry = self._recognised(what) or (self._guessed(what.secret, whence(scope)) if what.secret else None)
        except TallystickError:
            return None
        readers = _MAY[READ]
        return entry if isinstance(entry, Entry) and entry.grant and entry.grant.scope in readers else None

    def failed(self, scope: Scope) -> None:
        """Note that a login or a code was wrong."""
        self._tries.add(whence(scope))

    def _recognised(self, what: Shown) -> Entry | None:
        """Return who shows something that nobody could have guessed."""
        if not what.token and what.login and self._site.logged_in is not None:
            grant = self._site.logged_in(what.login)
            if grant is not None:
                return Entry(grant, by_cookie=True)
        grant = self._site.admit(what.secret.decode("ascii", "replace")) if what.secret else None
        return None if grant is None else Entry(grant)

    def _named(self, entry: Entry | None, token: bytes, header: bytes | None) -> Entry | Denied | None:
        """Return who sends under a name: with the key of all it is the machine's, with a token it can only be the token's own."""
        try:
            name = checked(unquote(header.decode("latin-1"), errors="strict")) if header is not None else ""
        except (Misused, UnicodeDecodeError):
            name = None
        if entry is None:
            if not self._key or not hmac.compare_digest(token, self._key):
                return None
            return Entry(_Unpaired(unpaired("key", name), name)) if name else Denied(400, "machine", _NAMELESS)
        if name == "" or entry.grant is None or name in {entry.grant.machine, entry.grant.name}:
            return entry
        return Denied(403, "machine", _ANOTHER) if entry.grant.machine else entry

    def _guessed(self, secret: bytes, address: str) -> Entry | Denied:
        """Return who shows something that somebody has thought of: the server's own token, unless it was tried too often.

        Tokens of the store are beyond guessing: they count before, whoever else is at the same address.
        """
        if wait := self._tries.wait(address):
            return _later(wait)
        if self._token and hmac.compare_digest(secret, self._token):
            return Entry(SERVER)
        self._tries.add(address)
        return Denied(401, "unknown", _WRONG)


def _allowed(entry: Entry, scope: Scope, told: Mapping[bytes, bytes], way: Way) -> Entry | Denied:
    """Return an entry where it allows what is asked, else why not."""
    if entry.grant is None or entry.grant.scope not in _MAY[way.scope]:
        return Denied(403, "scope", _NEEDS[way.scope])
    if entry.by_cookie and scope["method"] not in READING and not _by_own_page(told):
        return Denied(403, "foreign", "With a browser's login, only pages of this server may change anything.")
    return entry


def whence(scope: Scope) -> str:
    """Return the address from which somebody asks."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def _later(wait: int) -> Denied:
    return Denied(429, "too_often", _TOO_OFTEN.format(wait), wait)


def _by_own_page(told: Mapping[bytes, bytes]) -> bool:
    """Tell whether a browser says that a page of this server asks: origins of others do not come this far."""
    return b"origin" in told or told.get(b"sec-fetch-site") == b"same-origin"
