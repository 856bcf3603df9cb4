"""Pairing: which server this machine sends to and with what right, as it is kept in a file that only its owner reads."""

import os
from json import dumps, loads
from typing import Final, NamedTuple

from tallystick.errors import Unavailable

KEY_BYTES: Final = 32


class Pairing(NamedTuple):
    """A machine that belongs to a server."""

    url: str
    """The address of the server, without `/api/…`."""
    token: str
    machine: str
    """The name under which the server keeps this machine."""
    user: str = ""
    key: bytes = b""
    """What pseudonyms are made with; it never leaves the machine. Empty until it is first written."""


def read(path: str) -> Pairing | None:
    """Return the pairing that a file keeps, None when there is no such file; raise `Unavailable` for one that is of no use."""
    try:
        with open(path, "rb") as file:
            content = file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Unavailable(
            f"The pairing {path} cannot be read ({(error.strerror or str(error)).lower()}). "
            "Give yourself the right to read it, or pair anew with `tally join`."
        ) from None
    try:
        said = loads(content)
        found = Pairing(said["url"], said["token"], said["machine"], said["user"], bytes.fromhex(said["key"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        found = None
    if found is None or not all(isinstance(text, str) for text in found[:4]) or len(found.key) != KEY_BYTES:
        raise Unavailable(f"The pairing {path} is damaged. Pair this machine anew with `tally join`.")
    return found


def write(path: str, pairing: Pairing) -> Pairing:
    """Keep a pairing in place of another one, readable for its owner only; return it with its key.

    A machine keeps its key for good, so that it is known by the same pseudonyms: a pairing without one gets the key of
    the file that it replaces, or a new one. Raise `Unavailable` when the file cannot be written.
    """
    pairing = pairing._replace(key=pairing.key or _kept(path) or os.urandom(KEY_BYTES))
    made = f"{path}.part"
    try:
        os.makedirs(os.path.dirname(path) or ".", mode=0o700, exist_ok=True)
        if os.path.exists(made):
            os.remove(made)
        # Made with its mode: for no moment can anybody else read it.
        with open(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(dumps(pairing._asdict() | {"key": pairing.key.hex()}, indent=1) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(made, path)
    except OSError as error:
        raise Unavailable(
            f"The pairing {path} cannot be written ({(error.strerror or str(error)).lower()}). "
            "Make room for it, and give yourself the right to write there."
        ) from None
    return pairing


def _kept(path: str) -> bytes:
    try:
        before = read(path)
    except Unavailable:
        return b""
    return before.key if before else b""
