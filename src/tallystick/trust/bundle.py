"""The bundles that programs are given: what they trusted before, and our certificates besides."""

import json
import os
import ssl
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Final, NamedTuple

from tallystick.trust.folder import Folder, content, remove, write
from tallystick.trust.roots import Roots

_BEGIN: Final = b"-----BEGIN CERTIFICATE-----"
_END: Final = b"-----END CERTIFICATE-----"
_SCHEMA: Final = "tallystick.bundle/1"


class Unread(NamedTuple):
    """What could not be taken in: where it is and why."""

    place: str
    reason: str


class Named(NamedTuple):
    """Files with certificates that a person's own variables name, by the variable."""

    adding: Mapping[str, str]
    """Of variables that add to what a program trusts."""
    replacing: Mapping[str, str]
    """Of variables that replace it: files, or folders, of which one variable may name several."""


NOTHING_NAMED: Final = Named({}, {})


class Bundle(NamedTuple):
    """What programs are given."""

    extra: str
    """The file for variables that add to what a program trusts."""
    bundle: str
    """The file for variables that replace it; empty where no root of this system was found, as it would shut out everything."""
    sources: tuple[str, ...]
    """The files and folders that are in it."""
    skipped: tuple[Unread, ...] = ()
    """What could not be taken in."""
    made: bool = False
    """Whether it was written just now."""


def refreshed(folder: Folder, ours: bytes, named: Named, roots: Roots, *, forget: bool = False) -> Bundle:
    """Return the bundles, made anew where a source has changed since they were made.

    `ours` are our certificates as PEM. Files that variables named at an earlier time stay in, as this process may not have that
    person's variables, until they are gone or are to be forgotten.
    """
    before = {} if forget else _remembered(folder)
    adding = _places(folder, named.adding, before.get("adding", {}))
    replacing = _places(folder, named.replacing, before.get("replacing", {}))
    paths = tuple(dict.fromkeys((*roots.files, *_each(replacing), *_each(adding))))
    notes = {
        "schema": _SCHEMA,
        "ours": sha256(ours).hexdigest(),
        "stored": sha256(b"".join(roots.stored)).hexdigest(),
        "sources": {path: _state(path) for path in paths},
        "adding": adding,
        "replacing": replacing,
    }
    said = json.dumps(notes, indent=1).encode()
    if content(folder.notes) == said and os.path.isfile(folder.extra) and os.path.isfile(folder.bundle):
        return Bundle(folder.extra, folder.bundle, paths)
    reader = _Reader()
    extra = reader.merged(ours, _each(adding))
    standing = reader.merged(b"", roots.files, roots.stored)
    whole = reader.merged(ours, paths, roots.stored) if standing else b""
    # The notes come last: stopped in between, all is made once more.
    remove(folder.notes)
    write(folder.extra, extra)
    if whole:
        write(folder.bundle, whole)
    else:
        remove(folder.bundle)
    write(folder.named, "".join(f"{name}={path}\n" for name, path in (adding | replacing).items()).encode())
    write(folder.notes, said)
    return Bundle(folder.extra, folder.bundle if whole else "", paths, tuple(reader.unread), made=True)


def _remembered(folder: Folder) -> dict[str, dict[str, str]]:
    try:
        found = json.loads(content(folder.notes) or b"{}")
        return {kind: {str(name): str(path) for name, path in found[kind].items()} for kind in ("adding", "replacing")}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}


def _places(folder: Folder, named: Mapping[str, str], before: Mapping[str, str]) -> dict[str, str]:
    """Return where variables lead, now or else before: to something that is there and is not our own."""
    found = {}
    for name, value in sorted({**before, **named}.items()):
        parts = _parts(value)
        own = os.path.realpath(folder.path) + os.sep
        if parts and "\n" not in value and not any(os.path.realpath(part).startswith(own) for part in parts):
            found[name] = value
    return found


def _each(places: Mapping[str, str]) -> Iterator[str]:
    for value in places.values():
        yield from _parts(value)


def _parts(value: str) -> list[str]:
    """Return what is there of the places in a value; one that is relative means another place in each folder."""
    parts = [value] if os.path.exists(value) else value.split(os.pathsep)
    return [part for part in parts if os.path.isabs(part) and os.path.exists(part)]


def _state(path: str) -> list[int]:
    """Return what changes when a source does: size and time, of a folder those of all files in it."""
    try:
        found = [os.stat(file) for file in _files(path)]
    except OSError:
        return []
    return [len(found), sum(each.st_size for each in found), max((each.st_mtime_ns for each in found), default=0)]


def _files(path: str) -> list[str]:
    if not os.path.isdir(path):
        return [path]
    with os.scandir(path) as entries:
        return sorted({os.path.realpath(entry.path) for entry in entries if entry.is_file()})


class _Reader:
    """Reads sources, each certificate once, and notes what it could not read."""

    def __init__(self) -> None:
        self.unread: dict[Unread, None] = {}
        self._known: dict[bytes, bool] = {}
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

    def merged(self, ours: bytes, paths: Iterable[str], stored: Iterable[bytes] = ()) -> bytes:
        """Return certificates as PEM, each once, ours first."""
        found = dict.fromkeys(self._certificates(ours, "our own"))
        found |= dict.fromkeys(each for path in paths for file in _files(path) for each in self._read(file))
        found |= dict.fromkeys(each for each in stored if self._takes(each, "the system's store"))
        return "".join(map(ssl.DER_cert_to_PEM_cert, found)).encode()

    def _read(self, path: str) -> Iterator[bytes]:
        try:
            with open(path, "rb") as file:
                text = file.read()
        except OSError as error:
            self._note(path, (error.strerror or str(error)).lower())
            return
        if _BEGIN not in text:
            self._note(path, "there is no certificate in it")
        yield from self._certificates(text, path)

    def _certificates(self, text: bytes, path: str) -> Iterator[bytes]:
        """Yield each certificate of a text as DER; keys and all else in it are left behind."""
        for number, part in enumerate(text.split(_BEGIN)[1:], 1):
            place = f"{path}, certificate {number}"
            try:
                data = ssl.PEM_cert_to_DER_cert((_BEGIN + part.partition(_END)[0] + _END).decode("ascii"))
            except ValueError:
                self._note(place, "it is not encoded as one")
                continue
            if self._takes(data, place):
                yield data

    def _takes(self, data: bytes, place: str) -> bool:
        """Tell whether OpenSSL takes it: one that it does not take would spoil the whole file for some programs."""
        if data not in self._known:
            try:
                self._context.load_verify_locations(cadata=data)
                self._known[data] = True
            except ssl.SSLError:
                self._known[data] = False
        if not self._known[data]:
            self._note(place, "OpenSSL cannot read it")
        return self._known[data]

    def _note(self, place: str, reason: str) -> None:
        self.unread[Unread(place, reason)] = None
