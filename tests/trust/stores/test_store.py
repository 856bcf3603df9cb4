"""The name of a certificate's file in a folder that several people share."""

from tests.trust.stores.world import GIVEN


def test_the_word_is_the_name_as_a_file() -> None:
    assert GIVEN.word == "tallystick-0a1b2c3d"
