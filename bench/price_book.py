"""Prints what the price book costs a warm answer: reading its file, the first quote of a model, and a quote again."""

from pathlib import Path
from time import perf_counter

from tallystick.prices.book import Unusable
from tallystick.prices.compile import fresh
from tallystick.prices.price_book import read
from tallystick.usage.event import Variant

BOOK = Path(__file__).resolve().parent.parent / "src" / "tallystick" / "prices" / "book.bin"
NOW = 1_795_305_600_000
ASKED = (
    Variant("anthropic", "claude-opus-5-5"),
    Variant("", "claude-haiku-4-5-20251001"),
    Variant("openai", "gpt-5.5-codex", "fast"),
    Variant("my-gateway", "gpt-5.3-codex"),
    Variant("openrouter", "google/gemini-3-pro-preview"),
    Variant("", "nobody-knows-this"),
)
ROUNDS = 50


def main() -> None:
    """Measure each step so often that the machine's noise shows, and print the median."""
    if not BOOK.is_file():
        BOOK.write_bytes(fresh())
    print(f"{BOOK.stat().st_size:,} bytes")
    steps: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        began = perf_counter()
        book = read(BOOK.read_bytes())
        steps.setdefault("open the book", []).append(perf_counter() - began)
        if isinstance(book, Unusable):
            raise SystemExit(book.reason)
        for variant in ASKED:
            for step in ("first quote", "again"):
                began = perf_counter()
                book.quote(variant, 50_000, NOW)
                steps.setdefault(f"{step}: {variant.model}", []).append(perf_counter() - began)
    for step, times in steps.items():
        print(f"{sorted(times)[ROUNDS // 2] * 1000:8.3f} ms  {step}")


if __name__ == "__main__":
    main()
