"""Kimi Code as a whole: its places, and what never leaves its samples."""

import json
from pathlib import Path

import pytest
from tests.tools import reading
from tests.tools.test_samples import sources

from tallystick.tools.kimi_code import KIMI_CODE
from tallystick.tools.tool import Found

SAMPLES = Path(__file__).parent.parent / "samples" / "kimi-code"


def test_the_variable_names_the_folder() -> None:
    assert [root.path for root in KIMI_CODE.roots("/h", {"KIMI_CODE_HOME": "~/elsewhere/"})] == [
        "/h/elsewhere/sessions"
    ]


@pytest.mark.parametrize("case", sorted(SAMPLES.glob("*/")), ids=lambda case: str(case.name))
def test_nothing_that_was_written_is_kept(case: Path) -> None:
    for log in sources(KIMI_CODE, case):
        assert b"MARKER" in log.content + repr(log.companions).encode()
        reader = reading.begun(KIMI_CODE, log)
        reader.feed(log.content, 0, len(log.content), 0)
        found, state = reader.finish()
        assert "MARKER" not in repr([getattr(found, name) for name in Found.__slots__]) + json.dumps(state)
