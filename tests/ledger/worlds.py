"""Worlds for hypothesis: what several witnesses saw, and the ways in which it can reach a ledger."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from hypothesis import strategies as st
from tests.ledger.sample import View, batch, reading

from tallystick.ledger.ledger import Batch, Row, Source
from tallystick.usage.event import Context, Reading, Variant
from tallystick.usage.tokens import Tokens

PATHS = ("/home/dev/a", "/home/dev/b", "/home/dev/c", "/home/dev/d", "/home/dev/e")
WITNESSES = ("log", "log", "wire", "otlp", "push")
"""By source: two logs that compete, and one of each other kind."""
CONTEXTS = (
    Context("claude-code", "s1", "/home/dev/p"),
    Context("claude-code", "s2", "/home/dev/p", "main", "agent"),
    Context("codex", "s3"),
    Context("claude-code", "s1", agent="title"),
    Context("claude-code", "run-1"),
)
"""The last two: a call without a project in a session that has one, and one in a run that has no session."""
VARIANTS = (Variant("anthropic", "claude-opus-4-8"), Variant("openai", "gpt-5.5", "flex"))
REQUESTS = (0, 5, -7)
"""None, and two that stand on either side of it."""
SLOT = 900_000


class Line(NamedTuple):
    """What stands at one place of one source; a source that is read again says the same there."""

    context: Context
    variant: Variant
    copied: bool
    searches: int
    fetches: int
    cost_nano: int | None


class Told(NamedTuple):
    """One sighting, with what its batch tells besides."""

    source: int
    view: View
    call: Row | None
    prompt: int | None


class Stood(NamedTuple):
    """What a counter stood at, as one source tells it."""

    source: int
    reading: Reading


class World(NamedTuple):
    """Everything that was seen, and the sources as they were left one after another."""

    told: list["Told | Stood"]
    written: list[list[tuple[int, int]]]
    """By source: size and nanoseconds at its last read, at the one before, and so on."""


small = st.integers(0, 2)
tokens = st.tuples(*[st.sampled_from((0, 1, 200_000))] * 5).map(lambda counts: Tokens(*counts))
totals = st.tuples(*[st.sampled_from((0, 1, 3, 200_000, 400_001))] * 6).map(lambda counts: Tokens(*counts))
lines = st.builds(
    Line,
    st.sampled_from(CONTEXTS),
    st.sampled_from(VARIANTS),
    st.booleans(),
    small,
    small,
    st.sampled_from((None, 0, 7)),
)


@st.composite
def worlds(draw: st.DrawFn, *, withdrawals: bool = True) -> World:
    """Draw what two logs, a wire, telemetry and pushes saw of a few keys, and what counters of the same work stood at.

    What the wire tells without tokens withdraws a key. That is only said by who told of it, of nobody else's calls and in the
    same context; where that matters, none is drawn.
    """
    places = {(source, place): draw(lines) for source in range(len(PATHS)) for place in range(3)}
    told: list[Told | Stood] = draw(st.lists(counters(), max_size=6))
    for _ in range(draw(st.integers(1, 12))):
        source, place = draw(st.integers(0, len(PATHS) - 1)), draw(small)
        line = places[source, place]
        counted = tokens if withdrawals or WITNESSES[source] != "wire" else tokens.filter(lambda each: each.total > 0)
        view = View(
            draw(st.integers(1, 3)),
            draw(st.sampled_from(REQUESTS)),
            draw(st.sampled_from((1, SLOT - 1, SLOT, 5 * SLOT))),
            line.context,
            line.variant,
            draw(counted),
            draw(st.integers(0, 3)),
            draw(st.booleans()),
            line.copied,
            draw(small),
            line.searches,
            line.fetches,
            line.cost_nano,
            place,
        )
        told.append(Told(source, view, draw(calls()), draw(st.none() | small)))
    moments = st.tuples(small, st.sampled_from((0, 1, SLOT - 1, 6 * SLOT)).map(lambda ms: ms * 1_000_000))
    return World(told, [draw(st.lists(moments, min_size=1, max_size=3)) for _ in PATHS])


@st.composite
def counters(draw: st.DrawFn) -> Stood:
    """Draw what one of three counters stood at; no order is kept, so that they seem to begin anew at times."""
    meter = draw(st.integers(90, 92))
    told = reading(
        draw(st.sampled_from((1, 2, SLOT - 1, SLOT, 5 * SLOT, 5 * SLOT + 60_000))),
        draw(totals),
        meter=meter,
        rank=draw(st.integers(1, 2)),
        since=draw(st.sampled_from((0, 0, 1, SLOT))),
        context=draw(st.sampled_from(CONTEXTS)),
        variant=draw(st.sampled_from(VARIANTS)),
        requests=draw(st.sampled_from((0, 0, 1, 3))),
        cost_nano=draw(st.sampled_from((None, 0, 700))),
        offset=draw(small),
    )
    return Stood(draw(st.integers(0, len(PATHS) - 1)), told)


@st.composite
def calls(draw: st.DrawFn) -> Row | None:
    """Draw a use of a tool, seen before or after its end; its event may come later, from elsewhere, or never."""
    event = draw(st.integers(1, 4))
    use, ended = draw(small), draw(st.sampled_from((0, 10, 20)))
    failed = ended > 0 and draw(st.booleans())
    return draw(st.sampled_from((None, (10 * event + use, event, f"tool {use}", 5, ended, failed))))


@st.composite
def deliveries(draw: st.DrawFn, world: World) -> list[list[Batch]]:
    """Draw transactions of batches that tell of all that a world holds: in any order, some of it several times."""
    order = draw(st.permutations(world.told))
    order += draw(st.lists(st.sampled_from(world.told), max_size=4))
    portions: list[list[Told | Stood]] = []
    for told in order:
        if portions and portions[-1][0].source == told.source and draw(st.booleans()):
            portions[-1].append(told)
        else:
            portions.append([told])
    transactions: list[list[Batch]] = []
    for one in in_turn(world, portions):
        together = draw(st.booleans())
        if together and transactions:
            transactions[-1].append(one)
        else:
            transactions.append([one])
    return transactions


def in_turn(world: World, portions: Sequence[Sequence[Told | Stood]]) -> list[Batch]:
    """Return the batches, their sources as they were left read by read: the last read leaves each as every order does."""
    left = Counter(portion[0].source for portion in portions)
    batches = []
    for portion in portions:
        number = portion[0].source
        left[number] -= 1
        written = world.written[number]
        size, mtime = written[min(left[number], len(written) - 1)]
        seen = [told for told in portion if isinstance(told, Told)]
        last = max((told.view.time for told in seen), default=0)
        witness = WITNESSES[number]
        source = Source(
            PATHS[number], ("claude-code", "codex")[number % 2], witness, number, size, mtime, 0, 0, b"", last
        )
        batches.append(
            batch(
                source,
                [told.view for told in seen],
                calls=[told.call for told in seen if told.call],
                prompts=[
                    (told.prompt, 7 * told.prompt, CONTEXTS[number % 3], 1) for told in seen if told.prompt is not None
                ],
                titles=[(told.view.context.session, f"title {told.view.place}", told.view.time) for told in seen],
                limits=[("openai", "primary", 300, float(told.view.grade), 0, told.view.time, "", "") for told in seen],
                tags=[(*told.view.context[:2], "ticket", f"X-{told.view.place}") for told in seen if told.view.place],
                skipped=[(told.view.place, "not JSON") for told in seen],
                readings=[stood.reading for stood in portion if isinstance(stood, Stood)],
            )
        )
    return batches
