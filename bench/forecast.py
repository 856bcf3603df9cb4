"""The forecast of usage windows: its error beside that of straight lines, and how often the truth lies where it is said to.

    bench/forecast.py [--seeds 5000-5014] [--replays 1]

Three kinds of series: simulated people, whose windows are known to the request; logs of the corpus maker, replayed as if plans of
several sizes had metered them; and what captures of real clients hold. The forecast knows nothing of the simulation's
parameters, and was fitted on seeds below 1000. It sees what a ledger sees: whoever is stopped asks for nothing until the reset.

A window that ran out is one case: the mean of the absolute errors at its moments, what is beyond the reset counting as the
reset. Two straight lines are drawn, one from the window's begin through now, and one through the last fifth of the window; the
better of the two by the median over the cases is the bar. It ends with 1 where the forecast's median is not at least 25 % below
it. Besides are told: single moments; those of windows that only were said to run out; how likely that was said to be, beside
how often it came so.
"""

import argparse
import math
import os
import random
import statistics
import subprocess
import sys
import tempfile
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tallystick.answers.forecast import Forecast, Sample, forecast
from tallystick.answers.pattern import Pattern
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.usage.period import DAY_MS, END, HOUR_MS, SLOT_MS, Zone

TALLY = Path(sys.executable).with_name("tally")
SHARED = Path(os.environ.get("TALLY_SHARED", Path(__file__).resolve().parent.parent.parent / "shared"))
BEGIN = 1_790_000_000_000 // (7 * DAY_MS) * 7 * DAY_MS
MINUTE_MS = 60_000
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Sydney")
HISTORY, TESTED = 5, 3
"""Weeks that are only looked back upon, and weeks in which forecasts are made."""
WEEKLY = "7 days"
LENGTHS = {"5 hours": 300, WEEKLY: 10_080}
BETTER_LEAST = 0.25
RECENT = 5
"""The part of a window, one of so many, through which the second line is drawn."""
SIZES = (0.2, 0.3, 0.45, 0.6, 0.8)
"""Plans by which one log is metered, as parts of what is used on the average."""
CLASSES = 5
"""Of chances that are told, to be held against what came."""
FULL = 100.0
MOMENTS = 10
"""Forecasts in each window, evenly over its time, while it has not run out."""


class Request(NamedTuple):
    """What a person asks for."""

    time: int
    cost: float


class Window(NamedTuple):
    """One run of a usage window, with its truth."""

    begin: int
    resets_at: int
    ran_out: int | None


class Series(NamedTuple):
    """The windows of one account, what was said about them, and what was asked for within them."""

    windows: list[Window]
    samples: list[Sample]
    made: list[Request]


class Score(NamedTuple):
    """One moment: how far off the lines and the forecast were, in minutes, and what is true."""

    window: tuple[int, int]
    """Which one it is in: the series, and the begin."""
    line: float
    recent: float
    forecast: float
    out: bool
    """Whether the window really ran out."""
    said: bool
    """Whether it did, or one of them said so."""
    inside: bool
    chance: float


# People.


def chance(draw: random.Random, share: float) -> bool:
    """Tell whether something happens that happens in such a share of cases."""
    return draw.random() < share


