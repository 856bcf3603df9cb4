"""Arrivals: an envelope that came in, as batches of the ledger; what can never be stored is refused row by row.

A row that the columns of this version describe exactly is checked in one go. Where a sender is older or newer its rows
are brought into that form first: a column that it does not know has the value that says so, and what it tells in
columns that are not known here is kept aside as it came.
"""

from collections.abc import Callable, Mapping
from types import GenericAlias
from typing import Annotated, Any, Final, NamedTuple

from msgspec import DecodeError, Meta, Raw, ValidationError, convert
from msgspec.json import Decoder, decode, encode

from tallystick.intake.push.envelope import CONTEXT, SCHEMA, TABLES, VARIANT
from tallystick.intake.push.kind import Sender, Taken, Unacceptable, source_of
from tallystick.ledger.ledger import Arrival, Batch, Ledger, Row, Source
from tallystick.ledger.merging import WITNESS_BITS
from tallystick.usage.event import HIDDEN, MOST_USED, Context, Variant

ROWS_MOST: Final = 20_000
"""Rows of all tables that one envelope may have."""
_RECEIPT: Final = "tallystick.receipt/1"
_TOLD_MOST: Final = 100
"""Refused rows of which the answer tells; the others are counted."""
_OPENED_MOST, _PARTED_MOST = 5 * ROWS_MOST, 50 * ROWS_MOST
"""Brackets and commas of a body: what so many rows need, and more. Decoded, a list of nothing takes forty times its text."""
_NEWER_MOST: Final = 4_096
"""Characters of a value that is kept without being understood."""

type _Id = Annotated[int, Meta(ge=-(1 << 63), le=(1 << 63) - 1)]
type _Time = Annotated[int, Meta(ge=0, lt=4_102_444_800_000)]
"""Up to the year 2100: what is later is no time but a mistake."""
type _Nanoseconds = Annotated[int, Meta(ge=0, le=(1 << 63) - 1)]
type _Place = Annotated[int, Meta(ge=0, lt=1 << 62)]
type _Count = Annotated[int, Meta(ge=0, le=10_000_000_000)]
"""Ten billion tokens for one call: sums of as many calls as anybody makes stay within 64 bits."""
type _Total = Annotated[int, Meta(ge=0, le=10_000_000_000_000)]
type _Flag = bool | Annotated[int, Meta(ge=0, le=1)]
type _Number = Annotated[int, Meta(ge=0, lt=1 << 31)]
type _Span = Annotated[int, Meta(ge=0, le=100 * 366 * 86_400_000)]
type _Cost = Annotated[int, Meta(ge=0, le=10**15)] | None
type _Name = Annotated[str, Meta(max_length=16_384)]
type _Word = Annotated[str, Meta(max_length=256)]

_ROWS: Final[Mapping[str, Any]] = {
    "events": tuple[
        _Id, _Id, _Time, _Number, _Number, _Count, _Count, _Count, _Count, _Count, _Count,
        Annotated[int, Meta(ge=0, le=3)], _Flag, _Flag, _Span, _Count, _Count, _Cost, _Place,
    ],
    "prompts": tuple[_Id, _Time, _Number, _Place],
    "calls": tuple[_Id, _Id, _Name, _Time, _Time, _Flag],
    "limits": tuple[_Word, _Word, _Number, Annotated[float, Meta(ge=0, le=MOST_USED)], _Time, _Time, _Word, _Word],
    # Of titles the time may be a rank: what counts is which is later.
    "titles": tuple[_Name, _Name, _Id],
    "skipped": tuple[Annotated[int, Meta(ge=-1, lt=1 << 62)], _Word],
    "tags": tuple[_Word, _Name, _Word, _Word],
    "readings": tuple[
        _Id, _Number, _Time, _Time, _Number, _Number, _Total, _Total, _Total, _Total, _Total, _Total, _Total, _Cost, _Place,
    ],
}  # fmt: skip
_MANY: Final = {name: Decoder(GenericAlias(list, (row,))) for name, row in _ROWS.items()}
_CONTEXTS: Final = tuple[_Word, _Name, _Name, _Name, _Name, _Word, _Word, _Word]
_VARIANTS: Final = tuple[_Word, _Name, _Word, _Word, _Word]
_REFERS: Final[Mapping[str, tuple[int, ...]]] = {"events": (3, 4), "prompts": (2,), "readings": (4, 5)}
"""Where a row names its context and, of some, its variant."""
_NEEDED: Final[Mapping[str, frozenset[str]]] = {
    "events": frozenset(("key", "time", "context", "variant")),
    "prompts": frozenset(("key", "time", "context")),
    "calls": frozenset(("key", "event", "name", "started")),
    "limits": frozenset(("provider", "window", "used_percent", "time")),
    "titles": frozenset(("session", "text", "time")),
    "skipped": frozenset(("offset", "reason")),
    "readings": frozenset(("meter", "rank", "time", "context", "variant")),
    "tags": frozenset(TABLES["tags"]),
}
_UNTOLD: Final[Mapping[str, Any]] = {"grade": 3, "cost_nano": None, "plan": "", "account": ""}
"""What stands for a column that a sender does not know, where that is not 0."""
_SOURCE: Final = frozenset(("path", "tool", "witness", "mtime", "last", "fresh", "contexts", "variants", *TABLES))
_ENVELOPE: Final = frozenset(("schema", "client", "sent_at", "columns", "sources"))


