"""What looks closer than a report: single events, one session, uses of tools, comparisons, hours of the week, a year, energy."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from tallystick.answers.as_json import Telling, document
from tallystick.answers.question import Question, Wish, question
from tallystick.answers.reports.places import ANY
from tallystick.cli import entrance, reporting
from tallystick.cli.options import ELSEWHERE, JSON, LIMIT, NO_REFRESH, OF_CLOSER, OF_EVENTS, TIMEZONE, Option, Values
from tallystick.cli.tree import COMMANDS, parameters, said
from tallystick.faces.text import closer as face
from tallystick.usage.hours import hours
from tallystick.usage.period import period

if TYPE_CHECKING:
    from tallystick.answers.answers import Answers
    from tallystick.answers.remote import Remote


class Look(NamedTuple):
    """One of the commands."""

    ask: "Callable[[Answers | Remote, Question, Values], Telling]"
    options: tuple[Option, ...]
    example: str
    argument: str = ""
    """What it takes besides options, as its help shows that; in brackets where it may be left out."""


def _events(answers: "Answers | Remote", asked: Question, values: Values) -> Telling:
    if values.get("one"):
        return answers.event(int(values["one"]))
    return answers.events(asked, values.get("after", ""), newest_first=not values.get("oldest"))


def _session(answers: "Answers | Remote", asked: Question, values: Values) -> Telling:
    return answers.session(values["one"], asked.period.zone)


def _calls(answers: "Answers | Remote", asked: Question, _: Values) -> Telling:
    return answers.calls(asked)


def _compare(answers: "Answers | Remote", asked: Question, values: Values) -> Telling:
    return answers.compare(asked, weekdays=bool(values.get("weekdays")))


def _punchcard(answers: "Answers | Remote", asked: Question, _: Values) -> Telling:
    return answers.punchcard(asked)


def _year(answers: "Answers | Remote", asked: Question, values: Values) -> Telling:
    return answers.year(asked, int(values["one"]) if values.get("one") else None)


def _energy(answers: "Answers | Remote", asked: Question, _: Values) -> Telling:
    return answers.energy(asked)


_OF_PAGES: Final = (
    LIMIT._replace(help="Events on a page: 1 to 500."),
    Option("--after", "Go on behind this place, which the page before told.", "PLACE"),
    Option("--oldest", "The oldest first."),
)
_WEEKDAYS: Final = Option("--weekdays", "Go back by whole weeks, so that weekdays agree.")
LOOKS: Final = {
    "events": Look(_events, (*OF_EVENTS, *_OF_PAGES), "tally events --since today --model 'claude-opus*'", "[NUMBER]"),
    "session": Look(_session, (TIMEZONE, JSON, NO_REFRESH), "tally session 0b7c5a1e-2f4d-4c1b-9a63-5d1f0e8a7c42", "ID"),
    "calls": Look(_calls, OF_CLOSER, "tally calls --since 7d --project shop"),
    "compare": Look(_compare, (*OF_CLOSER, _WEEKDAYS), "tally compare --since 7d"),
    "punchcard": Look(_punchcard, OF_CLOSER, "tally punchcard --since 30d"),
    "year": Look(_year, OF_CLOSER, "tally year 2026", "[YEAR]"),
    "energy": Look(_energy, OF_CLOSER, "tally energy --since 30d --json"),
}
_NUMBERS: Final = ("events", "year")
"""Commands whose argument is a number."""


def command(name: str) -> click.Command:
    """Return the command of a name."""
    look = LOOKS[name]
    params = parameters((*look.options, *ELSEWHERE))
    if look.argument:
        kind = click.IntRange(min=1) if name in _NUMBERS else str
        needed = not look.argument.startswith("[")
        params.insert(0, click.Argument(["one"], required=needed, metavar=look.argument, type=kind))

    def called(**given: Any) -> int:  # noqa: ANN401  as click gives them
        return run(name, said(given))

    help_ = COMMANDS[name].help
    return click.Command(name, callback=called, params=params, help=help_, epilog=f"Example: {look.example}")


def run(name: str, values: Values) -> int:
    """Answer what a command line asks."""
    chosen = entrance.settings({"timezone": values.get("timezone", "")})
    zone, now = entrance.zone(chosen), entrance.now()
    span = period(zone, now, values.get("since", ""), values.get("until", ""), moments=name == "events")
    wish = Wish("day", reporting.where(values), limit=values.get("limit"), prices=not values.get("no_cost"))
    # Only the command of events has options of hours.
    asked = question(ANY, span, wish, now)._replace(hours=hours(values.get("weekday", ""), values.get("hour")))
    found = entrance.answered(chosen, values, lambda answers: LOOKS[name].ask(answers, asked, values))
    entrance.write(document(found) if values.get("json") else face.shown(found, zone))
    return 0
