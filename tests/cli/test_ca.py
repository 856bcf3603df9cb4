"""`tally ca`: where the certificate is, what it can do, and how a system is made to trust it."""

import json
import os
import socket
import ssl
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.cli.stage import Stage

from tallystick.cli import ca
from tallystick.intake.proxy.running import Running, alone, tell
from tallystick.trust import authority, roots
from tallystick.trust.certificates import make, read
from tallystick.trust.folder import Folder
from tallystick.trust.stores.linux import DEBIAN
from tallystick.trust.stores.store import Command, Given, Store

KNOWN = roots.known
_, ROOT = make(("root.example.com",), 1_795_348_800_000)
HOSTS = ("api.anthropic.com", "*.openai.azure.com")


@pytest.fixture
def wire(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Return a stage on which two hosts are read, one root is trusted, and no variable of this machine names certificates."""
    root = stage.home / "data" / "root.pem"
    root.parent.mkdir(mode=0o700)
    root.write_bytes(ROOT)
    monkeypatch.setattr(ca, "hosts", lambda _: HOSTS)
    monkeypatch.setattr(roots, "known", lambda: roots.Roots((str(root),)))
    from tallystick.shell.variables import FOLDERS, NAMES

    for name in (*NAMES, *FOLDERS):
        monkeypatch.delenv(name, raising=False)
    return stage


def store(folder: Path, *, root: bool = False) -> Store:
    """Return a store that is a folder of the test's own."""
    place: Callable[[Given], str] = lambda given: str(folder / given.word)  # noqa: E731
    return Store(
        name="tiny",
        title="the tiny store",
        systems=("linux",),
        install=lambda given: (Command(("cp", given.path, place(given)), root=root),),
        uninstall=lambda given: (Command(("rm", "-f", place(given)), root=root),),
        asked=lambda given: Command(("test", "-f", place(given))),
        hint="It is tiny.",
    )


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder that is the system's store."""
    folder = tmp_path / "store"
    folder.mkdir()
    monkeypatch.setattr(ca, "store_of", lambda *_: store(folder))
    return folder


def test_the_path_leads_to_a_certificate_that_is_made_once(wire: Stage) -> None:
    found = wire.tally("ca", "path")
    assert (found.code, found.err) == (0, "")
    file = Path(found.out.strip())
    assert file == wire.home / "data" / "ca" / "tallystick-ca.pem"
    assert read(file.read_bytes()).hosts == ("api.anthropic.com", "openai.azure.com")
    before = file.read_bytes()
    assert wire.tally("ca", "path") == found
    assert file.read_bytes() == before


def test_the_bundle_holds_it_and_all_that_the_system_trusts(wire: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roots, "known", KNOWN)
    bundle = wire.tally("ca", "path", "--bundle").out.strip()
    ours = (wire.home / "data" / "ca" / "tallystick-ca.pem").read_bytes()
    assert Path(bundle).read_bytes().startswith(ours)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(bundle)
    assert context.cert_store_stats()["x509_ca"] > 50


def test_what_is_shown(wire: Stage, tiny: Path) -> None:
    assert (wire.tally("ca", "show").code, tiny.exists()) == (1, True)
    certificate = read(Path(wire.tally("ca", "path").out.strip()).read_bytes())
    told = json.loads(wire.tally("ca", "show", "--json").out)
    assert told["schema"] == "tallystick.ca/1"
    assert told["fingerprint"] == certificate.fingerprint
    assert told["hosts"] == ["api.anthropic.com", "openai.azure.com"]
    assert (told["store"], told["installed"], told["retired"]) == ("tiny", False, [])
    shown = wire.tally("ca", "show").out
    assert shown.startswith(f"{certificate.name}\n  fingerprint  {certificate.fingerprint}\n")
    # 363 days after it was made, of which a second may have gone.
    assert f"  ends         {told['ends']}, in 362 days" in shown
    assert "the tiny store: it is not in there" in shown


def test_in_and_out_of_a_store(wire: Stage, tiny: Path) -> None:
    assert wire.tally("ca", "uninstall").code == 1
    planned = wire.tally("ca", "install", "--dry-run")
    assert planned.code == 0
    assert planned.out.startswith(f"cp {wire.home}/data/ca/tallystick-ca.pem")
    assert list(tiny.iterdir()) == []
    done = wire.tally("ca", "install")
    assert (done.code, done.out) == (0, "")
    assert "is in the tiny store. It is tiny. `tally ca uninstall` takes it out." in done.err
    assert [path.read_bytes() for path in tiny.iterdir()] == [Path(wire.tally("ca", "path").out.strip()).read_bytes()]
    assert json.loads(wire.tally("ca", "show", "--json").out)["installed"] is True
    rotated = wire.tally("ca", "rotate")
    assert rotated.code == 0
    assert "still in the tiny store. To take it out:\n  rm -f" in rotated.err
    assert wire.tally("ca", "install").code == 0
    assert len(list(tiny.iterdir())) == 2
    assert "# " not in wire.tally("ca", "uninstall", "--dry-run").out
    assert wire.tally("ca", "uninstall").code == 0
    # The one before is taken out with it.
    assert list(tiny.iterdir()) == []
    assert "It is not in the tiny store." in wire.tally("ca", "uninstall").err


def test_what_needs_root_is_told_and_not_done(wire: Stage, tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ca, "store_of", lambda *_: store(tiny, root=True))
    monkeypatch.setattr(ca, "_is_root", lambda: False)
    found = wire.tally("ca", "install")
    assert (found.code, found.out) == (3, "")
    assert f"Only the administrator may do that. These commands do it:\n  sudo cp {wire.home}/data" in found.err
    assert list(tiny.iterdir()) == []
    assert wire.tally("ca", "install", "--dry-run").out.startswith("sudo cp ")
    monkeypatch.setattr(ca, "_is_root", lambda: True)
    assert wire.tally("ca", "install").code == 0
    assert len(list(tiny.iterdir())) == 1


@pytest.mark.parametrize(
    "command, code, said",
    [
        (("false",), 1, "`false` failed (exit code 1)"),
        (("true",), 1, "is not found in there"),
        (("tally-none",), 3, "tally-none cannot be run"),
    ],
)
def test_what_fails_is_told(
    wire: Stage, tiny: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], code: int, said: str
) -> None:
    sick = store(tiny)._replace(install=lambda _: (Command(command),))
    monkeypatch.setattr(ca, "store_of", lambda *_: sick)
    found = wire.tally("ca", "install")
    assert found.code == code
    assert said in found.err


