"""The uses of tools and the prompts of a period, by quarter-hour."""

from collections.abc import Iterable, Iterator, Mapping

from tallystick.answers.book import BOOK
from tallystick.answers.pages import InContext, Prompted, Used, counted
from tallystick.ledger.ledger import Ledger
from tallystick.usage.period import Period


def used(ledger: Ledger, period: Period) -> Iterator[tuple[InContext, Used]]:
    """Yield the uses that began in a period, from the daybook; the same place may come several times."""
    yield from _within(period, (leaf.page.used for leaf in BOOK.leaves(ledger).values()))


def prompted(ledger: Ledger, period: Period, *, booked: bool) -> Iterator[tuple[InContext, Prompted]]:
    """Yield the prompts of a period; `booked` is from the daybook."""
    if booked:
        yield from _within(period, (leaf.page.prompted for leaf in BOOK.leaves(ledger).values()))
        return
    yield from counted(ledger.ask("prompts", since=period.since, until=period.until)).items()


def _within[T](period: Period, pages: Iterable[Mapping[InContext, T]]) -> Iterator[tuple[InContext, T]]:
    first, after = period.slots
    for page in pages:
        for place, told in page.items():
            if first <= place[0] < after:
                yield place, told
