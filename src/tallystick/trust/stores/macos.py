"""Apple's macOS: the person's own keychain, as security(1) has it; the system asks for the password itself."""

from typing import Final

from tallystick.trust.stores.store import Command, Given, Store


def _keychain(given: Given) -> str:
    return f"{given.home}/Library/Keychains/login.keychain-db"


def _install(given: Given) -> tuple[Command, ...]:
    trusted = ("security", "add-trusted-cert", "-r", "trustRoot", "-p", "ssl", "-k", _keychain(given), given.path)
    return (Command(trusted),)


def _uninstall(given: Given) -> tuple[Command, ...]:
    return (
        # It fails where nothing was set, which is what is wanted.
        Command(("security", "remove-trusted-cert", given.path), needed=False),
        Command(("security", "delete-certificate", "-Z", given.sha1, _keychain(given)), needed=False),
    )


MACOS: Final = Store(
    name="macos",
    title="your login keychain",
    systems=("darwin",),
    install=_install,
    uninstall=_uninstall,
    asked=lambda given: Command(("security", "find-certificate", "-c", given.name, _keychain(given))),
    hint="Apps of yours trust it now; nobody else's do.",
)
