"""`tally machines`: the report by machine, and when each machine was heard of last."""

from typing import Any, Final

import click

from tallystick.answers.as_json import document
from tallystick.answers.question import Wish, question
from tallystick.answers.reports.places import ANY, MACHINES
from tallystick.cli import entrance, reporting
from tallystick.cli.options import OF_REPORTS, Option, Values
from tallystick.cli.tree import COMMANDS, parameters, said
from tallystick.errors import Misused
from tallystick.usage.period import period

_STATUS: Final = Option("--status", "When each was heard of last, how far behind it is, and what is wrong there.")
_OF_REPORTS_ONLY: Final = ("by", "order", "limit", "csv", "format")


def command(name: str) -> click.Command:
    """Return the command."""

    def called(**given: Any) -> int:  # noqa: ANN401  as click gives them
        return run(said(given))

    return click.Command(
        name,
        callback=called,
        params=parameters((_STATUS, *OF_REPORTS)),
        help=COMMANDS[name].help,
        epilog="Example: tally machines --status --since 30d",
    )


def run(values: Values) -> int:
    """Answer the report's question, or tell of the machines themselves."""
    return _status(values) if values.get("status") else reporting.run(MACHINES.name, values)


def _status(values: Values) -> int:
    """Tell of every machine when it was heard of last."""
    wrong = [f"--{name}" for name in _OF_REPORTS_ONLY if name in values]
    if wrong:
        raise Misused(f"--status and {wrong[0]} exclude each other: that is of the report `tally machines`.")
    chosen = entrance.settings({"timezone": values.get("timezone", "")})
    zone, now = entrance.zone(chosen), entrance.now()
    span = period(zone, now, values.get("since", ""), values.get("until", ""))
    asked = question(ANY, span, Wish("machine,user", reporting.where(values), prices=not values.get("no_cost")), now)
    found = entrance.answered(chosen, values, lambda answers: answers.machines(asked))
    if values.get("json"):
        entrance.write(document(found))
        return 0
    from tallystick.faces.text.machines import shown

    entrance.write(shown(found, zone))
    return 0
