"""Reports by stretch of work answer in their own way; what they answer is tested with their answers."""

from tests.answers.sample import asked, ledger_of

from tallystick.answers.answers import Answers
from tallystick.answers.reports.work import AGENTS, BLOCKS, SESSIONS
from tallystick.prices.price_book import PriceBook


def test_sessions_and_blocks_answer_in_their_own_way(book: PriceBook) -> None:
    answers = Answers(ledger_of(), lambda: book)
    assert {row.keys[0] for row in answers.ask(asked(SESSIONS)).rows} == {"s1", "s2", "s3"}
    for report in (SESSIONS, BLOCKS):
        assert all(set(row.details or ()) == set(report.details) for row in answers.ask(asked(report)).rows)


def test_the_main_line_and_each_agent(book: PriceBook) -> None:
    found = Answers(ledger_of(), lambda: book).ask(asked(AGENTS))
    assert {row.keys: row.figures.requests for row in found.rows} == {
        ("", "/home/dev/shop"): 2,
        ("", "/home/dev/tools/shop"): 1,
        ("", "/home/dev/blog"): 2,
        ("a1", "/home/dev/shop"): 1,
    }
