"""The daybook outlives the server: a file that is kept, and one that cannot be read or written does no harm."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.answers.sample import MAIN, OPUS, THOUSAND, event
from tests.answers.stand import answers, fill

from tallystick.answers.answers import Answers
from tallystick.answers.binding import unbound
from tallystick.answers.daybook import Daybook
from tallystick.answers.foldbook import close_book, open_book
from tallystick.answers.pages import Page, pages
from tallystick.answers.parts import KEPT
from tallystick.cli.bookshelf import Bookshelf
from tallystick.usage.period import Zone

EVENTS = [event(f"2026-10-{day:02}T10:00:00", OPUS, MAIN, THOUSAND, work_ms=5_000) for day in range(1, 31)]


DAYS = len(EVENTS) + 1
"""The prompts of the sample are of another one."""


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Answers]:
    """Return answers from a ledger with some weeks."""
    fill(tmp_path / "ledger.db", EVENTS)
    made = answers(tmp_path / "ledger.db")
    yield made
    made.close()


def begun(monkeypatch: pytest.MonkeyPatch) -> Daybook[Page]:
    """Return the book that this process has from now on, as another one begins with."""
    book: Daybook[Page] = Daybook(pages)
    for room in ("tallystick.cli.bookshelf", "tallystick.answers.work"):
        monkeypatch.setattr(f"{room}.BOOK", book)
    return book


def test_what_was_worked_out_is_at_hand_in_the_next_run(
    tmp_path: Path, told: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    log: list[str] = []
    path, book = tmp_path / "cache" / "daybook", begun(monkeypatch)
    Bookshelf(str(path), log.append).prepare(told)
    assert book.made == DAYS
    assert len(unbound(path.read_bytes()).leaves) == DAYS
    assert path.stat().st_mode & 0o777 == 0o600
    before, book = path.stat(), begun(monkeypatch)
    Bookshelf(str(path), log.append).prepare(told)
    assert (book.made, len(book.at_hand())) == (0, DAYS)
    # What is there already is not written again.
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert log == []


def test_sums_are_kept_with_the_daybook(tmp_path: Path, told: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "daybook"
    open_book()
    try:
        begun(monkeypatch)
        Bookshelf(str(path), print, Zone("Europe/Berlin")).prepare(told)
        # The prompts of the sample are no usage, but their day is one of the ledger's.
        assert [each[0] for each in unbound(path.read_bytes()).sums] == ["Europe/Berlin"] * DAYS
        close_book()
        open_book()
        begun(monkeypatch)
        before = path.stat()
        Bookshelf(str(path), print, Zone("Europe/Berlin")).prepare(told)
        assert KEPT.book is not None
        assert len(KEPT.book.at_hand()) == DAYS
        assert path.stat().st_mtime_ns == before.st_mtime_ns
    finally:
        close_book()


def test_a_damaged_file_is_replaced(tmp_path: Path, told: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    begun(monkeypatch)
    path = tmp_path / "daybook"
    path.write_bytes(b"something else")
    Bookshelf(str(path), print).prepare(told)
    assert len(unbound(path.read_bytes()).leaves) == DAYS


def test_where_nothing_can_be_written_that_is_told_and_all_goes_on(
    tmp_path: Path, told: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    log: list[str] = []
    book = begun(monkeypatch)
    (tmp_path / "file").write_bytes(b"")
    Bookshelf(str(tmp_path / "file" / "daybook"), log.append).prepare(told)
    assert log == ["What was worked out cannot be kept for the next start (file exists)."]
    assert book.made == DAYS
