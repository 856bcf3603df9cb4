"""A few hand-made events whose sums and costs are easy to work out, and a ledger that holds them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from tallystick.answers.question import Question, Wish, question
from tallystick.answers.report import Report
from tallystick.intake.packing import pack
from tallystick.ledger.ledger import Source
from tallystick.ledger.memory import MemoryLedger
from tallystick.prices.book import Unusable
from tallystick.prices.compile import fresh
from tallystick.prices.overrides import read as overrides
from tallystick.prices.price_book import PriceBook, read
from tallystick.tools.tool import Found
from tallystick.usage.event import Context, Prompt, Reading, Title, ToolCall, UsageEvent, Variant
from tallystick.usage.period import Zone, period
from tallystick.usage.tokens import Tokens

NOW = 1_795_321_182_597
"""2026-11-22T04:19:42.597Z"""

OPUS = Variant("anthropic", "claude-opus-4-1-20250805")
"""USD per million tokens: input 15, cache read 1.5, writes 18.75 and 30, output 75."""
SONNET = Variant("anthropic", "claude-sonnet-4-5-20250929")
"""3, 0.3, 3.75 and 6, 15; with prompts above 200 000: 6, 0.6, 7.5 and 12, 22.5."""
CODEX = Variant("openai", "gpt-5.2-codex")
"""1.75, cache read 0.175, output 14."""
NOBODY = Variant("somewhere", "nobody-knows-1")

MAIN = Context("claude-code", "s1", "/home/dev/shop", "main", "", "2.1.0", "box", "dev")
HELPER = MAIN._replace(agent="a1")
OTHER = Context("claude-code", "s2", "/home/dev/tools/shop", "fix", "", "2.1.0", "laptop", "dev")
CLI = Context("codex", "s3", "/home/dev/blog", "", "", "0.42", "box", "dev")


def at(text: str) -> int:
    """Return the milliseconds of an ISO text; without an offset it is UTC."""
    moment = datetime.fromisoformat(text)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def event(
    when: str, variant: Variant, context: Context, tokens: Tokens, *, work_ms: int = 0, web_searches: int = 0
) -> UsageEvent:
    """Return an event, known by its moment."""
    time = at(when)
    return UsageEvent(time, 0, time, variant, tokens, context, work_ms=work_ms, web_searches=web_searches)


THOUSAND = Tokens(1_000, 30_000, 4_000, 0, 2_000)
"""On Opus 4.1: 0.015 + 0.045 + 0.075 + 0.15 = $0.285."""

EVENTS = (
    event("2026-11-01T10:00:05", OPUS, MAIN, THOUSAND, work_ms=5_000),
    event("2026-11-01T10:01:00", OPUS, HELPER, THOUSAND, work_ms=30_000),
    # 100 x 3 + 500 x 6 + 200 x 15 = 6 300 millionths of a dollar, and a web search for a cent.
    event("2026-11-01T10:20:00", SONNET, MAIN, Tokens(100, 0, 0, 500, 200), web_searches=1),
    # Another day east of Greenwich.
    event("2026-11-01T23:30:00", OPUS, OTHER, THOUSAND),
    # 1 000 x 1.75 + 10 000 x 0.175 + 100 x 14 = 4 900 millionths.
    event("2026-11-02T09:00:00", CODEX, CLI, Tokens(1_000, 10_000, 0, 0, 100, 60), work_ms=2_000),
    event("2026-11-02T09:05:00", NOBODY, CLI, Tokens(7, 0, 0, 0, 3)),
)

PROMPTS = (Prompt(1, at("2026-11-01T10:00:00"), MAIN, 0), Prompt(2, at("2026-11-02T08:59:58"), CLI, 0))
CALLS = (
    ToolCall(1, EVENTS[0].key, "Bash", at("2026-11-01T10:00:05"), at("2026-11-01T10:00:15")),
    ToolCall(2, EVENTS[0].key, "Read", at("2026-11-01T10:00:10"), at("2026-11-01T10:00:20"), failed=True),
    ToolCall(3, EVENTS[1].key, "Grep", at("2026-11-01T10:01:00"), at("2026-11-01T10:01:01")),
)

COUNTED = CLI._replace(session="s4")
READINGS = (
    Reading(
        4, 1, at("2026-11-03T12:00"), at("2026-10-30T09:00"), SONNET, COUNTED, 3, Tokens(300_000, 0, 0, 0, 1_000), 9, 70
    ),
    Reading(
        4,
        1,
        at("2026-11-05T12:00"),
        at("2026-10-30T09:00"),
        SONNET,
        COUNTED,
        5,
        Tokens(360_000, 0, 0, 0, 1_200),
        11,
        80,
    ),
    Reading(
        4,
        1,
        at("2026-11-05T13:00"),
        at("2026-10-30T09:00"),
        SONNET,
        COUNTED,
        6,
        Tokens(360_001, 0, 0, 0, 1_201),
        12,
        90,
    ),
)
"""A session that only a counter tells of: three calls by Tuesday, with prompts of 100 000 tokens on the average, two by
Thursday, and one call after them. By the prices of prompts up to 200 000: $0.915, $0.183 and 18 millionths of a dollar."""
TITLES = (Title("s1", "Mend the till", at("2026-11-01T10:00:30")),)


def ledger_of(
    events: Sequence[UsageEvent] = EVENTS,
    prompts: Sequence[Prompt] = PROMPTS,
    calls: Sequence[ToolCall] = CALLS,
    titles: Sequence[Title] = TITLES,
    skipped: int = 0,
    readings: Sequence[Reading] = (),
) -> MemoryLedger:
    """Return a ledger that holds these, each tool's and machine's as from one file."""
    batches: dict[tuple[str, str], Found] = {}
    for place, each in enumerate(events):
        found = batches.setdefault((each.context.tool, each.context.machine), Found())
        found.events.append(each._replace(offset=100 * place))
        found.calls += [call for call in calls if call.event == each.key]
    for prompt in prompts:
        batches.setdefault((prompt.context.tool, prompt.context.machine), Found()).prompts.append(prompt)
    for reading in readings:
        batches.setdefault((reading.context.tool, reading.context.machine), Found()).readings.append(reading)
    for found in list(batches.values())[:1]:
        found.titles += titles
        for offset in range(skipped):
            found.skip(offset, "not JSON")
    ledger = MemoryLedger()
    ledger.add(
        pack(found, Source(f"/home/dev/logs/{tool}-{machine}.jsonl", tool), fresh=True, machine=machine, user="dev")
        for (tool, machine), found in batches.items()
    )
    return ledger


def book_of(prices: Mapping[str, object] | None = None) -> PriceBook:
    """Return the shipped price book, with a person's own prices over it."""
    opened = read(fresh(), overrides(prices or {}))
    assert not isinstance(opened, Unusable)
    return opened


def asked(report: Report, wish: Wish = Wish(), zone: str = "UTC", since: str = "", until: str = "") -> Question:  # noqa: B008
    """Return the question that a wish for a report is."""
    return question(report, period(Zone(zone), NOW, since, until), wish, NOW)
