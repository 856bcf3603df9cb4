"""The reports: from what a command line says to text on the standard output."""

import sys
from typing import TYPE_CHECKING, Final

from tallystick.answers.question import Question, Wish, patterns, question
from tallystick.answers.reports import REPORTS
from tallystick.cli import entrance
from tallystick.cli.options import Values
from tallystick.errors import Misused
from tallystick.usage.period import period

if TYPE_CHECKING:
    from tallystick.answers.answer import Answer
    from tallystick.answers.answers import Answers
    from tallystick.answers.remote import Remote
    from tallystick.answers.report import Report
    from tallystick.settings import Settings

BY_NAME: Final = {report.name: report for report in REPORTS}
APART: Final = ("tools", "machines")
"""Reports whose command tells more than the report, in a module of its own."""
FILTERS: Final = ("tool", "project", "machine", "model", "session", "branch", "agent", "user", "tag")
"""Options that a row must fit."""


def run(name: str, values: Values) -> int:
    """Answer a report's question as a command line puts it."""
    shape = form(values)
    chosen = entrance.settings({"timezone": values.get("timezone", "")})
    asked = asking(BY_NAME[name], values, chosen, shape)
    entrance.answered(chosen, values, lambda answers: show(answers, asked, shape))
    if not entrance.is_remote(chosen, values):
        entrance.afterwards(chosen)
    return 0


def form(values: Values) -> str:
    """Return the format that is wished for: by default a table on a terminal and plain columns elsewhere."""
    wished = {name for name in ("json", "csv") if values.get(name)} | (
        {values["format"]} if "format" in values else set()
    )
    if len(wished) > 1:
        raise Misused(f"{' and '.join(sorted(wished))} exclude each other: ask for one format.")
    return wished.pop() if wished else "table" if sys.stdout.isatty() else "plain"


def asking(report: "Report", values: Values, chosen: "Settings", shape: str = "json") -> Question:
    """Return the question that a command line puts."""
    by = values.get("by", "")
    if shape == "ccusage":
        from tallystick.faces.text.ccusage import grouping

        if by:
            raise Misused("--by and --format ccusage exclude each other: ccusage has its own groupings.")
        by = grouping(report.name)
    if not by and not report.group_by:
        raise Misused("Say what to group by: `tally report --by day,model`.")
    zone, now = entrance.zone(chosen), entrance.now()
    span = period(zone, now, values.get("since", ""), values.get("until", ""))
    limit = values.get("limit")
    wish = Wish(by, where(values), values.get("order", ""), limit, prices=not values.get("no_cost"))
    return question(report, span, wish, now)


def where(values: Values) -> dict[str, list[str]]:
    """Return the filters of a command line, each with its patterns; one option may hold several, with commas."""
    return {name: patterns(values[name]) for name in FILTERS if values.get(name)}


def show(answers: "Answers | Remote", asked: Question, shape: str) -> None:
    """Answer a question in a format; what is no data goes to where messages go."""
    if shape == "json":
        from tallystick.answers import as_json

        entrance.write(as_json.report(answers.ask(asked)))
    elif shape == "csv":
        from tallystick.faces.text import as_csv

        entrance.write(as_csv.report(answers.ask(asked)))
    elif shape == "ccusage":
        entrance.write(_as_ccusage(answers, asked))
    elif shape == "plain":
        from tallystick.faces.text import as_plain, sheet

        answer = answers.ask(asked)
        entrance.write(as_plain.report(answer))
        for note in sheet.notes(answer):
            entrance.say(note.text)
    else:
        from tallystick.faces.text import as_table

        as_table.report(_for_a_terminal(answers, asked), as_table.terminal())


def _for_a_terminal(answers: "Answers | Remote", asked: Question) -> "Answer":
    """Answer with as many rows as a person can take in, where no limit is asked for: the latest, or the first by order."""
    from tallystick.answers.answer import latest
    from tallystick.usage.period import UNITS

    most = asked.report.most
    if asked.limit is not None or not most:
        return answers.ask(asked)
    column, greatest_first = asked.order
    if column in UNITS and not greatest_first:
        return latest(answers.ask(asked), most)
    return answers.ask(asked._replace(limit=most))


def _as_ccusage(answers: "Answers | Remote", asked: Question) -> str:
    from tallystick.faces.text import ccusage

    last = {}
    if asked.report.details and asked.group_by != asked.report.group_by:
        whole = asked._replace(group_by=asked.report.group_by, listed=(), order=("session", False), limit=None)
        last = {
            row.keys[0]: details["last"].iso()
            for row in answers.ask(whole).rows
            if (details := row.details or {})["last"]
        }
    return ccusage.report(answers.ask(asked), last)
