"""The options of the reporting commands, in one list that both readers of a command line go by.

`read` is the quick one, for what a status line or a script asks many times a day; whatever it does not understand goes to
click, whose commands are made from the same list.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

FORMATS: Final = ("table", "plain", "json", "csv", "ccusage")


class Option(NamedTuple):
    """One option of a command line."""

    name: str
    help: str
    metavar: str = ""
    """What it takes; empty for one that is said or not."""
    many: bool = False
    """Whether it may be said several times, each time with another value."""
    number: bool = False
    choices: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The name as it is in a mapping of values."""
        return self.name.lstrip("-").replace("-", "_")


SINCE: Final = Option("--since", "First day: a date, today, yesterday, 7d (the last 7 days) or 2w.", "DAY")
UNTIL: Final = Option("--until", "Last day, included; 7d is the day before the last 7 days.", "DAY")
FROM: Final = Option(
    "--since", "First day, as for reports, or a moment: 2026-11-22T14:00, also with an offset.", "WHEN"
)
TO: Final = Option("--until", "Last day, included, or a moment, excluded.", "WHEN")
WEEKDAY: Final = Option(
    "--weekday",
    "Only this weekday, on the clocks of the zone.",
    "DAY",
    choices=("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
)
HOUR: Final = Option("--hour", "Only this hour of the day: 14 is from 14:00 to 15:00.", "N", number=True)
TIMEZONE: Final = Option("--timezone", "Zone whose days are meant, such as Europe/Berlin or UTC.", "ZONE")
TOOL: Final = Option("--tool", "Only this coding tool, such as claude-code or codex.", "NAME", many=True)
PROJECT: Final = Option("--project", "Only this project: its path or the path's last part.", "NAME", many=True)
MACHINE: Final = Option("--machine", "Only this machine.", "NAME", many=True)
MODEL: Final = Option("--model", "Only this model; * stands for anything.", "NAME", many=True)
SESSION: Final = Option("--session", "Only this session; * stands for anything.", "ID", many=True)
BRANCH: Final = Option("--branch", "Only this branch.", "NAME", many=True)
AGENT: Final = Option("--agent", "Only this subagent.", "NAME", many=True)
USER: Final = Option("--user", "Only this user.", "NAME", many=True)
TAG: Final = Option(
    "--tag", "Only sessions with this tag, such as ticket=X-1; * stands for anything.", "NAME=VALUE", many=True
)
LIMIT: Final = Option("--limit", "At most so many rows; 0 for all.", "N", number=True)
JSON: Final = Option("--json", "As JSON, for scripts.")
NO_COST: Final = Option("--no-cost", "Without prices.")
NO_REFRESH: Final = Option("--no-refresh", "Use what is in the ledger without looking at the logs.")
SERVER: Final = Option("--server", "Ask this server instead of the ledger here: https://tally.example.com.", "URL")
LOCAL: Final = Option("--local", "Ask the ledger here, whatever server the config names.")
ELSEWHERE: Final = (SERVER, LOCAL)

OF_REPORTS: Final = (
    SINCE,
    UNTIL,
    TIMEZONE,
    TOOL,
    PROJECT,
    MACHINE,
    USER,
    MODEL,
    SESSION,
    BRANCH,
    AGENT,
    TAG,
    Option(
        "--by", "Group by these, with commas: day, week, month, hour, session, project, branch, model, tool …", "KEYS"
    ),
    Option("--order", "asc, desc or a column, which :asc or :desc may follow: cost, total:asc.", "ORDER"),
    LIMIT,
    JSON,
    Option("--csv", "As CSV."),
    Option(
        "--format",
        "A table on a terminal, plain columns otherwise; ccusage: the keys of its JSON.",
        "FORMAT",
        choices=FORMATS,
    ),
    NO_COST,
    NO_REFRESH,
    *ELSEWHERE,
)
OF_OVERVIEW: Final = (TIMEZONE, NO_REFRESH, *ELSEWHERE)
OF_CLOSER: Final = (
    SINCE,
    UNTIL,
    TIMEZONE,
    TOOL,
    PROJECT,
    BRANCH,
    SESSION,
    AGENT,
    TAG,
    MACHINE,
    USER,
    MODEL,
    JSON,
    NO_COST,
    NO_REFRESH,
)
"""Of the commands that look closer than a report."""
OF_EVENTS: Final = (FROM, TO, WEEKDAY, HOUR, *OF_CLOSER[2:])
"""Of single events, which are not bound to days."""
OF_WHY: Final = (
    Option("--day", "The day to explain: a date, today or yesterday.", "DAY"),
    FROM,
    TO,
    WEEKDAY,
    HOUR,
    TIMEZONE,
    SESSION,
    TOOL,
    PROJECT,
    BRANCH,
    AGENT,
    TAG,
    MACHINE,
    USER,
    MODEL,
    LIMIT._replace(help="Show at most so many events; 0 for all."),
    JSON,
    NO_REFRESH,
    *ELSEWHERE,
)

type Values = Mapping[str, Any]
"""What a command line says, by `Option.key`: a text, a number, True, or a list of texts; what it does not say is missing."""


def read(arguments: Sequence[str], options: Sequence[Option]) -> dict[str, Any] | None:
    """Read a command line the way click would; None for anything that is not plainly understood."""
    known = {option.name: option for option in options}
    values: dict[str, Any] = {}
    rest = iter(arguments)
    for argument in rest:
        name, equals, text = argument.partition("=")
        option = known.get(name)
        if option is None or (equals and not option.metavar):
            return None
        if not option.metavar:
            values[option.key] = True
            continue
        said = text if equals else next(rest, None)
        if said is None or (option.choices and said not in option.choices):
            return None
        if option.number and not (said.isascii() and said.isdigit()):
            return None
        if option.many:
            values.setdefault(option.key, []).append(said)
        else:
            values[option.key] = int(said) if option.number else said
    return values
