"""Models whose price changes inside a class of prompt sizes are priced call by call."""

from typing import cast

from tests.answers.sample import CLI, COUNTED, MAIN, NOBODY, OPUS, READINGS, asked, event, ledger_of

from tallystick.answers.answer import Answer
from tallystick.answers.fold import answer
from tallystick.answers.question import Wish
from tallystick.answers.reports.places import ANY, MODELS
from tallystick.prices.price_book import PriceBook, Quote
from tallystick.usage.event import Variant
from tallystick.usage.period import END
from tallystick.usage.tokens import Tokens

ODD = Variant("somewhere", "odd-1")


class OddBook:
    """A book with one model: 1 pico-dollar a token, 5 with prompts above 50 000 tokens, which no class of sizes ends at."""

    def thresholds(self, variant: Variant) -> tuple[int, ...]:
        """Return where its price changes."""
        return (50_000,) if variant == ODD else ()

    def quote(self, variant: Variant, prompt: int, _time: int) -> Quote | None:
        """Return its price; of all others nothing is known."""
        rate = 5 if prompt > 50_000 else 1
        return Quote(rate, rate, rate, rate, rate, rate, 7, 0, END) if variant == ODD else None


BOOK = cast("PriceBook", OddBook())
EVENTS = [
    # Of one class and one quarter-hour, on both sides of the change.
    event("2026-11-01T10:00:00", ODD, MAIN, Tokens(50_000, 0, 0, 0, 10)),
    event("2026-11-01T10:00:01", ODD, MAIN, Tokens(1, 50_000, 0, 0, 10), web_searches=2),
    event("2026-11-02T10:00:00", ODD, CLI, Tokens(60_000)),
    event("2026-11-02T10:00:01", NOBODY, CLI, Tokens(3)),
    event("2026-11-02T10:00:02", OPUS, MAIN, Tokens(4)),
]


def found(wish: Wish = Wish(by="day"), since: str = "") -> Answer:  # noqa: B008  a value
    """Return the answer by the odd book."""
    return answer(ledger_of(EVENTS, (), (), ()), BOOK, asked(ANY, wish, since=since))


def test_each_call_has_the_price_of_its_own_prompt() -> None:
    rows = {row.keys[0]: row.figures for row in found().rows}
    assert rows["2026-11-01"].cost_usd == 50_010 + 50_011 * 5 + 14
    assert rows["2026-11-02"].cost_usd == 300_000
    assert rows["2026-11-02"].unpriced_tokens == 7
    assert (rows["2026-11-01"].priced, rows["2026-11-02"].priced) == (2, 1)
    # Counted once, although events were looked at besides their sums.
    assert rows["2026-11-01"].requests == 2
    assert rows["2026-11-01"].total == 100_021


def test_groups_and_filters_hold_for_single_calls_too() -> None:
    assert {
        row.keys: row.figures.cost_usd for row in found(Wish(by="tool,model", where={"model": ["odd-1"]})).rows
    } == {
        ("claude-code", "odd-1"): 50_010 + 50_011 * 5 + 14,
        ("codex", "odd-1"): 300_000,
    }
    assert found(Wish(by="tool", where={"tool": ["codex"]})).totals.cost_usd == 300_000
    assert found(since="2026-11-02").totals.cost_usd == 300_000


def test_nothing_else_is_asked_for_single_events() -> None:
    rows = {row.keys[0]: row.figures for row in answer(ledger_of(EVENTS, (), (), ()), BOOK, asked(MODELS)).rows}
    assert rows[OPUS.model].unpriced_tokens == 4
    assert rows["odd-1"].unpriced_tokens == 0


def test_of_several_calls_the_average_prompt_decides() -> None:
    # 100 000 / 2 is not above 50 000, 100 002 / 2 is.
    several = [
        READINGS[0]
        ._replace(meter=number, variant=ODD, context=COUNTED._replace(session=f"s{number}"))
        ._replace(requests=2, tokens=Tokens(prompt))
        for number, prompt in ((5, 100_000), (6, 100_002))
    ]
    totals = answer(ledger_of((), (), (), (), readings=several), BOOK, asked(ANY, Wish(by="day"))).totals
    assert (totals.requests, totals.priced, totals.cost_usd) == (4, 4, 100_000 + 100_002 * 5)
