"""The daybook of this process: what each day of its ledger asked for."""

from typing import Final

from tallystick.answers.daybook import Daybook
from tallystick.answers.growing import Growing
from tallystick.answers.pages import Page, pages

GROWING: Final = Growing()
BOOK: Final[Daybook[Page]] = Daybook(pages, GROWING)
"""All answers of a process share it."""
