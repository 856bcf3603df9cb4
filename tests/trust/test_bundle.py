"""A bundle holds what was trusted before and ours, each once, and is made anew just when something has changed."""

import os
import ssl
from pathlib import Path

import pytest

from tallystick.trust.bundle import NOTHING_NAMED, Named, Unread, refreshed
from tallystick.trust.certificates import make, read
from tallystick.trust.folder import Folder, private
from tallystick.trust.roots import Roots

NOW = 1_795_348_800_000
KEYS, PEMS = zip(*(make((f"{name}.example.com",), NOW) for name in "abcdefg"), strict=True)
OURS, SYSTEM, CORPORATE, NODES = PEMS[0], PEMS[1] + PEMS[2], PEMS[3], PEMS[4]


class World:
    """A system with roots, a corporation's certificate and a folder of ours."""

    def __init__(self, folder: Path) -> None:
        """Lay everything out."""
        self.folder = Folder(str(folder / "ca"))
        private(self.folder)
        self.system, self.corporate, self.nodes = folder / "system.pem", folder / "corporate.pem", folder / "nodes.pem"
        for file, pem in ((self.system, SYSTEM), (self.corporate, CORPORATE), (self.nodes, NODES)):
            file.write_bytes(pem)
        self.roots = Roots((str(self.system),))
        self.named = Named(
            {"NODE_EXTRA_CA_CERTS": str(self.nodes)},
            {"REQUESTS_CA_BUNDLE": str(self.corporate)},
        )


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Return a world."""
    return World(tmp_path)


def hosts(path: str) -> list[str]:
    """Return whose certificates are in a file, after seeing that OpenSSL takes it whole."""
    ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    parts = Path(path).read_bytes().split(b"-----END CERTIFICATE-----\n")[:-1]
    return [read(part + b"-----END CERTIFICATE-----\n").hosts[0][0] for part in parts]


def test_it_holds_everything_once_and_ours_first(world: World) -> None:
    # One of the system's is also the corporation's, with words and a key around it.
    world.corporate.write_bytes(b"# Corporate\r\n" + KEYS[3] + CORPORATE.replace(b"\n", b"\r\n") + b"\n" + PEMS[1])
    found = refreshed(world.folder, OURS + PEMS[5], world.named, world.roots)
    assert (found.made, found.skipped) == (True, ())
    assert hosts(found.bundle) == ["a", "f", "b", "c", "d", "e"]
    # Only what is added by the person's own variables, as Node reads it at every start.
    assert hosts(found.extra) == ["a", "f", "e"]
    assert b"PRIVATE" not in Path(found.bundle).read_bytes()
    assert found.sources == tuple(map(str, (world.system, world.corporate, world.nodes)))


def test_it_is_made_anew_only_when_something_has_changed(world: World) -> None:
    assert refreshed(world.folder, OURS, world.named, world.roots).made
    assert not refreshed(world.folder, OURS, world.named, world.roots).made
    world.system.write_bytes(SYSTEM + PEMS[5])
    assert hosts(refreshed(world.folder, OURS, world.named, world.roots).bundle) == ["a", "b", "c", "f", "d", "e"]
    # As large as before, at another time.
    world.nodes.write_bytes(PEMS[6])
    os.utime(world.nodes, ns=(1, 1))
    assert refreshed(world.folder, OURS, world.named, world.roots).made
    assert refreshed(world.folder, PEMS[5], world.named, world.roots).made
    Path(world.folder.extra).unlink()
    assert refreshed(world.folder, PEMS[5], world.named, world.roots).made
    assert not refreshed(world.folder, PEMS[5], world.named, world.roots).made


def test_what_variables_named_before_stays_until_it_is_gone_or_forgotten(world: World) -> None:
    refreshed(world.folder, OURS, world.named, world.roots)
    assert Path(world.folder.named).read_text().splitlines() == [
        f"NODE_EXTRA_CA_CERTS={world.nodes}",
        f"REQUESTS_CA_BUNDLE={world.corporate}",
    ]
    # As from a service, which has none of the person's variables.
    kept = refreshed(world.folder, OURS, NOTHING_NAMED, world.roots)
    assert not kept.made
    assert hosts(kept.bundle) == ["a", "b", "c", "d", "e"]
    # Another file in the same variable takes its place.
    other = world.nodes.with_name("other.pem")
    other.write_bytes(PEMS[5])
    moved = refreshed(world.folder, OURS, Named({"NODE_EXTRA_CA_CERTS": str(other)}, {}), world.roots)
    assert hosts(moved.extra) == ["a", "f"]
    world.corporate.unlink()
    assert hosts(refreshed(world.folder, OURS, NOTHING_NAMED, world.roots).bundle) == ["a", "b", "c", "f"]
    assert hosts(refreshed(world.folder, OURS, NOTHING_NAMED, world.roots, forget=True).bundle) == ["a", "b", "c"]
    assert Path(world.folder.named).read_text() == ""


def test_our_own_files_are_no_source(world: World) -> None:
    refreshed(world.folder, OURS, world.named, world.roots)
    ours = Named({"NODE_EXTRA_CA_CERTS": world.folder.extra}, {"SSL_CERT_FILE": world.folder.bundle})
    found = refreshed(world.folder, PEMS[5], ours, world.roots, forget=True)
    assert hosts(found.bundle) == ["f", "b", "c"]


def test_what_leads_nowhere_is_no_source(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(world.corporate.parent)
    named = Named({"DENO_CERT": "/none/at/all.pem"}, {"CURL_CA_BUNDLE": "corporate.pem", "PIP_CERT": "/a\n/b"})
    found = refreshed(world.folder, OURS, named, world.roots)
    assert found.sources == (str(world.system),)


def test_folders_are_read_too(world: World, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for folder, pem in ((one, PEMS[5]), (two, PEMS[6])):
        folder.mkdir()
        (folder / "x.crt").write_bytes(pem)
    # As c_rehash links them.
    (one / "0a1b2c3d.0").symlink_to("x.crt")
    named = Named({}, {"SSL_CERT_DIR": os.pathsep.join([str(one), "/none", str(two)])})
    found = refreshed(world.folder, OURS, named, world.roots)
    assert hosts(found.bundle) == ["a", "b", "c", "f", "g"]
    assert found.skipped == ()
    (two / "x.crt").write_bytes(PEMS[3])
    os.utime(two / "x.crt", ns=(1, 1))
    assert hosts(refreshed(world.folder, OURS, named, world.roots).bundle) == ["a", "b", "c", "f", "d"]


def test_a_sick_source_is_told_and_spoils_nothing(world: World) -> None:
    sick = b"-----BEGIN CERTIFICATE-----\nTm8gY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n"
    world.corporate.write_bytes(sick + CORPORATE + b"-----BEGIN CERTIFICATE-----\nhal")
    world.nodes.write_bytes(b"no certificate at all")
    found = refreshed(world.folder, OURS, world.named, world.roots)
    assert hosts(found.bundle) == ["a", "b", "c", "d"]
    assert found.skipped == (
        Unread(str(world.nodes), "there is no certificate in it"),
        Unread(f"{world.corporate}, certificate 1", "OpenSSL cannot read it"),
        Unread(f"{world.corporate}, certificate 3", "it is not encoded as one"),
    )


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="there is no root to be")
def test_a_folder_in_the_place_of_a_file_is_read(world: World) -> None:
    world.corporate.unlink()
    world.corporate.mkdir()
    (world.corporate / "c.pem").write_bytes(CORPORATE)
    assert hosts(refreshed(world.folder, OURS, world.named, world.roots).bundle) == ["a", "b", "c", "d", "e"]


def test_certificates_of_the_systems_store_count(world: World) -> None:
    stored = (ssl.PEM_cert_to_DER_cert(PEMS[5].decode()), b"nothing")
    found = refreshed(world.folder, OURS, NOTHING_NAMED, Roots((), stored))
    assert hosts(found.bundle) == ["a", "f"]
    assert found.skipped == (Unread("the system's store", "OpenSSL cannot read it"),)


def test_without_any_root_there_is_no_bundle(world: World) -> None:
    refreshed(world.folder, OURS, world.named, world.roots)
    found = refreshed(world.folder, OURS, NOTHING_NAMED, Roots(), forget=True)
    # Named by a variable that replaces, ours alone would shut out every other server.
    assert found.bundle == ""
    assert not Path(world.folder.bundle).exists()
    assert hosts(found.extra) == ["a"]


def test_neither_is_there_one_when_no_root_can_be_read(world: World) -> None:
    world.system.write_bytes(b"nothing")
    found = refreshed(world.folder, OURS, world.named, world.roots)
    assert found.bundle == ""
    assert found.skipped == (Unread(str(world.system), "there is no certificate in it"),)
    assert not Path(world.folder.bundle).exists()
    world.system.write_bytes(SYSTEM)
    assert refreshed(world.folder, OURS, world.named, world.roots).bundle == world.folder.bundle


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"adding": 1, "replacing": {}}'])
def test_damaged_notes_are_made_anew(world: World, damage: bytes) -> None:
    refreshed(world.folder, OURS, world.named, world.roots)
    Path(world.folder.notes).write_bytes(damage)
    assert refreshed(world.folder, OURS, world.named, world.roots).made
