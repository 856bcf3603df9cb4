"""`tally doctor`: what was found where, what is wrong, and what to do about it."""

import os
import sqlite3
import sys
from typing import TYPE_CHECKING, Any, Final

import click

from tallystick.answers.advice import Finding, advice
from tallystick.answers.as_json import value as as_json
from tallystick.answers.health import Health, LedgerFile, Place, Seen, Surroundings, examine
from tallystick.cli import background, controlled, entrance, sent, wired
from tallystick.cli.options import JSON, NO_REFRESH, Option, Values
from tallystick.cli.tools import uncounted
from tallystick.cli.tree import COMMANDS, parameters, said
from tallystick.errors import NotFound, TallystickError
from tallystick.intake.logs import Summary
from tallystick.intake.survey import survey
from tallystick.prices.book import Unusable, unpack
from tallystick.settings import DEFAULT, Settings

if TYPE_CHECKING:
    from tallystick.house import House

OPTIONS: Final = (Option("--full", "Check all sums of the ledger against its events; takes seconds."), JSON, NO_REFRESH)


def command(name: str) -> click.Command:
    """Return the command."""
    return click.Command(
        name,
        callback=_called,
        params=parameters(OPTIONS),
        help=f"{COMMANDS[name].help} Exits with 1 if something is wrong; a warning is not wrong.",
    )


def _called(**given: Any) -> int:  # noqa: ANN401  as click gives them
    return run(said(given))


def run(values: Values) -> int:
    """Examine everything and show it; return 1 when something is wrong."""
    chosen = entrance.settings()
    entrance.zone(chosen)
    opened = entrance.house(chosen)
    try:
        health = _examined(opened, chosen, values)
        pushed, shared = sent.sent(opened, chosen), controlled.controlled(chosen)
    finally:
        opened.close()
    now = health.surroundings.now
    found = [*advice(health), *sent.findings(pushed, now), *controlled.findings(shared), *_of_the_way_out(chosen)]
    findings = sorted(found, key=lambda finding: not finding.trouble)
    from tallystick.faces.text import health as face

    if values.get("json"):
        told = face.as_json(health, findings).rstrip().removesuffix("}")
        more = f'"push": {as_json(sent.values(pushed))}, "control": {as_json(controlled.values(shared))}'
        entrance.write(f"{told}, {more}}}\n")
    else:
        shown = [*sent.lines(pushed, now), *controlled.lines(shared), *face.lines(health, findings, chosen.home)]
        if sys.stdout.isatty():
            face.show(shown)
        else:
            entrance.write("".join(f"{line.text}\n" for line in shown))
    return int(any(finding.trouble for finding in findings))


def _of_the_way_out(chosen: Settings) -> list[Finding]:
    """Return what is odd about the way from proxy and gateway to the providers."""
    what, todo = wired.unspoken(background.own(chosen))
    return [Finding(trouble=False, about="proxy", what=what, todo=todo)] if what else []


def _examined(opened: "House", chosen: Settings, values: Values) -> Health:
    """Examine a house; a ledger that cannot be used is a finding, and the rest is examined without it."""
    try:
        summary = Summary() if values.get("no_refresh") else _read(opened)
        file = _file(opened, full=bool(values.get("full")))
        around = _around(opened, chosen, summary, file)
        return examine(opened.ledger, opened.book, around)
    except (TallystickError, sqlite3.Error, OSError) as error:
        file = LedgerFile(opened.where.ledger, closed=_told(error, opened.where.ledger))
        return examine(None, opened.book, _around(opened, chosen, Summary(), file, known=False))


def _read(opened: "House") -> Summary:
    """Bring what is new into the ledger, saying nothing of troubles: they are what the answer is about."""
    from tallystick.faces.text.progress import listener

    line = listener(sys.stderr, os.environ)
    try:
        return opened.refresh(line)
    finally:
        if line is not None:
            line.close()


def _told(error: Exception, path: str) -> str:
    if isinstance(error, TallystickError):
        return str(error)
    if isinstance(error, OSError):
        return f"The ledger {path} cannot be used ({(error.strerror or str(error)).lower()}). Give yourself the right to write there, or set TALLY_DATA_DIR."
    return f"The ledger {path} is damaged ({error}). Keep the file and see `tally ledger verify`; its backups lie beside it."


def _file(opened: "House", *, full: bool) -> LedgerFile:
    path = opened.where.ledger
    try:
        found = opened.health()
    except NotFound:
        return LedgerFile(path)
    problems = tuple(opened.verify(full=full))
    free = found.free / found.pages if found.pages else 0.0
    busy = opened.busy or opened.written_elsewhere()
    return LedgerFile(path, found.bytes, free, found.version, problems, "fully" if full else "quickly", busy=busy)


def _around(
    opened: "House", chosen: Settings, summary: Summary, file: LedgerFile, *, known: bool = True
) -> Surroundings:
    """Return what surrounds the ledger; where that is not `known`, everything counts as unread."""
    where = opened.where
    looked = survey(opened.readable, where.home, where.environ, opened.ledger if known else None, opened.others)
    source = chosen.sources["timezone"]
    return Surroundings(
        entrance.now(),
        chosen.timezone,
        "" if source == DEFAULT else source,
        chosen.config,
        opened.readable,
        tuple(Seen(each.tool, tuple(Place(*place) for place in each.places), *each[2:]) for each in looked.seen),
        tuple(dict.fromkeys((trouble.path, trouble.reason) for trouble in (*summary.troubles, *looked.troubles))),
        file,
        _unusable(where.fetched_book),
        uncounted(opened),
        tuple(home for home in where.homes if not os.path.isdir(home)),
    )


def _unusable(path: str) -> str:
    """Return the path of a fetched price book that is there and cannot be used."""
    if not os.path.exists(path):
        return ""
    try:
        with open(path, "rb") as file:
            return path if isinstance(unpack(file.read()), Unusable) else ""
    except OSError:
        return path
