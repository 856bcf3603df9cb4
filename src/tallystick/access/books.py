"""The price book that servers share: the one that any of them took in last."""

from hashlib import sha256
from typing import Final

from tallystick.access.store import Store

_PRICES: Final = "prices"
_SHOWN: Final = 12
"""Letters of a digest that tell one book from another."""


def digest(content: bytes) -> bytes:
    """Return what stands for a book."""
    return sha256(content).digest()


def keep(store: Store, content: bytes, who: str, now: int) -> None:
    """Have all servers go by a book from now on."""
    name = digest(content)
    with store.changing(who, now) as change:
        change.do(
            "INSERT INTO books (name, digest, content, taken) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE"
            " SET digest = excluded.digest, content = excluded.content, taken = excluded.taken",
            *(_PRICES, name, content, now),
        )
        change.note("update prices", name.hex()[:_SHOWN])


def other(store: Store, known: bytes) -> bytes:
    """Return the book that all go by; empty where it is the one of a digest, or there is none."""
    found = store.rows("SELECT content FROM books WHERE name = ? AND digest <> ?", _PRICES, known)
    return bytes(found[0][0]) if found else b""
