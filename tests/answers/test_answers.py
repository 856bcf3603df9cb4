"""Answers from a ledger: the book is opened only when there is something to price."""

import pytest
from tests.answers.sample import NOW, asked, ledger_of

from tallystick.answers.answers import Answers
from tallystick.answers.question import Wish
from tallystick.answers.reports.places import ANY
from tallystick.answers.reports.times import DAILY
from tallystick.answers.reports.work import SESSIONS
from tallystick.prices.price_book import PriceBook
from tallystick.usage.period import Zone


def no_book() -> PriceBook:
    """Fail: nobody needs prices here."""
    pytest.fail("the price book was opened")


def test_without_prices_the_book_stays_closed() -> None:
    answers = Answers(ledger_of(), no_book)
    assert answers.ask(asked(DAILY, Wish(prices=False))).totals.requests == 6


def test_every_question_finds_its_answer(book: PriceBook) -> None:
    answers = Answers(ledger_of(), lambda: book)
    assert answers.ask(asked(DAILY)).rows[0].details is None
    assert answers.ask(asked(SESSIONS)).rows[0].details is not None
    assert answers.why(asked(ANY, Wish("day"))).figures == answers.ask(asked(DAILY)).totals
    assert answers.overview(Zone(), NOW).month == answers.ask(asked(DAILY)).totals
