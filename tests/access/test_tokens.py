"""The text of a token: what it names, and that a slip in it is seen."""

import string
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.access import tokens
from tallystick.access.grant import SCOPES

LETTERS = string.digits + string.ascii_uppercase + string.ascii_lowercase


@pytest.mark.parametrize("scope, letter", [("ingest", "i"), ("read", "r"), ("admin", "a")])
def test_a_token_names_its_scope_and_ends_with_its_checksum(scope: str, letter: str) -> None:
    text = tokens.make(scope)
    assert text.startswith(f"tally_{letter}_")
    assert len(text) == len("tally_x_") + 32 + 6
    assert set(text[8:]) <= set(LETTERS)
    assert tokens.scope_of(text) == scope
    number = 0
    for each in text[-6:]:
        number = number * 62 + LETTERS.index(each)
    assert number == crc32(text[:-6].encode())


def test_the_checksum_is_the_one_that_was_worked_out_by_hand() -> None:
    # crc32(b"tally_i_" + 32 zeros) in base 62, the highest place first.
    body = "tally_i_" + "0" * 32
    number, places = crc32(body.encode()), []
    for power in (62**5, 62**4, 62**3, 62**2, 62, 1):
        places.append(LETTERS[number // power])
        number %= power
    assert tokens.scope_of(body + "".join(places)) == "ingest"


def test_no_two_tokens_are_the_same() -> None:
    assert len({tokens.make("read") for _ in range(500)}) == 500


@given(st.sampled_from(SCOPES), st.integers(0, 45), st.sampled_from(LETTERS + "_-. é\ud800"))
def test_a_token_with_a_slip_is_none(scope: str, at: int, letter: str) -> None:
    text = tokens.make(scope)
    slipped = text[:at] + letter + text[at + 1 :]
    assert tokens.scope_of(slipped) == (scope if slipped == text else "")
    assert tokens.scope_of(text[:at]) == ""
    assert tokens.scope_of(text + letter) == ""


@given(st.text(max_size=60))
def test_whatever_else_is_shown_is_no_token(text: str) -> None:
    assert tokens.scope_of(text) == ""
    assert len(tokens.digest(text)) == 32


def test_what_is_kept_and_shown_does_not_hold_the_secret() -> None:
    text = tokens.make("admin")
    assert tokens.digest(text) != tokens.digest(text[:-1])
    # SHA-256 of the empty text, from FIPS 180-4's examples.
    assert tokens.digest("").hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert tokens.prefix(text) == text[:12]
