"""The managers of background services that are known, in one list."""

from typing import Final

from tallystick.service.launchd import LAUNCHD
from tallystick.service.service import Service
from tallystick.service.systemd import SYSTEMD
from tallystick.service.windows_task import WINDOWS_TASK

SERVICES: Final[tuple[Service, ...]] = (SYSTEMD, LAUNCHD, WINDOWS_TASK)
"""Every manager. A new one is a line here."""


def chosen(platform: str) -> Service | None:
    """Return the manager of a platform, as `sys.platform` names it; None where none is known."""
    return next((each for each in SERVICES if platform.startswith(each.platform)), None)
