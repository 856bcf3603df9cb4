"""Addresses of ledgers on ClickHouse: where the servers are, and how to speak to them."""

from typing import Final, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from tallystick.errors import Misused

SCHEME: Final = "clickhouse://"
_PORT: Final = 8123
_OPTIONS: Final = {"cluster", "secure"}


class Address(NamedTuple):
    """Which servers keep a ledger."""

    hosts: tuple[tuple[str, int], ...]
    """Any of them answers; the next one is asked where one does not."""
    database: str
    user: str
    password: str
    cluster: str
    """Name of the cluster over which the tables lie; empty where one server has all."""
    secure: bool

    @property
    def shown(self) -> str:
        """Return the address without what is secret in it."""
        hosts = ",".join(f"{host}:{port}" for host, port in self.hosts)
        return f"{SCHEME}{hosts}/{self.database}"


def parse(url: str, password: str = "") -> Address:
    """Return what an address says, with a password that it need not hold: `clickhouse://[user[:password]@]host[:port][,host…]/database[?cluster=name][&secure=1]`."""
    parts = urlsplit(url)
    options = parse_qs(parts.query, keep_blank_values=True)
    credentials, _, places = parts.netloc.rpartition("@")
    user, _, said = credentials.partition(":")
    database = parts.path.strip("/")
    if not places or not database.isidentifier() or options.keys() - _OPTIONS:
        raise Misused(
            "The address of a ledger on ClickHouse reads clickhouse://host:8123/database. Several hosts are divided by "
            "commas; ?cluster=name and secure=1 may follow."
        )
    cluster = options.get("cluster", [""])[-1]
    secure = options.get("secure", ["0"])[-1] not in ("0", "")
    hosts = tuple(_host(each) for each in places.split(","))
    return Address(hosts, database, unquote(user), unquote(said) or password, cluster, secure)


def _host(place: str) -> tuple[str, int]:
    name, colon, port = place.rpartition(":")
    if not colon:
        return place, _PORT
    if not port.isdigit():
        raise Misused(f"{port!r} is no port of a ClickHouse server.")
    return name.strip("[]"), int(port)
