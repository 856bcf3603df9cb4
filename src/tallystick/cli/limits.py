"""`tally limits`: how far each usage window of a vendor is used up, how that came, and asking the vendor when that is wished for."""

import sys
from typing import TYPE_CHECKING, Any, Final

import click

from tallystick.answers.as_json import document
from tallystick.cli import entrance
from tallystick.cli.options import ELSEWHERE, FROM, JSON, NO_REFRESH, TIMEZONE, TO, Option, Values
from tallystick.cli.tree import COMMANDS, parameters, said
from tallystick.errors import Misused, Unavailable
from tallystick.usage.period import period

if TYPE_CHECKING:
    from tallystick.answers.limits import History, Limits
    from tallystick.answers.points import OfSession
    from tallystick.settings import Settings
    from tallystick.usage.period import Zone

_HISTORY: Final = Option("--history", "What was told of windows, in its order.")
_SESSION: Final = Option("--session", "What this session used of each window: an estimate.", "ID")
_PROVIDER: Final = Option("--provider", "Only this provider's windows, such as anthropic.", "NAME")
_NAME: Final = Option("--name", "Only windows of this name, such as five_hour.", "NAME")
_OPTIONS: Final = (_HISTORY, _SESSION, _PROVIDER, _NAME, FROM, TO, TIMEZONE, JSON, NO_REFRESH, *ELSEWHERE)
_BACK: Final = "7d"
_OF_HISTORY: Final = ("since", "until")


def command(name: str) -> click.Command:
    """Return the command with what it can be told to do."""
    group = click.Group(
        name,
        callback=_called,
        params=parameters(_OPTIONS),
        invoke_without_command=True,
        help=f"{COMMANDS[name].help} A window that has been reset since it was told of has no figure.",
        epilog="Example: tally limits --history --name five_hour --since 1d",
    )
    group.add_command(
        click.Command(
            "fetch",
            callback=_fetch,
            params=parameters((TIMEZONE, JSON)),
            help="Ask Anthropic now, with the login that Claude Code keeps on this machine. The login is sent to Anthropic alone "
            "and kept nowhere; more often than every three minutes nobody is asked.",
        )
    )
    return group


def _fetch(**given: Any) -> int:  # noqa: ANN401  as click gives them
    from tallystick.cli.asking import ask

    chosen, values = entrance.settings(), said(given)
    found = ask(chosen, entrance.now())
    if found.trouble:
        raise Unavailable(found.trouble)
    if not found.asked:
        seconds = max(found.again - entrance.now(), 0) // 1000
        entrance.say(f"Anthropic was asked a short while ago; it can be asked again in {seconds} seconds.")
    return run({**values, "local": True})


def _called(**given: Any) -> int | None:  # noqa: ANN401  as click gives them
    return run(said(given)) if click.get_current_context().invoked_subcommand is None else None


def run(values: Values) -> int:
    """Tell how windows stand, or how that came."""
    if not values.get("history") and any(name in values for name in _OF_HISTORY):
        raise Misused("--since and --until are of --history: what stands, stands now.")
    if values.get("history") and "session" in values:
        raise Misused("--session tells of now: leave --history off.")
    chosen = entrance.settings({"timezone": values.get("timezone", "")})
    zone, now = entrance.zone(chosen), entrance.now()
    on_terminal = sys.stdout.isatty()
    if values.get("history"):
        span = period(zone, now, values.get("since", _BACK), values.get("until", ""), moments=True)
        past = entrance.answered(
            chosen,
            values,
            lambda answers: answers.limits_history(
                span.since, span.until, values.get("provider", ""), values.get("name", "")
            ),
        )
        if values.get("json"):
            entrance.write(document(past))
        else:
            _show_history(past, zone, on_terminal=on_terminal)
        return 0
    _ask_first(chosen, values)
    if "session" in values:
        points = entrance.answered(chosen, values, lambda answers: answers.points(values["session"], now))
        entrance.write(document(points) if values.get("json") else _points_told(points))
        return 0
    found = _wanted(entrance.answered(chosen, values, lambda answers: answers.limits(now)), values)
    if values.get("json"):
        entrance.write(document(found))
    else:
        _show(found, zone, on_terminal=on_terminal)
    return 0


def _points_told(found: "OfSession") -> str:
    from tallystick.faces.text.limits import points_told

    return points_told(found)


def _ask_first(chosen: "Settings", values: Values) -> None:
    """Ask vendors before the answer, where the config allows that and what was said is old."""
    if chosen.limits.get("fetch") and not values.get("no_refresh") and not entrance.is_remote(chosen, values):
        from tallystick.cli.asking import allowed, ask

        if allowed(chosen) and (trouble := ask(chosen, entrance.now()).trouble):
            entrance.say(trouble)


def _wanted(found: "Limits", values: Values) -> "Limits":
    """Return only the windows of a provider and a name, where those are said."""
    provider, name = values.get("provider", ""), values.get("name", "")
    return found._replace(
        windows=[each for each in found.windows if provider in {"", each.provider} and name in {"", each.name}]
    )


def _show(found: "Limits", zone: "Zone", *, on_terminal: bool) -> None:
    from tallystick.faces.text import limits as face

    if on_terminal:
        from tallystick.faces.text.as_table import terminal

        face.shown(found, zone, terminal())
    else:
        entrance.write(face.plain(found, zone))


def _show_history(found: "History", zone: "Zone", *, on_terminal: bool) -> None:
    from tallystick.faces.text import limits as face

    if on_terminal:
        from tallystick.faces.text.as_table import terminal

        face.history_shown(found, zone, terminal())
    else:
        entrance.write(face.history_plain(found, zone))
