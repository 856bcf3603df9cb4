"""Addresses of the gateway, taken apart without changing a byte of what is the upstream's."""

import pytest

from tallystick.intake.gateway.address import Address, address, leads_out


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


@pytest.mark.parametrize(
    "path",
    [
        b"/..",
        b"/../admin",
        b"/v1/../../admin",
        b"/v1/../..",
        b"/v1/./../../x",
        b"//../admin/v1",
        b"/a%2Fb/../../x",
        b"/a%2Fb/%2e%2e/%2e%2e",
        b"/%2e%2e/admin",
        b"/%2E./admin",
        b"/v1/.%2e/.%2e",
        b"/v1/..%2f..%2fadmin",
        b"/v1/..%5c..%5cadmin",
        b"/v1\\..\\..\\admin",
        b"/%252e%252e/admin",
        b"/%25252e%25252e/admin",
        b"/%2525252525252e/admin",
        b"/..;x=1/admin",
        b"/..%20/admin",
        b"/..%00/admin",
        b"//../admin",
        b"..",
    ],
)
def test_a_way_to_the_folder_above_is_seen_however_it_is_written(path: bytes) -> None:
    assert leads_out(path)


@pytest.mark.parametrize(
    "path",
    [
        b"",
        b"/",
        b"/v1/messages",
        b"//v1//messages",
        b"/v1/./messages",
        b"/v1/..",
        b"/v1/a/../../b",
        b"/v1/a%2Fb:x//./..;y|%zz",
        b"/v1beta/models/gemini-2.5-pro:streamGenerateContent",
        b"/v1beta/models/a%2Fb",
        b"/v1/files/..hidden",
        b"/v1/files/a..b",
        b"/v1/files/...",
        b"/v1/a%20b%zz\\c",
        b"/v1/100%25",
        b"/v1/\xff",
    ],
)
def test_what_stays_below_passes(path: bytes) -> None:
    assert not leads_out(path)
