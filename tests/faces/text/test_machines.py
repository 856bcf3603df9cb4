"""Machines as text: a row for each, and what is wrong beneath."""

from tests.answers.fleet import ARRIVALS, BATCHES, HERE, arrival
from tests.answers.sample import asked, book_of

from tallystick.answers.answers import Answers
from tallystick.answers.question import Wish
from tallystick.answers.reports.places import ANY
from tallystick.faces.text.machines import shown
from tallystick.ledger.ledger import Arrival
from tallystick.ledger.memory import MemoryLedger
from tallystick.usage.period import Zone


def lines(*arrivals: Arrival, prices: bool = True, **where: list[str]) -> list[str]:
    ledger = MemoryLedger()
    ledger.add(BATCHES, arrivals or ARRIVALS)
    question = asked(ANY, Wish("machine,user", where, prices=prices))
    return shown(Answers(ledger, book_of, HERE).machines(question), Zone("Asia/Kolkata")).splitlines()


TABLE = """\
Machines: 2026-05-01 to 2026-11-22

Machine  User   State    Last seen     To come  Newest event      Requests  Tokens      Cost  Client
tower    ada    stale    3d 01h ago      1,200  2026-11-18 13:30         3    111k     $0.86  tally 0.4.1
box      ada    here     now                    2026-11-01 16:30         2   74.0k     $0.57
laptop   grace  active   1m ago                 2026-11-22 09:44         1   37.0k     $0.29  tally 0.4.1
old             quiet    204d 20h ago           2026-05-01 13:30         1      10  unpriced
runner          trouble  30m ago                                         0       0     $0.00  tally 0.4.1

runner: The disk is full.
runner: its clock is 3h 00m ahead."""


def test_a_row_for_each_machine() -> None:
    assert lines() == TABLE.splitlines()


def test_without_prices_and_filtered() -> None:
    found = lines(prices=False, machine=["old"])
    assert [line.split() for line in found[3:]] == [
        ["old", "quiet", "204d", "20h", "ago", "2026-05-01", "13:30", "1", "10"]
    ]
    assert lines(machine=["nowhere"]) == ["No machine fits."]


def test_names_steer_no_terminal() -> None:
    sick = arrival("x", 1, name="\x1b[2J" + "x" * 10_000)._replace(trouble="\x1b]0;evil\x07" * 100, client="\x1b")
    found = lines(sick)
    assert not any("\x1b" in line for line in found)
    assert all(len(line) < 260 for line in found)
