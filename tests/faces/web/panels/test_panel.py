"""The ways to ask the same elsewhere, and the usual cells."""

from tests.answers.sample import NOW

from tallystick.answers.answer import Figures, Money
from tallystick.faces.web.panels.panel import NOWHERE, Cell, Source, amount_of, money_cell, name_cell, number_cell, ways
from tallystick.faces.web.state import Place, State

STATE = State(Place("UTC", NOW), "7d", "", "Asia/Kolkata", {"project": ("/home/dev/a b",), "model": ("gpt*", "it's")})


def test_the_api_and_the_command_line_are_asked_the_same() -> None:
    source = Source("query", "report", {"by": "day,model"})
    assert source.api(STATE) == (
        "/api/v1/query?by=day%2Cmodel&since=7d&timezone=Asia%2FKolkata&project=%2Fhome%2Fdev%2Fa+b&model=gpt%2A&model=it%27s"
    )
    assert source.cli(STATE) == (
        "tally report --by day,model --since 7d --timezone Asia/Kolkata --project '/home/dev/a b' --model 'gpt*' --model "
        "'it'\"'\"'s'"
    )


def test_where_the_period_does_not_matter_only_the_zone_is_said() -> None:
    source = Source("limits", "chart limits", timeless=True)
    assert source.api(STATE) == "/api/v1/limits?timezone=Asia%2FKolkata"
    assert Source("limits", "chart limits", timeless=True).api(State(Place("UTC", NOW))) == "/api/v1/limits"


def test_an_option_that_takes_nothing_is_said_so() -> None:
    source = Source("compare", "compare", {"no_cost": "true"})
    at = State(Place("UTC", NOW), "7d")
    assert ways(source, at) == [("tally compare --no-cost --since 7d", "/api/v1/compare?no_cost=true&since=7d")]


def test_figures_of_several_places_are_told_with_all_of_them() -> None:
    at = State(Place("UTC", NOW), "7d", where={"tool": ("codex",)})
    source = Source("calls", "calls", others=(Source("year", "year", undated=True),))
    assert [command for command, _ in ways(source, at)] == [
        "tally calls --since 7d --tool codex",
        "tally year --tool codex",
    ]
    assert [address for _, address in ways(source, at)] == [
        "/api/v1/calls?since=7d&tool=codex",
        "/api/v1/year?tool=codex",
    ]
    assert ways(NOWHERE, at) == []


def test_cost_is_marked_where_some_of_it_has_no_price() -> None:
    priced = Figures(2, 10, priced_pico=5 * 10**11, priced=2)
    assert money_cell(priced) == Cell("$0.50", Money(5 * 10**11))
    partly = money_cell(priced._replace(requests=3, unpriced_tokens=1_234))
    assert (partly.text, partly.raw) == ("$0.50+", 5 * 10**11)
    assert "1,234 tokens" in partly.title
    assert money_cell(Figures(1, 10, unpriced_tokens=10)).text == "no price"
    assert money_cell(Figures()).text == "$0.00"


def test_names_and_numbers() -> None:
    assert number_cell(1_234) == Cell("1,234", 1_234)
    assert number_cell(0).tone == "faint"
    assert name_cell("").text == "(no name)"
    assert name_cell("x" * 40).title == "x" * 40
    assert name_cell("short").title == ""


def test_an_amount_that_is_not_known_is_a_dash() -> None:
    assert (amount_of(None).text, amount_of(None).raw) == ("–", "")
    assert amount_of(25 * 10**10) == Cell("$0.25", Money(25 * 10**10))