class _Refused(NamedTuple):
    """A row that cannot be stored."""

    table: str
    source: int
    row: int
    reason: str


def take(body: bytes, sender: Sender, now: int, _: Ledger) -> Taken:
    """Return what an envelope tells; raise `Unacceptable` for one that is none."""
    if body.count(b"[") + body.count(b"{") > _OPENED_MOST or body.count(b",") > _PARTED_MOST:
        raise _too_many()
    told = _decoded(body)
    schema = _value(told, "schema", str, "")
    if schema.partition("/")[0] != SCHEMA.partition("/")[0]:
        raise Unacceptable(400, f"This is no push: its schema is to be {SCHEMA}.")
    columns = _columns(_value(told, "columns", dict[str, list[str]], {}))
    taking = _Taking(sender, columns)
    for number, source in enumerate(_value(told, "sources", list[dict[str, Raw]], [])):
        taking.source(number, source)
    if taking.batches:
        taking.keep("envelope", sender.machine, {name: raw for name, raw in told.items() if name not in _ENVELOPE})
    client = _value(told, "client", dict[str, Any], {})
    skew = _value(told, "sent_at", int, now) - now
    skew = max(min(skew, 1 << 53), -(1 << 53))
    answer = {
        "schema": _RECEIPT,
        "accepted": taking.taken,
        "rejected": [refused._asdict() for refused in taking.refused],
        "rejected_more": taking.refused_more,
        "time": now,
        "skew_ms": skew,
    }
    return Taken(taking.batches, _arrival(sender, now, client, skew), (200, encode(answer)))


def _too_many() -> Unacceptable:
    return Unacceptable(413, f"A push may have {ROWS_MOST} rows at most.")


def _decoded(body: bytes) -> dict[str, Raw]:
    try:
        return decode(body, type=dict[str, Raw])
    except ValidationError:
        raise Unacceptable(400, "A push is an object of JSON.") from None
    except (DecodeError, RecursionError, UnicodeDecodeError):
        raise Unacceptable(400, "This is no JSON.") from None


def _value[T](told: Mapping[str, Raw], name: str, kind: type[T], default: T) -> T:
    raw = told.get(name)
    if raw is None:
        return default
    try:
        return decode(raw, type=kind)
    except (DecodeError, RecursionError, UnicodeDecodeError):
        raise Unacceptable(400, f"`{name}` of the push is not what it is to be.") from None


def _arrival(sender: Sender, now: int, client: Mapping[str, Any], skew: int) -> Arrival:
    def word(name: str) -> str:
        value = client.get(name)
        return value[:256] if isinstance(value, str) else ""

    pending = client.get("pending")
    pending = pending if isinstance(pending, int) and not isinstance(pending, bool) and 0 <= pending < 1 << 53 else 0
    return Arrival(
        sender.machine, sender.name, sender.user, now, word("name"), word("version"), skew, pending, word("trouble")
    )


