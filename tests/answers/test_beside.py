"""What is in no ledger: where nobody keeps any, there is none."""

from tests.answers.sample import book_of

from tallystick.answers.answers import Answers
from tallystick.answers.beside import Beside
from tallystick.ledger.memory import MemoryLedger


def test_where_nobody_keeps_any_there_are_none() -> None:
    beside = Beside()
    assert beside.budgets() == ((), ())
    told = beside.alerts(Answers(MemoryLedger(), book_of), 10)
    assert {name: told[name] for name in ("open", "past", "muted", "to")} == {"open": [], "past": [], "muted": [], "to": []}  # fmt: skip
