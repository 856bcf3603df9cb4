"""What nobody waits for: price tables are fetched once a day, in a process of its own, when an answer has been given."""

import os
import sys
from typing import Final

from tallystick.settings import Settings

_UPDATE: Final = ("-P", "-m", "tallystick", "prices", "update")


def refresh_prices(chosen: Settings, now: int) -> bool:
    """Start fetching price tables if the config wants that daily and none was tried for a day; tell whether it was started.

    `now` is in milliseconds since 1970. Nothing is waited for and nothing is said: offline, the old prices stay.
    """
    if chosen.prices.get("refresh") is not True:
        return False
    from tallystick.intake.price_tables import attempted, due

    note = os.path.join(chosen.data_dir, "prices.attempt")
    if not due(note, now) or not attempted(note, now):
        return False
    # Costs more than all of this, once a day.
    import subprocess

    quiet = subprocess.DEVNULL
    started = subprocess.Popen(  # noqa: S603  this very program
        [sys.executable, *_UPDATE],
        stdin=quiet,
        stdout=quiet,
        stderr=quiet,
        start_new_session=True,
        env=os.environ | {"TALLY_DATA_DIR": chosen.data_dir},
    )
    # It goes on when this process ends, and nobody asks how it went.
    started.returncode = 0
    return True
