"""Collecting: everything is seen, and is news once."""

from contextlib import closing
from pathlib import Path

import pytest
from tests.intake.tree import LOGS, answer, write

from tallystick.intake.push.collecting import news_in, readable, seen
from tallystick.intake.push.notebook import Notebook
from tallystick.intake.walk import File, text_of
from tallystick.ledger.ledger import Source


def test_what_was_read_is_no_news_until_it_changes(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"logs/{name}.jsonl", answer(1)) for name in "abc"]
    with closing(Notebook(str(tmp_path / "notebook.db"), b"k" * 32)) as notebook:
        look = seen([LOGS], str(tmp_path), {})
        assert {item.file.path: item.before for item in news_in(look.files, notebook)} == dict.fromkeys(map(str, paths))
        left = [
            Source(text_of(file.path), tool.name, "log", *file[1:4], 5, 6, b"state", 7) for tool, file in look.files
        ]
        notebook.add(left, [])
        assert news_in(look.files, notebook) == []
        with paths[1].open("ab") as file:
            file.write(answer(2))
        (news,) = news_in(seen([LOGS], str(tmp_path), {}).files, notebook)
        assert news.file.path == str(paths[1])
        assert news.before in left
        assert news.file.size == 2 * len(answer(1))


def test_the_mark_changes_with_any_file_and_with_nothing_else(tmp_path: Path) -> None:
    def mark() -> str:
        return seen([LOGS], str(tmp_path), {}).mark

    marks = [mark()]
    path = write(tmp_path / "logs/a.jsonl", answer(1))
    marks.append(mark())
    with path.open("ab") as file:
        file.write(b"\n")
    marks.append(mark())
    write(tmp_path / "logs/new/b.jsonl", b"")
    marks.append(mark())
    (tmp_path / "logs/new/b.jsonl").rename(tmp_path / "logs/new/c.jsonl")
    marks.append(mark())
    assert len(set(marks)) == 5
    assert mark() == marks[-1]


def test_packed_files_are_counted_where_nothing_unpacks_them(monkeypatch: pytest.MonkeyPatch) -> None:
    files = [(LOGS, File(f"/a/{name}", 1, 1, 1)) for name in ("a.jsonl", "b.jsonl.zst", "c.jsonl")]
    assert readable(files) == (files, 0)
    monkeypatch.setattr("tallystick.intake.unzstd._way", lambda: None)
    assert readable(files) == ([files[0], files[2]], 1)
