"""Ways in: what an address wants of whoever asks there, and how much they may send."""

from typing import Final, NamedTuple

OPEN: Final = ""
INGEST: Final = "ingest"
READ: Final = "read"
ADMIN: Final = "admin"
BODY_MOST: Final = 1_048_576
"""Bytes of a request's body where nothing else is said."""


class Way(NamedTuple):
    """What an address wants."""

    scope: str = READ
    """What a token must allow; `OPEN` where none is wanted."""
    body_most: int = BODY_MOST
    key: bool = False
    """Whether a token may be shown as X-API-Key, too."""
    more: bool = False
    """Whether an open one tells more to whoever may read, so that these are to be recognised."""
    decides: bool = False
    """Whether what is behind it lets in whoever shows what counts, however often others at their address were wrong."""
