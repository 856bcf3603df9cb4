"""What a provider's listing says when nothing else is said."""

from tallystick.providers.shape import Listing


def test_a_listing_tells_of_no_windows_by_itself() -> None:
    assert Listing("x", (), ()).limits({"x-ratelimit-remaining-tokens": "5"}) == []
