"""Logins of browsers."""

from collections.abc import Callable

from tallystick.access import keys, logins
from tallystick.access.grant import Grant
from tallystick.access.keys import Wanted
from tallystick.access.store import Store

DAY = 86_400_000
SECRET = "what the server was started with"


def of_token(store: Store, scope: str, now: int = 0) -> tuple[keys.Made, str]:
    """Return a token and a login with it."""
    made = keys.create(store, Wanted(scope, name="me"), "cli", now)
    grant = keys.admit(store, made.text, now)
    assert grant
    return made, logins.begin(store, grant, made.text, now)


def test_a_login_stands_for_its_token_for_thirty_days(store: Store) -> None:
    _, text = of_token(store, "read")
    assert len(text) >= 40
    assert logins.recognised(store, text, "", 30 * DAY - 1) == Grant("1", "read", "", "me", "")
    assert logins.recognised(store, text, "", 30 * DAY) is None
    assert logins.recognised(store, f"{text}x", "", 1) is None
    assert logins.recognised(store, "", "", 1) is None


def test_a_login_ends_with_its_token(store: Store) -> None:
    made, text = of_token(store, "admin")
    keys.rotate(store, made.id, "cli", 1)
    assert logins.recognised(store, text, "", 2) is None
    made, text = of_token(store, "admin")
    keys.revoke(store, made.id, "cli", 1)
    assert logins.recognised(store, text, "", 2) is None
    assert store.rows("SELECT count(*) FROM sessions") == [(0,)]
    short = keys.create(store, Wanted("read", expires=10), "cli", 0)
    grant = keys.admit(store, short.text, 1)
    assert grant
    text = logins.begin(store, grant, short.text, 1)
    assert logins.recognised(store, text, "", 9)
    assert logins.recognised(store, text, "", 10) is None


def test_a_login_with_the_servers_own_token_ends_when_that_is_another(store: Store) -> None:
    text = logins.begin(store, logins.SERVER, SECRET, 0)
    assert logins.recognised(store, text, SECRET, 1) == Grant("server", "admin")
    assert logins.recognised(store, text, SECRET + "x", 1) is None
    assert logins.recognised(store, text, "", 1) is None
    assert logins.recognised(store, text, SECRET, 30 * DAY) is None


def test_a_login_can_be_ended(store: Store) -> None:
    _, first = of_token(store, "read")
    _, second = of_token(store, "read")
    logins.end(store, first, 1)
    logins.end(store, "none", 1)
    assert logins.recognised(store, first, "", 2) is None
    assert logins.recognised(store, second, "", 2)


def test_neither_the_login_nor_the_token_is_kept_and_old_logins_are_forgotten(
    store: Store, content: Callable[[], bytes]
) -> None:
    text = logins.begin(store, logins.SERVER, SECRET, 0)
    assert text.encode() not in content()
    assert SECRET.encode() not in content()
    logins.begin(store, logins.SERVER, SECRET, 31 * DAY)
    assert store.rows("SELECT count(*) FROM sessions") == [(1,)]
