"""The folder keeps others out, and no file in it is ever half written."""

import os
import sys
from pathlib import Path

import pytest

from tallystick.errors import Unavailable
from tallystick.trust.folder import Folder, content, guarded, private, remove, write

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")


@posix
def test_it_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    folder = Folder(str(tmp_path / "data" / "ca"))
    private(folder)
    assert [path.stat().st_mode & 0o777 for path in (Path(folder.path), Path(folder.path).parent)] == [0o700, 0o700]
    private(folder)


@posix
@pytest.mark.parametrize("mode", [0o770, 0o707, 0o722])
def test_one_that_others_can_write_into_is_refused(tmp_path: Path, mode: int) -> None:
    folder = Folder(str(tmp_path / "ca"))
    private(folder)
    Path(folder.path).chmod(mode)
    with pytest.raises(Unavailable, match=f"chmod 700 {folder.path}"):
        private(folder)


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o610])
def test_a_key_that_is_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    key = tmp_path / "key"
    write(str(key), b"k")
    guarded(str(key))
    key.chmod(mode)
    with pytest.raises(Unavailable, match=f"chmod 600 {key}"):
        guarded(str(key))


@posix
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a file away")
def test_a_key_of_another_user_is_refused(tmp_path: Path) -> None:
    key = tmp_path / "key"
    write(str(key), b"k")
    os.chown(key, 65534, 65534)
    with pytest.raises(Unavailable, match="belongs to another user"):
        guarded(str(key))


def test_a_file_is_written_as_a_whole_and_for_its_owner(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"before")
    file.chmod(0o644)
    write(str(file), b"after")
    assert content(str(file)) == b"after"
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]
    remove(str(file))
    remove(str(file))
    assert content(str(file)) is None


def test_what_cannot_be_is_told_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"")
    with pytest.raises(Unavailable, match="cannot be made"):
        private(Folder(str(file / "ca")))
    with pytest.raises(Unavailable, match="cannot be written"):
        write(str(tmp_path / "none" / "file"), b"")
    with pytest.raises(Unavailable, match="cannot be read"):
        content(str(tmp_path))
    with pytest.raises(Unavailable, match="cannot be read"):
        guarded(str(tmp_path / "none"))
    with pytest.raises(Unavailable, match="cannot be removed"):
        remove(str(tmp_path))


def test_each_file_has_a_name_of_its_own() -> None:
    folder = Folder("/d/ca")
    names = (folder.key, folder.certificate, folder.retired, folder.extra, folder.bundle, folder.named, folder.notes)
    assert len(set(names)) == 7
    # mitmproxy looks for it under just this name.
    assert folder.key == os.path.join("/d/ca", "mitmproxy-ca.pem")
