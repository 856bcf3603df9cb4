"""`tally budget`: how much may be used, how much of it is, and who says no when it is used up."""

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

import click

from tallystick.access.budgets import Budgets, Defined, Lifted
from tallystick.access.store import Store
from tallystick.answers.budgets import OVER, SOFT, Budget, Standings, filter_text
from tallystick.cli import budgeted, caps, entrance
from tallystick.cli.options import ELSEWHERE, JSON, NO_REFRESH
from tallystick.cli.tree import COMMANDS, parameters, said
from tallystick.errors import Misused, NotFound, TallystickError

if TYPE_CHECKING:
    from tallystick.settings import Settings

SCHEMA: Final = "tallystick.budgets-defined/1"
GATE_SAID_NO: Final = 10
WHO: Final = "cli"
_JSON: Final = click.Option(["--json"], is_flag=True, help="As JSON, for scripts.")
_ID: Final = click.Argument(["number"], metavar="ID")
_SET: Final = (
    click.Argument(["words"], nargs=-1, required=True, metavar="[FILTER]... AMOUNT/PERIOD"),
    click.Option(
        ["--soft"], metavar="SHARE", default="80%", help="From which part of it on one is told; by default 80%."
    ),
    click.Option(["--hard"], is_flag=True, help="Refuse what comes beyond it, where a hook or the gateway can."),
    click.Option(
        ["--zone"], metavar="ZONE", help="Whose days count, such as Europe/Berlin; by default this machine's."
    ),
)
_OVERRIDE: Final = (
    _ID,
    click.Option(["--for", "stretch"], metavar="TIME", help="Refuse nothing for so long: 30m, 2h, 3d."),
    click.Option(["--more"], metavar="AMOUNT", help="Allow so much more in this period: 10usd, 500k tokens."),
    click.Option(["--end"], is_flag=True, help="Let nothing be exceeded any more."),
)


def command(name: str) -> click.Command:
    """Return the command."""
    group = click.Group(
        name, help=COMMANDS[name].help, epilog="Example: tally budget set project=foo 50usd/week --soft 80%"
    )

    def add(verb: str, callback: Callable[..., Any], params: Sequence[click.Parameter], text: str, **more: Any) -> None:  # noqa: ANN401  as click has them
        group.add_command(click.Command(verb, callback=callback, params=list(params), help=text, **more))

    add("set", define, _SET, "Define a budget, or change the one that there is.")
    add("list", show, [_JSON], "Every budget as it is defined.")
    add("check", _check, parameters((JSON, NO_REFRESH, *ELSEWHERE)), "How far each is used; exits with 10 when one is used up and nobody let it be.")  # fmt: skip
    add("override", override, _OVERRIDE, "Let a hard budget be exceeded for so long, or by so much.")
    add("remove", remove, [_ID], "Remove a budget.")
    group.add_command(_hook())
    state = click.Option(["--state"], metavar="FILE", help="The file to go by.")
    add("gate", _gate, [state], "What the hook runs: answers an event of Claude Code.")
    add("refresh", refresh, [], "Bring what the gates go by up to date.", hidden=True)
    return group


def _hook() -> click.Group:
    from tallystick.cli import hooked

    group = click.Group("hook", help="Have Claude Code ask before each prompt and each use of a tool.")
    for verb, callback, text in (
        ("install", hooked.install, "Put the hook into Claude Code's settings."),
        ("uninstall", hooked.uninstall, "Take it out again."),
    ):
        group.add_command(click.Command(verb, callback=callback, help=text))
    return group


def define(words: tuple[str, ...], soft: str, hard: bool, zone: str | None) -> int:  # noqa: FBT001  as click gives it
    """Define a budget."""
    from tallystick.answers.budgeting import budget

    chosen = entrance.settings()
    wanted = budget(words, zone or entrance.zone(chosen).name, soft, hard=hard)
    with closing(budgeted.store(chosen)) as kept:
        told = f"{_told(wanted)}, soft at {wanted.soft:.4g}{', hard' if hard else ''}"
        made = Budgets(kept).define(Defined(*wanted), told, WHO, entrance.now())
        entrance.say(f"Budget {made.id}: {_told(wanted)}.")
        _look_again(chosen, kept, hard=hard)
    return 0


def show(json: bool) -> int:  # noqa: FBT001  as click gives it
    """List all budgets."""
    with closing(budgeted.store(entrance.settings())) as kept:
        found = budgeted.known(kept).budgets
    if json:
        from tallystick.answers.as_json import value

        entrance.write(value({"schema": SCHEMA, "budgets": [_as_json(each) for each in found]}) + "\n")
    elif found:
        from tallystick.faces.text.budgets import defined

        entrance.write(defined(found))
    else:
        _none()
    return 0


