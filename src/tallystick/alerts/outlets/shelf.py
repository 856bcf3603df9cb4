"""The shelf of ways out: a new one is a file beside this one and a line here."""

from typing import Final

from tallystick.alerts.outlets.desktop import DESKTOP
from tallystick.alerts.outlets.discord import DISCORD
from tallystick.alerts.outlets.home_assistant import HOME_ASSISTANT
from tallystick.alerts.outlets.mail import MAIL
from tallystick.alerts.outlets.ntfy import NTFY
from tallystick.alerts.outlets.outlet import Outlet
from tallystick.alerts.outlets.program import PROGRAM
from tallystick.alerts.outlets.slack import SLACK
from tallystick.alerts.outlets.webhook import WEBHOOK

OUTLETS: Final[tuple[Outlet, ...]] = (DESKTOP, WEBHOOK, SLACK, DISCORD, NTFY, MAIL, HOME_ASSISTANT, PROGRAM)
