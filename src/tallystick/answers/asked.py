"""A question as plain values: what goes to the server of another machine, and the same question again there."""

from collections.abc import Mapping
from typing import Any, Final

from tallystick.answers.question import Filters, Question
from tallystick.answers.report import KEYS, MEASURES, Report
from tallystick.answers.reports import REPORTS
from tallystick.errors import Misused
from tallystick.usage.hours import hours
from tallystick.usage.period import BEGINNING, END, Period, Zone

BY_NAME: Final[Mapping[str, Report]] = {report.name: report for report in REPORTS}
FILTERS: Final = ("tool", "project", "machine", "model", "session", "branch", "agent", "user", "tag")
LIMIT_MOST: Final = 1_000_000
_PATTERNS_MOST: Final = 100
_LONGEST: Final = 1_000
_EARLIEST: Final = -62_000_000_000_000
"""A moment in the year 5, and one in 9999: between them every zone has days."""
_LATEST: Final = 253_380_000_000_000
_NOW_MOST: Final = 8_000_000_000_000
"""A moment in the year 2223."""


def said(question: Question) -> dict[str, Any]:
    """Return a question as plain values, from which `asked` makes the same one."""
    span = question.period
    return {
        "report": question.report.name,
        "timezone": span.zone.name,
        "since": None if span.since == BEGINNING else span.since,
        "until": None if span.until == END else span.until,
        "group_by": list(question.group_by),
        "listed": list(question.listed),
        "where": {name: list(patterns) for name, patterns in question.where.items()},
        "order": list(question.order),
        "limit": question.limit,
        "prices": question.prices,
        "now": question.now,
        "hours": None if question.hours is None else list(question.hours),
    }


def asked(values: Any) -> Question:  # noqa: ANN401  whatever somebody sends
    """Return the question that plain values put; raise Misused for what cannot be asked, whoever sends it."""
    told = values if isinstance(values, Mapping) else {}
    report = BY_NAME.get(text(told, "report"))
    if report is None:
        raise Misused(f"There is no report {text(told, 'report')!r}: choose among {', '.join(BY_NAME)}.")
    keys = _keys(report, _texts(told.get("group_by"), "group_by"))
    listed = _texts(told.get("listed"), "listed")
    if listed and (len(listed) >= len(keys) or keys[-len(listed) :] != listed):
        raise Misused("listed must be the last keys of group_by, and not all of them.")
    prices = told.get("prices")
    if not isinstance(prices, bool):
        raise Misused("prices must be true or false.")
    limit = None if told.get("limit") is None else number(told, "limit", 0, LIMIT_MOST)
    now = number(told, "now", 0, _NOW_MOST)
    order = _order(report, keys, told.get("order"))
    return Question(report, _period(told), keys, listed, _where(told), order, limit, prices, now, _hours(told))


def number(told: Mapping[str, Any], name: str, least: int, most: int) -> int:
    """Return a whole number; raise Misused for anything else, and for one that is too small or too large."""
    value = told.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise Misused(f"{name} must be a number from {least} to {most}.")
    return value


def text(told: Mapping[str, Any], name: str) -> str:
    """Return a text; raise Misused for anything else, and for one that is too long or cannot be written."""
    value = told.get(name)
    if not _is_text(value):
        raise Misused(f"{name} must be a text of {_LONGEST} characters at most.")
    return str(value)


def _is_text(value: object) -> bool:
    # Half a character, which JSON can hold, is no text that anything is called by.
    return isinstance(value, str) and len(value) <= _LONGEST and not any("\ud800" <= each <= "\udfff" for each in value)


def _texts(value: Any, name: str) -> tuple[str, ...]:  # noqa: ANN401  whatever somebody sends
    fits = isinstance(value, list) and len(value) <= _PATTERNS_MOST
    if not fits or not all(map(_is_text, value)):
        raise Misused(f"{name} must be a list of {_PATTERNS_MOST} texts at most.")
    return tuple(value)


def _keys(report: Report, keys: tuple[str, ...]) -> tuple[str, ...]:
    """Return keys by which a report can be grouped, as its command line lets them be said."""
    if keys and keys == report.group_by:
        return keys
    own = report.answer is not None and report.group_by[0] not in KEYS
    if own or not keys or keys[:1] != (report.group_by[:1] or keys[:1]) or not set(keys) <= set(KEYS):
        raise Misused(f"{report.name} cannot be grouped by {', '.join(keys) or 'nothing'}.")
    return tuple(dict.fromkeys(keys))


def _period(told: Mapping[str, Any]) -> Period:
    zone = Zone(text(told, "timezone"))
    since = BEGINNING if told.get("since") is None else number(told, "since", _EARLIEST, _LATEST)
    until = END if told.get("until") is None else number(told, "until", _EARLIEST, _LATEST)
    if since >= until:
        raise Misused("The period ends before it begins.")
    return Period(zone, since, until)


def _where(told: Mapping[str, Any]) -> Filters:
    where = told.get("where")
    if not isinstance(where, Mapping) or not set(where) <= set(FILTERS):
        raise Misused(f"where must be filters: {', '.join(FILTERS)}, each with a list of patterns.")
    found = {name: _texts(patterns, name) for name, patterns in where.items()}
    return {name: patterns for name, patterns in found.items() if patterns}


def _order(report: Report, keys: tuple[str, ...], value: Any) -> tuple[str, bool]:  # noqa: ANN401  whatever somebody sends
    columns = (*keys, *MEASURES, *(report.details if keys == report.group_by else ()))
    match value:
        case [str(column), bool(greatest_first)] if column in columns:
            return column, greatest_first
    raise Misused(f"order must be a column ({', '.join(columns)}), and whether the greatest comes first.")


def _hours(told: Mapping[str, Any]) -> Any:  # noqa: ANN401  as `Question.hours` has it
    match told.get("hours"):
        case None:
            return None
        case [str(weekday), None]:
            return hours(weekday)
        case [str(weekday), int(hour)] if not isinstance(hour, bool):
            return hours(weekday, hour)
    raise Misused("hours must be a weekday, or an empty text, and an hour, or null.")
