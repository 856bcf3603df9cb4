"""`tally ledger copy` and `tally ledger verify --against`: from one ledger into another, and what of two is not the same."""

import os
import sys
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import Any, Final

from tallystick.cli import entrance
from tallystick.errors import Misused
from tallystick.faces.text import copied
from tallystick.faces.text.progress import listener
from tallystick.ledger.ledger import Ledger
from tallystick.ledger.named import ledger_at, same, shown
from tallystick.usage.identity import key

_TOLD_MOST: Final = 50
"""Differences that are told one by one."""


def copy(to: str, origin: str) -> int:
    """Copy one ledger into another; return 1 where that one lacks anything in the end."""
    from tallystick.ledger.copying.copying import copy as copy_all
    from tallystick.ledger.copying.notes import Notes

    chosen = entrance.settings()
    source, target = origin or _own(), to
    _two(source, target)
    notes = Notes(os.path.join(chosen.data_dir, "copying", f"{key(shown(source), shown(target)) % 2**64:016x}.json"))
    with (
        closing(_opened(source)) as here,
        closing(_opened(target, write=True)) as there,
    ):
        outcome = _watched("Copying", partial(copy_all, here, there, notes))
    _tell(copied.differences(outcome.differences, "in the source", "in the target"))
    if outcome.changed:
        entrance.say(
            f"{copied.days(outcome.changed)} changed in the source since the moment that was copied. Once nothing is written to it any more, copy again."
        )
    text = f"{copied.days(outcome.days)}, {outcome.events:,} views of events handed over to {shown(target)}"
    if not outcome.whole:
        entrance.write(f"{text}: it lacks what is told above. Copy again.\n")
        return 1
    more = "it has all that the source has, and more" if outcome.differences else "it is the same, day by day"
    entrance.write(f"{text}: {more}.\n")
    return 0


def verify(against: str) -> int:
    """Compare the ledger with another one; return 1 where they differ."""
    from tallystick.ledger.copying.comparing import compare

    own = _own()
    _two(own, against)
    with closing(_opened(own)) as here, closing(_opened(against)) as there:
        found = _watched("Comparing", lambda tell: list(compare(here, there, tell)))
    _tell(copied.differences(found))
    if found:
        entrance.write(f"{shown(own)} (here) and {shown(against)} (there) are not the same.\n")
        return 1
    entrance.write(f"{shown(against)} is the same, day by day.\n")
    return 0


def _opened(place: str, *, write: bool = False) -> Ledger:
    chosen = entrance.settings()
    turn = entrance.turn(chosen) if place.startswith("clickhouse://") else None
    return ledger_at(place, time.time_ns, os.environ.get("TALLY_LEDGER_PASSWORD", ""), turn, write=write)


def _own() -> str:
    where = entrance.where(entrance.settings())
    return where.url or where.ledger


def _two(one: str, other: str) -> None:
    """Raise Misused where both are the same ledger."""
    if same(one, other):
        raise Misused(f"{shown(other)} is the ledger itself. Name another one.")


def _watched[T](word: str, work: Callable[[Callable[[Any], None] | None], T]) -> T:
    line = listener(sys.stderr, os.environ, partial(copied.line, word))
    try:
        return work(line)
    finally:
        if line is not None:
            line.close()


def _tell(sentences: list[str]) -> None:
    for sentence in sentences[:_TOLD_MOST]:
        entrance.write(f"{sentence}\n")
    if len(sentences) > _TOLD_MOST:
        entrance.write(f"And so on {len(sentences) - _TOLD_MOST:,} times more.\n")
