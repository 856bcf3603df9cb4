"""Parameters: what a question's address may say, read as strictly as a command line, and described for programs."""

from collections.abc import Iterable, Mapping, Sequence
from re import fullmatch
from typing import Any, Final, NamedTuple

from starlette.datastructures import QueryParams

from tallystick.answers.question import Filters, Question, Wish, patterns, question
from tallystick.answers.report import KEYS, Report
from tallystick.errors import Misused
from tallystick.faces.http.site import Site
from tallystick.usage.hours import HOURS, WEEKDAYS, hours
from tallystick.usage.period import Zone, period

VALUES_MOST: Final = 100
"""Values of one address."""
_LONGEST: Final = 1_000
"""Characters of one value."""
_NUMBER_MOST: Final = 1_000_000
_WORDS: Final = {"true": True, "1": True, "false": False, "0": False}
_DAY: Final = "^([0-9]{4}-[0-9]{2}-[0-9]{2}|today|yesterday|[1-9][0-9]{0,4}[dw])?$"
_TIME: Final = "T[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,3})?)?(Z|[+ -][0-9]{2}:[0-9]{2})?"
_EDGE: Final = f"^([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}({_TIME})?|today|yesterday|[1-9][0-9]{{0,4}}[dw])?$"
_NO_DAY: Final = "is no day: give a date such as 2026-11-01, today, yesterday, 7d (7 days) or 2w (2 weeks). Only why and events take moments."
_NO_EDGE: Final = "is neither a day, such as 2026-11-01, today or 7d, nor a moment, such as 2026-11-01T14:00."


class Parameter(NamedTuple):
    """One parameter."""

    name: str
    about: str
    schema: Mapping[str, Any]
    needed: bool = False
    example: Any = None
    wrong: str = ""
    """What is told of a text that does not fit the pattern."""

    @property
    def many(self) -> bool:
        """Whether it may be said several times."""
        return bool(self.schema.get("type") == "array")


def _text(**more: Any) -> dict[str, Any]:  # noqa: ANN401  what a JSON schema holds
    return {"type": "string", "maxLength": _LONGEST, **more}


