"""`tally why`: any figure explained."""

from typing import Any

import click

from tallystick.answers.question import Wish, question
from tallystick.answers.reports.places import ANY
from tallystick.cli import entrance, reporting
from tallystick.cli.options import OF_WHY, Values
from tallystick.cli.tree import COMMANDS, parameters, said
from tallystick.errors import Misused, NotFound
from tallystick.usage.hours import hours
from tallystick.usage.period import period


def command(name: str) -> click.Command:
    """Return the command."""
    return click.Command(
        name,
        callback=_called,
        params=parameters(OF_WHY),
        help=COMMANDS[name].help,
        epilog="Example: tally why --day 2026-11-01 --model 'claude-opus*'",
    )


def _called(**given: Any) -> int:  # noqa: ANN401  as click gives them
    return run(said(given))


def run(values: Values) -> int:
    """Explain what a command line asks about; raise NotFound when there is nothing."""
    since, until = values.get("since", ""), values.get("until", "")
    if "day" in values:
        if since or until:
            raise Misused("--day is one day and excludes --since and --until.")
        since = until = values["day"]
    chosen = entrance.settings({"timezone": values.get("timezone", "")})
    now = entrance.now()
    span = period(entrance.zone(chosen), now, since, until, moments="day" not in values)
    asked = question(ANY, span, Wish("day", reporting.where(values), limit=values.get("limit")), now)
    asked = asked._replace(hours=hours(values.get("weekday", ""), values.get("hour")))
    found = entrance.answered(chosen, values, lambda answers: answers.why(asked))
    if not found.figures.requests:
        raise NotFound(
            "Nothing was used there: no event fits the time and filters. `tally report --by day,model` tells what there is."
        )
    from tallystick.faces.text import why
    from tallystick.faces.text.as_table import terminal

    if values.get("json"):
        from tallystick.answers.as_json import document

        entrance.write(document(found))
    else:
        why.show(found, terminal())
    return 0
