"""Points: how much of a usage window one session used, from what vendors said and the tokens that were used meanwhile.

Vendors say how far a window is used up, and by no formula what a token of which model counts in it. What a window rose by between
two words, beside the tokens of each model in that time, tells it: rates are fitted so that the rises come out best and none is
below zero. What is used where no log is read, in a browser or on another machine, is in the rises and in no log, so that a rate
is an estimate, told with how far it may be off.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from math import sqrt
from typing import Final, NamedTuple

from tallystick.answers.answer import Details, Moment
from tallystick.answers.limits import Window
from tallystick.answers.pattern import effort
from tallystick.answers.strands import Strand, parted, standing
from tallystick.errors import NotFound
from tallystick.ledger.ledger import Ledger, Row
from tallystick.usage.event import MOST_USED
from tallystick.usage.period import DAY_MS, END, SLOT_MS

_MINUTE_MS: Final = 60_000
_BACK_MS: Final = 21 * DAY_MS
"""What vendors count how much changes now and then."""
_STRETCH: Final = 2.0
"""Points that a stretch rises by at least: they are told rounded to one."""
_FEW: Final = 3
"""Stretches for each rate, fewer than which tell nothing."""
_ROUNDED: Final = 0.5
_DEVIATIONS: Final = 1.28
"""Between so many to both sides lie eight of ten."""
_ROUNDS: Final = 400
_STILL: Final = 1e-9
_MODELS_MOST: Final = 6
"""Models with a rate of their own, those used most; the others share one."""


class Points(NamedTuple):
    """What a session used of a window, in per cent of it."""

    points: float
    low: float
    high: float
    """Between these it lies in about eight of ten cases."""


class Spent(NamedTuple):
    """What a session used of one window."""

    provider: str
    name: str
    account: str
    minutes: int
    resets_at: int
    """Milliseconds since 1970, UTC."""
    used_percent: float
    """Of the window, by all together, as the vendor said."""
    points: Points


class OfSession(NamedTuple):
    """What a session used of the windows of which that can be told; all of it is estimated."""

    session: str
    windows: list[Spent]
    schema: str = "tallystick.limits_points/1"

    def told(self) -> Details:
        """Return it as the details of an answer."""
        return {
            "session": self.session,
            "windows": [
                {**each._asdict(), "resets_at": Moment(each.resets_at), **each.points._asdict()}
                for each in self.windows
            ],
        }


def of_session(ledger: Ledger, windows: Iterable[Window], session: str, now: int) -> OfSession:
    """Return what a session used of windows, leaving out those of which that cannot be told.

    Raise NotFound where there is no session of that name.
    """
    if all(row[2] != session for row in ledger.ask("contexts")):
        raise NotFound(f"There is no session {session!r}: `tally sessions --limit 0 --json` tells the names of all.")
    return OfSession(session, of_sessions(ledger, windows, [session], now)[session])


def of_sessions(
    ledger: Ledger, windows: Iterable[Window], sessions: Collection[str], now: int
) -> dict[str, list[Spent]]:
    """Return what each of some sessions used of windows, leaving out those of which that cannot be told."""
    found: dict[str, list[Spent]] = {session: [] for session in sessions}
    for window in windows:
        measure = _measure(ledger, window, now)
        if measure is None:
            continue
        about = (*window[:2], window.account, window.minutes, window.resets_at, window.used_percent)
        for session, ours in _of_sessions(ledger, measure.models, sessions, (measure.begin, now)).items():
            points = _told(measure.rates, ours, measure.everyone, window.used_percent)
            if points is not None:
                found[session].append(Spent(*about, points))
    return found


class Stretch(NamedTuple):
    """What a window rose by, and what was used meanwhile."""

    efforts: Mapping[str, float]
    """By model, in tokens of input (`pattern.effort`)."""
    points: float


class Rates(NamedTuple):
    """What tokens count in a window."""

    by_model: Mapping[str, float]
    """Points for each token of input."""
    spread: float
    """Variance by mean of the points of a stretch."""

    def points(self, efforts: Mapping[str, float]) -> float:
        """Return what efforts come to; models without a rate count nothing."""
        return sum(self.by_model.get(model, 0.0) * each for model, each in efforts.items())


def points_of(ledger: Ledger, window: Window, session: str, now: int) -> Points | None:
    """Return what a session used so far of a window; None where that cannot be told (`of_sessions`)."""
    (found,) = of_sessions(ledger, [window], [session], now).values()
    return found[0].points if found else None


class _Measure(NamedTuple):
    """What tokens count in a window, and what all used of it."""

    begin: int
    models: Mapping[int, str]
    """By the numbers of variants, those of its vendor."""
    rates: Rates | None
    everyone: Mapping[str, float]


def _measure(ledger: Ledger, window: Window, now: int) -> _Measure | None:
    """Return what a window can be measured by; None where it cannot.

    It cannot where a window is not known by length and reset, where several accounts share it so that nobody knows whose
    tokens are whose, or where too little was said to tell what tokens count.
    """
    if not window.minutes or not window.resets_at or window.over(now):
        return None
    begin = window.resets_at - window.minutes * _MINUTE_MS
    rows = [
        row
        for row in ledger.ask("limits", since=min(begin, now - _BACK_MS), until=END)
        if row[:2] == (window.provider, window.name) and 0 <= row[3] <= MOST_USED and row[5] <= now
    ]
    if sum(strand.live(now) for strand in standing(rows, now)) != 1:
        return None
    models = {row[0]: row[2] for row in ledger.ask("variants") if row[1] == window.provider}
    used = _by_slot(ledger, models, rows[0][5] // SLOT_MS, now // SLOT_MS + 1)
    rates = fitted([stretch for strand in parted(rows) for stretch in _stretches(strand, used)])
    return _Measure(begin, models, rates, _summed(used, begin // SLOT_MS, now // SLOT_MS + 1))


def fitted(stretches: Sequence[Stretch]) -> Rates | None:
    """Return the rates under which stretches come out best; None where there are too few for that."""
    sums: defaultdict[str, float] = defaultdict(float)
    for stretch in stretches:
        for model, each in stretch.efforts.items():
            sums[model] += each
    most = sorted(sums, key=lambda model: (-sums[model], model))
    models = [model for model in most[:_MODELS_MOST] if sums[model] > 0]
    points = sum(stretch.points for stretch in stretches)
    if not models or len(stretches) < _FEW * len(models) or not points:
        return None
    table = [[stretch.efforts.get(model, 0.0) / sums[model] for model in models] for stretch in stretches]
    shares = least_squares(table, [stretch.points for stretch in stretches])
    rates = {model: share / sums[model] for model, share in zip(models, shares, strict=True)}
    said = Rates(rates, 0.0)
    off = sum((stretch.points - said.points(stretch.efforts)) ** 2 for stretch in stretches)
    free = (len(stretches) - len(models)) / len(stretches)
    return Rates(rates, off / points / free)


def least_squares(table: Sequence[Sequence[float]], wanted: Sequence[float]) -> list[float]:
    """Return the factors, none below zero, by which the columns of a table come nearest to what is wanted.

    One factor after the other is set to its best value, which converges because the sum of squares is convex. Where columns are
    alike, so that many answers are as good, it stays near the one that treats all alike.
    """
    columns = list(zip(*table, strict=True))
    whole = sum(map(sum, columns))
    factors = [sum(wanted) / whole if whole else 0.0] * len(columns)
    squares = [sum(each * each for each in column) for column in columns]
    left = [want - sum(map(float.__mul__, factors, map(float, row))) for row, want in zip(table, wanted, strict=True)]
    for _ in range(_ROUNDS):
        before = list(factors)
        for place, column in enumerate(columns):
            if squares[place]:
                step = sum(map(float.__mul__, map(float, column), left)) / squares[place]
                step = max(step, -factors[place])
                factors[place] += step
                left = [each - step * value for each, value in zip(left, column, strict=True)]
        # So much smaller than a rounding of what was said that it goes nowhere any more.
        if max(map(abs, map(float.__sub__, factors, before)), default=0.0) <= _STILL * max(factors, default=0.0):
            break
    return factors


def _told(rates: Rates | None, ours: Mapping[str, float], everyone: Mapping[str, float], used: float) -> Points | None:
    if not any(ours.values()):
        return Points(0.0, 0.0, 0.0)
    if rates is None:
        return None
    unknown = sum(each for model, each in ours.items() if model not in rates.by_model)
    if unknown * 4 > sum(ours.values()):
        return None
    points, whole = rates.points(ours), rates.points(everyone)
    most = used + _ROUNDED
    # All sessions together cannot have used more than the window: then the rates are too high for it.
    fair = points * min(1.0, most / whole) if whole else points
    off = _DEVIATIONS * sqrt(rates.spread * fair) + _ROUNDED + (points - fair)
    if off > fair + 1:
        return None
    return Points(fair, max(0.0, fair - off), min(most, fair + off))


type _Used = Mapping[int, Mapping[str, float]]
"""Efforts by quarter-hour and model."""


def _by_slot(ledger: Ledger, models: Mapping[int, str], first: int, after: int) -> _Used:
    found: defaultdict[int, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in ledger.ask("usage_by_variant", since=first, until=after):
        if row[1] in models:
            found[row[0]][models[row[1]]] += effort(row[5:10])
    return found


def _of_sessions(
    ledger: Ledger, models: Mapping[int, str], sessions: Collection[str], time: tuple[int, int]
) -> dict[str, dict[str, float]]:
    contexts = {row[0]: row[2] for row in ledger.ask("contexts") if row[2] in sessions}
    found: dict[str, dict[str, float]] = {session: {} for session in sessions}
    if contexts:
        for row in ledger.ask("usage_by_context", since=time[0] // SLOT_MS, until=time[1] // SLOT_MS + 1):
            if row[4] in contexts and row[1] in models:
                used, model = found[contexts[row[4]]], models[row[1]]
                used[model] = used.get(model, 0.0) + effort(row[6:11])
    return found


def _summed(used: _Used, first: int, after: int) -> dict[str, float]:
    found: defaultdict[str, float] = defaultdict(float)
    for slot in used.keys() & range(first, after):
        for model, each in used[slot].items():
            found[model] += each
    return dict(found)


def _stretches(strand: Strand, used: _Used) -> Iterator[Stretch]:
    """Yield stretches of whole quarter-hours, in each of which a window rose by some points."""
    times = [row[5] for row in strand.rows]
    levels = _risen(strand.rows)
    first = -(-times[0] // SLOT_MS)
    level = _level(times, levels, first)
    for slot in range(first + 1, times[-1] // SLOT_MS + 1):
        now = _level(times, levels, slot)
        if now - level >= _STRETCH:
            yield Stretch(_summed(used, first, slot), now - level)
            first, level = slot, now


def _risen(rows: Iterable[Row]) -> list[float]:
    """Return the most that was said so far, at each row."""
    found: list[float] = []
    for row in rows:
        found.append(max(row[3], found[-1]) if found else row[3])
    return found


def _level(times: Sequence[int], levels: Sequence[float], slot: int) -> float:
    place = bisect_left(times, slot * SLOT_MS)
    return levels[max(place - 1, 0)]
