"""The person's own prices: what counts, and what is told to be wrong."""

from datetime import date

import pytest

from tallystick.prices.overrides import NO_OVERRIDES, read


def test_nothing_said_is_nothing() -> None:
    assert read({}) == NO_OVERRIDES


def test_prices_are_per_million_tokens() -> None:
    said = {"input": 3.0, "output": 15, "cache_read": 0.3, "cache_write_5m": 3.75, "cache_write_1h": 6.0}
    (price,) = read({"My-Model": said}).prices["my-model"].entry.prices
    assert price.rates == {
        "input": 3_000_000,
        "output": 15_000_000,
        "cache_read": 300_000,
        "cache_write_5m": 3_750_000,
        "cache_write_1h": 6_000_000,
    }
    assert price.span[0] == 0


def test_a_small_price_is_exact_although_toml_has_floats() -> None:
    (price,) = read({"m": {"input": 0.0375, "output": 1e-06}}).prices["m"].entry.prices
    assert price.rates == {"input": 37_500, "output": 1}


@pytest.mark.parametrize("since", ["2026-01-01", date(2026, 1, 1)])
def test_a_price_may_begin_on_a_date(since: object) -> None:
    (price,) = read({"m": {"input": 1, "output": 1, "since": since}}).prices["m"].entry.prices
    assert price.span[0] == 1_767_225_600_000


def test_an_alias_names_another_model() -> None:
    assert read({"My-Model": {"alias": " Claude-Opus-4-6 "}}).aliases == {"my-model": "claude-opus-4-6"}


@pytest.mark.parametrize(
    "said, reason",
    [
        (3.0, "is not a table"),
        ({}, "has no input and no output price"),
        ({"input": 1}, "has no output price"),
        ({"input": 1, "output": 1, "cached": 1}, "unknown words: cached"),
        ({"input": -1, "output": 1}, "input is not a price"),
        ({"input": 1, "output": float("nan")}, "output is not a price"),
        ({"input": 1, "output": float("inf")}, "output is not a price"),
        ({"input": "3", "output": 1}, "input is not a price"),
        ({"input": True, "output": 1}, "input is not a price"),
        ({"input": 1, "output": 2_000_000}, "output is not a price"),
        ({"input": 1, "output": 1, "since": "soon"}, "since is not a date like 2026-01-01: soon"),
        ({"input": 1, "output": 1, "since": 2026}, "since is not a date"),
        ({"alias": 5}, "alias is not the name"),
        ({"alias": " "}, "alias is not the name"),
        ({"alias": "m", "input": 1}, "has an alias and prices"),
        ({"alias": "M"}, "leads back to itself"),
    ],
)
def test_what_is_wrong_is_told_and_the_rest_counts(said: object, reason: str) -> None:
    found = read({"m": said, "good": {"input": 1, "output": 2}})
    ((name, told),) = found.bad
    assert name == "m"
    assert reason in told
    assert list(found.prices) == ["good"]
    assert found.aliases == {}


def test_aliases_in_a_ring_are_all_told() -> None:
    ring = {"a": {"alias": "b"}, "b": {"alias": "c"}, "c": {"alias": "a"}, "x": {"alias": "a"}, "y": {"alias": "z"}}
    found = read(ring)
    assert sorted(each.name for each in found.bad) == ["a", "b", "c"]
    assert found.aliases == {"x": "a", "y": "z"}


def test_what_is_said_about_fetching_is_no_model() -> None:
    assert read({"refresh": True, "url": "https://prices.example/table.json"}) == NO_OVERRIDES


@pytest.mark.parametrize("name, said", [("refresh", "yes"), ("refresh", 1), ("url", True)])
def test_nonsense_about_fetching_is_told(name: str, said: object) -> None:
    assert [each.name for each in read({name: said}).bad] == [name]


def test_a_model_may_be_called_refresh() -> None:
    assert "refresh" in read({"refresh": {"input": 1, "output": 2}}).prices
