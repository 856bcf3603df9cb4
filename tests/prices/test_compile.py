"""The book is made from the installed genai-prices and knows what it was made from."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from importlib.metadata import version

from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import ClauseOr, ClauseStartsWith, ModelPrice, StartDateConstraint, Tier, TieredPrices

from tallystick.prices import overlay
from tallystick.prices.book import Unusable, unpack
from tallystick.prices.compile import assemble, compile_book, plain
from tallystick.prices.matching import Catalogue


def test_the_book_says_what_it_was_made_from(data: bytes) -> None:
    unpacked = unpack(data)
    assert not isinstance(unpacked, Unusable)
    _, content = unpacked
    assert content["genai"] == version("genai-prices")
    assert content["overlay"] == overlay.read()["checked"]
    # genai-prices 0.2.3 was made in November 2026; later ones only know more.
    assert "2026-11-01" <= content["genai_as_of"] <= content["overlay"]
    assert (content["litellm"], content["litellm_as_of"], content["litellm_models"]) == (b"", "", 0)


def test_no_provider_and_no_model_is_lost() -> None:
    content = compile_book()
    listed = {(provider, each.id) for provider, each in Catalogue(content["providers"]).everything()}
    theirs = {(provider.id, model.id) for provider in get_snapshot().providers for model in provider.models}
    assert theirs < listed
    assert {provider for provider, _ in listed - theirs} == {"cursor", "qwen"}
    assert content["models"] == sum(len(provider.models) for provider in get_snapshot().providers) + 6


def test_the_file_is_small(data: bytes) -> None:
    assert len(data) < 600_000


def test_objects_become_the_json_that_is_published() -> None:
    value = {
        "match": ClauseOr(or_=[ClauseStartsWith(starts_with="a")]),
        "prices": ModelPrice(input_mtok=TieredPrices(base=Decimal(1), tiers=[Tier(start=5, price=Decimal(2))])),
        "from": (StartDateConstraint(start_date=date(2026, 3, 13)), time(0, 30, tzinfo=UTC), datetime(2026, 1, 1)),  # noqa: DTZ001
    }
    assert plain(value) == {
        "match": {"or": [{"starts_with": "a"}]},
        "prices": {"input_mtok": {"base": Decimal(1), "tiers": [{"start": 5, "price": Decimal(2)}]}},
        "from": [{"start_date": "2026-03-13"}, "00:30:00+00:00", "2026-01-01T00:00:00"],
    }


def test_fetched_data_gives_the_same_lists_under_another_name() -> None:
    ours, fetched = compile_book(), assemble(plain(get_snapshot().providers), "data of 2026-11-22")
    assert fetched["genai"] == "data of 2026-11-22"
    assert fetched["providers"] == ours["providers"]
