"""The overview: today, the last seven days and the month, the days before, and where most of it went."""

from typing import Final, NamedTuple

from tallystick.answers.answer import Answer, Coverage, Figures, Row, added, gathered
from tallystick.answers.fold import answer
from tallystick.answers.question import Wish, question
from tallystick.answers.report import Report
from tallystick.answers.reports.places import MODELS, PROJECTS
from tallystick.answers.reports.times import DAILY
from tallystick.ledger.ledger import Ledger
from tallystick.prices.price_book import PriceBook
from tallystick.usage.period import Period, Zone, iso, period

DAYS: Final = 30
"""How many days the overview looks back, besides the month."""
TOP: Final = 5


class Overview(NamedTuple):
    """What a person sees first."""

    now: int
    zone: Zone
    today: Figures
    week: Figures
    """The last seven days, today included."""
    month: Figures
    """The calendar month so far."""
    recent: list[tuple[str, Figures]]
    """The last thirty days, each, those without usage included."""
    span: tuple[str, str]
    """The days that the rest is of: the last thirty, or all when there was nothing in those; empty when there never was."""
    total: Figures
    projects: list[Row]
    models: list[Row]
    coverage: Coverage
    priced_share: float | None


def overview(ledger: Ledger, book: PriceBook, zone: Zone, now: int) -> Overview:
    """Answer what a person wants to know first."""
    today = zone.day(now)
    first = min(today - DAYS + 1, today - int(iso(today)[8:]) + 1)
    since = iso(first)
    daily = _ask(ledger, book, DAILY, period(zone, now, since, "today"), now)
    by_day = {head.keys[0]: head.figures for head, _ in gathered(daily.rows, 1)}
    recent = [(iso(day), by_day.get(iso(day), Figures())) for day in range(today - DAYS + 1, today + 1)]
    span = period(zone, now, f"{DAYS}d", "today")
    models = _ask(ledger, book, MODELS, span, now)
    if not models.totals.requests:
        span = Period(zone)
        models = _ask(ledger, book, MODELS, span, now)
    projects = _ask(ledger, book, PROJECTS, span, now)
    month = iso(today)[:7]
    return Overview(
        now,
        zone,
        by_day.get(iso(today), Figures()),
        added(figures for _, figures in recent[-7:]),
        added(figures for day, figures in by_day.items() if day.startswith(month)),
        recent,
        models.days if models.totals.requests else ("", ""),
        models.totals,
        projects.rows[:TOP],
        models.rows[:TOP],
        models.coverage,
        models.priced_share,
    )


def _ask(ledger: Ledger, book: PriceBook, report: Report, span: Period, now: int) -> Answer:
    return answer(ledger, book, question(report, span, Wish(), now))
