"""Pages: every row once, whatever shares a place."""

from hypothesis import given
from hypothesis import strategies as st

from tallystick.ledger.copying.pages import Page, pages
from tallystick.ledger.ledger import Row


def listing(places: list[int], most: int) -> list[Page[int]]:
    """Return the pages of rows that have these places."""
    rows = sorted(zip(places, range(len(places)), strict=True))

    def ask(least: int, limit: int) -> list[Row]:
        return [row for row in rows if row[0] >= least][:limit]

    return list(pages(ask, 0, -9, most))


def test_a_page_ends_before_the_place_that_may_go_on() -> None:
    assert listing([1, 2, 2, 3], 3) == [
        Page([(1, 0)], -9, 2),
        Page([(2, 1), (2, 2)], 2, 3),
        Page([(3, 3)], 3, None),
    ]


def test_without_rows_there_is_one_empty_page() -> None:
    assert listing([], 3) == [Page([], -9, None)]


def test_a_place_that_more_rows_share_than_a_page_has_is_one_page() -> None:
    assert [len(page.rows) for page in listing([5] * 7 + [6], 2)] == [7, 1]


@given(st.lists(st.integers(-8, 8)), st.integers(1, 5))
def test_all_rows_come_once_and_in_order(places: list[int], most: int) -> None:
    found = listing(places, most)
    assert [row[0] for page in found for row in page.rows] == sorted(places)
    assert {row[1] for page in found for row in page.rows} == set(range(len(places)))
    # What one page says of where it ends is where the next one begins.
    assert [page.until for page in found] == [*(page.since for page in found[1:]), None]
    assert all(
        page.since <= row[0] and (page.until is None or row[0] < page.until) for page in found for row in page.rows
    )
