"""The letterbox: whatever the portions are, all of a letter is handed out, once, and then it is gone."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.intake.push.test_portions import COUNTS, made, told

from tallystick.intake.push.letterbox import Handful, Letterbox, batches_of, letter_of, refusals, size_of
from tallystick.intake.push.notebook import Notebook
from tallystick.ledger.ledger import Batch, Source


@pytest.fixture
def notebook(tmp_path: Path) -> Iterator[Notebook]:
    """Begin a notebook."""
    with closing(Notebook(str(tmp_path / "notebook.db"), b"k" * 32)) as begun:
        yield begun


def test_a_letter_holds_nothing_of_its_sources_but_what_is_sent() -> None:
    batch = made(2, 1, 1, 1)._replace(source=Source("/a", "a-tool", "log", 1, 2, 3, 4, 5, b"memory", 6))
    (only,) = batches_of(letter_of([batch]))
    assert only == batch._replace(source=Source("/a", "a-tool", "log", mtime=3, last=6))
    assert size_of([batch]) == 6


@given(
    st.lists(st.tuples(COUNTS, COUNTS), max_size=4),
    st.lists(st.integers(min_value=1, max_value=50), min_size=1, max_size=5),
)
def test_any_portions_tell_all_of_it_once(sizes: list[tuple[int, int]], limits: list[int]) -> None:
    batches = [
        made(events, prompts, 1, 0)._replace(source=Source(f"/{number}", "a-tool"))
        for number, (events, prompts) in enumerate(sizes)
    ]
    with TemporaryDirectory() as folder, closing(Notebook(f"{folder}/notebook.db", b"k" * 32)) as notebook:
        notebook.add([], [(letter_of([batch]), size_of([batch])) for batch in batches])
        box = Letterbox(notebook)
        handed: list[Batch] = []
        waited = [box.waiting()]
        while (portion := box.take(limits[len(handed) % len(limits)])).marks:
            assert len(portion.marks) == sum(
                len(rows) for batch in portion.batches for rows in (batch.events, batch.prompts, batch.skipped)
            ) + sum(1 for place in portion.marks if place == 0)
            box.done(portion, {}, 0)
            handed += portion.batches
            waited.append(box.waiting())
        assert waited[0] == size_of(batches)
        assert sorted(waited, reverse=True) == waited
        assert waited[-1] == 0
        assert told(handed) == told(batches)
        assert [batch.source.path for batch in handed if batch.fresh] == [batch.source.path for batch in batches]
        assert notebook.letter() is None


def test_what_is_not_acknowledged_is_handed_out_again(notebook: Notebook) -> None:
    notebook.add([], [(letter_of([made(9, 0, 0, 0)]), 10)])
    box = Letterbox(notebook)
    assert box.take(4) == box.take(4)
    box.done(box.take(4), {}, 0)
    # Another run begins with the whole letter.
    assert len(Letterbox(notebook).take(100).marks) == 10


def test_each_row_is_found_by_its_table_and_place(notebook: Notebook) -> None:
    notebook.add([], [(letter_of([made(2, 1, 0, 0), made(1, 0, 1, 0)]), 7)])
    portion = Letterbox(notebook).take(100)
    # Places 0 and 4 are the sources themselves.
    assert portion.origins == [{"events": [1, 2], "prompts": [3]}, {"events": [5], "skipped": [6]}]
    rest = Letterbox(notebook)
    rest.done(rest.take(2), {}, 0)
    assert rest.take(100).origins == [{"events": [0], "prompts": [1]}, {"events": [3], "skipped": [4]}]


def test_refusals_are_counted_with_the_last_reason(notebook: Notebook) -> None:
    assert refusals(notebook) == (0, "")
    notebook.add([], [(letter_of([made(5, 0, 0, 0)]), 6)])
    box = Letterbox(notebook)
    box.done(box.take(3), {1: "too large", 2: "too late"}, 0)
    box.done(box.take(3), {0: "no time in it"}, 0)
    assert refusals(notebook) == (3, "no time in it")


def test_an_empty_one_hands_out_nothing(notebook: Notebook) -> None:
    assert Letterbox(notebook).take(10) == Handful([], range(0), [])
