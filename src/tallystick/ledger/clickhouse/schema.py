"""The schema: migrations that are applied once and in order, whoever opens the ledger first."""

import os
from typing import Final

from tallystick.errors import Unavailable
from tallystick.ledger.clickhouse.server import Server

_MIGRATIONS: Final = os.path.join(os.path.dirname(__file__), "migrations")
_KEPT: Final = "CREATE TABLE IF NOT EXISTS migrations (number UInt32) ENGINE = ReplacingMergeTree ORDER BY number"


def migrations() -> dict[int, str]:
    """Return the texts of all migrations by their numbers."""
    found = {}
    for name in sorted(os.listdir(_MIGRATIONS)):
        if name.endswith(".sql"):
            with open(os.path.join(_MIGRATIONS, name), encoding="utf-8") as file:
                found[int(name[:4])] = file.read()
    return found


def bring_up_to_date(server: Server) -> None:
    """Make database and tables, or what of them is lacking; a ledger that a newer version made is left alone.

    A statement that was carried out before the server broke off is passed over, so that a migration can be begun again.
    """
    if server.address.cluster:
        # Tables that lie on one server only would hold a part of the ledger, and show it as the whole.
        raise Unavailable("This version keeps a ledger on one ClickHouse server: take cluster out of the ledger's url.")
    server.make_database()
    server.do(_KEPT)
    done = set(server.numbers("SELECT number FROM migrations"))
    known = migrations()
    if done - known.keys():
        raise Unavailable(
            f"The ledger at {server.address.shown} was made by a newer version of Tallystick. Install that version here, too."
        )
    for number in sorted(known.keys() - done):
        for statement in statements(known[number]):
            server.do(statement)
        server.do(f"INSERT INTO migrations (number) VALUES ({number})")


def statements(text: str) -> list[str]:
    """Return the statements of a migration, each of which changes nothing where it was carried out before."""
    lines = [line for line in text.splitlines() if not line.startswith("--")]
    found = [part.strip() for part in "\n".join(lines).split(";\n")]
    again = (part.replace("CREATE TABLE ", "CREATE TABLE IF NOT EXISTS ", 1) for part in found if part)
    return [part.rstrip(";").replace("CREATE VIEW ", "CREATE VIEW IF NOT EXISTS ", 1) for part in again]
