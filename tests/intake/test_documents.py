"""Documents: one JSON value each, and why some are none."""

from pathlib import Path
from typing import Any

import pytest

from tallystick.intake import documents
from tallystick.intake.documents import load
from tallystick.tools.tool import Found, State


class Taker:
    """Keeps what it is handed."""

    def __init__(self) -> None:
        self.taken: list[Any] = []

    def take(self, document: Any) -> None:  # noqa: ANN401 - any JSON
        self.taken.append(document)

    def finish(self) -> tuple[Found, State]:
        return Found(), {}


@pytest.mark.parametrize(
    "content, reason, taken",
    [
        (b'{"a": [1, "\xc3\xa9"]}', "", [{"a": [1, "é"]}]),
        (b"null", "", [None]),
        (b"", "an empty document", []),
        (b" \n", "an empty document", []),
        (b'{"a": ', "not JSON", []),
        (b"\xff\xfe\x00", "not JSON", []),
        (b"[" * 200_000, "nested too deeply", []),
    ],
)
def test_a_document_is_handed_over_or_the_reason_is_told(
    tmp_path: Path, content: bytes, reason: str, taken: list[Any]
) -> None:
    path, taker = tmp_path / "session.json", Taker()
    path.write_bytes(content)
    assert load(str(path), taker) == reason
    assert taker.taken == taken


def test_a_document_without_end_is_not_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "LONGEST", 1 << 20)
    path, taker = tmp_path / "session.json", Taker()
    path.write_bytes(b" " * (1 << 20) + b"1")
    assert load(str(path), taker) == "a document longer than 1 MiB"
    assert not taker.taken


def test_a_missing_document_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load(str(tmp_path / "gone.json"), Taker())
