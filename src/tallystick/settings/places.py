"""Places: where the parts of an installation lie that the house ties together."""

import os
from collections.abc import Mapping
from typing import NamedTuple


class Where(NamedTuple):
    """The world as far as the house needs it."""

    data: str
    """The folder with the ledger and the fetched price book."""
    home: str
    environ: Mapping[str, str]
    machine: str
    user: str
    homes: tuple[str, ...] = ()
    """Further homes that are named, whose tools are read too."""
    url: str = ""
    """Where servers keep the ledger; empty where it is a file in the data folder."""

    @property
    def ledger(self) -> str:
        """Return the path of the ledger."""
        return os.path.join(self.data, "ledger.db")

    @property
    def fetched_book(self) -> str:
        """Return the path of a price book that was fetched later than the installation."""
        return os.path.join(self.data, "prices.bin")

    @property
    def spool(self) -> str:
        """Return the folder in which what proxy and gateway saw waits."""
        return os.path.join(self.data, "spool")

    @property
    def inbox(self) -> str:
        """Return the folder in which what status lines were told waits."""
        return os.path.join(self.data, "inbox", "limits")

    @property
    def pairing(self) -> str:
        """Return the path of the file that tells with which server this machine is paired."""
        return os.path.join(self.data, "push.json")

    @property
    def record(self) -> str:
        """Return the path of the file that tells how sending to that server fared."""
        return os.path.join(self.data, "push.record.json")
