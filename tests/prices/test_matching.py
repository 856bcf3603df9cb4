"""From a name to a listing, as genai-prices finds it."""

import pytest
from genai_prices.types import _normalize_compact_dated_ref
from hypothesis import given
from hypothesis import strategies as st

from tallystick.prices.book import INPUT, Clause, Entry, Price, Provider, store
from tallystick.prices.matching import Catalogue, dashed, matches
from tallystick.prices.moments import ALWAYS


@pytest.mark.parametrize(
    "clause, yes, no",
    [
        (("equals", ("a", "b")), "b", "ab"),
        (("starts", "claude-opus-4-1"), "claude-opus-4-1-20250805", "x-claude-opus-4-1"),
        (("ends", "-5"), "claude-5", "claude-5-"),
        (("contains", "stral"), "mistral-large", "mist-ral"),
        (("fits", "opus-5-########"), "opus-5-20260723", "opus-5-2026072"),
        (("fits", "opus-5-########"), "opus-5-20260723", "opus-5-2026072x"),
        (("fits_start", "flash-#"), "flash-8-lite", "flash-lite"),
        (("regex", "^(?!.*-tts$)"), "gemini-2.5-pro", "gemini-2.5-pro-tts"),
        (("or", (("equals", ("a",)), ("starts", "b"))), "bc", "c"),
        (("and", (("contains", "hugging"), ("contains", "groq"))), "huggingface_groq", "huggingface"),
    ],
)
def test_each_kind_of_clause(clause: Clause, yes: str, no: str) -> None:
    assert matches(clause, yes)
    assert not matches(clause, no)


@pytest.mark.parametrize(
    "name, written",
    [
        ("gpt-5.2-20251211", "gpt-5.2-2025-12-11"),
        ("gpt-5.2-20251211:extended", "gpt-5.2-2025-12-11:extended"),
        ("a-20250101-b-20260228", "a-2025-01-01-b-2026-02-28"),
        ("gpt-5.2-20251399", "gpt-5.2-20251399"),
        ("gpt-5.2-20260229", "gpt-5.2-20260229"),
        ("gpt-5.2-202512110", "gpt-5.2-202512110"),
        ("gpt-5.2-2025-12-11", "gpt-5.2-2025-12-11"),
        ("gpt-20", "gpt-20"),
    ],
)
def test_compact_dates_are_written_out(name: str, written: str) -> None:
    assert dashed(name) == written


@given(st.from_regex(r"[a-z]{0,3}(-20[0-9]{4,8}[-:a]?){0,3}", fullmatch=True))
def test_compact_dates_are_those_of_genai_prices(name: str) -> None:
    assert dashed(name) == _normalize_compact_dated_ref(name)


def listed(id_: str, clause: Clause | None = None, *, priced: bool = True) -> Entry:
    prices = (Price(ALWAYS, {INPUT: 1}, {}),) if priced else ()
    return Entry(id_, clause or ("equals", (id_,)), "", prices, ())


def catalogue() -> Catalogue:
    """Return four providers: a vendor, one that sells the vendor's models, one known by a pattern, and one with nothing."""
    return Catalogue(
        (
            Provider(
                "odd",
                ("regex", "^odd-[0-9]"),
                None,
                (),
                store([listed("odd-1"), listed("odd-x"), listed("gpt-0")]),
            ),
            Provider(
                "vendor",
                ("starts", "gpt-"),
                ("contains", "vend"),
                (),
                store([listed("gpt-5"), listed("gpt-6-2026-01-02"), listed("gpt-0", priced=False)]),
            ),
            Provider("cloud", None, ("equals", ("clouds",)), ("gone", "vendor"), store([listed("own")])),
            Provider("late", ("starts", "gpt-"), None, (), store([listed("gpt-7"), listed("gpt-0")])),
        )
    )


def test_a_provider_is_known_by_its_id_before_any_clause() -> None:
    known = [catalogue().provider(word) for word in ("vendor", "my-vendor-gateway", "clouds", "odd", "nobody", "")]
    assert [each.id if each else None for each in known] == ["vendor", "vendor", "cloud", "odd", None, None]


@pytest.mark.parametrize(
    "provider, name, found",
    [
        ("vendor", "gpt-5", ("vendor", "gpt-5", True)),
        ("vendor", "gpt-6-20260102", ("vendor", "gpt-6-2026-01-02", True)),
        ("vendor", "gpt-0", None),  # listed without a price
        ("vendor", "gpt-9", None),
        ("cloud", "own", ("cloud", "own", True)),
        ("cloud", "gpt-5", ("vendor", "gpt-5", False)),
        ("cloud", "gpt-6-20260102", ("vendor", "gpt-6-2026-01-02", False)),
        ("cloud", "gpt-0", None),
        ("cloud", "gpt-7", None),
    ],
)
def test_a_listing_is_its_providers_or_that_of_those_whose_models_it_sells(
    provider: str, name: str, found: tuple[str, str, bool] | None
) -> None:
    lists = catalogue()
    known = lists.provider(provider)
    assert known is not None
    listing = lists.listing(known, name)
    assert (listing and (listing.provider, listing.entry.id, listing.own)) == found


@pytest.mark.parametrize(
    "name, found",
    [
        ("odd-1", ("odd", "odd-1")),
        ("odd-x", None),  # listed, but the name does not tell the provider
        ("gpt-5", ("vendor", "gpt-5")),
        ("gpt-7", ("late", "gpt-7")),  # the first provider that the name tells does not list it
        ("gpt-0", ("late", "gpt-0")),
        ("own", None),
    ],
)
def test_a_name_alone_may_tell_the_provider(name: str, found: tuple[str, str] | None) -> None:
    listing = catalogue().by_name(name)
    assert (listing and (listing.provider, listing.entry.id)) == found


def test_everything_is_every_entry_of_every_list() -> None:
    assert [(provider, each.id) for provider, each in catalogue().everything()][:4] == [
        ("odd", "odd-1"),
        ("odd", "odd-x"),
        ("odd", "gpt-0"),
        ("vendor", "gpt-5"),
    ]
