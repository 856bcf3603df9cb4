"""Whose certificates the gateway trusts on its way out."""

import ssl

from tallystick.errors import Misused


def context(trusted: str = "") -> ssl.SSLContext:
    """Return how upstreams are checked: by the system's roots, and those in a file where one is named.

    Raises Misused for a file that holds none.
    """
    made = ssl.create_default_context()
    made.set_alpn_protocols(["http/1.1"])
    if trusted:
        try:
            made.load_verify_locations(cafile=trusted)
        except (OSError, ValueError) as error:
            raise Misused(f"{trusted} holds no certificates to trust ({error}): give a file in PEM form.") from None
    return made