def _columns(told: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    """Return the columns of each table as a sender has them; this version's where it does not say."""
    columns = {"context": CONTEXT, "variant": VARIANT, **TABLES}
    columns |= {name: tuple(told[name]) for name in columns.keys() & told.keys()}
    for table, needed in _NEEDED.items():
        if needed.difference(columns[table]) or len(set(columns[table])) < len(columns[table]):
            raise Unacceptable(
                400, f"The columns of {table} lack some, or tell one twice: {', '.join(sorted(needed))} are needed."
            )
    return columns


class _Taking:
    """What one envelope becomes."""

    def __init__(self, sender: Sender, columns: Mapping[str, tuple[str, ...]]) -> None:
        self._sender, self._columns = sender, columns
        self._rows = self.taken = self.refused_more = 0
        self.batches: list[Batch] = []
        self.refused: list[_Refused] = []
        """The first ones; of the others the number, `refused_more`."""

    def source(self, number: int, told: Mapping[str, Raw]) -> None:
        """Take one source with its rows."""
        self._count(1)
        path, tool = _value(told, "path", str, ""), _value(told, "tool", str, "")
        witness = _value(told, "witness", str, "log")
        if witness not in WITNESS_BITS or not tool or len(tool) > 256 or len(path) > 16_384:  # noqa: PLR2004  as for names
            self._refuse("sources", number, 0, "a source needs a path, a tool and a witness that is known")
            return
        newer: list[Row] = []
        contexts = self._named(told, "contexts", "context", _CONTEXTS, CONTEXT)
        variants = self._named(told, "variants", "variant", _VARIANTS, VARIANT)
        rows = {name: self._table(number, name, told[name], newer) for name in TABLES if name in told}
        for name in _REFERS.keys() & rows.keys():
            rows[name] = self._referring(number, name, rows[name], contexts, variants)
        if "skipped" in rows:
            rows["skipped"] = [row for row in rows["skipped"] if row[0] >= 0 or row[1].isdecimal()]
        self.taken += sum(map(len, rows.values()))
        mtime = _checked(told, "mtime", _Nanoseconds)
        source = Source(source_of(self._sender, path), tool, witness, mtime=mtime, last=_checked(told, "last", _Time))
        fresh = _value(told, "fresh", bool, False)  # noqa: FBT003  what stands for nothing
        named = _used(rows, contexts, 0), _used(rows, variants, 1)
        texts = [self._context(row) for row in named[0]], [Variant._make(row) for row in named[1]]
        self.batches.append(
            Batch._make((source, fresh, *texts, *(rows.get(name, []) for name in TABLES), newer, [], None))
        )
        self.keep("source", path, {name: raw for name, raw in told.items() if name not in _SOURCE})

    def _count(self, rows: int) -> None:
        self._rows += rows
        if self._rows > ROWS_MOST:
            raise _too_many()

    def _refuse(self, table: str, source: int, row: int, reason: str) -> None:
        if len(self.refused) < _TOLD_MOST:
            self.refused.append(_Refused(table, source, row, reason))
        else:
            self.refused_more += 1

    def keep(self, kind: str, key: str, told: Mapping[str, Raw]) -> None:
        """Keep aside what is told in fields that are not known here, with the batch that came last."""
        rows = [(kind, key, name[:256], bytes(raw).decode()) for name, raw in told.items() if len(raw) <= _NEWER_MOST]
        if rows:
            self.batches[-1] = self.batches[-1]._replace(newer=[*self.batches[-1].newer, *rows])

    def _context(self, row: Row) -> Context:
        *rest, user, is_open = row
        context = Context._make((*rest, self._sender.name, self._sender.user or user))
        # Senders that do not tell may have left it out on purpose.
        return context if context.project or is_open else context._replace(project=HIDDEN)

    def _named(
        self,
        told: Mapping[str, Raw],
        place: str,
        name: str,
        kind: Any,  # noqa: ANN401  a type
        ours: tuple[str, ...],
    ) -> list[Row | None]:
        """Return contexts or variants, each in the columns of this version; None for one that cannot be stored."""
        theirs = self._columns[name]
        rows = _value(told, place, list[list[Any]], [])
        self._count(len(rows))
        if theirs != ours:
            rows = [[dict(zip(theirs, row, strict=False)).get(each, "") for each in ours] for row in rows]
        try:
            return convert(rows, type=list[kind])
        except ValidationError:
            return [_converted(row, kind) for row in rows]

    def _table(self, source: int, name: str, raw: Raw, newer: list[Row]) -> list[Row]:
        ours, theirs = TABLES[name], self._columns[name]
        if theirs == ours:
            try:
                found: list[Row] = _MANY[name].decode(raw)
            except ValidationError:
                pass
            except (DecodeError, RecursionError, UnicodeDecodeError):
                raise Unacceptable(400, "This is no JSON.") from None
            else:
                self._count(len(found))
                return found
        try:
            rows = decode(raw, type=list[list[Any]])
        except (DecodeError, RecursionError, UnicodeDecodeError):
            raise Unacceptable(400, f"`{name}` of the push is not what it is to be: a list of rows.") from None
        self._count(len(rows))
        fitted = _fitting(ours, theirs)
        taken = []
        for number, row in enumerate(rows):
            try:
                if len(row) != len(theirs):
                    raise ValidationError("it has another number of columns than was said")  # noqa: TRY301  as msgspec tells it
                taken.append(convert(fitted(row), type=_ROWS[name]))
            except ValidationError as error:
                self._refuse(name, source, number, str(error)[:200])
                continue
            newer += _beyond(name, ours, theirs, row)
        return taken

    def _referring(
        self, source: int, name: str, rows: list[Row], contexts: list[Row | None], variants: list[Row | None]
    ) -> list[Row]:
        """Return the rows whose context and variant are there."""
        places = tuple(zip(_REFERS[name], (contexts, variants), strict=False))
        taken = []
        for number, row in enumerate(rows):
            if all(row[place] < len(known) and known[row[place]] is not None for place, known in places):
                taken.append(row)
            else:
                self._refuse(
                    name, source, number, "its context or variant is not there, or holds what is no text or too long"
                )
        return taken


def _converted(row: Any, kind: Any) -> Row | None:  # noqa: ANN401  a row as it came, and a type
    try:
        found: Row = convert(row, type=kind)
    except ValidationError:
        return None
    return found


def _used(rows: dict[str, list[Row]], known: list[Row | None], which: int) -> list[Row]:
    """Return those contexts (`which` 0) or variants (1) that a row names; the rows name them by their new places afterwards."""
    places = {name: where[which] for name, where in _REFERS.items() if name in rows and which < len(where)}
    used = sorted({row[place] for name, place in places.items() for row in rows[name]})
    if len(used) < len(known):
        now = {number: place for place, number in enumerate(used)}
        for name, place in places.items():
            rows[name] = [(*row[:place], now[row[place]], *row[place + 1 :]) for row in rows[name]]
    return [row for number in used if (row := known[number]) is not None]


def _fitting(ours: tuple[str, ...], theirs: tuple[str, ...]) -> Callable[[list[Any]], list[Any]]:
    """Return what brings a sender's row into this version's columns."""
    if ours == theirs:
        return list
    places = {name: place for place, name in enumerate(theirs)}
    chosen = [(places.get(name), _UNTOLD.get(name, 0)) for name in ours]
    return lambda row: [untold if place is None else row[place] for place, untold in chosen]


def _beyond(table: str, ours: tuple[str, ...], theirs: tuple[str, ...], row: list[Any]) -> list[Row]:
    """Return what a row tells in columns that are not known here."""
    told = [(name, encode(value).decode()) for name, value in zip(theirs, row, strict=True) if name not in ours]
    return [
        (table, str(row[theirs.index(ours[0])]), name[:256], text) for name, text in told if len(text) <= _NEWER_MOST
    ]


def _checked(told: Mapping[str, Raw], name: str, kind: Any) -> int:  # noqa: ANN401  a type
    number: int = _value(told, name, kind, 0)
    return number
