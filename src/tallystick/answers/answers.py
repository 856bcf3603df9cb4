"""Answers from a ledger on this machine."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tallystick.answers.answer import Answer
from tallystick.answers.fold import answer
from tallystick.answers.question import Question
from tallystick.ledger.ledger import Ledger
from tallystick.prices.price_book import PriceBook
from tallystick.usage.period import Zone

if TYPE_CHECKING:
    from tallystick.answers.overview import Overview
    from tallystick.answers.why import Why


class Answers:
    """Answers questions from one ledger by one price book."""

    def __init__(self, ledger: Ledger, book: Callable[[], PriceBook]) -> None:
        """Begin with a ledger; the book is opened when a question asks for prices."""
        self._ledger = ledger
        self._book = book

    def ask(self, question: Question) -> Answer:
        """Answer a question the way its report answers."""
        answers = question.report.answer or answer
        return answers(self._ledger, self._book() if question.prices else None, question)

    def why(self, question: Question) -> "Why":
        """Explain what fits a question's period and filters."""
        from tallystick.answers.why import why

        return why(self._ledger, self._book(), question)

    def overview(self, zone: Zone, now: int) -> "Overview":
        """Answer what a person wants to know first."""
        from tallystick.answers.overview import overview

        return overview(self._ledger, self._book(), zone, now)
