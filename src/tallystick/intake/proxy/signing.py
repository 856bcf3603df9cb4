"""What the proxy signs with: the authority in its folder, which can be exchanged while traffic passes, and leaves that never grow old."""

import asyncio
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from mitmproxy.addons.tlsconfig import TlsConfig
from mitmproxy.certs import CertStore

_LOG: Final = logging.getLogger("tallystick")
KEY_AND_CERTIFICATE: Final = "mitmproxy-ca.pem"
"""As mitmproxy looks for it."""
_PARAMETERS: Final = "mitmproxy-dhparam.pem"
LAST_S: Final = 86_400.0
"""Seconds before its end until which an authority is used: as long as possible, since whoever trusts the next one trusts it, too."""
LEAVES_S: Final = 30 * 86_400.0
"""Seconds after which what was signed is signed anew; mitmproxy 12.2.3 keeps it for good and has it end after 197 days."""
_EVERY_S: Final = 3_600.0


class Signer:
    """The authority in use, and taking another one; connections that are open keep what they were shown."""

    def __init__(self, tls: TlsConfig, folder: str, now: Callable[[], float]) -> None:
        """Take what signs for mitmproxy, the folder of the authority, and a clock of seconds since 1970."""
        self._tls, self._folder, self._now = tls, folder, now
        self._since = now()

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the authority in use, as OpenSSL prints it."""
        return self._tls.certstore.default_ca.fingerprint().hex(":").upper()

    def take(self) -> None:
        """Sign with what lies in the folder from here on; raise OSError or ValueError where that is none, and go on as before."""
        key = Path(self._folder, KEY_AND_CERTIFICATE)
        self._tls.certstore = CertStore.from_files(key, Path(self._folder, _PARAMETERS))
        self._since = self._now()

    def look(self) -> None:
        """Take what lies in the folder where the authority in use is about to end, and have leaves signed anew in time."""
        now, store = self._now(), self._tls.certstore
        if store.default_ca.notafter.timestamp() - now < LAST_S:
            self.take()
        elif now - self._since > LEAVES_S:
            store.certs, store.expire_queue, self._since = {}, [], now


async def kept_up(signer: Signer, renew: Callable[[], None], every_seconds: float = _EVERY_S) -> None:
    """Have the authority renewed in its folder and taken from there in time; it never ends by itself.

    `renew` may take its time; it is called in a thread.
    """
    while True:
        await asyncio.sleep(every_seconds)
        try:
            await asyncio.to_thread(renew)
            signer.look()
        except Exception as error:  # noqa: BLE001  traffic goes on whatever fails here
            _LOG.error("The certificate could not be renewed: %s", str(error) or type(error).__name__)


def there(folder: str) -> bool:
    """Tell whether there is an authority in a folder: without one, mitmproxy would make one that may speak for everybody."""
    return os.path.isfile(os.path.join(folder, KEY_AND_CERTIFICATE))
