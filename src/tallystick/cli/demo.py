"""`tally demo`: the overview and every report on made-up data, each output marked as such."""

import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import partial
from io import StringIO
from typing import Any, Final

import click

from tallystick.answers.reports import REPORTS
from tallystick.cli import entrance, reporting, serve
from tallystick.cli.options import ELSEWHERE, NO_REFRESH, OF_REPORTS, TIMEZONE, Option, Values
from tallystick.cli.tree import COMMANDS, parameters, said
from tallystick.errors import Unavailable
from tallystick.prices.overrides import read

NOTE: Final = "This is demo data: made up, to show what answers look like. Nothing in it was read from this machine."
SVG: Final = Option("--svg", "Write the overview into this file, as a picture.", "FILE")
_WIDTH: Final = 92
_OBJECTS: Final = ("json", "ccusage")
"""Formats whose output is one JSON object."""


def command(name: str) -> click.Command:
    """Return the command."""
    group = click.Group(
        name,
        callback=_overview,
        params=parameters((TIMEZONE, SVG)),
        invoke_without_command=True,
        help=f"{COMMANDS[name].help} Without a report: the overview.",
        epilog="Example: tally demo daily --since 7d",
    )
    options = parameters(tuple(option for option in OF_REPORTS if option not in (NO_REFRESH, *ELSEWHERE)))
    for report in REPORTS:
        group.add_command(
            click.Command(report.name, callback=_report(report.name), params=options, help=COMMANDS[report.name].help)
        )
    group.add_command(serve.demo(NOTE))
    return group


def _overview(**given: Any) -> int | None:  # noqa: ANN401  as click gives them
    if click.get_current_context().invoked_subcommand is not None:
        return None
    from tallystick.faces.text import overview
    from tallystick.faces.text.as_table import terminal
    from tallystick.house import demo_house

    values = said(given)
    chosen = entrance.settings({"timezone": values.get("timezone", "")})
    zone, now = entrance.zone(chosen), entrance.now()
    opened = demo_house(entrance.where(chosen), now, read(chosen.prices))
    try:
        found = entrance.answers(opened).overview(zone, now)
    finally:
        opened.close()
    if "svg" in values:
        _draw(partial(overview.show, found, demo=True), values["svg"])
    else:
        overview.show(found, terminal(), demo=True)
    return 0


def _draw(draw: Callable[..., None], file: str) -> None:
    from tallystick.faces.text.picture import svg

    made = svg(draw, _WIDTH, "tally demo")
    try:
        with open(file, "w", encoding="utf-8") as stream:
            stream.write(made)
    except OSError as error:
        raise Unavailable(f"{file} cannot be written ({(error.strerror or str(error)).lower()}).") from None


def _report(name: str) -> Callable[..., int]:
    def run(**given: Any) -> int:  # noqa: ANN401  as click gives them
        return report(name, said(given))

    return run


def report(name: str, values: Values) -> int:
    """Answer a report's question from the demo ledger, marked: in JSON by `"demo": true`, elsewhere by a sentence."""
    from tallystick.house import demo_house

    shape = reporting.form(values)
    chosen = entrance.settings({"timezone": values.get("timezone", "")})
    asked = reporting.asking(reporting.BY_NAME[name], values, chosen, shape)
    opened = demo_house(entrance.where(chosen), asked.now, read(chosen.prices))
    try:
        _mark(shape)
        with redirect_stdout(StringIO() if shape in _OBJECTS else sys.stdout) as out:
            reporting.show(entrance.answers(opened), asked, shape)
    finally:
        opened.close()
    if isinstance(out, StringIO):
        entrance.write('{"demo": true, ' + out.getvalue()[1:])
    return 0


def _mark(shape: str) -> None:
    """Say what the output is: within it where people read it, beside it where programs do."""
    if shape == "table":
        from tallystick.faces.text.as_table import say, terminal
        from tallystick.faces.text.sheet import WARNING, Cell

        say(terminal(), Cell(NOTE, WARNING))
    elif shape == "plain":
        entrance.write(f"{NOTE}\n")
    else:
        entrance.say(NOTE)
