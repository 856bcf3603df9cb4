"""How far a figure can be relied on, in one line."""

from tests.answers.sample import asked, book_of, ledger_of

from tallystick.answers.answer import Answer
from tallystick.answers.answers import Answers
from tallystick.answers.question import Wish
from tallystick.answers.reports.times import DAILY
from tallystick.faces.web.coverage import covered
from tallystick.ledger.memory import MemoryLedger

BOOK = book_of()


def daily(**where: list[str]) -> Answer:
    return Answers(ledger_of(skipped=2), lambda: BOOK).ask(asked(DAILY, Wish(where=where)))


def test_what_is_priced_seen_and_not_understood_is_told() -> None:
    # 10 of 122 910 tokens have no price: 99.9918 %, rounded down.
    assert daily().totals.total == 122_910
    assert covered(daily()) == "99.99 % of tokens priced · 6 requests seen by log · 2 pieces of input not understood"


def test_all_is_all() -> None:
    assert covered(daily(model=["claude*"])).startswith("all tokens priced · 4 requests seen by log")


def test_nothing_covers_nothing() -> None:
    assert covered(Answers(MemoryLedger(), lambda: BOOK).ask(asked(DAILY))) == ""