class Person:
    """Habits of one person, drawn at random."""

    def __init__(self, draw: random.Random) -> None:
        """Draw them."""
        self.draw = draw
        self.zone = Zone(draw.choice(ZONES))
        weekend = draw.choice((0.05, 0.2, 0.6))
        self.works = [draw.uniform(0.75, 1.0) for _ in range(5)] + [draw.uniform(0, 2 * weekend) for _ in range(2)]
        late = 9.0 if chance(draw, 0.15) else 0.0
        self.begins = draw.gauss(9.2, 1.1) + late
        self.hours = draw.uniform(6.5, 10.0)
        self.lunch = (self.begins + draw.uniform(3, 4.5), draw.uniform(0.4, 1.3))
        self.evening = draw.uniform(0, 0.5)
        self.active, self.pause = draw.uniform(30, 80), draw.uniform(12, 45)
        """Median minutes of a stretch of work with the tool, and of one without."""
        self.swarms = draw.uniform(0, 0.2)
        self.moods, self.steady = draw.uniform(0.2, 0.7), draw.uniform(0.2, 0.8)

    def requests(self, weeks: int) -> list[Request]:
        """Return what the person would ask for if nothing stopped it, in order of time."""
        found: list[Request] = []
        mood = 0.0
        for day in range(weeks * 7):
            drift = math.sqrt(1 - self.steady**2)
            mood = self.steady * mood + drift * self.draw.gauss(0, self.moods)
            if not chance(self.draw, self.works[day % 7]):
                continue
            begin = self.zone.midnight(BEGIN // DAY_MS + day + 4)
            for since, until in self._blocks():
                found += self._block(begin + round(since * HOUR_MS), begin + round(until * HOUR_MS), math.exp(mood))
        return sorted(found)

    def _blocks(self) -> Iterator[tuple[float, float]]:
        begin = self.begins + self.draw.gauss(0, 0.5)
        noon = self.lunch[0] + self.draw.gauss(0, 0.4)
        yield begin, noon
        yield noon + self.lunch[1], begin + self.hours + self.draw.gauss(0, 0.8)
        if chance(self.draw, self.evening):
            evening = begin + self.hours + self.draw.uniform(2, 4)
            yield evening, evening + self.draw.uniform(0.5, 3)
        if chance(self.draw, 0.02):
            yield 26.0, 26.0 + self.draw.uniform(1, 4)

    def _block(self, time: float, until: float, mood: float) -> Iterator[Request]:
        while time < until:
            ends = min(until, time + MINUTE_MS * self.active * self.draw.lognormvariate(0, 0.8))
            swarm = 4.0 if chance(self.draw, self.swarms) else 1.0
            grown = 1.0
            while time < ends:
                # A context grows, and each request reads it again, until it is begun anew.
                grown = 1.0 if chance(self.draw, 0.03) else min(grown * 1.04, 5.0)
                yield Request(round(time), mood * swarm * grown * self.draw.lognormvariate(0, 0.9))
                time += 1000 * 45 * self.draw.lognormvariate(0, 1.2)
            time = ends + MINUTE_MS * self.pause * self.draw.lognormvariate(0, 1.0)


def metered(draw: random.Random, requests: Sequence[Request], minutes: int, capacity: float) -> Series:
    """Return what a plan of a capacity makes of requests: whoever has used it up is stopped until the reset."""
    length, weekly = minutes * MINUTE_MS, minutes > DAY_MS // MINUTE_MS
    anchor = BEGIN + draw.randrange(7 * 24) * HOUR_MS - length
    windows: list[Window] = []
    exact: list[Sample] = []
    made: list[Request] = []
    used = 0.0
    for time, cost in requests:
        if not windows or time >= windows[-1].resets_at:
            begin = anchor + (time - anchor) // length * length if weekly else time // HOUR_MS * HOUR_MS
            windows.append(Window(begin, begin + length, None))
            used = 0.0
        if used >= FULL:
            continue
        used = min(FULL, used + 100 * cost / capacity)
        if used >= FULL:
            windows[-1] = windows[-1]._replace(ran_out=time)
        exact.append(Sample(time, used))
        made.append(Request(time, cost))
    return Series(windows, seen(draw, windows, exact), made)


def seen(draw: random.Random, windows: Sequence[Window], exact: Sequence[Sample]) -> list[Sample]:
    """Return what a tool would be told: rounded, some of it late, repeated, or only now and then."""
    way = draw.choice(("status line", "parallel sessions", "now and then"))
    begins = [window.begin for window in windows]
    found: list[Sample] = []
    for place, (time, used) in enumerate(exact):
        if way == "status line":
            found.append(Sample(time + draw.randrange(5_000), math.floor(used)))
        elif way == "parallel sessions":
            old = exact[max(0, place - draw.randrange(1, 12))]
            same = bisect_right(begins, old.time) == bisect_right(begins, time)
            stale = chance(draw, 0.1) and same and time - old.time < 15 * MINUTE_MS
            found.append(Sample(time, round(old.used if stale else used, 1)))
        elif not found or time - found[-1].time > 20 * MINUTE_MS or used >= FULL:
            found.append(Sample(time, round(used)))
    return found


def simulated(seed: int, *only: str) -> Iterator[tuple[str, Series, Zone]]:
    """Yield the two windows of one person, or only one of them."""
    draw = random.Random(seed)
    person = Person(draw)
    requests = person.requests(HISTORY + TESTED + 2)
    for name, minutes in LENGTHS.items():
        series = metered(draw, requests, minutes, average(requests, minutes) * draw.uniform(0.5, 1.2))
        if not only or name in only:
            yield name, series, person.zone


def average(requests: Sequence[Request], minutes: int) -> float:
    """Return what is asked for on the average in a time as long as a window, in which anything is."""
    sums: dict[int, float] = {}
    for time, cost in requests:
        place = time // (minutes * MINUTE_MS)
        sums[place] = sums.get(place, 0.0) + cost
    return statistics.mean(sums.values())


# The corpus maker's logs, metered; and what captures hold.


def imported(home: Path, data: Path) -> SqliteLedger:
    """Read the logs under a home the way anybody's are read."""
    environ = {"HOME": str(home), "TZ": "UTC", "PATH": os.environ["PATH"], "TALLY_DATA_DIR": str(data)}
    subprocess.run([str(TALLY), "daily", "--json"], env=environ, check=True, stdout=subprocess.DEVNULL)
    return SqliteLedger(str(data / "ledger.db"))


def replayed(seed: int, work: Path) -> Iterator[tuple[str, Series, Zone]]:
    """Yield windows over the requests in logs that the corpus maker wrote: habits that nobody here has thought up."""
    tree = work / f"tree-{seed}"
    sizes = f"--size-mib 48 --days {(HISTORY + TESTED) * 7} --share claude=100,codex=0,opencode=0,gemini=0".split()
    made = [sys.executable, str(SHARED / "corpus" / "make_corpus.py"), "--out", str(tree), "--seed", str(seed), *sizes]
    subprocess.run(made, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    ledger = imported(tree / "home", work / f"data-{seed}")
    rows = ledger.ask("events", since=-END, until=END)
    ledger.close()
    requests = [Request(row[1], row[4] + 0.1 * row[5] + 1.25 * row[6] + 2 * row[7] + 5 * row[8]) for row in rows]
    moved = BEGIN - requests[0].time // (7 * DAY_MS) * 7 * DAY_MS if requests else 0
    requests = [Request(time + moved, cost) for time, cost in requests]
    draw = random.Random(seed)
    for size in SIZES:
        for name, minutes in LENGTHS.items():
            yield name, metered(draw, requests, minutes, average(requests, minutes) * size), Zone()


def recorded(work: Path) -> str:
    """Say what the captures of real clients hold of usage windows."""
    samples: set[tuple[object, ...]] = set()
    for number, home in enumerate(
        sorted(each for each in (SHARED / "realclients" / "captured").glob("*/*") if each.is_dir())
    ):
        ledger = imported(home, work / f"captured-{number}")
        samples.update(ledger.ask("limits", since=-END, until=END))
        ledger.close()
    ran_out = sum(float(str(row[3])) >= FULL for row in samples)
    return f"captures of real clients: {len(samples)} samples of windows, {ran_out} of one that ran out"


# Scores.


def scores(place: int, name: str, series: Series, zone: Zone) -> Iterator[Score]:
    """Yield the scores of one series over the weeks in which forecasts are made."""
    minutes = LENGTHS[name]
    times = [sample.time for sample in series.samples]
    asked = [request.time for request in series.made]
    stopped = [(window.ran_out, window.resets_at) for window in series.windows if window.ran_out is not None]
    since, until = BEGIN + HISTORY * 7 * DAY_MS, BEGIN + (HISTORY + TESTED) * 7 * DAY_MS
    for window in series.windows:
        if not since <= window.begin < until:
            continue
        known = slots(series.made[: bisect_right(asked, window.begin)])
        pattern = Pattern.of(known, zone, window.begin, [each for each in stopped if each[1] <= window.begin])
        step = (window.resets_at - window.begin) // MOMENTS
        for now in range(window.begin + step, window.ran_out or window.resets_at, step):
            told = series.samples[: bisect_right(times, now)]
            if told and told[-1].time >= window.begin and 1 <= told[-1].used < FULL:
                found = forecast(told, minutes, window.resets_at, now, pattern)
                yield score(window, told, found, now)._replace(window=(place, window.begin))


def slots(requests: Iterable[Request]) -> list[tuple[int, float]]:
    """Return sums by quarter-hour, as a ledger keeps them."""
    sums: dict[int, float] = {}
    for time, cost in requests:
        sums[time // SLOT_MS] = sums.get(time // SLOT_MS, 0.0) + cost
    return sorted(sums.items())


def lines(window: Window, told: Sequence[Sample], now: int) -> tuple[int, int]:
    """Return when a window runs out by the lines from its begin and through its last fifth, at the latest at its reset."""
    begin, resets_at, _ = window
    used = told[-1].used
    whole = min(resets_at, begin + round((now - begin) * 100 / used))
    since = max(begin, now - (resets_at - begin) // RECENT)
    before = max((each.used for each in told if begin <= each.time <= since), default=0.0)
    rise = used - before
    return whole, min(resets_at, now + round((FULL - used) * (now - since) / rise)) if rise > 0 else resets_at


def score(window: Window, told: Sequence[Sample], found: Forecast | None, now: int) -> Score:
    """Hold a forecast and the straight lines against the truth; what is beyond the reset is the reset."""
    begin, resets_at, ran_out = window
    drawn = lines(window, told, now)
    truth = resets_at if ran_out is None else ran_out
    said = (found.runs_out or resets_at) if found else drawn[0]
    early = (found.early or resets_at) if found else drawn[0]
    late = (found.late or resets_at) if found else drawn[0]
    line, recent, our = (abs(each - truth) / MINUTE_MS for each in (*drawn, said))
    any_out = min(*drawn, said, truth) < resets_at
    likely = float(drawn[0] < resets_at) if found is None or found.chance is None else found.chance
    return Score((0, begin), line, recent, our, ran_out is not None, any_out, early <= truth <= late, likely)


def tell(name: str, found: Sequence[Score]) -> bool:
    """Print rows for the windows that ran out, for moments and for chances; tell whether the bar holds."""
    cases: dict[tuple[int, int], list[Score]] = {}
    for each in found:
        if each.out:
            cases.setdefault(each.window, []).append(each)
    whole = [
        tuple(statistics.mean(column) for column in zip(*[each[1:4] for each in of], strict=True))
        for of in cases.values()
    ]
    less = row(f"{name}: windows that ran out", whole)
    for what, some in (
        ("moments in these", [each for each in found if each.out]),
        ("or said to run out", [each for each in found if each.said]),
    ):
        row(f"  {what}", [each[1:4] for each in some])
    if found:
        print(
            f"  in the band {100 * statistics.mean(each.inside for each in found):.0f} % of {len(found)}; {chances(found)}"
        )
    return less >= BETTER_LEAST


def row(name: str, errors: Sequence[Sequence[float]]) -> float:
    """Print medians and means of the errors; return by how much the forecast's median is less than the better line's."""
    if not errors:
        print(f"{name:<40} none")
        return 0.0
    line, recent, our = (statistics.median(column) for column in zip(*errors, strict=True))
    bar = min(line, recent)
    less = 1 - our / bar if bar else 0.0
    means = " ".join(f"{statistics.mean(column):6.0f}" for column in zip(*errors, strict=True))
    medians = f"lines {line:6.0f} {recent:6.0f} min   forecast {our:6.0f} min"
    print(f"{name:<40} {len(errors):5}   {medians}   {100 * less:3.0f} % less   means {means}")
    return less


def chances(found: Sequence[Score]) -> str:
    """Say how often windows ran out for which that was said to be so likely."""
    classes: dict[int, list[Score]] = {}
    for each in found:
        classes.setdefault(min(int(each.chance * CLASSES), CLASSES - 1), []).append(each)
    told = (
        f"{100 * statistics.mean(each.chance for each in of):.0f} % -> {100 * statistics.mean(each.out for each in of):.0f} %"
        for _, of in sorted(classes.items())
    )
    return f"said to run out -> did: {', '.join(told)}"


def span(text: str) -> range:
    """Read a span of seeds, such as 5000-5014."""
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def main() -> None:
    """Print the figures, and end with 1 where the bar is missed."""
    parser = argparse.ArgumentParser(description="The forecast of usage windows against a straight line.")
    parser.add_argument("--seeds", type=span, default=span("5000-5014"))
    parser.add_argument("--replays", type=int, default=1)
    options = parser.parse_args()
    people: dict[str, list[Score]] = {name: [] for name in LENGTHS}
    # A person has fifteen windows of five hours in a week of seven days: of these it takes more people.
    first, count = options.seeds.start, len(options.seeds)
    for seed in range(first, first + 4 * count):
        for name, series, zone in simulated(seed, *([] if seed < first + count else [WEEKLY])):
            people[name] += scores(seed, name, series, zone)
    held = [tell(f"people, {name}", some) for name, some in people.items()]
    if (SHARED / "corpus").is_dir():
        logs: dict[str, list[Score]] = {name: [] for name in LENGTHS}
        with tempfile.TemporaryDirectory(prefix="tally-bench-") as folder:
            for seed in range(first, first + options.replays):
                for place, (name, series, zone) in enumerate(replayed(seed, Path(folder))):
                    logs[name] += scores(seed * 100 + place, name, series, zone)
            for name, some in logs.items():
                tell(f"replayed logs, {name}", some)
            print(recorded(Path(folder)))
    raise SystemExit(0 if all(held) else 1)


if __name__ == "__main__":
    main()
