"""What tokenfold's client sends: records of Claude Code's transcripts, and what the vendor says of usage windows.

The records are lines of transcripts, of which only the texts were shortened: each is made a line again, and read as a log
is. Nothing of a record is kept but what the reader takes; of those that came, the digests of their ids are remembered, so
that one that comes again is passed over. Every record comes once, in the order of its transcript.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from json import dumps, loads
from typing import Any, Final, NamedTuple

from tallystick.errors import Misused
from tallystick.intake.packing import pack
from tallystick.intake.push.kind import Sender, Taken, Unacceptable, source_of
from tallystick.ledger.ledger import Arrival, Ledger, Source
from tallystick.tools.claude_code import CLAUDE_CODE
from tallystick.tools.claude_code.status_line import NO_SHARE
from tallystick.tools.claude_code.usage_endpoint import windows as told_of
from tallystick.tools.tool import Found, State
from tallystick.usage.instant import instant
from tallystick.usage.names import fitted, unpaired

CLIENT: Final = "tokenfold"
_NAME_MOST: Final = 256
RECORDS_MOST: Final = 20_000
"""Records of one batch; the client sends 2000."""
_OPENED_MOST: Final = 1_500_000
"""Brackets of a body; those within texts count, too."""
_PATH_MOST: Final = 4_096
_DIGEST: Final = 8
_KNOWN_MOST: Final = 50_000
"""Records of one source that are remembered; of those before, one that comes again is read again, which changes nothing."""
_NO_LOGS: Final = frozenset(name for root in CLAUDE_CODE.roots("", {}) for name in root.skip)
"""Files beside transcripts that the client sends, too."""
_LONGEST_NUMBER: Final = 4_300
"""Digits of a whole number beyond which Python refuses it."""


class _Memory(NamedTuple):
    """What is kept of a source."""

    next: int
    """The number of the next record."""
    known: dict[bytes, None]
    """Digests of the ids of the records that came, in their order."""
    reader: State


def ingest(body: bytes, sender: Sender, now: int, ledger: Ledger) -> Taken:
    """Return what a batch of records tells; raise `Unacceptable` for one that is none."""
    said = _object(body)
    events = said.get("events")
    if isinstance(events, list) and len(events) > RECORDS_MOST:
        raise Unacceptable(413, f"A batch may have {RECORDS_MOST} records at most.")
    if not isinstance(events, list) or not all(isinstance(each, dict) for each in events):
        raise Unacceptable(422, "events: a list of objects is needed")
    cursor = said.get("cursor", {})
    last_line = cursor.get("last_line_num", 0) if isinstance(cursor, dict) else None
    if not isinstance(last_line, int) or isinstance(last_line, bool) or abs(last_line) >= 1 << 53:
        raise Unacceptable(422, "cursor: an object is needed whose last_line_num is a whole number")
    sender = _whose(said, sender)
    path = source_of(
        sender, f"{CLIENT}/{_text(said, 'project_dir', _PATH_MOST)}/{_text(said, 'session_file', _PATH_MOST)}"
    )
    memory = _remembered(ledger, path)
    # What is no transcript is read as none, and acknowledged, so that it does not come again.
    of_transcript = path.rpartition("/")[2] not in _NO_LOGS
    found, memory, accepted, duplicates = _read(path, memory, events if of_transcript else [])
    source = Source(path, CLAUDE_CODE.name, "push", state=_packed(memory))
    batch = pack(found, source, fresh=False, machine=sender.name, user=sender.user)
    told = {"accepted": accepted, "duplicates": duplicates, "cursor": {"last_line_num": last_line + len(events)}}
    return Taken([batch], _arrival(sender, now), (200, dumps(told).encode()))


def usage(body: bytes, sender: Sender, now: int, _: Ledger) -> Taken:
    """Return what the vendor says of usage windows; raise `Unacceptable` for a body that does not tell."""
    said = _object(body)
    windows = said.get("usage")
    if not isinstance(windows, dict):
        raise Unacceptable(400, "Missing usage data")
    sender = _whose({"machine": CLIENT, **said}, sender)
    found = Found()
    for sample in told_of(windows, now):
        if sample is None:
            found.skip(0, NO_SHARE)
        else:
            found.limits.append(sample)
    source = Source(source_of(sender, f"{CLIENT}/usage"), CLAUDE_CODE.name, "push")
    batch = pack(found, source, fresh=True, machine=sender.name, user=sender.user)
    told = {"status": "ok", "updated_at": datetime.fromtimestamp(now / 1000, UTC).isoformat()}
    return Taken([batch], _arrival(sender, now), (200, dumps(told).encode()))


def _object(body: bytes) -> dict[str, Any]:
    # Decoded, a list of nothing takes twenty times its text.
    if body.count(b"{") + body.count(b"[") > _OPENED_MOST:
        raise Unacceptable(413, "This is too much at once: send fewer records.")
    try:
        said = loads(body, parse_int=_whole)
    except (ValueError, RecursionError):
        raise Unacceptable(422, "body: this is no JSON") from None
    if not isinstance(said, dict):
        raise Unacceptable(422, "body: an object is needed")
    return said


def _whole(digits: str) -> int | float:
    """Return a whole number; one that is too long is none, which whoever reads it sees."""
    return int(digits) if len(digits) <= _LONGEST_NUMBER else float("inf")


def _text(said: Mapping[str, Any], name: str, most: int) -> str:
    value = said.get(name)
    if not isinstance(value, str) or len(value) > most or not value.isprintable():
        raise Unacceptable(422, f"{name}: a text of {most} characters at most is needed")
    return value


def _whose(said: Mapping[str, Any], sender: Sender) -> Sender:
    """Return who sends: the machine whose token was shown, else the one that is named."""
    named = _text(said, "machine", _NAME_MOST)
    if sender.machine:
        return sender
    try:
        name = fitted(named)
    except Misused:
        raise Unacceptable(422, "machine: a name is needed") from None
    # Whoever only names itself changes nothing of a machine that was paired under that name.
    return Sender(unpaired("key", name), name, sender.user)


def _arrival(sender: Sender, now: int) -> Arrival:
    return Arrival(sender.machine, sender.name, sender.user, now, CLIENT)


def _remembered(ledger: Ledger, path: str) -> _Memory:
    rows = ledger.ask("source", path=path)
    if not rows or not rows[0][8]:
        return _Memory(0, {}, {"once": True})
    number, known, reader = loads(rows[0][8])
    digests = b64decode(known)
    parts = (digests[at : at + _DIGEST] for at in range(0, len(digests), _DIGEST))
    return _Memory(number, dict.fromkeys(parts), reader)


def _packed(memory: _Memory) -> bytes:
    kept = list(memory.known)[-_KNOWN_MOST:]
    return dumps([memory.next, b64encode(b"".join(kept)).decode(), memory.reader]).encode()


def _read(path: str, memory: _Memory, events: list[dict[str, Any]]) -> tuple[Found, _Memory, int, int]:
    """Read the records that have not come yet; return what was found, what is to be kept, how many are new and how many not.

    As with tokenfold, records without an id or a time count as neither; titles are such.
    """
    reader, known = CLAUDE_CODE.reader(path, memory.reader), dict(memory.known)
    number, accepted, duplicates = memory.next, 0, 0
    for record in events:
        digest = _digest(record.get("uuid"))
        if digest in known:
            duplicates += 1
            continue
        if digest:
            known[digest] = None
            accepted += _is_timed(record)
        line = dumps(record, separators=(",", ":")).encode() + b"\n"
        reader.feed(line, 0, len(line), number)
        number += 1
    found, state = reader.finish()
    return found, _Memory(number, known, state), accepted, duplicates


def _digest(uuid: object) -> bytes:
    if not isinstance(uuid, str) or not uuid:
        return b""
    return blake2b(uuid.encode("utf-8", "surrogatepass"), digest_size=_DIGEST).digest()


def _is_timed(record: Mapping[str, Any]) -> bool:
    try:
        instant(record["timestamp"])
    except (KeyError, TypeError, ValueError, OverflowError):
        return False
    return True
