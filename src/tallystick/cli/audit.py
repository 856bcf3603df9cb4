"""`tally audit`: what logs and the wire saw of the same calls."""

from typing import Any, Final

import click

from tallystick.answers.question import Wish, question
from tallystick.answers.reports.places import ANY
from tallystick.cli import entrance, reporting
from tallystick.cli.options import (
    AGENT,
    BRANCH,
    JSON,
    MACHINE,
    NO_REFRESH,
    PROJECT,
    SESSION,
    SINCE,
    TAG,
    TIMEZONE,
    TOOL,
    UNTIL,
    USER,
    Values,
)
from tallystick.cli.tree import COMMANDS, parameters, said
from tallystick.usage.period import period

_OPTIONS: Final = (
    SINCE,
    UNTIL,
    TIMEZONE,
    SESSION,
    TOOL,
    PROJECT,
    BRANCH,
    AGENT,
    TAG,
    MACHINE,
    USER,
    JSON,
    NO_REFRESH,
)
_USUALLY: Final = "7d"


def command(name: str) -> click.Command:
    """Return the command."""
    return click.Command(
        name,
        callback=_called,
        params=parameters(_OPTIONS),
        help=f"{COMMANDS[name].help} Without a period: the last seven days. It asks the ledger here.",
        epilog="Example: tally audit --since 2026-11-01 --tool codex",
    )


def _called(**given: Any) -> int:  # noqa: ANN401  as click gives them
    return run(said(given))


def run(values: Values) -> int:
    """Hold the two halves against one another."""
    chosen = entrance.settings({"timezone": values.get("timezone", "")})
    now, zone = entrance.now(), entrance.zone(chosen)
    since, until = values.get("since", ""), values.get("until", "")
    span = period(zone, now, since or ("" if until else _USUALLY), until)
    asked = question(ANY, span, Wish("day,tool", reporting.where(values), prices=False), now)
    opened = entrance.house(chosen)
    try:
        if not values.get("no_refresh"):
            entrance.refresh(opened)
        found = entrance.answers(opened).audit(asked)
    finally:
        opened.close()
    if values.get("json"):
        from tallystick.answers.as_json import document

        entrance.write(document(found))
    else:
        from tallystick.faces.text.audit import shown

        entrance.write(shown(found))
    return 0
