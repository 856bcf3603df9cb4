"""What the status line is made of: today, the sessions and blocks that go on, and the windows, as plain values for a small file."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, Protocol

from tallystick.answers.answer import Answer, Figures, added
from tallystick.answers.limits import Limits, Window
from tallystick.answers.points import Spent
from tallystick.answers.question import Question, Wish, question
from tallystick.answers.report import Report
from tallystick.answers.reports.times import DAILY
from tallystick.answers.reports.work import BLOCKS, SESSIONS
from tallystick.usage.period import DAY_MS, SLOT_MS, Period, Zone, period

SCHEMA: Final = "tallystick.statusline/1"
_SESSIONS_MOST: Final = 40
_SHORTEST_MOST: Final = 2
"""Windows of one vendor of which it is worked out what sessions used."""
_SHIFTS_MS: Final = 40 * DAY_MS
"""As far ahead as a window may end."""
_MINUTE_MS: Final = 60_000
_UNSAID_MS: Final = 3_600_000
"""For so long a figure counts of which nobody tells how long its window is, nor when that ends."""
_PACE_MINUTES: Final = 10
_SUMS: Final = Report("sums", "Sums of sessions", ("session", "provider", "model"), "session", ())


class Answering(Protocol):
    """Whoever answers, here or elsewhere."""

    def ask(self, question: Question) -> Answer:
        """Answer a question."""

    def limits(self, now: int) -> Limits:
        """Return the windows of all vendors."""

    def spent(self, sessions: Collection[str], windows: Sequence[Window], now: int) -> Mapping[str, Sequence[Spent]]:
        """Return how much of some windows each of some sessions used."""


def told(answers: Answering, zone: Zone, now: int, machine: str) -> dict[str, Any]:
    """Return everything that is kept ready, as of a moment: milliseconds since 1970; costs are in pico-dollars (1e-12 USD)."""
    day = zone.day(now)
    today = answers.ask(question(DAILY, period(zone, now, "today", "today"), Wish(), now)).totals
    limits = answers.limits(now)
    sessions = _sessions(answers, zone, now)
    for name, spent in answers.spent(sessions, _shortest(limits, sessions), now).items():
        if found := _points(spent):
            sessions[name]["points"] = found
    return {
        "schema": SCHEMA,
        "begun": now,
        "machine": machine,
        "ahead": zone.offset(now),
        "shifts": _shifts(zone, now),
        "day": {"since": zone.midnight(day), "until": zone.midnight(day + 1), **_figures(today)},
        "sessions": sessions,
        "blocks": _blocks(answers, zone, now),
        "windows": _windows(limits),
    }


def _figures(figures: Figures) -> dict[str, Any]:
    cost = figures.cost_usd
    return {
        "cost": None if cost is None else int(cost),
        "unpriced": figures.unpriced_tokens,
        "total": figures.total,
    }


def _shifts(zone: Zone, now: int) -> list[tuple[int, int]]:
    """Return when the clocks of a zone change next, and how far ahead of UTC they are from then on, in milliseconds."""
    found, ahead, since = [], zone.offset(now), now // SLOT_MS
    until = (now + _SHIFTS_MS) // SLOT_MS
    if zone.offset(until * SLOT_MS) == ahead:
        # Clocks do not go there and back within that time, but in Ramadan in Morocco, by some days.
        return []
    for slot in range(since, until):
        if zone.offset(slot * SLOT_MS) != ahead:
            ahead = zone.offset(slot * SLOT_MS)
            found.append((slot * SLOT_MS, ahead))
    return found


def _sessions(answers: Answering, zone: Zone, now: int) -> dict[str, Any]:
    """Return the sessions that were at work yesterday or today, each with all that it ever used."""
    recent = question(SESSIONS, period(zone, now, "2d", "today"), Wish(limit=_SESSIONS_MOST), now)
    about = {row.keys[0]: row.details or {} for row in answers.ask(recent).rows if row.keys[0]}
    if not about:
        return {}
    # Some go on for weeks: what they cost is asked of the whole time, and only of them.
    sums = question(_SUMS, Period(zone), Wish(where={"session": list(about)}, limit=0), now)
    of_models: dict[str, list[tuple[Figures, str, str]]] = {}
    for row in answers.ask(sums).rows:
        name, provider, model = row.keys
        of_models.setdefault(name, []).append((row.figures, provider, model))
    found = {}
    for name, details in about.items():
        parts = of_models.get(name, [])
        figures = added(part[0] for part in parts)
        _, provider, model = max(parts, key=lambda part: part[0].total, default=(figures, "", ""))
        found[name] = {
            **_figures(figures),
            "prompt": figures.total - figures.output,
            "cached": figures.cache_read,
            "last": int(details["last"] or 0),
            "provider": provider,
            "model": model,
            **{each: details[each] for each in ("tool", "project", "branch")},
        }
    return found


def _blocks(answers: Answering, zone: Zone, now: int) -> dict[str, Any]:
    found = {}
    # One that runs began at most five hours ago, which may have been yesterday.
    for row in answers.ask(question(BLOCKS, period(zone, now, "yesterday", "today"), Wish(), now)).rows:
        details = row.details or {}
        if details["active"] and not details["gap"]:
            rate = (details["burn_rate"] or {}).get("tokens_per_minute")
            # A pace of some seconds is none.
            known = rate and row.figures.total / rate >= _PACE_MINUTES
            ahead = details["projection"]["cost_usd"] if known else None
            found[row.keys[1]] = {
                "begin": int(details["start"]),
                "end": int(details["end"]),
                "ahead": None if ahead is None else int(ahead),
                **_figures(row.figures),
            }
    return found


def _windows(limits: Limits) -> list[dict[str, Any]]:
    return [_window(window, limits.now) for window in limits.windows if not window.over(limits.now)]


def _shortest(limits: Limits, sessions: Mapping[str, Mapping[str, Any]]) -> list[Window]:
    """Return the windows of which it is worked out what sessions used: the shortest ones of the vendors that they asked.

    That takes a while for each, and the line has room for one.
    """
    found: list[Window] = []
    for provider in {each["provider"] for each in sessions.values()}:
        theirs = [each for each in limits.windows if each.provider == provider and not each.over(limits.now)]
        known = sorted((each for each in theirs if each.minutes and each.resets_at), key=lambda each: each.minutes)
        found += known[:_SHORTEST_MOST]
    return found


def _points(spent: Sequence[Spent]) -> list[dict[str, Any]]:
    """Return what a session used of windows, where it is something."""
    return [
        {
            "provider": each.provider,
            "name": each.name,
            "minutes": each.minutes,
            "resets_at": each.resets_at,
            "points": round(each.points.points, 2),
        }
        for each in spent
        if each.points.points
    ]


def _window(window: Window, now: int) -> dict[str, Any]:
    length = window.minutes * _MINUTE_MS or _UNSAID_MS
    return {
        "provider": window.provider,
        "account": window.account,
        "name": window.name,
        "minutes": window.minutes,
        "used": window.used(now),
        "resets_at": window.resets_at,
        "until": window.resets_at or window.time + length,
        "time": window.time,
        "out": window.forecast.runs_out if window.forecast else None,
    }
