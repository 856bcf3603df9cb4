"""The address of a PostgreSQL database, with the password that is never shown."""

from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from tallystick.errors import Misused, Unavailable

SCHEMES: Final = ("postgresql", "postgres")
_PORT: Final = 5432
_TLS: Final = ("disable", "prefer", "require", "verify-full")
_KNOWN: Final = ("host", "password_file", "sslmode", "sslrootcert")
_FORM: Final = "postgresql://USER@HOST:5432/DATABASE"


class Address(NamedTuple):
    """Where a database is, and how one comes in."""

    hosts: tuple[tuple[str, int], ...]
    """Of one of these the first that takes changes is used; a path is the folder of a socket."""
    user: str
    password: str
    database: str
    sslmode: str = "prefer"
    sslrootcert: str = ""

    def __repr__(self) -> str:
        """Return what may be shown to anybody."""
        hosts = ",".join(f"{host}:{port}" for host, port in self.hosts)
        return f"postgresql://{hosts}/{self.database}"

    def __str__(self) -> str:
        """Return the same."""
        return repr(self)


def address(url: str, said_by: str, environ: Mapping[str, str]) -> Address:
    """Return what a URL means; raise Misused, saying where it is set and never what it holds, for one that means nothing.

    The password is the URL's, else that in the file which `password_file` names, else PGPASSWORD.
    """
    try:
        parts = urlsplit(url)
        known = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
        hosts = _hosts(parts, known)
    except ValueError:
        raise Misused(f"{said_by} names no database: give one such as {_FORM}.") from None
    if parts.scheme not in SCHEMES or parts.fragment:
        raise Misused(f"{said_by} must name a PostgreSQL database, such as {_FORM}.")
    for name in known:
        if name not in _KNOWN:
            raise Misused(f"{said_by} sets {name[:40]!r}, which means nothing: known are {', '.join(_KNOWN)}.")
    user, _, password = parts.netloc.rpartition("@")[0].partition(":")
    database = unquote(parts.path.removeprefix("/"))
    mode = known.get("sslmode", "prefer")
    if not (user and database and hosts) or mode not in _TLS:
        raise Misused(
            f"{said_by} must name a user, a host and a database, such as {_FORM}; sslmode is one of {', '.join(_TLS)}."
        )
    secret = unquote(password) or _secret(known.get("password_file", "")) or environ.get("PGPASSWORD", "")
    return Address(hosts, unquote(user), secret, database, mode, known.get("sslrootcert", ""))


def _hosts(parts: SplitResult, known: Mapping[str, str]) -> tuple[tuple[str, int], ...]:
    """Return hosts and ports; raise ValueError where a port is none."""
    named = parts.netloc.rpartition("@")[2]
    if socket := known.get("host", ""):
        # As libpq has it: a folder takes no place in a URL, only its port does.
        return ((socket, int(named.removeprefix(":") or _PORT)),)
    found = []
    for each in named.split(",") if named else ():
        one = urlsplit(f"//{each}")
        if not one.hostname:
            raise ValueError
        found.append((one.hostname, one.port or _PORT))
    return tuple(found)


def _secret(file: str) -> str:
    if not file:
        return ""
    try:
        with open(file, encoding="utf-8") as text:
            return text.read().strip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise Unavailable(
            f"The file {file}, which holds a password, cannot be read ({(reason or 'unknown').lower()})."
        ) from None
