"""The forecast of usage windows: its error beside that of a straight line, and how often the truth lies in its band.

    bench/forecast.py [--people 40] [--seed 5000] [--replays 3]

Three kinds of series: simulated people, whose windows are known to the request; logs of the corpus maker, replayed as if a
plan had metered them; and what captures of real clients hold. The forecast knows nothing of
the simulation's parameters, and was fitted on seeds below 1000. The simulation is older than the fit, but for two changes after a
first look at it: a person's mood counted twice, and plans were never tight.

A window that ran out is one case: the mean of the absolute errors at its moments, what is beyond the reset counting as the
reset. It ends with 1 where the median over the cases is not at least 25 % below that of the straight line from the window's
begin through now. Single moments are told besides, also with the windows that were only said to run out.
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
HISTORY, TESTED = 5, 3
"""Weeks that are only looked back upon, and weeks in which forecasts are made."""
WEEKLY = "7 days"
LENGTHS = {"5 hours": 300, WEEKLY: 10_080}
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Sydney")
MINUTE_MS = 60_000
BETTER_LEAST = 0.25
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
    """The windows of one account, and what was said about them."""

    windows: list[Window]
    samples: list[Sample]


class Score(NamedTuple):
    """One moment: how far off both were, in minutes, and what is true."""

    window: tuple[int, int]
    """Which one it is in: the person's seed, and the begin."""
    line: float
    forecast: float
    out: bool
    """Whether the window really ran out."""
    said: bool
    """Whether it did, or one of the two said so."""
    inside: bool


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
    return Series(windows, seen(draw, windows, exact))


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


def simulated(seed: int, *only: str) -> Iterator[tuple[str, Series, Sequence[Request], Zone]]:
    """Yield the two windows of one person, or only one of them."""
    draw = random.Random(seed)
    person = Person(draw)
    requests = person.requests(HISTORY + TESTED + 2)
    for name, minutes in LENGTHS.items():
        series = metered(draw, requests, minutes, capacity(draw, requests, minutes))
        if not only or name in only:
            yield name, series, requests, person.zone


def capacity(draw: random.Random, requests: Sequence[Request], minutes: int) -> float:
    """Return the capacity of a plan that is tight or ample for what is asked for on the average."""
    sums: dict[int, float] = {}
    for time, cost in requests:
        place = time // (minutes * MINUTE_MS)
        sums[place] = sums.get(place, 0.0) + cost
    return statistics.mean(sums.values()) * draw.uniform(0.5, 1.2)


# The corpus maker's logs, metered; and what captures hold.


def imported(home: Path, data: Path) -> SqliteLedger:
    """Read the logs under a home the way anybody's are read."""
    environ = {"HOME": str(home), "TZ": "UTC", "PATH": os.environ["PATH"], "TALLY_DATA_DIR": str(data)}
    subprocess.run([str(TALLY), "daily", "--json"], env=environ, check=True, stdout=subprocess.DEVNULL)
    return SqliteLedger(str(data / "ledger.db"))


