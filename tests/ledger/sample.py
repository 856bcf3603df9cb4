"""What tests of the ledger share: sightings written by hand, batches of them, and a ledger's answers by value."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from tallystick.ledger.ledger import Batch, Ledger, Row, Source
from tallystick.usage.event import Context, Reading, Variant
from tallystick.usage.tokens import Tokens

EVER = {"since": -(2**62), "until": 2**62}
MAIN = Context("claude-code", "s1", "/home/dev/p", "main", "", "2.1.300", "box", "dev")
COPY = MAIN._replace(session="s2")
OPUS = Variant("anthropic", "claude-opus-4-8")
LOG = Source("/home/dev/a.jsonl", "claude-code", "log", 11, 1_000, 5_000_000_000, 900, 77, b"state", 4_000)
"""Written last at 5 000 ms, one second after its newest line."""
LATER = LOG._replace(path="/home/dev/b.jsonl", inode=12, mtime=9_000_000_000)
"""A copy of the session, written last at 9 000 ms."""
QUESTIONS = (
    "calls", "contexts", "cut_off", "dated", "events", "events_by_tool", "extent", "lanes", "limits", "machines", "marks", "model_spans", "newer", "presence", "prompts", "reach",
    "receivers", "runs", "skipped", "skipped_total", "spans", "tags", "titles", "usage_by_context", "usage_by_variant", "usage_timed",
    "uses", "variants", "work",
)  # fmt: skip
"""Those that need no more than a time."""


class View(NamedTuple):
    """One sighting as a test tells of it."""

    key: int = 1
    request: int = 0
    time: int = 3_000
    context: Context = MAIN
    variant: Variant = OPUS
    tokens: Tokens = Tokens(1, 2, 3, 4, 5, 0)
    grade: int = 3
    replay: bool = False
    copied: bool = False
    work_ms: int = 0
    searches: int = 0
    fetches: int = 0
    cost_nano: int | None = None
    place: int = 0


def reading(
    time: int,
    tokens: Tokens,
    *,
    meter: int = 90,
    context: Context = MAIN,
    variant: Variant = OPUS,
    **more: Any,  # noqa: ANN401 - what the fields of a reading hold
) -> Reading:
    """Return a reading of a counter of the first rank that tells no more than its tokens, unless `more` says what."""
    first = Reading(meter, 1, time, 0, variant, context, 0, tokens)
    return first._replace(**more)


def batch(
    source: Source = LOG,
    views: Sequence[View] = (),
    *,
    fresh: bool = False,
    readings: Sequence[Reading] = (),
    **more: list[Row],
) -> Batch:
    """Return a batch of sightings and readings; contexts in `more["prompts"]` are values, not indexes."""
    contexts: dict[Context, int] = {}
    variants: dict[Variant, int] = {}
    events: list[Row] = []
    for key, request, time, context, variant, tokens, *rest in views:
        place = contexts.setdefault(context, len(contexts)), variants.setdefault(variant, len(variants))
        events.append((key, request, time, *place, *tokens, *rest))
    prompts: list[Row] = [
        (key, time, contexts.setdefault(context, len(contexts)), place)
        for key, time, context, place in more.get("prompts", [])
    ]
    totals: list[Row] = []
    for meter, rank, time, since, variant, context, requests, tokens, *rest in readings:
        place = contexts.setdefault(context, len(contexts)), variants.setdefault(variant, len(variants))
        totals.append((meter, rank, time, since, *place, requests, *tokens, *rest))
    others = (more.get(name, []) for name in ("calls", "limits", "titles", "skipped"))
    told = Batch(source, fresh, list(contexts), list(variants), events, prompts, *others)
    return told._replace(readings=totals, tags=more.get("tags", []))


def number(ledger: Ledger, named: Context | Variant) -> int:
    """Return the number that a ledger gave to a context or a variant: each has its own."""
    rows = ledger.ask("contexts" if isinstance(named, Context) else "variants")
    (found,) = (place for place, *value in rows if tuple(value) == tuple(named))
    return int(found)


def decoded(ledger: Ledger) -> dict[str, list[Any]]:
    """Return the answers to all questions with contexts, variants and events by value, so that two ledgers compare."""
    answers: dict[str, list[Any]] = {name: ledger.ask(name, **EVER) for name in QUESTIONS}
    contexts = {number: Context(*value) for number, *value in answers["contexts"]}
    variants = {number: Variant(*value) for number, *value in answers["variants"]}

    def shown(row: Row, context: int | None = None, variant: int | None = None) -> Row:
        named = list(row)
        if context is not None:
            named[context] = contexts[row[context]]
        if variant is not None:
            named[variant] = variants[row[variant]]
        return tuple(named)

    # Numbers are each ledger's own: an event that is named is told instead.
    named = {row[5]: shown(ledger.ask("event", event=row[5])[0], 2, 3)[1:] for row in answers["runs"]}
    for name in ("runs", "uses"):
        answers[name] = [(*shown(row, 1)[:5], named[row[5]], *row[6:]) for row in answers[name]]
    views = {row[0]: [shown(view, 3) for view in ledger.ask("sightings", event=row[0])] for row in answers["events"]}
    answers["events"] = [(*shown(row, 2, 3)[1:], sorted(views[row[0]], key=repr)) for row in answers["events"]]
    answers["usage_by_context"] = [shown(row, 4, 1) for row in answers["usage_by_context"]]
    answers["usage_timed"] = [shown(row, 4, 1) for row in answers["usage_timed"]]
    answers["usage_by_variant"] = [shown(row, None, 1) for row in answers["usage_by_variant"]]
    answers["dated"] = [shown(row, 0, 1) for row in answers["dated"]]
    answers["calls"] = [shown(row, 1) for row in answers["calls"]]
    answers["reach"] = [shown(row, 0) for row in answers["reach"]]
    answers["prompts"] = [shown(row, 1) for row in answers["prompts"]]
    answers["spans"] = [shown(row, 0) for row in answers["spans"]]
    for name, context in (("presence", 1), ("model_spans", 0)):
        answers[name] = [shown(row, context) for row in answers[name]]
    answers["work"] = [shown(row, 0, 1) for row in answers["work"]]
    sessions = sorted({context.session for context in contexts.values()})
    answers["quarters"] = [(each, *row) for each in sessions for row in ledger.ask("quarters", session=each)]
    answers["prompts_of"] = [
        (each, *shown(row, 1)) for each in sessions for row in ledger.ask("prompts_of", session=each)
    ]
    answers["contexts"], answers["variants"] = list(contexts.values()), list(variants.values())
    answers["source"] = [ledger.ask("source", path=path)[0] for path, *_ in answers["marks"]]
    return {name: sorted(rows, key=repr) for name, rows in answers.items()}


def usage(ledger: Ledger) -> list[tuple[int, ...]]:
    """Return the sums without variant and context: slot, size, seen, requests, then the counts."""
    rows = ledger.ask("usage_by_context", **EVER)
    return [(row[0], *row[2:4], *row[5:]) for row in rows]
