"""What the ledger in memory keeps beside events; what it promises of that is tested for every engine in test_promise."""

from tests.ledger.sample import LATER, LOG, batch

from tallystick.ledger.beside import Beside


def test_of_two_samples_of_a_moment_the_higher_one_holds() -> None:
    beside = Beside()
    beside.take(batch(LOG, limits=[("openai", "primary", 300, 8.0, 7, 50, "plus", "")]))
    beside.take(
        batch(
            LATER,
            limits=[("openai", "primary", 300, 3.0, 9, 50, "pro", ""), ("openai", "weekly", 1, 2.0, 3, 4, "", "")],
        )
    )
    assert beside.limits() == [
        ("openai", "weekly", 1, 2.0, 3, 4, "", ""),
        ("openai", "primary", 300, 8.0, 7, 50, "plus", ""),
    ]


def test_the_newest_title_of_a_session_holds_in_whatever_order_they_come() -> None:
    for order in ([("s1", "old", 1), ("s1", "new", 2)], [("s1", "new", 2), ("s1", "old", 1)]):
        beside = Beside()
        for title in order:
            beside.take(batch(LOG, titles=[title]))
        assert beside.titled() == [("s1", "new", 2)]


def test_what_was_skipped_is_forgotten_when_its_source_is_read_anew() -> None:
    beside = Beside()
    beside.take(batch(LOG, skipped=[(40, "not JSON"), (-1, "17")]))
    beside.take(batch(LATER, skipped=[(1, "not JSON")]))
    beside.take(batch(LOG, skipped=[(-1, "2")]))
    assert beside.skipped() == [
        (LOG.path, -1, "more", 19),
        (LOG.path, 40, "not JSON", 1),
        (LATER.path, 1, "not JSON", 1),
    ]
    beside.take(batch(LOG, fresh=True))
    assert beside.skipped() == [(LATER.path, 1, "not JSON", 1)]
