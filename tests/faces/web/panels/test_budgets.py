"""Budgets as people read them: what is used, whither that leads, and how one of them burns down."""

from collections.abc import Sequence
from urllib.parse import parse_qsl

from tests.answers.sample import at, book_of, ledger_of
from tests.faces.web.panels.explained import explained

from tallystick.answers.answer import Money
from tallystick.answers.answers import Answers
from tallystick.answers.beside import Beside
from tallystick.answers.budgets import Budget, Override, Standing, standings
from tallystick.faces.web.panels.budgets import budgets, shown
from tallystick.faces.web.panels.panel import View
from tallystick.faces.web.state import Place, State
from tallystick.faces.web.state import state as state_of
from tallystick.faces.web.table import as_csv

BOOK = book_of()
USD = 10**12
NOW = at("2026-11-01T12:00")
WEEK = Budget("1", {}, 2 * USD, "usd", "week", "UTC", 0.8, hard=False)
STATE = State(Place("UTC", NOW))


def made(*defined: Budget, overrides: Sequence[Override] = (), now: int = NOW, budget: str = "") -> View:
    """Return what is shown of budgets over the sample's events."""
    place = Place("UTC", now, beside=Beside(lambda: (defined, overrides)))
    return budgets(Answers(ledger_of(), lambda: BOOK), State(place, budget=budget))


def cells(view: View) -> list[list[str]]:
    return [[cell.text for cell in row] for row in view.table.rows]


def test_without_any_it_says_how_to_set_one() -> None:
    assert "`tally budget set 50usd/week`" in made().empty


def test_a_budget_is_told_beside_even_use_and_where_it_leads() -> None:
    # At noon on Sunday thrice $0.285, and $0.0063 and a cent: 156 of 168 hours are over.
    (standing,) = standings(Answers(ledger_of(), lambda: BOOK), [WEEK], NOW)
    ((name, of, used, even, end, state),) = cells(made(WEEK))
    assert (name, of, used) == ("everything", "week", "$0.87 of $2.00")
    assert (even, end, state) == ("$1.86", "≈ $0.94", "on course")
    assert standing.used == 871_300_000_000


def test_what_is_over_or_past_its_soft_limit_says_so_and_comes_first() -> None:
    soft = WEEK._replace(id="2", amount=USD, where={"project": ("shop",)})
    over = WEEK._replace(id="3", amount=USD // 2)
    hard = WEEK._replace(id="4", amount=USD // 2, hard=True)
    states = {row[0].title: (row[5].text, row[5].tone) for row in made(WEEK, soft).table.rows}
    assert list(states.values()) == [("past 80 %", "bad"), ("on course", "good")]
    assert [row[5] for row in cells(made(over))] == ["used up"]
    assert [row[5] for row in cells(made(hard))] == ["used up, refused"]
    lifted = made(hard, overrides=[Override("4", NOW - 1000, until=NOW + 1000)])
    assert [row[5] for row in cells(lifted)] == ["over, let go until 12:00"]
    for budget in (over, hard):
        more = made(budget, overrides=[Override(budget.id, NOW - 1000, more=USD // 2)])
        assert [(row[5].text, row[5].raw, row[2].tone) for row in more.table.rows] == [
            ("over, let go by $0.50", "soft", "")
        ]
    assert [row[2] for row in cells(made(WEEK, soft, over))] == ["$0.87 of $0.50", "$0.87 of $1.00", "$0.87 of $2.00"]


def test_one_that_will_be_used_up_before_its_end_says_when() -> None:
    # $0.8713 in 156 hours reach $0.90 in 161.1.
    assert cells(made(WEEK._replace(amount=900_000_000_000, soft=1.0)))[0][5] == "runs out ≈ 17:08"


def test_names_and_figures_lead_to_what_counts_for_it() -> None:
    row = made(WEEK._replace(where={"model": ("*sonnet*",)})).table.rows[0]
    assert parse_qsl(row[0].link.partition("?")[2]) == [
        ("since", "2026-10-26"), ("until", "2026-11-01"), ("budget", "1"), ("model", "*sonnet*"),
    ]  # fmt: skip
    found = explained(Answers(ledger_of(), lambda: BOOK), row[2].link, STATE.place)
    assert found.priced_pico == row[2].raw == Money(16_300_000_000)


def test_a_budget_of_tokens_is_told_in_tokens() -> None:
    tokens = WEEK._replace(amount=200_000, unit="tokens")
    row = cells(made(tokens))[0]
    assert row[1:3] == ["week", "112 k of 200 k"]
    assert as_csv(made(tokens).table).splitlines()[1].startswith("everything 200000 tokens/week,week,111800,")
    assert as_csv(made(WEEK).table).splitlines()[1].startswith("everything 2.00 USD/week,week,0.8713,")


def test_the_worst_burns_down_unless_another_is_chosen() -> None:
    other = WEEK._replace(id="2", amount=USD // 2)
    assert made(WEEK, other).points[0]["left"] == 0.5
    chosen = made(WEEK, other, budget="1")
    assert chosen.points[0] == {
        "kind": "left", "at": at("2026-10-26"), "left": 2.0, "when": "2026-10-26 00:00", "shown": "$2.00",
    }  # fmt: skip
    left = [(point["at"], point["left"]) for point in chosen.points if point["kind"] == "left"]
    assert left[-1] == (NOW, 1.1287)
    ahead = [(point["at"], point["left"]) for point in chosen.points if point["kind"] == "ahead"]
    # $0.8713 times 168 hours by 156.
    assert ahead == [(NOW, 1.1287), (at("2026-11-02"), round(2 - 0.8713 * 168 / 156, 6))]
    assert state_of(parse_qsl(chosen.table.rows[0][5].link.partition("?")[2].partition("#")[0]), STATE.place).budget == "2"  # fmt: skip
    # One that is there no more is none to choose.
    assert made(WEEK, other, budget="9").points[0]["left"] == 0.5


def test_what_lies_far_below_nothing_is_cut_off() -> None:
    params = made(WEEK._replace(amount=USD // 10)).params
    assert (params["least"], params["most"]) == (round(0.1 - 0.8713, 6), 0.1)


def test_tokens_without_a_price_are_told() -> None:
    (found,) = standings(Answers(ledger_of(), lambda: BOOK), [WEEK], NOW)
    unsure: Standing = found._replace(unpriced_tokens=1_234)
    view = shown([unsure], STATE)
    assert view.table.rows[0][2].text == "$0.87+ of $2.00"
    assert "1,234 tokens in it have no known price" in view.table.rows[0][2].title
    assert "1,234 tokens have no known price" in view.note
