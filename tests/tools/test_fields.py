"""Fields of foreign JSON: what is of the right kind is taken, anything else is nothing."""

import math

import pytest

from tallystick.tools.fields import is_uuid, moment, stamp, text_of, title_of

UUID = "5e551011-0000-4000-8000-000000000001"


def test_a_title_is_one_short_line() -> None:
    assert title_of("Paint the\n  shop ") == "Paint the shop"
    assert len(title_of("word " * 200)) <= 200
    assert title_of(None) == title_of(["x"]) == ""


def test_half_a_character_can_be_stored() -> None:
    assert text_of("half \ud83d") == "half ?"
    assert text_of("schön") == "schön"
    assert text_of(7) == ""


def test_a_uuid_has_five_parts() -> None:
    assert is_uuid(UUID)
    assert not is_uuid(UUID[:-1])
    assert not is_uuid("d04923d38bb0f6017037e74183378ef4")
    assert not is_uuid("-" * 36)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("2026-11-01T10:00:00.250Z", 1_793_527_200_250),
        ("2026-11-01T11:00:00.25+01:00", 1_793_527_200_250),
        ("2019-12-31T23:59:59Z", 0),
        ("2100-01-01T00:00:00Z", 0),
        ("0001-01-01T00:00:00+23:59", 0),
        ("soon", 0),
        ("", 0),
        (1_793_527_200, 0),
        (None, 0),
    ],
)
def test_a_moment_is_one_that_a_log_can_have(text: object, expected: int) -> None:
    assert moment(text) == expected


@pytest.mark.parametrize(
    "number, expected",
    [
        (1_793_527_200_250, 1_793_527_200_250),
        (1_793_527_200_250.9, 1_793_527_200_250),
        (1_793_527_200, 1_793_527_200_000),
        (1_793_527_200.25, 1_793_527_200_250),
        (1_577_836_800, 1_577_836_800_000),
        (1_577_836_799, 0),
        (1_577_836_799_999, 0),
        (4_102_444_800_000, 0),
        (0, 0),
        (-5, 0),
        (10**20, 0),
        (math.nan, 0),
        (math.inf, 0),
        (True, 0),
        ("1793527200", 0),
        (None, 0),
    ],
)
def test_a_stamp_is_a_number_of_milliseconds_or_seconds(number: object, expected: int) -> None:
    assert stamp(number) == expected
