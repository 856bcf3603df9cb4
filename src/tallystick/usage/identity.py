"""Identity as one number: the same ids give the same key on every machine and in every run."""

from hashlib import blake2b
from struct import Struct

_signed = Struct("<q").unpack


def key(*parts: str) -> int:
    """Return the signed 64-bit key of an id that is told in parts, most significant first."""
    # Said once more rather than called: there are two keys for each event.
    content = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    number: int = _signed(blake2b(content, digest_size=8).digest())[0]
    return number


def key_of_bytes(content: bytes) -> int:
    """Return the signed 64-bit key of bytes."""
    number: int = _signed(blake2b(content, digest_size=8).digest())[0]
    return number
