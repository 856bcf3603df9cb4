"""Addresses of the gateway, taken apart without changing a byte of what is the upstream's."""

import pytest

from tallystick.intake.gateway.address import Address, address


@pytest.mark.parametrize(
    "raw, expected",
    [
        (b"/gateway/anthropic/v1/messages", Address("anthropic", b"/v1/messages")),
        (b"/gateway/anthropic", Address("anthropic", b"")),
        (b"/gateway/anthropic/", Address("anthropic", b"/")),
        (b"/gateway/~t0a1b/openai/v1/responses", Address("openai", b"/v1/responses", "t0a1b")),
        (b"/gateway/~t0a1b/openai", Address("openai", b"", "t0a1b")),
        (b"/gateway/~t0a1b", Address("", b"", "t0a1b")),
        (b"/gateway/", Address("", b"")),
        # Neither quoted again, nor made simpler.
        (b"/gateway/google/v1beta/models/a%2Fb:x//./..", Address("google", b"/v1beta/models/a%2Fb:x//./..")),
        (b"/gateway/google//v1/~t", Address("google", b"//v1/~t")),
        # Names are plain: what is none leads nowhere.
        (b"/gateway/%61nthropic/v1", Address("%61nthropic", b"/v1")),
        (b"/gateway/\xc3\xa9/v1", Address("\ufffd\ufffd", b"/v1")),
    ],
)
def test_an_address_is_taken_apart(raw: bytes, expected: Address) -> None:
    assert address(raw) == expected
