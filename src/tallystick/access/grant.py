"""A grant: who was recognised, and what they may do."""

from typing import Final, NamedTuple

INGEST: Final = "ingest"
READ: Final = "read"
ADMIN: Final = "admin"
SCOPES: Final = (INGEST, READ, ADMIN)


class Grant(NamedTuple):
    """Whoever shows a token that is valid."""

    id: str
    """Of the token, as lists and the audit name it."""
    scope: str
    """`ingest` may only send, `read` only ask, `admin` ask and change."""
    machine: str = ""
    """The name under which the machine was paired, which never changes; empty for who is no machine."""
    name: str = ""
    """The name under which the machine is shown, else what the token is called."""
    user: str = ""
