"""Packing: what a reader found, as plain rows that travel between processes and into the ledger."""

from tallystick.ledger.ledger import Batch, Row, Source
from tallystick.tools.tool import Found
from tallystick.usage.event import Context, Reading, Variant


def pack(found: Found, source: Source, *, fresh: bool, machine: str, user: str) -> Batch:
    """Return the batch of one read; contexts get the machine and the user that the reader cannot know."""
    contexts: dict[Context, int] = {}
    variants: dict[Variant, int] = {}
    events: list[Row] = []
    where, what, of_context, of_variant = None, None, 0, 0
    for key, request, time, variant, tokens, context, *rest in found.events:
        if context is not where:
            where, of_context = context, contexts.setdefault(context, len(contexts))
        if variant is not what:
            what, of_variant = variant, variants.setdefault(variant, len(variants))
        events.append((key, request, time, of_context, of_variant, *tokens, *rest))
    prompts = [
        (key, time, contexts.setdefault(context, len(contexts)), offset) for key, time, context, offset in found.prompts
    ]
    readings = [_row_of(reading, contexts, variants) for reading in found.readings]
    skipped: list[Row] = [tuple(item) for item in found.skipped]
    if found.skipped_more:
        skipped.append((-1, str(found.skipped_more)))
    return Batch(
        source._replace(last=max(source.last, _newest(found))),
        fresh,
        [Context(*_storable(context._replace(machine=machine, user=user))) for context in contexts],
        [Variant(*_storable(variant)) for variant in variants],
        events,
        prompts,
        [tuple(call) if call.name.isascii() else _storable(call) for call in found.calls],
        [_storable(sample) for sample in found.limits],
        [_storable(title) for title in found.titles],
        skipped,
        readings,
        [_storable(tag) for tag in found.tags],
    )


def _storable(row: Row) -> Row:
    """Return a row whose texts can be stored: halves of characters, which JSON can spell and no file can hold, become `?`."""
    return tuple(
        value.encode("utf-8", "replace").decode() if isinstance(value, str) and not value.isascii() else value
        for value in row
    )


def _row_of(reading: Reading, contexts: dict[Context, int], variants: dict[Variant, int]) -> Row:
    return (
        *reading[:4],
        contexts.setdefault(reading.context, len(contexts)),
        variants.setdefault(reading.variant, len(variants)),
        reading.requests,
        *reading.tokens,
        reading.cost_nano,
        reading.offset,
    )


def _newest(found: Found) -> int:
    events = max([event.time for event in found.events], default=0)
    prompts = max([prompt.time for prompt in found.prompts], default=0)
    readings = max([reading.time for reading in found.readings], default=0)
    started = max([call.started for call in found.calls], default=0)
    return max(events, prompts, readings, started, max([call.ended for call in found.calls], default=0))


def plain(batch: Batch) -> Row:
    """Return a batch as values that `marshal` takes."""
    source, fresh, contexts, variants, *rest = batch
    return (
        tuple(source),
        fresh,
        [tuple(context) for context in contexts],
        [tuple(variant) for variant in variants],
        *rest,
    )


def unplain(row: Row) -> Batch:
    """Return the batch that `plain` was given."""
    source, fresh, contexts, variants, *rest = row
    return Batch(
        Source(*source),
        fresh,
        [Context(*context) for context in contexts],
        [Variant(*variant) for variant in variants],
        *rest,
    )
