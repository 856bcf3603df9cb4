"""What a reader found: skipped input is kept up to a number of places and counted beyond."""

from tallystick.tools.tool import MOST_SKIPPED, Found
from tallystick.usage.event import Skipped


def test_skipped_input_is_kept_with_its_place_and_reason() -> None:
    found = Found()
    found.skip(7, "not JSON")
    assert found.skipped == [Skipped(7, "not JSON")]
    assert found.skipped_more == 0


def test_beyond_a_number_of_places_the_others_are_only_counted() -> None:
    found = Found()
    for offset in range(MOST_SKIPPED + 3):
        found.skip(offset, "not JSON")
    assert [item.offset for item in found.skipped] == list(range(MOST_SKIPPED))
    assert found.skipped_more == 3


def test_two_readers_do_not_share_what_they_found() -> None:
    one, other = Found(), Found()
    one.skip(0, "not JSON")
    assert other.skipped == []
