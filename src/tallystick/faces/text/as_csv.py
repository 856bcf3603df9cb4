"""Answers as CSV: a line of column names, then one line for each row, without totals."""

from collections.abc import Iterable
from typing import Any

from tallystick.answers.answer import Answer, Moment, Money
from tallystick.answers.as_json import dollars, measures, value


def report(answer: Answer) -> str:
    """Return an answer as CSV (RFC 4180, but with plain line ends); what is not known is empty."""
    question = answer.question
    details = question.report.details if question.group_by == question.report.group_by else ()
    names = (*question.group_by, *(name for name, _ in measures(answer.totals, prices=question.prices)), *details)
    lines = [_line(names)]
    for row in answer.rows:
        figures = (figure for _, figure in measures(row.figures, prices=question.prices))
        lines.append(_line((*row.keys, *figures, *((row.details or {}).get(name) for name in details))))
    return "".join(lines)


def _line(cells: Iterable[Any]) -> str:
    return ",".join(map(_cell, cells)) + "\n"


def _cell(thing: Any) -> str:  # noqa: ANN401  whatever a row holds
    if thing is None:
        return ""
    if isinstance(thing, bool):
        return value(thing)
    if isinstance(thing, Money):
        return dollars(thing)
    if isinstance(thing, Moment):
        return thing.iso()
    text = thing if isinstance(thing, str) else str(thing) if isinstance(thing, int | float) else _nested(thing)
    if any(mark in text for mark in ',"\r\n'):
        text = '"' + text.replace('"', '""') + '"'
    return text


def _nested(thing: Any) -> str:  # noqa: ANN401
    return " ".join(thing) if isinstance(thing, list) else value(thing)