def replayed(seed: int, work: Path) -> Iterator[tuple[str, Series, Sequence[Request], Zone]]:
    """Yield windows over the requests in logs that the corpus maker wrote: habits that nobody here has thought up."""
    tree = work / f"tree-{seed}"
    sizes = [
        "--size-mib",
        "12",
        "--days",
        str((HISTORY + TESTED) * 7),
        "--share",
        "claude=100,codex=0,opencode=0,gemini=0",
    ]
    made = [sys.executable, str(SHARED / "corpus" / "make_corpus.py"), "--out", str(tree), "--seed", str(seed), *sizes]
    subprocess.run(made, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    ledger = imported(tree / "home", work / f"data-{seed}")
    rows = ledger.ask("events", since=-END, until=END)
    ledger.close()
    requests = [Request(row[1], row[4] + 0.1 * row[5] + 1.25 * row[6] + 2 * row[7] + 5 * row[8]) for row in rows]
    moved = BEGIN - requests[0].time // (7 * DAY_MS) * 7 * DAY_MS if requests else 0
    requests = [Request(time + moved, cost) for time, cost in requests]
    draw = random.Random(seed)
    for name, minutes in LENGTHS.items():
        yield name, metered(draw, requests, minutes, capacity(draw, requests, minutes)), requests, Zone()


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


def scores(seed: int, name: str, series: Series, requests: Sequence[Request], zone: Zone) -> Iterator[Score]:
    """Yield the scores of one series over the weeks in which forecasts are made."""
    minutes = LENGTHS[name]
    times = [sample.time for sample in series.samples]
    asked = [request.time for request in requests]
    since, until = BEGIN + HISTORY * 7 * DAY_MS, BEGIN + (HISTORY + TESTED) * 7 * DAY_MS
    for window in series.windows:
        if not since <= window.begin < until:
            continue
        known = requests[: bisect_right(asked, window.begin)]
        pattern = Pattern.of(slots(known), zone, window.begin)
        step = (window.resets_at - window.begin) // MOMENTS
        for now in range(window.begin + step, window.ran_out or window.resets_at, step):
            told = series.samples[: bisect_right(times, now)]
            if told and told[-1].time >= window.begin and 1 <= told[-1].used < FULL:
                found = forecast(told, minutes, window.resets_at, now, pattern)
                yield score(window, told, found, now)._replace(window=(seed, window.begin))


def slots(requests: Iterable[Request]) -> list[tuple[int, float]]:
    """Return sums by quarter-hour, as a ledger keeps them."""
    sums: dict[int, float] = {}
    for time, cost in requests:
        sums[time // SLOT_MS] = sums.get(time // SLOT_MS, 0.0) + cost
    return sorted(sums.items())


def score(window: Window, told: Sequence[Sample], found: Forecast | None, now: int) -> Score:
    """Hold a forecast and the straight line against the truth; what is beyond the reset is the reset."""
    begin, resets_at, ran_out = window
    line = min(resets_at, begin + round((now - begin) * 100 / told[-1].used))
    truth = resets_at if ran_out is None else ran_out
    said = (found.runs_out or resets_at) if found else line
    early = (found.early or resets_at) if found else line
    late = (found.late or resets_at) if found else line
    off = (abs(line - truth) / MINUTE_MS, abs(said - truth) / MINUTE_MS)
    return Score((0, begin), *off, ran_out is not None, min(line, said, truth) < resets_at, early <= truth <= late)


def tell(name: str, found: Sequence[Score]) -> bool:
    """Print rows for the windows that ran out, and for moments; tell whether the bar holds."""
    cases: dict[tuple[int, int], list[Score]] = {}
    for each in found:
        if each.out:
            cases.setdefault(each.window, []).append(each)
    whole = [
        tuple(statistics.mean(column) for column in zip(*[each[1:3] for each in of], strict=True))
        for of in cases.values()
    ]
    less = row(f"{name}: windows that ran out", whole)
    for what, some in (
        ("moments in these", [each for each in found if each.out]),
        ("or said to run out", [each for each in found if each.said]),
    ):
        row(f"  {what}", [each[1:3] for each in some], sum(each.inside for each in some))
    return less >= BETTER_LEAST


def row(name: str, errors: Sequence[Sequence[float]], inside: int | None = None) -> float:
    """Print medians and means of the errors of line and forecast; return by how much the forecast's median is less."""
    if not errors:
        print(f"{name:<40} none")
        return 0.0
    lines, ours = zip(*errors, strict=True)
    line, our = statistics.median(lines), statistics.median(ours)
    less = 1 - our / line if line else 0.0
    band = "" if inside is None else f"   in the band {100 * inside / len(errors):3.0f} %"
    means = f"means {statistics.mean(lines):6.0f} {statistics.mean(ours):6.0f}"
    print(
        f"{name:<40} {len(errors):5}   line {line:6.0f} min   forecast {our:6.0f} min   {100 * less:3.0f} % less   {means}{band}"
    )
    return less


def main() -> None:
    """Print the figures, and end with 1 where the bar is missed."""
    parser = argparse.ArgumentParser(description="The forecast of usage windows against a straight line.")
    parser.add_argument("--people", type=int, default=40)
    parser.add_argument("--seed", type=int, default=5000)
    parser.add_argument("--replays", type=int, default=3)
    options = parser.parse_args()
    people: dict[str, list[Score]] = {name: [] for name in LENGTHS}
    # A person has fifteen windows of five hours in a week of seven days: of these it takes more people.
    for seed in range(options.seed, options.seed + 4 * options.people):
        for name, series, requests, zone in simulated(
            seed, *([] if seed < options.seed + options.people else [WEEKLY])
        ):
            people[name] += scores(seed, name, series, requests, zone)
    held = [tell(f"people, {name}", some) for name, some in people.items()]
    if (SHARED / "corpus").is_dir():
        logs: dict[str, list[Score]] = {name: [] for name in LENGTHS}
        with tempfile.TemporaryDirectory(prefix="tally-bench-") as folder:
            for seed in range(options.seed, options.seed + options.replays):
                for name, series, requests, zone in replayed(seed, Path(folder)):
                    logs[name] += scores(seed, name, series, requests, zone)
            for name, some in logs.items():
                tell(f"replayed logs, {name}", some)
            print(recorded(Path(folder)))
    raise SystemExit(0 if all(held) else 1)


if __name__ == "__main__":
    main()
