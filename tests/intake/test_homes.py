"""Homes: those that are named, and those across the border between Windows and WSL, each once; on trees that look like both."""

import os
import sys
from pathlib import Path

import pytest

from tallystick.intake.homes import World, distributions, others

LINUX = World("linux", "6.8.0-45-generic")
WSL_KERNEL = "5.15.153.1-microsoft-standard-WSL2"
MARKED = pytest.mark.parametrize(
    "environ, kernel", [({"WSL_DISTRO_NAME": "Ubuntu"}, ""), ({}, WSL_KERNEL), ({}, "4.4.0-19041-Microsoft")]
)


def folders(top: Path, *names: str) -> Path:
    """Make folders."""
    for name in names:
        (top / name).mkdir(parents=True)
    return top


@pytest.fixture
def mounts(tmp_path: Path) -> Path:
    """Return the drives of a Windows machine as WSL shows them."""
    return folders(
        tmp_path / "mnt",
        "c/Users/Dev",
        "c/Users/Public",
        "c/Users/Default",
        "c/Users/Default User",
        "c/Users/All Users",
        "c/Windows",
        "d/Users/second",
        "wsl/Users/nobody",
        "wslg",
    )


def across(own: Path, mounts: Path, kernel: str = WSL_KERNEL, **environ: str) -> list[str]:
    """Return the homes across the border, below the mounts."""
    world = World("linux", kernel, (str(mounts), str(mounts / "nowhere")))
    return [os.path.relpath(home, mounts) for home in others(str(own), (), environ, world)]


@MARKED
def test_in_wsl_the_homes_of_windows_are_read(
    tmp_path: Path, mounts: Path, environ: dict[str, str], kernel: str
) -> None:
    assert across(tmp_path, mounts, kernel, **environ) == ["c/Users/Dev", "d/Users/second"]


def test_files_beside_the_homes_are_none(tmp_path: Path, mounts: Path) -> None:
    (mounts / "c" / "Users" / "desktop.ini").write_text("")
    assert across(tmp_path, mounts) == ["c/Users/Dev", "d/Users/second"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_home_that_must_not_be_read_is_passed_over(tmp_path: Path, mounts: Path) -> None:
    closed = mounts / "c" / "Users" / "Dev"
    closed.chmod(0)
    try:
        assert across(tmp_path, mounts) == ["d/Users/second"]
    finally:
        closed.chmod(0o700)


def test_elsewhere_than_in_wsl_no_mount_is_looked_at(tmp_path: Path, mounts: Path) -> None:
    for kernel in ("6.8.0-45-generic", ""):
        assert across(tmp_path, mounts, kernel) == []
    darwin = World("darwin", WSL_KERNEL, (str(mounts),))
    assert others(str(tmp_path), (), {"WSL_DISTRO_NAME": "Ubuntu"}, darwin) == ()


def test_without_any_mounts_there_are_none(tmp_path: Path) -> None:
    assert across(tmp_path, tmp_path / "nowhere") == []


def test_who_stands_in_a_home_of_windows_has_it_once(mounts: Path) -> None:
    assert across(mounts / "c" / "Users" / "Dev", mounts) == ["d/Users/second"]


def test_on_windows_the_homes_of_each_distribution_are_read(tmp_path: Path) -> None:
    new = folders(tmp_path / "wsl.localhost", "Ubuntu/home/dev", "Ubuntu/home/second", "Ubuntu/root", "Debian/root")
    old = folders(tmp_path / "wsl$", "Ubuntu/home/dev", "Old/home/dev", "docker-desktop/root")
    names = ("Ubuntu", "Debian", "Old", "gone", "docker-desktop", "docker-desktop-data")
    world = World("win32", shares=(str(new), str(old)), distributions=names)
    assert others(str(tmp_path), (), {}, world) == (
        f"{new}/Ubuntu/home/dev",
        f"{new}/Ubuntu/home/second",
        f"{new}/Ubuntu/root",
        f"{new}/Debian/root",
        # Before Windows 11 there was only the other share.
        f"{old}/Old/home/dev",
    )


def test_without_distributions_no_share_is_looked_at(tmp_path: Path) -> None:
    share = folders(tmp_path / "wsl$", "Ubuntu/home/dev")
    assert others(str(tmp_path), (), {}, World("win32", shares=(str(share),))) == ()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows may have some")
def test_elsewhere_no_distribution_is_registered() -> None:
    assert distributions() == ()


def test_named_homes_come_first_and_need_not_be_there(tmp_path: Path, mounts: Path) -> None:
    world = World("linux", WSL_KERNEL, (str(mounts),))
    named = ("/nowhere/alice", f"{mounts}/d/Users/second")
    assert others(str(tmp_path), named, {}, world) == (
        "/nowhere/alice",
        f"{mounts}/d/Users/second",
        f"{mounts}/c/Users/Dev",
    )


def test_a_home_that_is_named_twice_or_by_other_paths_comes_once(tmp_path: Path) -> None:
    folders(tmp_path, "own", "other")
    (tmp_path / "link").symlink_to(tmp_path / "other")
    named = [str(tmp_path / name) for name in ("other", "link", "own/../other", "own", "other/")]
    assert others(str(tmp_path / "own"), named, {}, LINUX) == (str(tmp_path / "other"),)
