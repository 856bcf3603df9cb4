"""A site as it is where nobody says otherwise."""

from tests.faces.http.live import SITE


def test_nobody_is_recognised_and_reading_is_open_where_nothing_is_said() -> None:
    assert SITE.admit("tally_a_anything") is None
    assert not SITE.guarded()
    assert SITE.logged_in is None
    assert not SITE.ways
