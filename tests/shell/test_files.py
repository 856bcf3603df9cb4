"""A person's file changes as a whole, and stays what it was: its links, its mode, its owner."""

import os
import sys
from pathlib import Path

import pytest

from tallystick.errors import Unavailable
from tallystick.shell.files import Change, perform, read, with_block, without_block

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")


def test_in_and_out_again(tmp_path: Path) -> None:
    file = tmp_path / "rc"
    file.write_bytes(b"first")
    assert perform(with_block(str(file), "x"))
    assert b"\nx\n" in file.read_bytes()
    assert not perform(with_block(str(file), "x"))
    assert perform(without_block(str(file)))
    assert file.read_bytes() == b"first"
    assert not perform(without_block(str(file)))
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_that_was_not_there_is_gone_afterwards(tmp_path: Path) -> None:
    file = tmp_path / "conf.d" / "rc"
    assert perform(with_block(str(file), "x"))
    assert perform(without_block(str(file)))
    assert not file.exists()
    assert without_block(str(file)) == Change(str(file), None, None)


@posix
@pytest.mark.parametrize("mode", [0o600, 0o644, 0o444, 0o755])
def test_its_mode_stays(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "rc"
    file.write_bytes(b"first\n")
    file.chmod(mode)
    perform(with_block(str(file), "x"))
    assert file.stat().st_mode & 0o7777 == mode


@posix
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a file away")
def test_its_owner_stays(tmp_path: Path) -> None:
    file = tmp_path / "rc"
    file.write_bytes(b"first\n")
    os.chown(file, 65534, 65533)
    perform(with_block(str(file), "x"))
    assert (file.stat().st_uid, file.stat().st_gid) == (65534, 65533)


@posix
def test_a_link_stays_one(tmp_path: Path) -> None:
    real, link = tmp_path / "dotfiles" / "rc", tmp_path / ".rc"
    real.parent.mkdir()
    real.write_bytes(b"first\n")
    link.symlink_to("dotfiles/rc")
    perform(with_block(str(link), "x"))
    assert link.readlink() == Path("dotfiles/rc")
    assert real.read_bytes().startswith(b"first\n# >>> tallystick >>>")
    perform(without_block(str(link)))
    assert real.read_bytes() == b"first\n"
    # One that leads nowhere leads there again.
    real.unlink()
    perform(with_block(str(link), "x"))
    perform(without_block(str(link)))
    assert link.is_symlink()
    assert not link.exists()


def test_what_cannot_be_is_told_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=f"{tmp_path} cannot be read"):
        read(str(tmp_path))
    file = tmp_path / "rc"
    file.write_bytes(b"# >>> tallystick >>>\n")
    with pytest.raises(Unavailable, match=f"{file}: A block begins there"):
        with_block(str(file), "x")
    with pytest.raises(Unavailable, match=f"{file}: A block begins there"):
        without_block(str(file))
    with pytest.raises(Unavailable, match="cannot be changed"):
        perform(Change(str(file / "below"), None, b"x"))
    # Of a try that failed nothing is left.
    target = tmp_path / "folder"
    target.mkdir()
    with pytest.raises(Unavailable, match="cannot be changed"):
        perform(Change(str(target), None, b"x"))
    assert sorted(tmp_path.iterdir()) == [target, file]
