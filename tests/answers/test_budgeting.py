"""What a person says about a budget, read into one."""

import pytest

from tallystick.answers.budgeting import amount, budget, filters, quantity, share, stretch
from tallystick.answers.budgets import Budget, filter_text
from tallystick.errors import Misused


@pytest.mark.parametrize(
    "text, most, unit, period",
    [
        ("50usd/week", 50 * 10**12, "usd", "week"),
        ("$50/week", 50 * 10**12, "usd", "week"),
        (" 12.50 USD / day", 12_500_000_000_000, "usd", "day"),
        ("0.000000000001usd/month", 1, "usd", "month"),
        ("2M tokens/day", 2_000_000, "tokens", "day"),
        ("2.5mtokens/day", 2_500_000, "tokens", "day"),
        ("1,234,567 tokens/month", 1_234_567, "tokens", "month"),
        ("10_000tok/day", 10_000, "tokens", "day"),
        ("1B tokens/month", 10**9, "tokens", "month"),
        ("5k tokens/day", 5_000, "tokens", "day"),
        ("2kusd/month", 2_000 * 10**12, "usd", "month"),
    ],
)
def test_an_amount_is_read_to_the_last_digit(text: str, most: int, unit: str, period: str) -> None:
    assert amount(text) == (most, unit, period)


@pytest.mark.parametrize(
    "text",
    [
        "50usd",
        "50/week",
        "usd/week",
        "50usd/year",
        "-5usd/day",
        "0usd/day",
        "0.5 tokens/day",
        "1.0000000000001usd/day",
        "$5 tokens/day",
        "1.2.3usd/day",
        "nan usd/day",
        "٣usd/day",
        "1e9usd/day",
        "9" * 40 + "usd/day",
        "",
        "/",
    ],
)
def test_what_is_no_amount_is_told(text: str) -> None:
    with pytest.raises(Misused):
        amount(text)


def test_an_amount_without_a_period_is_read_too() -> None:
    assert quantity("10usd") == (10 * 10**12, "usd")
    assert quantity("500k tokens") == (500_000, "tokens")


def test_filters_are_those_of_reports_in_their_order() -> None:
    assert filters(["model=*opus*,gpt-5 project=foo", "project=bar"]) == {
        "project": ("foo", "bar"),
        "model": ("*opus*", "gpt-5"),
    }
    assert filters([]) == {}


def test_blanks_commas_and_backslashes_may_stand_in_a_name() -> None:
    assert filters(["project='my shop'"]) == {"project": ("my shop",)}
    assert filters([r"project=C:\work\shop"]) == {"project": (r"C:\work\shop",)}
    assert filters([r"tag=a\,b,c"]) == {"tag": ("a,b", "c")}


@pytest.mark.parametrize(
    "words",
    [["colour=red"], ["project="], ["project=,"], ["project='a"], ["project=a b"], ["=a"]],
)
def test_what_is_no_filter_is_told(words: list[str]) -> None:
    with pytest.raises(Misused):
        filters(words)


@pytest.mark.parametrize(
    "where",
    [
        {"project": ("my shop", "a,b"), "model": ("*opus*",)},
        {"project": (r"C:\work", "/srv/x y")},
        {"tag": ("it's",)},
        {},
    ],
)
def test_filters_as_they_are_written_are_read_back(where: dict[str, tuple[str, ...]]) -> None:
    text = filter_text(where)
    assert filters([text] if text else []) == where


def test_a_soft_limit_is_a_part_of_the_amount() -> None:
    assert (share("80%"), share("0.75"), share("100%"), share(" 12.5% ")) == (0.8, 0.75, 1.0, 0.125)
    for text in ("0", "101%", "1.1", "-5%", "much", "nan", "inf"):
        with pytest.raises(Misused):
            share(text)


def test_a_command_line_tells_a_budget_with_quotes_or_without() -> None:
    wanted = Budget(
        "", {"project": ("foo",), "model": ("*opus*",)}, 2_000_000, "tokens", "day", "Europe/Berlin", 0.8, hard=True
    )
    assert budget(["project=foo model=*opus*", "2M tokens/day"], "Europe/Berlin", hard=True) == wanted
    assert budget(["project=foo", "model=*opus*", "2M", "tokens/day"], "Europe/Berlin", hard=True) == wanted
    assert budget(["50usd/week"], "UTC", "90%") == Budget("", {}, 50 * 10**12, "usd", "week", "UTC", 0.9, hard=False)
    with pytest.raises(Misused, match="zone"):
        budget(["50usd/week"], "Mars/Base")


def test_a_stretch_of_time_is_a_number_and_a_unit() -> None:
    assert (stretch("30m"), stretch("2h"), stretch("1d"), stretch("1W")) == (
        1_800_000,
        7_200_000,
        86_400_000,
        604_800_000,
    )
    for text in ("", "h", "0h", "-1h", "1.5h", "1y", "99999h", "²h"):
        with pytest.raises(Misused, match="--for"):
            stretch(text)
