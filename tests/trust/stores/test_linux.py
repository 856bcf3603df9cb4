"""The commands of Linux' stores as they were agreed, and that a real Debian takes a certificate in and lets go of it."""

import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.trust.stores.world import GIVEN, lines

from tallystick.trust.certificates import make, read
from tallystick.trust.stores.linux import ARCH, DEBIAN, FEDORA
from tallystick.trust.stores.store import Given, Store

AGREED = [
    (DEBIAN, "/usr/local/share/ca-certificates", "crt", "update-ca-certificates", "update-ca-certificates --fresh"),
    (FEDORA, "/etc/pki/ca-trust/source/anchors", "pem", "update-ca-trust extract", "update-ca-trust extract"),
    (ARCH, "/etc/ca-certificates/trust-source/anchors", "crt", "update-ca-trust", "update-ca-trust"),
]


@pytest.mark.parametrize("store, folder, ending, after, undone", AGREED)
def test_the_commands(store: Store, folder: str, ending: str, after: str, undone: str) -> None:
    place = f"{folder}/tallystick-0a1b2c3d.{ending}"
    assert lines(store.install(GIVEN)) == [f"#install -D -m 644 {GIVEN.path} {place}", f"#{after}"]
    assert lines(store.uninstall(GIVEN)) == [f"#rm -f {place}", f"#{undone}"]
    assert lines((store.asked(GIVEN),)) == [f"test -f {place}"]


APART = """
set -e
# Nothing of this machine is touched: what is written is gone with this process.
mount -t tmpfs tmpfs /usr/local/share/ca-certificates
cp -a /etc/ssl/certs "$0/certs"
mount --bind "$0/certs" /etc/ssl/certs
"""


@pytest.mark.skipif(
    not shutil.which("update-ca-certificates") or not shutil.which("unshare") or os.geteuid() != 0,
    reason="a Debian, and root in it, are needed",
)
def test_a_real_debian_takes_it_in_and_lets_go_of_it(tmp_path: Path) -> None:
    pem = make(("api.example.com",), 1_795_348_800_000)[1]
    file = tmp_path / "ca.pem"
    file.write_bytes(pem)
    given = Given(str(file), read(pem).name, "", "/home/dev")
    look = f"cat /etc/ssl/certs/ca-certificates.crt; echo {'=' * 9}; {shlex.join(DEBIAN.asked(given).arguments)} && echo in"
    install, uninstall = (
        "; ".join(shlex.join(each.arguments) + " >/dev/null 2>&1" for each in work(given))
        for work in (DEBIAN.install, DEBIAN.uninstall)
    )
    script = f"{APART}\n{install}\n{look} || true\necho {'%' * 9}\n{uninstall}\n{look} || true\n"
    command = ["unshare", "--mount", "sh", "-c", script, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "unshare failed" in done.stderr or "permission denied" in done.stderr.lower():
        pytest.skip(f"no namespace can be had here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    before, _, after = done.stdout.partition("%" * 9)
    assert pem.decode() in before
    assert before.rstrip().endswith("in")
    assert pem.decode() not in after
    assert not after.rstrip().endswith("in")
    assert "BEGIN CERTIFICATE" in after
