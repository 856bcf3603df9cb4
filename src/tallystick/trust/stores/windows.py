"""Windows: the person's own store of trusted roots, as certutil has it; the system asks before it takes one in."""

from typing import Final

from tallystick.trust.stores.store import Command, Given, Store

_STORE: Final = "Root"


def _install(given: Given) -> tuple[Command, ...]:
    return (Command(("certutil", "-user", "-addstore", _STORE, given.path)),)


def _uninstall(given: Given) -> tuple[Command, ...]:
    return (Command(("certutil", "-user", "-delstore", _STORE, given.sha1), needed=False),)


WINDOWS: Final = Store(
    name="windows",
    title="your store of trusted root certificates",
    systems=("win32",),
    install=_install,
    uninstall=_uninstall,
    asked=lambda given: Command(("certutil", "-user", "-verifystore", _STORE, given.sha1)),
    hint="Programs of yours trust it now; nobody else's do.",
)
