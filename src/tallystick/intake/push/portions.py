"""Portions: what is read, in pieces that are kept at once and in letters that are sent at once."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, NamedTuple

from tallystick.intake.logs import News, read_one
from tallystick.intake.push.envelope import TABLES, rows_in
from tallystick.intake.walk import Trouble
from tallystick.ledger.ledger import Batch, Row, Source

_REFERS: Final[tuple[tuple[str, int, int | None], ...]] = (("events", 3, 4), ("prompts", 2, None), ("readings", 4, 5))
"""Where rows name their context and their variant."""

type Mask = Callable[[Batch], Batch]
"""From what was found to what of it may leave the machine."""


class Portion(NamedTuple):
    """What is kept at once: how far sources were read, and what that gave."""

    sources: list[Source]
    batches: list[list[Batch]]
    """By letter."""


def portions(
    news: Iterable[News], whose: tuple[str, str], mask: Mask, troubles: list[Trouble], most: int
) -> Iterator[Portion]:
    """Read what is new and yield it in portions, each letter of which has at most about `most` rows."""
    portion, weight = Portion([], []), 0
    gathered: list[Batch] = []
    for item in news:
        for batch in read_one([item], whose, troubles):
            portion.sources.append(batch.source)
            for piece in cut(mask(batch), most):
                # A source without rows weighs something, too.
                gathered.append(piece)
                weight += 1 + rows_in(piece)
                if weight >= most:
                    portion.batches.append(gathered)
                    gathered, weight = [], 0
            if portion.batches:
                yield Portion(portion.sources, [*portion.batches, *([gathered] if gathered else [])])
                portion, gathered, weight = Portion([], []), [], 0
    if gathered:
        yield Portion(portion.sources, [gathered])


def cut(batch: Batch, most: int) -> Iterator[Batch]:
    """Yield a batch in pieces of at most so many rows; whoever takes them one after another has taken the batch."""
    if rows_in(batch) <= most:
        yield batch
        return
    rows = [(name, row) for name in TABLES for row in getattr(batch, name)]
    for begin in range(0, len(rows), most):
        piece: dict[str, Any] = {name: [] for name in TABLES}
        for name, row in rows[begin : begin + most]:
            piece[name].append(row)
        yield _with_what_it_needs(batch._replace(fresh=batch.fresh and not begin, **piece))


def _with_what_it_needs(batch: Batch) -> Batch:
    """Return a piece with those of its contexts and variants that its rows refer to, and the rows referring to them."""
    contexts: dict[int, int] = {}
    variants: dict[int, int] = {}
    changed: dict[str, Any] = {}
    for name, of_context, of_variant in _REFERS:
        rows: list[Row] = []
        changed[name] = rows
        for row in getattr(batch, name):
            new = list(row)
            new[of_context] = contexts.setdefault(row[of_context], len(contexts))
            if of_variant is not None:
                new[of_variant] = variants.setdefault(row[of_variant], len(variants))
            rows.append(tuple(new))
    return batch._replace(
        contexts=[batch.contexts[number] for number in contexts],
        variants=[batch.variants[number] for number in variants],
        **changed,
    )
