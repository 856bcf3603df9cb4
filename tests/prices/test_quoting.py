"""One listing, one way of asking, one moment: dates, tiers, service tiers and multipliers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.prices.book import Entry, Price, Rates, Variation
from tallystick.prices.matching import Listing
from tallystick.prices.moments import ALWAYS, DAY, EVER, between
from tallystick.prices.quoting import Figures, contexts, figures, multiplied, settled, tiers
from tallystick.usage.event import Variant

RATES: Rates = {"input": 3_000_000, "output": 15_000_000}
HOUR = 3_600_000


def listing(*variations: Variation, prices: tuple[Price, ...] = (), own: bool = True) -> Listing:
    """Return a listing with a price that always holds before those that are given."""
    return Listing("p", Entry("m", ("equals", ("m",)), "", (Price(ALWAYS, RATES, {}), *prices), variations), own)


def ask(found: Listing, *asked: str, prompt: int = 1, time: int = 5 * DAY) -> Figures:
    """Return figures that must be there."""
    answer = figures(found, asked, prompt, time, "list 1")
    assert answer is not None
    return answer


@pytest.mark.parametrize(
    "variant, fast, asked",
    [
        (Variant("p", "m"), False, ()),
        (Variant("p", "m", "standard", "standard", "not_available"), False, ()),
        (Variant("p", "m", "default", "", "global"), False, ()),
        (Variant("p", "m", "Priority", "Fast", "US"), False, ("tier:priority", "speed:fast", "geo:us")),
        (Variant("p", "m", "auto"), True, ("speed:fast",)),
        (Variant("p", "m", "flex", "standard"), True, ("tier:flex", "speed:fast")),
    ],
)
def test_what_was_asked_for(variant: Variant, fast: bool, asked: tuple[str, ...]) -> None:  # noqa: FBT001
    assert contexts(variant, fast=fast) == asked


def test_kinds_without_a_price_cost_what_the_kind_costs_that_they_are_part_of() -> None:
    assert settled(ask(listing())) == {
        "input": 3_000_000,
        "cache_read": 3_000_000,
        "cache_write_5m": 3_000_000,
        "cache_write_1h": 3_000_000,
        "output": 15_000_000,
        "reasoning": 15_000_000,
        "web_search": 0,
    }
    written = listing(prices=(Price(ALWAYS, {"input": 4, "cache_write_5m": 5, "output": 6, "reasoning": 7}, {}),))
    rates = settled(ask(written))
    assert (rates["cache_read"], rates["cache_write_1h"], rates["reasoning"]) == (4, 5, 7)


def test_a_list_of_input_alone_asks_nothing_for_output() -> None:
    rates = settled(ask(Listing("p", Entry("m", ("equals", ()), "", (Price(ALWAYS, {"input": 4}, {}),), ()))))
    assert (rates["output"], rates["reasoning"]) == (0, 0)


def test_the_last_price_that_holds_counts_and_the_quote_ends_where_it_ends() -> None:
    found = listing(
        prices=(Price(between(2 * DAY), {"input": 1}, {}), Price((0, EVER, 1 * HOUR, 4 * HOUR, 127), {"input": 9}, {}))
    )
    assert ask(found, time=DAY + 2 * HOUR).rates["input"] == 9
    before, after = ask(found, time=DAY + 5 * HOUR), ask(found, time=2 * DAY)
    assert (before.rates["input"], before.since, before.until) == (3_000_000, DAY + 4 * HOUR, 2 * DAY)
    assert (after.rates["input"], after.since, after.until) == (1, 2 * DAY, 2 * DAY + 1 * HOUR)


def test_before_the_first_price_the_first_price_stands() -> None:
    entry = Entry(
        "m", ("equals", ()), "", (Price(between(DAY), {"input": 7}, {}), Price(between(2 * DAY), {"input": 8}, {})), ()
    )
    found = ask(Listing("p", entry), time=0)
    assert (found.rates["input"], found.since, found.until) == (7, 0, DAY)


@pytest.mark.parametrize("prompt, price", [(0, 1), (32_000, 1), (32_001, 2), (128_000, 2), (128_001, 3), (10**7, 3)])
def test_the_whole_request_has_the_price_of_the_highest_tier_that_it_is_above(prompt: int, price: int) -> None:
    found = listing(prices=(Price(ALWAYS, {"input": (1, 32_000, 2, 128_000, 3)}, {}),))
    assert ask(found, prompt=prompt).rates["input"] == price


def test_a_variation_changes_the_rates_that_it_names_while_it_holds() -> None:
    flex = Variation("tier:flex", between(DAY, 9 * DAY), {"output": (7, 10, 8)}, (1, 1), "")
    found = ask(listing(flex), "tier:flex", prompt=11)
    assert (found.rates, found.since, found.until, found.notes) == ({"input": 3_000_000, "output": 8}, DAY, 9 * DAY, ())
    assert found.origins["output"] == ("list 1 p/m", DAY)
    assert ask(listing(flex)).rates["output"] == 15_000_000


def test_of_two_variations_the_first_one_counts_rate_by_rate() -> None:
    first = Variation("tier:flex", ALWAYS, {"input": 1}, (1, 1), "a")
    second = Variation("tier:flex", ALWAYS, {"input": 2, "output": 3}, (1, 1), "b")
    found = ask(listing(first, second), "tier:flex")
    assert found.rates == {"input": 1, "output": 3}
    assert (found.origins["input"].source, found.origins["output"].source) == ("a", "b")


def test_a_cheaper_way_without_a_price_costs_the_standard_price_and_says_so() -> None:
    later = Variation("tier:flex", between(9 * DAY), {"input": 1}, (1, 1), "")
    found = ask(listing(later), "tier:flex")
    assert (found.rates["input"], found.until) == (3_000_000, 9 * DAY)
    assert found.notes == ("no price is known for tier flex, so that the standard one stands",)


@pytest.mark.parametrize("asked", ["speed:fast", "tier:fast", "tier:priority", "tier:ultrafast"])
def test_a_dearer_way_without_a_price_has_none(asked: str) -> None:
    later = Variation(asked, between(9 * DAY), {"input": 1}, (1, 1), "")
    assert figures(listing(later), (asked,), 1, 0, "list 1") is None
    assert figures(listing(later), (asked,), 1, 9 * DAY, "list 1") is not None


def test_who_sells_anothers_model_has_its_own_mind_about_tiers() -> None:
    times = [Variation(each, ALWAYS, None, (2, 1), "") for each in ("speed:fast", "geo:us", "tier:batch")]
    assert figures(listing(*times, own=False), ("speed:fast",), 1, 0, "list 1") is None
    found = ask(listing(*times, own=False), "geo:us", "tier:batch")
    assert (found.times, len(found.notes)) == ((), 2)


def test_multipliers_stack_and_leave_searches_alone() -> None:
    fast = Variation("speed:fast", ALWAYS, None, (6, 1), "a")
    us = Variation("geo:us", ALWAYS, None, (11, 10), "b")
    found = listing(fast, us, prices=(Price(ALWAYS, {**RATES, "web_search": 10**10}, {}),))
    rates = settled(ask(found, "speed:fast", "geo:us"))
    assert (rates["input"], rates["output"], rates["web_search"]) == (19_800_000, 99_000_000, 10**10)
    assert (rates["cache_write_1h"], rates["reasoning"]) == (19_800_000, 99_000_000)


def test_a_tier_and_a_speed_of_one_name_are_one_thing() -> None:
    fast = Variation("speed:fast", ALWAYS, None, (2, 1), "")
    assert ask(listing(fast), "tier:fast").times == (fast,)
    assert ask(listing(fast), "tier:fast", "speed:fast").times == (fast,)
    tier = Variation("tier:fast", ALWAYS, {"input": 5}, (1, 1), "")
    assert ask(listing(tier), "speed:fast").rates["input"] == 5


def test_a_multiplier_only_stands_in_for_rates() -> None:
    rates = Variation("tier:batch", between(DAY), {"input": 1_400_000}, (1, 1), "")
    half = Variation("tier:batch", ALWAYS, None, (1, 2), "")
    found = listing(rates, half)
    assert settled(ask(found, "tier:batch", time=0))["input"] == 1_500_000
    later = ask(found, "tier:batch", time=DAY)
    assert (later.times, settled(later)["input"]) == ((), 1_400_000)


@given(st.integers(0, 10**12), st.lists(st.tuples(st.integers(1, 20), st.integers(1, 20)), max_size=3))
def test_multipliers_are_rounded_once_and_half_up(rate: int, times: list[tuple[int, int]]) -> None:
    found = multiplied(rate, tuple(Variation("geo:x", ALWAYS, None, each, "") for each in times))
    above = below = 1
    for numerator, denominator in times:
        above, below = above * numerator, below * denominator
    # The exact value is within half a pico-dollar of what was found.
    assert (2 * found - 1) * below <= 2 * rate * above < (2 * found + 1) * below


def test_where_a_rate_is_from() -> None:
    derived = {"cache_read": "overlay: cache", "output above": "overlay: long"}
    price = Price(between(DAY), {"input": 1, "cache_read": 2, "output": (3, 100, 4)}, derived)
    below, above = ask(listing(prices=(price,))), ask(listing(prices=(price,)), prompt=101)
    assert below.origins == {
        "input": ("list 1 p/m", DAY),
        "cache_read": ("overlay: cache", DAY),
        "output": ("list 1 p/m", DAY),
    }
    assert above.origins["output"] == ("overlay: long", DAY)


def test_an_entry_of_the_overlay_says_so() -> None:
    entry = Entry("m", ("equals", ()), "overlay: cursor", (Price(ALWAYS, RATES, {}),), ())
    assert ask(Listing("p", entry)).origins["input"].source == "overlay: cursor"


def test_all_tiers_of_an_entry() -> None:
    flex = Variation("tier:flex", ALWAYS, {"input": (1, 128_000, 2)}, (1, 1), "")
    us = Variation("geo:us", ALWAYS, None, (11, 10), "")
    price = Price(ALWAYS, {"input": (1, 32_000, 2, 256_000, 3), "output": 1}, {})
    assert tiers(listing(flex, us, prices=(price,)).entry) == {32_000, 128_000, 256_000}
