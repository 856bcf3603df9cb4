"""How far a figure can be relied on, in one line."""

from tests.answers.fleet import ARRIVALS, BATCHES, DAY, arrival
from tests.answers.sample import asked, book_of, ledger_of

from tallystick.answers.answer import Answer
from tallystick.answers.answers import Answers
from tallystick.answers.question import Wish
from tallystick.answers.reports.times import DAILY
from tallystick.faces.web.coverage import covered
from tallystick.ledger.ledger import Arrival
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


def test_of_what_has_no_price_none_is_told() -> None:
    told = "6 requests seen by log · 2 pieces of input not understood"
    assert covered(daily(), prices=False) == told


def test_nothing_covers_nothing() -> None:
    assert covered(Answers(MemoryLedger(), lambda: BOOK).ask(asked(DAILY))) == ""


def lacking(*arrivals: Arrival) -> str:
    ledger = MemoryLedger()
    ledger.add(BATCHES, arrivals)
    return covered(Answers(ledger, lambda: BOOK).ask(asked(DAILY)))


def test_machines_that_were_not_heard_of_for_a_day_are_told_first() -> None:
    assert lacking(*ARRIVALS) == "tower: 3 days old · 99.99 % of tokens priced · 7 requests seen by log"
    assert lacking(arrival("tower", DAY)).startswith("99.99 %")
    assert lacking(arrival("tower", DAY + 1)).startswith("tower: 1 day old · ")


def test_of_many_such_three_are_named() -> None:
    told = lacking(*(arrival(f"m{days}", days * DAY + 1) for days in range(1, 7)))
    assert told.startswith(
        "m6: 6 days old · m5: 5 days old · m4: 4 days old · 3 more machines not heard of for a day · 99"
    )


def test_what_a_machine_is_called_steers_no_sentence() -> None:
    told = lacking(arrival("a", 2 * DAY, name="\u202eevil" + "x" * 10_000), arrival("b", 3 * DAY, name="\u2066"))
    assert told.startswith("�: 3 days old · �evilxxx")
    assert len(told) < 200