_LIST: Final = {"type": "array", "items": _text(), "maxItems": VALUES_MOST // 5}
_NO_KEY: Final = f"is no grouping: choose among {', '.join(KEYS)}, with commas between them."
_ONE_KEY: Final = f"({'|'.join(KEYS)})"

SINCE: Final = Parameter(
    "since",
    "First day: a date, `today`, `yesterday`, `7d` (the last 7 days) or `2w`.",
    _text(pattern=_DAY),
    example="7d",
    wrong=_NO_DAY,
)
UNTIL: Final = Parameter(
    "until",
    "Last day, included; `7d` is the day before the last 7 days.",
    _text(pattern=_DAY),
    example="today",
    wrong=_NO_DAY,
)
_MOMENT: Final = (
    "Or a moment on the clocks of the zone, `2026-11-01T14:00`; one with an offset, `2026-11-01T14:00+01:00`, also where clocks "
    "show a time twice."
)
FROM: Final = SINCE._replace(about=f"{SINCE.about} {_MOMENT}", schema=_text(pattern=_EDGE), wrong=_NO_EDGE)
TO: Final = UNTIL._replace(
    about=f"{UNTIL.about} {_MOMENT} It is excluded.", schema=_text(pattern=_EDGE), wrong=_NO_EDGE
)
TIMEZONE: Final = Parameter(
    "timezone",
    "IANA name of the zone whose days are meant; the server's own where none is said.",
    _text(),
    example="Europe/Berlin",
)
FILTERS: Final = tuple(
    Parameter(
        name,
        f"Only this {about}; `*` stands for anything. May be said several times, or hold several with commas; a comma in a name is `\\,`.",
        _LIST,
    )
    for name, about in (
        ("tool", "coding tool"),
        ("project", "project: its path or the path's last part"),
        ("machine", "machine"),
        ("model", "model"),
        ("session", "session"),
        ("branch", "branch"),
        ("agent", "subagent"),
        ("user", "user"),
        ("tag", "tag of a session, as `name=value`"),
    )
)
BY: Final = Parameter(
    "by",
    f"Group by these, with commas between them: {', '.join(KEYS)}.",
    _text(pattern=f"^{_ONE_KEY}(,{_ONE_KEY})*$"),
    example="day,model",
    wrong=_NO_KEY,
)
ORDER: Final = Parameter(
    "order",
    "`asc`, `desc` or a column, which `:asc` or `:desc` may follow, such as `cost` or `total:asc`.",
    _text(),
    example="cost",
)
LIMIT: Final = Parameter(
    "limit", "At most so many rows; 0 for all.", {"type": "integer", "minimum": 0, "maximum": _NUMBER_MOST}, example=10
)
NO_COST: Final = Parameter("no_cost", "Without prices.", {"type": "boolean"})
WEEKDAY: Final = Parameter(
    "weekday", "Only this weekday, on the clocks of the zone.", {"type": "string", "enum": list(WEEKDAYS)}
)
HOUR: Final = Parameter(
    "hour",
    "Only this hour of the day, on the clocks of the zone: 14 is from 14:00 to 15:00.",
    {"type": "integer", "minimum": 0, "maximum": HOURS - 1},
)
OF_PERIOD: Final = (SINCE, UNTIL, TIMEZONE)
OF_MOMENTS: Final = (FROM, TO, TIMEZONE, WEEKDAY, HOUR)
"""Of what looks at single events, and so is not bound to days."""
OF_REPORTS: Final = (*OF_PERIOD, *FILTERS, BY, ORDER, LIMIT, NO_COST)

type Said = Mapping[str, Any]
"""What an address says, by name: a text, a number, a bool, or a list of texts; what it does not say is missing."""


def read(query: QueryParams, known: Sequence[Parameter]) -> dict[str, Any]:
    """Read what an address says; raise Misused, in one sentence, for what it may not say."""
    parameters = {parameter.name: parameter for parameter in known}
    said: dict[str, Any] = {}
    pairs = query.multi_items()
    if len(pairs) > VALUES_MOST:
        raise Misused(f"There are {len(pairs)} values in this address: give {VALUES_MOST} at most.")
    for name, text in pairs:
        parameter = parameters.get(name)
        if parameter is None:
            raise Misused(f"There is no parameter {name[: _LONGEST // 10]!r} here: {_known(known)}.")
        if len(text) > (most := parameter.schema.get("maxLength", _LONGEST)):
            raise Misused(f"{name} is too long: give {most} characters at most.")
        if parameter.many:
            _append(said.setdefault(name, []), parameter, text)
        elif name in said:
            raise Misused(f"{name} is said twice: say it once.")
        else:
            said[name] = _value(parameter, text)
    if missing := [parameter for parameter in known if parameter.needed and not said.get(parameter.name)]:
        first = missing[0]
        raise Misused(f"Say {first.name}, for example {first.name}={first.example}.")
    return said


def _append(texts: list[str], parameter: Parameter, text: str) -> None:
    texts.append(text)
    if len(texts) > (most := parameter.schema["maxItems"]):
        raise Misused(f"{parameter.name} is said too often: give {most} at most, or several in one, with commas.")


def _known(known: Sequence[Parameter]) -> str:
    return f"those there are {', '.join(each.name for each in known)}" if known else "there is none"


def _value(parameter: Parameter, text: str) -> Any:  # noqa: ANN401  by the parameter's type
    kind = parameter.schema["type"]
    if kind == "integer":
        least, most = parameter.schema["minimum"], parameter.schema["maximum"]
        if not (text.isascii() and text.isdigit() and len(text) <= len(str(most)) and least <= int(text) <= most):
            raise Misused(f"{parameter.name} {text!r} is no number from {least} to {most}.")
        return int(text)
    if kind == "boolean":
        if text.lower() not in _WORDS:
            raise Misused(f"{parameter.name} {text!r} is neither true nor false.")
        return _WORDS[text.lower()]
    if "pattern" in parameter.schema and not fullmatch(parameter.schema["pattern"], text):
        raise Misused(f"{parameter.name} {text!r} {parameter.wrong}")
    if "enum" in parameter.schema and text not in parameter.schema["enum"]:
        raise Misused(f"{parameter.name} {text!r} is none: choose among {', '.join(parameter.schema['enum'])}.")
    return text


def where(said: Said) -> Filters:
    """Return the filters that an address says, each with its patterns."""
    return {each.name: patterns(said[each.name]) for each in FILTERS if said.get(each.name)}


def zone(said: Said, site: Site) -> Zone:
    """Return the zone that an address names, or else the server's."""
    return Zone(said.get("timezone") or site.timezone)


def asked(report: Report, said: Said, site: Site, now: int, *, moments: bool = False) -> Question:
    """Return the question that an address puts; raise Misused, in the words of the command line, for what cannot be asked.

    With `moments` its period may begin and end within a day, and it may be about hours of the week.
    """
    span = period(zone(said, site), now, said.get("since", ""), said.get("until", ""), moments=moments)
    wish = Wish(
        said.get("by", ""), where(said), said.get("order", ""), said.get("limit"), prices=not said.get("no_cost")
    )
    return question(report, span, wish, now)._replace(hours=hours(said.get("weekday", ""), said.get("hour")))


def described(parameters: Iterable[Parameter], in_path: Iterable[Parameter] = ()) -> dict[str, Any]:
    """Return parameters as an API's description has them."""
    found = [_described(each, "path") for each in in_path] + [_described(each, "query") for each in parameters]
    return {"parameters": found} if found else {}


def _described(parameter: Parameter, place: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": parameter.name,
        "in": place,
        "required": parameter.needed,
        "description": parameter.about,
        "schema": dict(parameter.schema),
    }
    if parameter.example is not None:
        told["example"] = parameter.example
    return told
