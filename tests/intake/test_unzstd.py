"""Compressed archives: what comes out of whole, divided and damaged ones."""

import os
from pathlib import Path

import pytest
import zstandard

from tallystick.intake import unzstd
from tallystick.intake.unzstd import Unpacked

CONTENT = b"".join(b"%d some line\n" % number for number in range(5_000))


def unpacked(path: Path, size: int = 1_000) -> bytes:
    """Return all that comes out of an archive, read in pieces."""
    stream = Unpacked(str(path))
    buffer, found = bytearray(size), b""
    try:
        while count := stream.readinto(memoryview(buffer)):
            found += buffer[:count]
    finally:
        stream.close()
    return found


@pytest.mark.parametrize("size", [1, 1_000, 1 << 20])
def test_an_archive_holds_what_was_put_in(tmp_path: Path, size: int) -> None:
    packed = tmp_path / "a.jsonl.zst"
    packed.write_bytes(zstandard.compress(CONTENT if size > 1 else CONTENT[:500], 3))
    assert unpacked(packed, size) == (CONTENT if size > 1 else CONTENT[:500])


def test_parts_that_were_appended_belong_to_it(tmp_path: Path) -> None:
    packed = tmp_path / "a.jsonl.zst"
    packed.write_bytes(zstandard.compress(CONTENT) + zstandard.compress(b"more\n"))
    assert unpacked(packed) == CONTENT + b"more\n"


def test_an_archive_of_nothing_is_empty(tmp_path: Path) -> None:
    packed = tmp_path / "a.jsonl.zst"
    packed.write_bytes(zstandard.compress(b""))
    assert unpacked(packed) == b""


def test_what_is_no_archive_is_an_error_of_the_file(tmp_path: Path) -> None:
    packed = tmp_path / "a.jsonl.zst"
    packed.write_bytes(CONTENT)
    with pytest.raises(OSError, match="damaged archive"):
        unpacked(packed)


def test_damage_within_is_an_error_of_the_file(tmp_path: Path) -> None:
    packed = tmp_path / "a.jsonl.zst"
    content = bytearray(zstandard.ZstdCompressor(write_checksum=True).compress(os.urandom(200_000)))
    content[100_000] ^= 0xFF
    packed.write_bytes(content)
    with pytest.raises(OSError, match="damaged archive"):
        unpacked(packed)


def test_an_archive_that_breaks_off_is_an_error_of_the_file(tmp_path: Path) -> None:
    packed = tmp_path / "a.jsonl.zst"
    whole = zstandard.compress(os.urandom(300_000))
    packed.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(OSError, match="damaged archive"):
        unpacked(packed)


def test_a_missing_archive_is_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Unpacked(str(tmp_path / "a.jsonl.zst"))


def test_where_nothing_unpacks_them_archives_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.jsonl.zst"
    path.write_bytes(zstandard.compress(b"{}\n"))
    assert unzstd.can_unpack()
    monkeypatch.setattr(unzstd, "_way", lambda: None)
    assert not unzstd.can_unpack()
    with pytest.raises(OSError, match=r"packed with zstd, which Python reads from 3\.14 on"):
        unzstd.Unpacked(str(path))