def _check(**given: Any) -> int:  # noqa: ANN401  as click gives them
    values = said(given)
    chosen = entrance.settings()
    with closing(budgeted.store(chosen)) as kept:
        found = budgeted.standing(chosen, kept, values)
    if values.get("json"):
        from tallystick.answers.as_json import document

        entrance.write(document(found))
    elif found.standings:
        _show(found)
    else:
        _none()
    return GATE_SAID_NO if any(each.says_no(found.now) for each in found.standings) else 0


def _show(found: Standings) -> None:
    from tallystick.faces.text import budgets

    if sys.stdout.isatty():
        from tallystick.faces.text.as_table import terminal

        budgets.shown(found, terminal())
        return
    entrance.write(budgets.plain(found))
    for note in budgets.notes(found):
        entrance.say(note.text)
    for each in found.standings:
        # What a person has let be exceeded is told by a note.
        if not each.is_let(found.now) and each.state in {OVER, SOFT}:
            word = "is used up" if each.state == OVER else "is beyond its soft limit"
            entrance.say(f"Budget {each.budget.id} ({_told(each.budget)}) {word}.")


def remove(number: str) -> int:
    """Remove a budget."""
    chosen = entrance.settings()
    with closing(budgeted.store(chosen)) as kept:
        Budgets(kept).remove(number, WHO, entrance.now())
        entrance.say(f"Budget {number} is removed.")
        _look_again(chosen, kept, hard=False)
    return 0


def override(number: str, stretch: str | None, more: str | None, end: bool) -> int:  # noqa: FBT001  as click gives it
    """Let a budget be exceeded, or no more."""
    from tallystick.answers import budgeting

    if [stretch is not None, more is not None, end].count(True) != 1:
        raise Misused("Say for how long (`--for 1h`), by how much (`--more 10usd`), or `--end`.")
    chosen, now = entrance.settings(), entrance.now()
    with closing(budgeted.store(chosen)) as kept:
        budget = _existing(kept, number)
        if end:
            Budgets(kept).withdraw(number, WHO, now)
            entrance.say(f"Budget {number} holds again.")
        elif stretch is not None:
            until = now + budgeting.stretch(stretch)
            Budgets(kept).lift(Lifted(number, now, until, 0), f"for {stretch}", WHO)
            entrance.say(f"Budget {number} refuses nothing until {entrance.zone(chosen).local(until):%Y-%m-%d %H:%M}.")
        else:
            amount, unit = budgeting.quantity(more or "")
            if unit != budget.unit:
                raise Misused(f"Budget {number} is one of {budget.unit}: {more!r} is none.")
            Budgets(kept).lift(Lifted(number, now, 0, amount), f"{more} more", WHO)
            entrance.say(f"Budget {number}: {budgeted.amount(amount, unit)} more in this {budget.period}.")
        if not budget.hard:
            entrance.say("It is no hard one, so that it refuses nothing anyway.")
        _look_again(chosen, kept, hard=budget.hard)
    return 0


def refresh() -> int:
    """Bring what the gates go by up to date, unless somebody else does; what goes wrong opens them."""
    from tallystick.intake.push.alone import alone

    chosen = entrance.settings()
    with alone(os.path.join(chosen.data_dir, "budgets.lock")) as first:
        if not first:
            return 0
        try:
            with closing(budgeted.store(chosen)) as kept:
                budgeted.standing(chosen, kept, {})
        except BaseException:
            budgeted.open_up(chosen, entrance.now())
            raise
    return 0


def _gate(state: str | None) -> int:
    from tallystick.cli import gate

    return gate.run(["--state", state] if state else [])


def _look_again(chosen: "Settings", kept: Store, *, hard: bool) -> None:
    """Tell the gates at once of what was changed, where there are any; what is changed is so, whatever goes wrong here."""
    some = hard or any(each.hard for each in budgeted.known(kept).budgets)
    if not some and not os.path.exists(caps.path(chosen.data_dir)):
        return
    try:
        budgeted.standing(chosen, kept, {})
    except TallystickError as error:
        # What a person has lifted must not hold them up.
        budgeted.open_up(chosen, entrance.now())
        entrance.say(f"How budgets stand is not known, so that nothing is refused for now: {error}")


def _existing(kept: Store, number: str) -> Budget:
    found = next((each for each in budgeted.known(kept).budgets if each.id == number), None)
    if found is None:
        raise NotFound(f"There is no budget {number[:40]!r}: `tally budget list` tells their numbers.")
    return found


def _told(budget: Budget) -> str:
    return f"{filter_text(budget.where) or 'everything'}, {budgeted.amount(budget.amount, budget.unit)} a {budget.period} ({budget.zone})"  # fmt: skip


def _as_json(budget: Budget) -> dict[str, Any]:
    from tallystick.answers.answer import Money
    from tallystick.answers.budgets import USD

    amount = Money(budget.amount) if budget.unit == USD else budget.amount
    where = {name: list(found) for name, found in budget.where.items()}
    return {**budget._asdict(), "where": where, "filter": filter_text(budget.where), "amount": amount}


def _none() -> None:
    from tallystick.faces.text.budgets import NONE

    entrance.say(NONE)
