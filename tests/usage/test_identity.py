"""Keys: the same everywhere, and apart for ids that are apart."""

from hypothesis import example, given
from hypothesis import strategies as st

from tallystick.usage.identity import key

IDS = st.text(st.characters(exclude_characters="\x1f"))


def test_a_key_is_the_first_eight_bytes_of_blake2b_as_a_signed_number() -> None:
    # Worked out with other programs, on a little-endian machine:
    # printf 'msg_01\x1freq_01' | b2sum -l 64 | xxd -r -p | od -An -t d8
    assert key("msg_01", "req_01") == -658374408174572353
    assert key("") == -5426141060434712860


@given(st.lists(IDS), st.lists(IDS))
@example(["ab", "c"], ["a", "bc"])
@example(["a", ""], ["a"])
def test_parts_that_differ_give_keys_that_differ(one: list[str], other: list[str]) -> None:
    # No parts and one empty part are the same text; no witness has an id without parts.
    assert (key(*one) == key(*other)) == ((one or [""]) == (other or [""]))


@given(st.lists(st.text(st.characters(codec=None, categories=None))))
@example(["\ud800"])
def test_a_key_fits_a_signed_64_bit_column_whatever_the_id_holds(parts: list[str]) -> None:
    assert -(2**63) <= key(*parts) < 2**63
