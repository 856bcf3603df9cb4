"""Portions: everything once, in letters of a bounded size."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.intake.tree import LOGS, answer, write

from tallystick.intake.push.collecting import news_in, seen
from tallystick.intake.push.notebook import Notebook
from tallystick.intake.push.portions import cut, portions
from tallystick.intake.walk import Trouble
from tallystick.ledger.ledger import Batch, Source
from tallystick.usage.event import Context, Variant

ROWS = 17
COUNTS = st.integers(min_value=0, max_value=40)


def made(events: int, prompts: int, skipped: int, readings: int) -> Batch:
    """Return a batch with so many rows, which refer to five contexts and three variants."""
    return Batch(
        Source("/a", "a-tool"),
        True,  # noqa: FBT003  a row
        [Context("a-tool", f"s{number}") for number in range(5)],
        [Variant("p", f"m{number}") for number in range(3)],
        [(number, 0, number, number % 5, number % 3, *[1] * 14) for number in range(events)],
        [(number, number, (number * 3) % 5, 0) for number in range(prompts)],
        [],
        [],
        [],
        [(number, "damaged") for number in range(skipped)],
        [(number, 1, 1, 0, number % 5, number % 3, *[1] * 9) for number in range(readings)],
    )


def told(batches: list[Batch]) -> list[tuple[object, ...]]:
    """Return every row with what it refers to."""
    return [
        *(("event", *row[:3], batch.contexts[row[3]], batch.variants[row[4]], *row[5:]) for batch in batches for row in batch.events),
        *(("prompt", *row[:2], batch.contexts[row[2]], row[3]) for batch in batches for row in batch.prompts),
        *(("skipped", *row) for batch in batches for row in batch.skipped),
        *(("reading", *row[:4], batch.contexts[row[4]], batch.variants[row[5]], *row[6:]) for batch in batches for row in batch.readings),
    ]  # fmt: skip


@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_a_batch_that_is_cut_tells_the_same_in_bounded_pieces(
    events: int, prompts: int, skipped: int, readings: int
) -> None:
    batch = made(events, prompts, skipped, readings)
    pieces = list(cut(batch, ROWS))
    rows = events + prompts + skipped + readings
    assert len(pieces) == max(-(-rows // ROWS), 1)
    assert all(sum(len(rows) for rows in (*piece[4:],) if rows is not None) <= ROWS for piece in pieces)
    assert told(pieces) == told([batch])
    # Only the first one replaces what was kept of the source.
    assert [piece.fresh for piece in pieces] == [True, *[False] * (len(pieces) - 1)]
    if len(pieces) > 1:
        assert all(len(piece.contexts) == len({row[3] for row in piece.events} | {row[2] for row in piece.prompts} | {row[4] for row in piece.readings}) for piece in pieces)  # fmt: skip


@pytest.fixture
def notebook(tmp_path: Path) -> Iterator[Notebook]:
    """Begin a notebook beside the logs."""
    with closing(Notebook(str(tmp_path / "state" / "notebook.db"), b"k" * 32)) as made:
        yield made


def test_every_file_is_read_once_and_in_portions(tmp_path: Path, notebook: Notebook) -> None:
    for file in range(5):
        write(tmp_path / f"logs/{file}.jsonl", b"".join(answer(file * 10 + number) for number in range(7)))
    troubles: list[Trouble] = []
    look = seen([LOGS], str(tmp_path), {})
    found = news_in(look.files, notebook)
    made = list(portions(found, ("", ""), lambda batch: batch, troubles, 10))
    # Seven events and the source itself weigh eight: two files fill a letter.
    assert [[len(letter) for letter in portion.batches] for portion in made] == [[2], [2], [1]]
    assert [len(portion.sources) for portion in made] == [2, 2, 1]
    events = {row[0] for portion in made for letter in portion.batches for batch in letter for row in batch.events}
    assert len(events) == 35
    for portion in made:
        notebook.add(portion.sources, [])
    assert news_in(seen([LOGS], str(tmp_path), {}).files, notebook) == []
    assert seen([LOGS], str(tmp_path), {}).mark == look.mark
    with (tmp_path / "logs/3.jsonl").open("ab") as grown:
        grown.write(answer(99))
    again = seen([LOGS], str(tmp_path), {})
    assert again.mark != look.mark
    (only,) = news_in(again.files, notebook)
    (portion,) = portions([only], ("", ""), lambda batch: batch, troubles, 10)
    # The last answer of before may have had a line still to come: it is told again, now as finished.
    assert [len(batch.events) for letter in portion.batches for batch in letter] == [2]
    assert troubles == []


def test_a_file_that_cannot_be_read_is_told_and_the_others_are_read(tmp_path: Path, notebook: Notebook) -> None:
    write(tmp_path / "archive/a.jsonl.zst", b"no archive")
    write(tmp_path / "logs/b.jsonl", answer(1))
    troubles: list[Trouble] = []
    (portion,) = portions(
        news_in(seen([LOGS], str(tmp_path), {}).files, notebook), ("", ""), lambda batch: batch, troubles, 10
    )
    assert [source.path for source in portion.sources] == [str(tmp_path / "logs/b.jsonl")]
    assert [trouble.path for trouble in troubles] == [str(tmp_path / "archive/a.jsonl.zst")]
