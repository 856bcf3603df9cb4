"""Codes for pairing: their form, and how they may be typed."""

import re

import pytest

from tallystick.access import codes


def test_a_code_has_sixty_bits_in_letters_that_cannot_be_mistaken() -> None:
    drawn = {codes.make() for _ in range(300)}
    assert len(drawn) == 300
    for code in drawn:
        assert re.fullmatch(r"([2-9A-HJ-NP-Z]{4}-){2}[2-9A-HJ-NP-Z]{4}", code)
    # Thirty-two letters: five bits each, twelve of them.
    assert len({letter for code in drawn for letter in code} - {"-"}) == 32


@pytest.mark.parametrize(
    "typed", ["ABCD-EFGH-JKLM", "abcd-efgh-jklm", " ABCDEFGHJKLM\n", "abcd efgh jklm", "A-B-C-DEFGHJKLM"]
)
def test_a_code_may_be_typed_in_several_ways(typed: str) -> None:
    assert codes.plain(typed) == "ABCDEFGHJKLM"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "-",
        "ABCD-EFGH-JKL",
        "ABCD-EFGH-JKLMN",
        "ABCD-EFGH-JKL0",
        "ABCD-EFGH-JKLI",
        "ÄBCD-EFGH-JKLM",
        "A" * 10**6,
        "\ud800",
    ],
)
def test_whatever_else_is_typed_is_no_code(typed: str) -> None:
    assert codes.plain(typed) == ""
