"""Made-up sightings, so that a person without logs sees what answers look like; the same ones every time."""

from collections.abc import Iterator
from random import Random
from typing import Final, NamedTuple

from tallystick.intake.demo_limits import samples
from tallystick.intake.packing import pack
from tallystick.ledger.ledger import Batch, Source
from tallystick.tools.tool import Found
from tallystick.usage.event import Context, Prompt, Title, ToolCall, UsageEvent, Variant
from tallystick.usage.identity import key
from tallystick.usage.tokens import Tokens

MACHINE: Final = "demo"
_DAYS: Final = 45
_DAY_MS: Final = 86_400_000
_HOUR_MS: Final = 3_600_000
_SEED: Final = 1299
"""The year of the oldest known tally sticks of the Exchequer that split a debt in halves."""
_AT_WORK: Final = (0, 3)
"""Habits that are being followed right now, whatever the hour, so that today is not empty."""
_LATELY_MS: Final = 100 * 60_000
_BY_AGENTS: Final = 0.12
_FAILING: Final = 0.04


class _Habit(NamedTuple):
    """Who works on what, with which tool and model, and how much."""

    tool: str
    project: str
    branch: str
    version: str
    variant: Variant
    sessions_per_week: float
    title: str


_HABITS: Final = (
    _Habit("claude-code", "/home/dev/work/ledger-api", "main", "2.1.330", Variant("anthropic", "claude-opus-5-5"), 4, "Settle entries once"),
    _Habit("claude-code", "/home/dev/work/web-shop", "checkout", "2.1.330", Variant("anthropic", "claude-sonnet-4-6"), 6, "Rework the checkout"),
    _Habit("claude-code", "/home/dev/work/notes", "main", "2.1.330", Variant("anthropic", "claude-haiku-4-5"), 3, "Sort the notes"),
    _Habit("codex", "/home/dev/work/ledger-api", "fix-rounding", "0.169.0", Variant("openai", "gpt-5.5"), 3, "Find the rounding error"),
    _Habit("codex", "/home/dev/work/data-pipeline", "main", "0.169.0", Variant("openai", "gpt-5.2-codex"), 2, "Speed up the nightly run"),
    _Habit("codex", "/home/dev/work/data-pipeline", "try-local", "0.169.0", Variant("local", "house-model-1"), 0.6, "Try the local model"),
)  # fmt: skip
_USES: Final = (("Read", 0.4, 900), ("Edit", 0.3, 1_200), ("Bash", 0.3, 9_000))


def batches(today_ms: int) -> Iterator[Batch]:
    """Yield forty-five days of made-up work that end at the moment `today_ms` (milliseconds since 1970, UTC)."""
    midnight = today_ms // _DAY_MS * _DAY_MS
    for number, habit in enumerate(_HABITS):
        chance = Random(_SEED + number)  # noqa: S311 - a demonstration, no secret
        for day in range(_DAYS - 1, -1, -1):
            begin = midnight - day * _DAY_MS + 8 * _HOUR_MS + chance.randrange(9 * _HOUR_MS)
            weekend = (begin // _DAY_MS + 4) % 7 in (0, 6)
            if chance.random() < habit.sessions_per_week / (25 if weekend else 5) and begin < today_ms:
                yield _session(habit, f"demo-{number}-{day:02}", begin, min(today_ms, begin + 3 * _HOUR_MS), chance)
        if number in _AT_WORK:
            yield _session(habit, f"demo-{number}-now", today_ms - _LATELY_MS, today_ms, chance)
    yield _limits(today_ms)


def _limits(today_ms: int) -> Batch:
    found = Found()
    found.limits += samples(today_ms)
    return pack(found, Source("demo/limits-now", "codex"), fresh=True, machine=MACHINE, user="demo")


def _session(habit: _Habit, session: str, begin: int, end: int, chance: Random) -> Batch:
    found, time, kept = Found(), begin, 14_000
    context = Context(habit.tool, session, habit.project, habit.branch, "", habit.version)
    found.titles.append(Title(session, habit.title, begin))
    for turn in range(chance.randrange(3, 14)):
        if time >= end:
            break
        found.prompts.append(Prompt(key("demo", session, str(turn)), time, context, 0))
        for _ in range(chance.randrange(2, 12)):
            worked = chance.randrange(2_000, 25_000)
            if time + worked >= end:
                time = end
                break
            time += worked
            kept = _answer(found, habit, context, (time, worked, kept), chance)
            time += chance.randrange(500, 9_000)
        time += chance.randrange(20_000, 900_000)
    return pack(found, Source(f"demo/{session}", habit.tool), fresh=True, machine=MACHINE, user="demo")


def _answer(found: Found, habit: _Habit, context: Context, moment: tuple[int, int, int], chance: Random) -> int:
    """Add one answer and its tool use; return how much of the conversation is cached afterwards."""
    time, worked, kept = moment
    fresh, output = chance.randrange(200, 6_000), int(chance.lognormvariate(5.6, 0.9)) + 20
    anthropic = habit.variant.provider == "anthropic"
    tokens = Tokens(
        input=chance.randrange(3, 40) if anthropic else fresh,
        cache_read=kept,
        cache_write_5m=0,
        cache_write_1h=fresh if anthropic else 0,
        output=output,
        reasoning=output // 3,
    )
    identity = key(context.session, str(time))
    agent = "Explore" if anthropic and chance.random() < _BY_AGENTS else ""
    found.events.append(
        UsageEvent(identity, 0, time, habit.variant, tokens, context._replace(agent=agent), work_ms=worked)
    )
    name, _, usual = chance.choices(_USES, [share for _, share, _ in _USES])[0]
    ran = int(chance.expovariate(1 / usual)) + 40
    found.calls.append(ToolCall(identity + 1, identity, name, time, time + ran, chance.random() < _FAILING))
    return min(kept + fresh + output, 150_000)
