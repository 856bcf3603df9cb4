"""What a request shows of who it is from."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.faces.http.shown import Shown, shown


def basic(text: bytes) -> bytes:
    """Return what a browser sends."""
    return b"Basic " + b64encode(text)


@pytest.mark.parametrize(
    "told, wanted",
    [
        ({}, Shown()),
        ({b"authorization": b"Bearer abc"}, Shown(b"abc")),
        ({b"authorization": b"bearer  abc "}, Shown(b"abc")),
        ({b"authorization": b"Bearer"}, Shown()),
        ({b"authorization": b"abc"}, Shown()),
        ({b"authorization": basic(b"me:a:b")}, Shown(password=b"a:b")),
        ({b"authorization": basic(b"me")}, Shown()),
        ({b"authorization": b"Basic !"}, Shown()),
        ({b"cookie": b"tally_session=abc"}, Shown(login="abc")),
        ({b"cookie": b"a=b; tally_session=abc; tally_session=def"}, Shown(login="abc")),
        ({b"cookie": b"xtally_session=abc; tally_session"}, Shown()),
        ({b"cookie": b"tally_session=\xff"}, Shown()),
        ({b"cookie": b"tally_session=" + b"x" * 201}, Shown()),
        ({b"authorization": b"Bearer abc", b"cookie": b"tally_session=def"}, Shown(b"abc", login="def")),
    ],
)
def test_tokens_passwords_and_logins_are_found(told: dict[bytes, bytes], wanted: Shown) -> None:
    assert shown(told) == wanted


def test_the_key_of_an_api_counts_where_it_may_and_nothing_else_is_shown() -> None:
    key = {b"x-api-key": b"abc"}
    assert shown(key) == Shown()
    assert shown(key, key=True) == Shown(b"abc")
    assert shown({**key, b"authorization": b"Bearer def"}, key=True) == Shown(b"def")
    assert shown({**key, b"authorization": basic(b"me:def")}, key=True) == Shown(password=b"def")


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_whatever_is_sent_can_be_looked_at(authorization: bytes, cookie: bytes) -> None:
    for word in (b"", b"Basic ", b"Bearer "):
        found = shown({b"authorization": word + authorization, b"cookie": b"tally_session=" + cookie})
        assert found.secret == (found.token or found.password)
