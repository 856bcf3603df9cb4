"""`tally tools`: the report by tool, and which tools are here, where, how exact their counts are, and what they never write down."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from tallystick.answers.health import Place, Uncounted
from tallystick.answers.inventory import Inventory, inventory
from tallystick.answers.reports.places import TOOLS
from tallystick.cli import entrance, reporting
from tallystick.cli.options import OF_REPORTS, Values
from tallystick.cli.tree import COMMANDS, parameters, said
from tallystick.errors import Misused, NotFound
from tallystick.intake.survey import installed, places
from tallystick.tools.unusable import UNUSABLE, off_the_shelf

if TYPE_CHECKING:
    from tallystick.answers.question import Question
    from tallystick.house import House

_DATA: Final = ("csv", "ccusage")
"""Formats that hold the rows alone."""
_WIDTH: Final = 120
"""Columns where no terminal has a width."""


def command(name: str) -> click.Command:
    """Return the command."""
    one = click.Argument(["one"], required=False, metavar="[NAME]")
    return click.Command(
        name,
        callback=_called,
        params=[one, *parameters(OF_REPORTS)],
        help=f"{COMMANDS[name].help} With a name: that one in full.",
        epilog="Example: tally tools claude-code --since 7d",
    )


def _called(one: str | None, **given: Any) -> int:  # noqa: ANN401  as click gives them
    return run(said(given), one or "")


def run(values: Values, one: str = "") -> int:
    """Answer the report's question, and show what there is of every tool, or of one."""
    if one and values.get("tool"):
        raise Misused("A name and --tool exclude each other: `tally tools NAME` is that one in full.")
    shape = reporting.form(values)
    chosen = entrance.settings({"timezone": values.get("timezone", "")})
    if entrance.is_remote(chosen, values):
        return _there(values, one)
    opened = entrance.house(chosen)
    if one:
        one = _name(one, opened)
        values = {**values, "tool": [one]}
    asked = reporting.asking(TOOLS, values, chosen, shape)
    try:
        if not values.get("no_refresh"):
            entrance.refresh(opened)
        if shape in _DATA:
            reporting.show(entrance.answers(opened), asked, shape)
        else:
            _show(opened, asked, shape, one)
    finally:
        opened.close()
    entrance.afterwards(chosen)
    return 0


def _there(values: Values, one: str) -> int:
    """Show what a server holds of every tool, or of one: which are there, and where, only that machine can tell."""
    return reporting.run(TOOLS.name, {**values, "tool": [one]} if one else values)


def _name(one: str, opened: "House") -> str:
    """Return the name of the tool that is meant, given its name or title; raise NotFound when there is none such."""
    known = {tool.name: tool.title for tool in opened.tools} | {tool.name: tool.title for tool in UNUSABLE}
    wanted = one.casefold()
    for name, title in known.items():
        if wanted in {name, title.casefold()}:
            return name
    from difflib import get_close_matches

    close = get_close_matches(wanted, known, n=1)
    meant = f"Did you mean `tally tools {close[0]}`?" if close else "`tally tools` lists those that are known."
    raise NotFound(f"There is no tool {one!r}. {meant}")


def stock(opened: "House", now: int) -> Inventory:
    """Return what there is of every tool."""
    where = opened.where
    seen = [
        (tool, tuple(Place(*place) for place in places(tool, where.home, where.environ, opened.others)))
        for tool in opened.tools
    ]
    return inventory(opened.ledger, seen, uncounted(opened), now)


def uncounted(opened: "House") -> tuple[Uncounted, ...]:
    """Return the tools that are here without being counted."""
    where = opened.where
    known = off_the_shelf(UNUSABLE, [tool.name for tool in opened.tools])
    found = installed(known, where.home, where.environ, opened.others)
    return tuple(
        Uncounted(each.name, each.title, place, each.why, each.instead, each.keeps_counts) for each, place in found
    )


def _show(opened: "House", asked: "Question", shape: str, one: str) -> None:
    from tallystick.faces.text import inventory as face

    patterns = asked.where.get("tool", ())
    found = stock(opened, asked.now).only(patterns)
    answers = entrance.answers(opened)
    if shape == "json":
        entrance.write(face.report(answers.ask(asked), found))
        return
    if one and not found.tools and not found.unusable:
        raise NotFound(f"There is nothing of {one} on this machine. `tally tools` lists what there is.")
    # What was never counted has no figures either.
    counted = not one or any(tool.events for tool in found.tools)
    if counted:
        reporting.show(answers, asked, shape)
    lines = face.one if one or _is_one(patterns, found) else face.all_of
    if shape == "table":
        from tallystick.faces.text.as_table import terminal

        told = lines(found, opened.where.home, terminal().width)
        face.show(told if counted else [(), *told])
    else:
        told = lines(found, opened.where.home, _WIDTH)
        entrance.write("\n" * counted + face.plain(told).rstrip("\n") + "\n")


def _is_one(patterns: Sequence[str], found: Inventory) -> bool:
    return bool(patterns) and len(found.tools) + len(found.unusable) == 1
