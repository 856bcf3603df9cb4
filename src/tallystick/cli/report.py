"""The commands of the reports, for click: `tally daily -h` and whatever the quick reader does not understand."""

from typing import Any

import click

from tallystick.cli import reporting
from tallystick.cli.options import OF_REPORTS
from tallystick.cli.tree import COMMANDS, parameters, said


def command(name: str) -> click.Command:
    """Return the command of a report."""

    def run(**given: Any) -> int:  # noqa: ANN401  as click gives them
        return reporting.run(name, said(given))

    return click.Command(name, callback=run, params=parameters(OF_REPORTS), help=COMMANDS[name].help)
