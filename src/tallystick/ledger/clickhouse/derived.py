"""Running totals: the events that readings of counters stand for, worked out anew for the sessions that a round touches."""

from collections.abc import Iterable

from tallystick.ledger.clickhouse.contested import Changes
from tallystick.ledger.clickhouse.numbers import of_derived
from tallystick.ledger.clickhouse.server import Server, among, literal
from tallystick.ledger.clickhouse.shapes import EVENT, READING
from tallystick.ledger.ledger import Row
from tallystick.ledger.merging import WITNESS_BITS
from tallystick.ledger.readings import Kept, Session, Told, Usage, derive, known, together
from tallystick.usage.event import FINISHED, Context, Reading, Variant
from tallystick.usage.tokens import Tokens

_COUNTED = (
    """SELECT DISTINCT r.meter, c.tool, c.session FROM readings AS r INNER JOIN contexts AS c ON c.id = r.context"""
)
_TOKENS = "input, cache_read, cache_write_5m, cache_write_1h, output, reasoning"


def work_out(server: Server, contexts: Iterable[int], changes: Changes) -> None:
    """Note what readings stand for now in the sessions of these contexts, and in all that share a counter with them."""
    meters = [(meter, (tool, session)) for meter, tool, session in server.rows(_COUNTED)]
    if not meters:
        return
    stands = together(meters)
    asked = server.rows(f"SELECT DISTINCT tool, session FROM contexts WHERE id IN {among(contexts)}")
    touched = {stands[session] for session in asked if session in stands}
    if touched:
        _Sessions(server, {session: stand for session, stand in stands.items() if stand in touched}).compare(changes)


class _Sessions:
    """Sessions that have readings, each with the one that stands for it."""

    def __init__(self, server: Server, stands: dict[Session, Session]) -> None:
        self._server, self._stands = server, stands
        named = ", ".join(f"({literal(tool)}, {literal(session)})" for tool, session in stands)
        text = (
            "SELECT id, tool, session, project, branch, agent, version, machine, account FROM contexts"
            f" WHERE (tool, session) IN ({named})"
        )
        self._contexts = {number: Context(*row) for number, *row in server.rows(text)}
        self._variants = {
            number: Variant(*row)
            for number, *row in server.rows("SELECT id, provider, model, tier, speed, geo FROM variants")
        }
        self._of = among(self._contexts)

    def compare(self, changes: Changes) -> None:
        """Put what readings stand for in the place of what they stood for."""
        before = self._server.rows(f"SELECT {EVENT} FROM events WHERE context IN {self._of} AND views = 0")
        after = list(self._now())
        more, less = len(set(after) - set(before)), len(set(before) - set(after))
        changes.new, changes.changed = changes.new + max(more - less, 0), changes.changed + min(more, less)
        changes.replace(before, after)

    def _work(self, context: Context, variant: Variant) -> Row:
        """Return what several counters may count in common: session and model."""
        return self._stands[context[:2]], variant.model

    def _now(self) -> Iterable[Row]:
        told: dict[Row, list[Told]] = {}
        text = f"SELECT context, variant, time, {_TOKENS} FROM events WHERE context IN {self._of} AND views > 0"
        for context, variant, time, *tokens in self._server.rows(text):
            place = self._work(self._contexts[context], self._variants[variant])
            told.setdefault(place, []).append(known(time, tokens))
        kept: dict[Row, list[Kept]] = {}
        origins: dict[str, tuple[int, int]] = {}
        numbers: dict[Context | Variant, int] = {value: number for number, value in self._contexts.items()}
        numbers |= {value: number for number, value in self._variants.items()}
        for each, source, witness in self._readings():
            kept.setdefault(self._work(each.reading.context, each.reading.variant), []).append(each)
            origins[each.path] = source, WITNESS_BITS[witness]
        for place, readings in kept.items():
            for usage in derive(told.get(place, ()), readings):
                reading = usage.kept.reading
                place_of = numbers[reading.context], numbers[reading.variant]
                yield _row(usage, place_of, origins[usage.kept.path])

    def _readings(self) -> Iterable[tuple[Kept, int, str]]:
        columns = ", ".join(f"r.{name}" for name in READING.split(", "))
        text = (
            f"SELECT s.path, s.witness, {columns} FROM readings AS r INNER JOIN sources AS s ON s.id = r.source"
            f" WHERE r.context IN {self._of}"
        )
        for path, witness, meter, rank, time, since, context, variant, requests, *rest in self._server.rows(text):
            *tokens, cost, offset, source = rest
            named = self._variants[variant], self._contexts[context]
            reading = Reading(meter, rank, time, since, *named, requests, Tokens(*tokens), cost, offset)
            yield Kept(reading, path), source, witness


def _row(usage: Usage, place: tuple[int, int], origin: tuple[int, int]) -> Row:
    """Return what a reading stands for as an event's row."""
    reading, (source, seen) = usage.kept.reading, origin
    counted = (reading.meter, 0, reading.time, *place, *usage.tokens, FINISHED, 0, 0, 0, 0, 0, usage.cost_nano)
    row = (*counted, reading.offset, source, seen, 0, 0, usage.requests, usage.dated, usage.since)
    return (of_derived(row), *row)
