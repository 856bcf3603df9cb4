"""Unpacking: once for each version, whole or not at all."""

import os
import stat
import zipfile
from pathlib import Path

import pytest

from tallystick.intake.push.unpacking import folder_of, unpacked


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Make an archive of two files."""
    path = tmp_path / "a.pyz"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("one.py", "1")
        made.writestr("inner/two.py", "2")
    return path


def test_an_archive_is_unpacked_once(archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "state"
    place = Path(unpacked(str(archive), str(folder), "v1"))
    assert sorted(str(path.relative_to(place)) for path in place.rglob("*.py")) == ["inner/two.py", "one.py"]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    archive.unlink()
    assert unpacked(str(archive), str(folder), "v1") == str(place)
    assert [each.name for each in (folder / "code").iterdir()] == ["v1"]


def test_where_nothing_can_be_written_the_archive_itself_is_used(archive: Path, tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    assert unpacked(str(archive), str(in_the_way / "state"), "v1") == str(archive)


def test_a_damaged_archive_leaves_nothing_half_done(tmp_path: Path) -> None:
    broken = tmp_path / "b.pyz"
    broken.write_bytes(b"PK")
    assert unpacked(str(broken), str(tmp_path / "state"), "v1") == str(broken)
    assert not (tmp_path / "state" / "code" / "v1").exists()


def test_older_versions_go_after_a_day(archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "state"
    for name, hours in (("old", 25), ("recent", 23)):
        place = Path(unpacked(str(archive), str(folder), name))
        when = place.stat().st_mtime - hours * 3600
        os.utime(place, (when, when))
    unpacked(str(archive), str(folder), "new")
    assert sorted(each.name for each in (folder / "code").iterdir()) == ["new", "recent"]


@pytest.mark.parametrize(
    "environ, platform, folder",
    [
        ({}, "linux", "/h/.local/state/tallystick/client"),
        ({"XDG_STATE_HOME": "/s"}, "linux", "/s/tallystick/client"),
        ({"XDG_STATE_HOME": "/s"}, "darwin", "/h/Library/Application Support/tallystick/client"),
        ({}, "win32", "/h/AppData/Local/tallystick/client"),
        ({"LOCALAPPDATA": "/l"}, "win32", "/l/tallystick/client"),
        ({"TALLY_DATA_DIR": "/d", "XDG_STATE_HOME": "/s"}, "linux", "/d/client"),
    ],
)
def test_each_system_has_a_place_for_it(environ: dict[str, str], platform: str, folder: str) -> None:
    assert folder_of(environ, "/h", platform) == folder
