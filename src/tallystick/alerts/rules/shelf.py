"""The shelf of rules: a new one is a file beside this one and a line here."""

from typing import Final

from tallystick.alerts.rules.budget import BUDGET
from tallystick.alerts.rules.logs import LOGS
from tallystick.alerts.rules.machine import MACHINE
from tallystick.alerts.rules.rule import Rule
from tallystick.alerts.rules.spend import SPEND
from tallystick.alerts.rules.unpriced import UNPRICED
from tallystick.alerts.rules.window import WINDOW

RULES: Final[tuple[Rule, ...]] = (BUDGET, WINDOW, SPEND, MACHINE, LOGS, UNPRICED)
