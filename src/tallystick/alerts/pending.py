"""Pending: what is still to be told by which way out, one process at a time for each; and what is not to be told at all."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from tallystick.alerts.chronicle import episode_of
from tallystick.alerts.ending import is_ending, place
from tallystick.alerts.episodes import Episode
from tallystick.alerts.keeper import Keeper
from tallystick.alerts.rules.rule import DAY_MS, HOUR_MS, MINUTE_MS

AGAIN_MS: Final = (30_000, 2 * MINUTE_MS, 10 * MINUTE_MS, 30 * MINUTE_MS, 2 * HOUR_MS)
"""How long is waited after each try that failed; after one more it is given up."""
LEASE_MS: Final = 3 * MINUTE_MS
"""After so long whoever was to tell of something has come to grief, and another may try."""
_AHEAD_MOST_MS: Final = 3 * HOUR_MS
"""What is due later than that was put off by a clock that was ahead."""
_GONE_MS: Final = HOUR_MS
"""For so long somebody else who looks here may know of a way out that is not known here: by a config that was just changed."""
_DUE: Final = """
SELECT episode, outlet, tries, due, episodes.state = 'ended', ended, rule, key
FROM tellings JOIN episodes ON episodes.id = episode
WHERE tellings.state IN ('waiting', 'sending') AND (due <= ? OR due > ?) ORDER BY episode, outlet"""
_SILENT: Final = "SELECT what FROM mutes WHERE until = 0 OR until > ?"
_EVERYTHING: Final = "*"


class Due(NamedTuple):
    """One alert that is to be told by one way out, now and by whoever was given this."""

    episode: Episode
    outlet: str
    """The way out, and whether it is told of the end."""
    tries: int
    """This one included."""

    @property
    def place(self) -> str:
        """The way out by which it is told."""
        return place(self.outlet)

    @property
    def is_ending(self) -> bool:
        """Whether it is told that it is over."""
        return is_ending(self.outlet)


class _Row(NamedTuple):
    """What is due on some way out, whether or not anything goes there."""

    episode: int
    outlet: str
    tries: int
    """Before this one."""
    due: int
    is_over: int
    ended: int
    rule: str
    key: str

    def is_left(self, outlets: Sequence[str], now: int) -> bool:
        """Tell whether it is never to be told: over before it could be tried or long ago, not over after all, or its way out is gone."""
        if self.is_over and ((not self.tries and not is_ending(self.outlet)) or now - self.ended > DAY_MS):
            return True
        if is_ending(self.outlet) and not self.is_over:
            return True
        return place(self.outlet) not in outlets and not 0 <= now - self.due < _GONE_MS

    def goes(self, outlets: Sequence[str], quiet: Sequence[str], silent: set[str]) -> bool:
        """Tell whether it is to be told now."""
        is_silent = place(self.outlet) in quiet or not silent.isdisjoint((_EVERYTHING, self.rule, self.key))
        return place(self.outlet) in outlets and not is_silent


class Mute(NamedTuple):
    """What is not to be told."""

    what: str
    """A rule, the key of a thing, or `*` for everything."""
    since: int
    until: int
    """Milliseconds since 1970, UTC; 0 for good."""


def claim(file: Keeper, outlets: Sequence[str], now: int, *, quiet: Sequence[str] = ()) -> list[Due]:
    """Return what is due on the ways out that there are, which nobody else is given for `LEASE_MS`; nothing on those that are `quiet`.

    What is muted or quiet waits; what is over before it could be tried, or whose way out is gone, is left.
    """
    span = now, now + _AHEAD_MOST_MS
    due = [_Row(*row) for row in file.rows(_DUE, *span)]
    silent = {row[0] for row in file.rows(_SILENT, now)} if due else set()
    # What waits may wait for days, and is looked at every few seconds: that alone locks and writes nothing.
    if not any(each.is_left(outlets, now) or each.goes(outlets, quiet, silent) for each in due):
        return []
    claimed: list[Due] = []
    with file.changing() as db:
        silent = {row[0] for row in db.execute(_SILENT, (now,))}
        for each in [_Row(*row) for row in db.execute(_DUE, span)]:
            of = each.episode, each.outlet
            if each.is_left(outlets, now):
                db.execute("UPDATE tellings SET state = 'left' WHERE episode = ? AND outlet = ?", of)
            elif each.goes(outlets, quiet, silent):
                db.execute(
                    "UPDATE tellings SET state = 'sending', tries = tries + 1, due = ? WHERE episode = ? AND outlet = ?",
                    (now + LEASE_MS, *of),
                )
                claimed.append(Due(episode_of(db, each.episode), each.outlet, each.tries + 1))
    return claimed


def finished(file: Keeper, due: Due, trouble: str, now: int) -> None:
    """Note how telling went: without trouble it is done, else it is tried again, so many times."""
    is_last = due.tries > len(AGAIN_MS)
    state = "failed" if trouble and is_last else "waiting" if trouble else "told"
    later = now + (AGAIN_MS[due.tries - 1] if state == "waiting" else 0)
    with file.changing() as db:
        db.execute(
            "UPDATE tellings SET state = ?, due = ?, time = ?, trouble = ? "
            "WHERE episode = ? AND outlet = ? AND state = 'sending' AND tries = ?",
            (state, later, now, trouble, due.episode.id, due.outlet, due.tries),
        )


def put_back(file: Keeper, due: Due, until: int) -> None:
    """Give back what was claimed and not begun, to be tried from a moment on."""
    with file.changing() as db:
        db.execute(
            "UPDATE tellings SET state = 'waiting', tries = tries - 1, due = ? "
            "WHERE episode = ? AND outlet = ? AND state = 'sending' AND tries = ?",
            (until, due.episode.id, due.outlet, due.tries),
        )


def mute(file: Keeper, what: str, now: int, until: int = 0) -> None:
    """Have a rule, a thing or everything told no more, until a moment or for good."""
    with file.changing() as db:
        db.execute(
            "INSERT INTO mutes VALUES (?, ?, ?) ON CONFLICT (what) DO UPDATE SET since = excluded.since, until = excluded.until",
            (what, now, until),
        )


def unmute(file: Keeper, what: str) -> bool:
    """Have it told again; tell whether it was muted."""
    if not file.rows("SELECT 1 FROM mutes WHERE what = ?", what):
        return False
    with file.changing() as db:
        return db.execute("DELETE FROM mutes WHERE what = ?", (what,)).rowcount > 0


def mutes(file: Keeper, now: int) -> list[Mute]:
    """Return what is muted at a moment."""
    asked = "SELECT what, since, until FROM mutes WHERE until = 0 OR until > ? ORDER BY what"
    return [Mute(*row) for row in file.rows(asked, now)]
