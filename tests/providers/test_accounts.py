"""Pseudonyms of accounts: the same everywhere, others for others, and never the id."""

from hypothesis import given
from hypothesis import strategies as st

from tallystick.providers.accounts import account_in, pseudonym

ORGANISATION = "5b7e3a52-2f0e-4d0c-9a67-3b8a2d3a0c11"
ANOTHER = "5b7e3a52-2f0e-4d0c-9a67-3b8a2d3a0c12"


def test_an_account_is_named_by_the_answer_or_else_by_the_request() -> None:
    of_answer = account_in({"chatgpt-account-id": ANOTHER}, {"anthropic-organization-id": ORGANISATION})
    assert of_answer == pseudonym(ORGANISATION)
    assert account_in({"chatgpt-account-id": ANOTHER}, {}) == pseudonym(ANOTHER)
    assert account_in({}, {"openai-organization": "org-abc"}) == pseudonym("org-abc")
    assert account_in({"authorization": "Bearer x" * 9}, {"request-id": "req_1"}) == ""


def test_two_accounts_have_two_pseudonyms_however_they_are_written() -> None:
    assert len({pseudonym(ORGANISATION), pseudonym(ANOTHER)}) == 2
    assert pseudonym(f" {ORGANISATION.upper()} ") == pseudonym(ORGANISATION)


@given(st.text())
def test_a_pseudonym_is_eight_digits_or_nothing(text: str) -> None:
    found = pseudonym(text)
    assert found == "" or (len(found) == 8 and set(found) <= set("0123456789abcdef"))
