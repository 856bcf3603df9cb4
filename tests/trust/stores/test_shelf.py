"""Which store belongs to a system."""

import pytest

from tallystick.trust.stores.shelf import STORES, chosen

UBUNTU = 'NAME="Ubuntu"\n# a comment = nothing\nID=ubuntu\nID_LIKE=debian\n'
MINT = 'ID=linuxmint\nID_LIKE="ubuntu debian"\n'
ROCKY = 'ID="rocky"\nID_LIKE="rhel centos fedora"\n'
MANJARO = "ID=manjaro\nID_LIKE=arch\n"


@pytest.mark.parametrize(
    "platform, release, name",
    [
        ("linux", UBUNTU, "debian"),
        ("linux", MINT, "debian"),
        ("linux", ROCKY, "fedora"),
        ("linux", MANJARO, "arch"),
        ("linux", "ID=alpine", "debian"),
        ("linux", "ID=gentoo", None),
        ("linux", 'ID="half', None),
        ("linux", "", None),
        ("darwin", "", "macos"),
        ("win32", UBUNTU, "windows"),
        ("freebsd14", "", None),
    ],
)
def test_a_system_has_its_store(platform: str, release: str, name: str | None) -> None:
    found = chosen(platform, release)
    assert (found and found.name) == name


def test_no_two_stores_claim_a_system() -> None:
    systems = [system for store in STORES for system in store.systems]
    assert len(systems) == len(set(systems))
    assert len({store.name for store in STORES}) == len(STORES) == 5
