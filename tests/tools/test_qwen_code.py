"""Qwen Code as a whole: its value, and what never leaves its samples."""

import json
from pathlib import Path

import pytest
from tests.tools import reading
from tests.tools.test_samples import sources

from tallystick.tools.qwen_code import QWEN_CODE
from tallystick.tools.tool import Found

SAMPLES = Path(__file__).parent.parent / "samples" / "qwen-code"


def test_it_never_deletes_its_chats() -> None:
    assert QWEN_CODE.keeps_days is None
    assert len(QWEN_CODE.blind_spots) >= 4


def _cases() -> list[Path]:
    return sorted(case for case in SAMPLES.iterdir() if case.is_dir())


@pytest.mark.parametrize("case", _cases(), ids=lambda case: str(case.name))
def test_nothing_that_was_written_is_kept(case: Path, tmp_path: Path) -> None:
    for source in sources(QWEN_CODE, case, tmp_path):
        reader = reading.begun(QWEN_CODE, source)
        reader.feed(source.content, 0, len(source.content), 0)
        found, state = reader.finish()
        assert "MARKER" not in repr([getattr(found, name) for name in Found.__slots__]) + json.dumps(state)


def test_the_samples_have_marks_to_look_for() -> None:
    texts = b"".join(path.read_bytes() for path in SAMPLES.rglob("*.jsonl"))
    assert all(b"MARKER-" + mark in texts for mark in (b"PROMPT", b"ANSWER", b"INPUT", b"OUTPUT"))
