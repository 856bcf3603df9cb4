"""An authority is made once, made anew when it must be, and never used when others can read its key."""

import sys
from pathlib import Path

import pytest
from mitmproxy.certs import CertStore

from tallystick.errors import Misused, Unavailable
from tallystick.trust.authority import certificate_of, ensured, found, rotated
from tallystick.trust.certificates import belongs
from tallystick.trust.folder import Folder, content

NOW = 1_795_348_800_000
DAY = 86_400_000
PATTERNS = ("api.anthropic.com", "*.openai.azure.com")


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Return a folder that is not there yet."""
    return Folder(str(tmp_path / "data" / "ca"))


def test_it_is_made_once(folder: Folder) -> None:
    assert found(folder, NOW) is None
    first = ensured(folder, PATTERNS, NOW)
    assert first.fresh
    assert first.certificate.hosts == ("api.anthropic.com", "openai.azure.com")
    again = ensured(folder, reversed(PATTERNS), NOW + DAY)
    assert not again.fresh
    assert again.certificate == first.certificate == certificate_of(folder)
    assert again == found(folder, NOW)
    assert again.pem == first.certificate.pem == content(folder.certificate)
    assert again.retired == ()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_its_files_are_its_owners_alone(folder: Folder) -> None:
    ensured(folder, PATTERNS, NOW)
    assert Path(folder.path).stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o777 for path in Path(folder.path).iterdir()} == {
        "mitmproxy-ca.pem": 0o600,
        "tallystick-ca.pem": 0o600,
    }


def test_mitmproxy_finds_it_and_makes_none_of_its_own(folder: Folder) -> None:
    made = ensured(folder, PATTERNS, NOW)
    store = CertStore.from_store(folder.path, "mitmproxy", 2048)
    assert store.default_ca.to_pem() == made.certificate.pem


@pytest.mark.parametrize("day, fresh", [(332, False), (333, False), (334, True), (400, True)])
def test_it_is_made_anew_thirty_days_before_it_ends(folder: Folder, day: int, *, fresh: bool) -> None:
    # It ends 363 days after it was made.
    first = ensured(folder, PATTERNS, NOW)
    later = ensured(folder, PATTERNS, NOW + day * DAY)
    assert later.fresh is fresh
    assert (later.certificate != first.certificate) is fresh
    # One that has ended is trusted no longer.
    assert later.retired == ((first.certificate,) if fresh and day < 363 else ())


def test_it_is_made_anew_when_the_hosts_change(folder: Folder) -> None:
    first = ensured(folder, PATTERNS, NOW)
    more = ensured(folder, (*PATTERNS, "llm.example.com"), NOW)
    assert more.certificate.hosts == ("api.anthropic.com", "llm.example.com", "openai.azure.com")
    fewer = ensured(folder, ["api.anthropic.com"], NOW)
    assert fewer.certificate.hosts == ("api.anthropic.com",)
    assert fewer.retired == (more.certificate, first.certificate)
    assert fewer.pem == fewer.certificate.pem + more.certificate.pem + first.certificate.pem
    assert ensured(folder, ["api.anthropic.com"], NOW) == fewer._replace(fresh=False)


def test_those_before_can_be_dropped_at_once(folder: Folder) -> None:
    ensured(folder, PATTERNS, NOW)
    rotated(folder, PATTERNS, NOW)
    last = rotated(folder, PATTERNS, NOW, keep=False)
    assert last.retired == ()
    assert found(folder, NOW) == last._replace(fresh=False)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_a_key_that_others_can_read_is_neither_used_nor_trusted_again(folder: Folder) -> None:
    first = ensured(folder, PATTERNS, NOW)
    Path(folder.key).chmod(0o644)
    with pytest.raises(Unavailable, match="chmod 600"):
        found(folder, NOW)
    with pytest.raises(Unavailable, match="chmod 600"):
        ensured(folder, PATTERNS, NOW)
    assert certificate_of(folder) == first.certificate
    assert rotated(folder, PATTERNS, NOW).retired == ()
    assert ensured(folder, PATTERNS, NOW).certificate != first.certificate


@pytest.mark.parametrize("damage", [b"", b"nothing", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_what_is_no_key_is_told_and_can_be_replaced(folder: Folder, damage: bytes) -> None:
    ensured(folder, PATTERNS, NOW)
    Path(folder.key).write_bytes(damage)
    with pytest.raises(Unavailable, match="tally ca rotate"):
        ensured(folder, PATTERNS, NOW)
    assert certificate_of(folder) is None
    assert belongs(Path(rotated(folder, PATTERNS, NOW).folder.key).read_bytes())


def test_damage_to_what_is_only_trusted_does_no_harm(folder: Folder) -> None:
    first = ensured(folder, PATTERNS, NOW)
    Path(folder.retired).write_bytes(b"nothing")
    Path(folder.certificate).write_bytes(b"nothing")
    assert ensured(folder, PATTERNS, NOW).certificate == first.certificate
    assert content(folder.certificate) == first.certificate.pem


def test_without_hosts_there_is_none(folder: Folder) -> None:
    with pytest.raises(Unavailable, match="nothing to sign for"):
        ensured(folder, (), NOW)
    with pytest.raises(Misused, match="far more"):
        ensured(folder, ("*.com",), NOW)
    assert not Path(folder.path).exists()