def test_a_system_that_is_not_known(wire: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ca, "store_of", lambda *_: None)
    assert wire.tally("ca", "install").code == 3
    wire.tally("ca", "path")
    assert json.loads(wire.tally("ca", "show", "--json").out)["store"] == ""
    assert "store" not in wire.tally("ca", "show").out
    assert wire.tally("ca", "rotate").code == 0


def test_one_before_stays_trusted_unless_it_is_dropped(wire: Stage) -> None:
    first = Path(wire.tally("ca", "path").out.strip()).read_bytes()
    assert wire.tally("ca", "rotate").code == 0
    bundle = Path(wire.tally("ca", "path", "--bundle").out.strip())
    assert first in bundle.read_bytes()
    assert len(json.loads(wire.tally("ca", "show", "--json").out)["retired"]) == 1
    assert "retired" in wire.tally("ca", "show").out
    assert wire.tally("ca", "rotate", "--drop").code == 0
    assert first not in bundle.read_bytes()
    assert json.loads(wire.tally("ca", "show", "--json").out)["retired"] == []


MORE = (*HOSTS, "llm.example.com")


def test_a_new_one_that_nobody_asked_for_is_told(wire: Stage, tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Path(wire.tally("ca", "path").out.strip()).read_bytes()
    monkeypatch.setattr(ca, "hosts", lambda _: MORE)
    told = wire.tally("ca", "path")
    name = read(Path(told.out.strip()).read_bytes()).name
    # Nothing is in the store, and no proxy runs.
    assert told.err == f"tally: {name} is new, as the hosts that are read have changed.\n"
    assert Path(told.out.strip()).read_bytes() != first
    assert wire.tally("ca", "path").err == ""
    assert wire.tally("ca", "install").code == 0
    monkeypatch.setattr(ca, "hosts", lambda _: HOSTS)
    again = wire.tally("ca", "path").err
    assert again.endswith(
        " have changed; the one before it is in the tiny store: `tally ca install` is needed again.\n"
    )
    assert again.count("\n") == 1
    assert len(list(tiny.iterdir())) == 1


def test_a_new_one_before_its_end_is_told(wire: Stage, tiny: Path) -> None:
    place = Folder(str(wire.home / "data" / "ca"))
    # It ends within a year of that, so that less than the thirty days are left in which a new one is made.
    made = authority.ensured(place, HOSTS, int(time.time() * 1000) - 340 * 86_400_000)
    ends = datetime.fromtimestamp(made.certificate.ends // 1000, UTC).date()
    assert f" is new, as the one before it ends on {ends}.\n" in wire.tally("ca", "path").err
    assert list(tiny.iterdir()) == []


@pytest.mark.parametrize("asked", [True, False])
def test_a_proxy_that_does_not_take_it_has_to_be_started_anew(
    wire: Stage,
    monkeypatch: pytest.MonkeyPatch,
    asked: bool,  # noqa: FBT001  a case
) -> None:
    data, said = str(wire.home / "data"), "The proxy that runs (process 1234) goes on with the one before it until"
    wire.tally("ca", "path")
    with socket.create_server(("127.0.0.1", 0)) as server, alone(data):
        tell(data, Running(1234, server.getsockname()[1], 1))
        assert wire.tally("ca", "path").err == ""
        monkeypatch.setattr(ca, "hosts", lambda _: MORE)
        err = wire.tally("ca", *(("rotate",) if asked else ("path",))).err
        assert f"{said} it is started anew" in err
        assert err.endswith(": `tally down`, then `tally up`.\n")
    assert said not in wire.tally("ca", "rotate").err


def test_a_proxy_that_runs_takes_one_that_was_renewed_on_its_own(wire: Stage, tiny: Path) -> None:
    data, place = str(wire.home / "data"), Folder(str(wire.home / "data" / "ca"))
    made = authority.ensured(place, HOSTS, int(time.time() * 1000) - 340 * 86_400_000)
    last = datetime.fromtimestamp(made.certificate.ends // 1000 - 86_400, UTC).date()
    with socket.create_server(("127.0.0.1", 0)) as server, alone(data):
        tell(data, Running(1234, server.getsockname()[1], 1))
        told = wire.tally("ca", "path").err.splitlines()
    assert told[1] == (
        f"tally: The proxy that runs (process 1234) goes on with the one before it until {last}, by when whatever is "
        "started from now on trusts both."
    )
    assert list(tiny.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
@pytest.mark.parametrize("verb", ["path", "show", "install", "uninstall"])
def test_a_key_that_is_open_to_others_is_not_used(wire: Stage, tiny: Path, verb: str) -> None:
    wire.tally("ca", "path")
    key = wire.home / "data" / "ca" / "mitmproxy-ca.pem"
    key.chmod(0o644)
    found = wire.tally("ca", verb)
    assert (found.code, found.out) == (3, "")
    assert f"chmod 600 {key}" in found.err
    assert list(tiny.iterdir()) == []
    assert wire.tally("ca", "rotate").code == 0
    assert wire.tally("ca", "path").code == 0


def test_without_the_extra_it_says_how_to_get_it(wire: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("tallystick.trust.authority", "tallystick.trust.certificates"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    import tallystick.trust

    monkeypatch.delattr(tallystick.trust, "authority", raising=False)
    monkeypatch.delattr(tallystick.trust, "certificates", raising=False)
    monkeypatch.setitem(sys.modules, "cryptography", None)
    found = wire.tally("ca", "path")
    assert (found.code, found.out) == (3, "")
    assert "pip install 'tallystick[proxy]'" in found.err


def test_files_that_the_persons_variables_name_are_in_the_bundle(wire: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    corporate = make(("corp.example.com",), 1_795_348_800_000)[1]
    file = wire.home / "corporate.pem"
    file.write_bytes(corporate)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(file))
    bundle = Path(wire.tally("ca", "path", "--bundle").out.strip())
    assert corporate in bundle.read_bytes()
    # As in a shell of ours, where the variable holds the bundle itself.
    folder = bundle.parent
    for name, value in {
        "_TALLY_PROXY": "http://127.0.0.1:1",
        "REQUESTS_CA_BUNDLE": str(bundle),
        "_TALLY_OWN_REQUESTS_CA_BUNDLE": str(file),
    }.items():
        monkeypatch.setenv(name, value)
    wire.tally("ca", "rotate")
    assert corporate in bundle.read_bytes()
    assert (folder / "named.txt").read_text() == f"REQUESTS_CA_BUNDLE={file}\n"
    file.write_bytes(b"broken")
    assert f"{file} is not in the bundle: there is no certificate in it." in wire.tally("ca", "path").err


@pytest.mark.usefixtures("stage")
def test_the_hosts_are_those_of_the_shelf() -> None:
    from tallystick.cli import entrance
    from tallystick.providers.shelf import Shelf

    assert ca.hosts(entrance.settings()) == Shelf().hosts()


@pytest.mark.skipif(not os.path.exists("/etc/debian_version"), reason="this is no Debian")
def test_a_debian_is_known_as_one() -> None:
    assert ca._store() is DEBIAN
