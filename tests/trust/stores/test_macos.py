"""The commands of macOS as they were agreed: the login keychain, for TLS alone, and nothing as root."""

from tests.trust.stores.world import GIVEN, lines

from tallystick.trust.stores.macos import MACOS

KEYCHAIN = "/home/dev/Library/Keychains/login.keychain-db"


def test_the_commands() -> None:
    assert lines(MACOS.install(GIVEN)) == [
        f"security add-trusted-cert -r trustRoot -p ssl -k {KEYCHAIN} {GIVEN.path}",
    ]
    assert lines(MACOS.uninstall(GIVEN)) == [
        f"-security remove-trusted-cert {GIVEN.path}",
        f"-security delete-certificate -Z A1B2C3 {KEYCHAIN}",
    ]
    assert lines((MACOS.asked(GIVEN),)) == [f"security find-certificate -c Tallystick 0a1b2c3d {KEYCHAIN}"]
