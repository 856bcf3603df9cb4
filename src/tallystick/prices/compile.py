"""Makes the price book ahead of time: importing genai-prices takes longer than a whole warm answer."""

from importlib.metadata import version
from typing import Any

from tallystick.prices import overlay as facts
from tallystick.prices.book import Provider, pack, store
from tallystick.prices.genai import vendors


def compile_book() -> dict[str, Any]:
    """Return the content of a book made from the installed genai-prices and our overlay."""
    from genai_prices.data_snapshot import get_snapshot

    return assemble(plain(get_snapshot().providers), version("genai-prices"))


def fresh() -> bytes:
    """Return a price book as the bytes of its file, for a place where there is none or an unusable one."""
    return pack(compile_book())


def assemble(data: list[dict[str, Any]], edition: str) -> dict[str, Any]:
    """Return the content of a book made from data of genai-prices of that edition, our overlay woven in."""
    lists = vendors(data)
    overlay = facts.read()
    facts.weave(lists, overlay)
    return {
        "genai": edition,
        "genai_as_of": facts.newest_date(data, overlay),
        "overlay": overlay["checked"],
        "models": sum(len(each.entries) for each in lists),
        "names": facts.names(overlay),
        "providers": tuple(
            Provider(each.id, each.model_match, each.provider_match, each.fallbacks, store(each.entries))
            for each in lists
        ),
        "litellm": b"",
        "litellm_as_of": "",
        "litellm_models": 0,
    }


def plain(value: object) -> Any:  # noqa: ANN401  the JSON that the object would be
    """Return an object of genai-prices as its repository publishes it: mappings, lists, numbers and text."""
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "__dict__"):
        # `or` and `and` are words of Python, so that the classes write them with an underscore.
        return {key.removesuffix("_"): plain(each) for key, each in vars(value).items() if each is not None}
    return value
