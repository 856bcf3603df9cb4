"""Following one file: reading what is new in it, in bounded memory, and leaving a torn last line for next time."""

import marshal
from collections.abc import Iterator
from io import FileIO
from typing import Final, Protocol

from tallystick.intake.packing import pack
from tallystick.intake.walk import File, text_of
from tallystick.ledger.ledger import Batch, Source
from tallystick.tools.tool import DATABASE, LINES, Reader, State, Tool
from tallystick.usage.identity import key_of_bytes

_BUFFER: Final = 512 << 10
"""Half of a common processor's second cache: beside one another, workers with more or with less were slower."""
LONGEST_LINE: Final = 64 << 20
"""A longer line is passed over and counted as skipped; Codex is known to write 16 MB."""
_HEAD: Final = 1024
_TAIL: Final = 256
_TOLD_EVERY: Final = 64 << 20
"""Bytes after which a large file's findings are handed on, so that they do not pile up."""
_STATE_FORM: Final = 1
"""Counts the forms of a reader's memory; one of another form is dropped and the source read from its beginning."""
_PACKED: Final = ".zst"
_idle: Final[list[bytearray]] = []
"""Buffers that nobody reads into at the moment: to make one, and fill it with zeros, takes as long as to read a log."""


class Stream(Protocol):
    """Bytes that are read forwards: a file's own, or those that it unpacks to."""

    def readinto(self, buffer: memoryview, /) -> int | None:
        """Fill a buffer as far as there is something; return how far."""

    def close(self) -> None:
        """Let go of the file."""


class Follower:
    """Reads files one after another."""

    def __init__(self, machine: str, user: str) -> None:
        """Begin; `machine` and `user` are written into what is found."""
        self._machine, self._user = machine, user
        self._overlong: list[int] = []

    def read(self, tool: Tool, file: File, before: Source | None) -> Iterator[Batch]:
        """Yield what is new in a file since it was left; raise OSError when it cannot be read."""
        source = Source(text_of(file.path), tool.name, tool.witness, file.inode, file.size, file.mtime)
        if file.form != LINES:
            yield self._whole(tool, file, source, before)
            return
        if file.path.endswith(_PACKED):
            from tallystick.intake.unzstd import Unpacked

            stream: Stream = Unpacked(file.path)
            state: State | None = None
        else:
            stream = plain = FileIO(file.path)
            state = _remembered(plain, file, before)
            if state is not None and before is not None:
                source = source._replace(offset=before.offset, last=before.last)
                plain.seek(before.offset)
        fresh = state is None
        if state is None:
            state = _described(file.path, tool)
        try:
            yield from self._batches(tool.reader(source.path, state), stream, source, fresh=fresh)
        finally:
            stream.close()

    def _whole(self, tool: Tool, file: File, source: Source, before: Source | None) -> Batch:
        """Read a source that is not made of lines: a document, or what is new in a database."""
        state = recalled(before.state) if before is not None else None
        fresh = state is None
        reader = tool.reader(source.path, (state or {}) | _described(file.path, tool))
        if file.form == DATABASE:
            from tallystick.intake.databases import consult

            fault = consult(file.path, reader)
        else:
            from tallystick.intake.documents import load

            fault = load(file.path, reader)
        found, state = reader.finish()
        if fault:
            found.skip(0, fault)
        last = before.last if before is not None else 0
        # What a reader remembers of a source that it could not read to its end is worth nothing.
        source = source._replace(offset=file.size, state=b"" if fault else kept(state), last=last)
        return pack(found, source, fresh=fresh, machine=self._machine, user=self._user)

    def _batches(self, reader: Reader, stream: Stream, source: Source, *, fresh: bool) -> Iterator[Batch]:
        told = place = source.offset
        for place in self._fed(reader, stream, source.offset):
            if place - told >= _TOLD_EVERY:
                part = self._told(reader, stream, source, place, fresh=fresh)
                # Should the rest not come, the file is known to be unfinished.
                yield part._replace(source=part.source._replace(size=part.source.offset, mtime=0))
                told, fresh = place, False
        yield self._told(reader, stream, source, place, fresh=fresh)

    def _told(self, reader: Reader, stream: Stream, source: Source, place: int, *, fresh: bool) -> Batch:
        found, state = reader.finish()
        for offset in self._overlong:
            found.skip(offset, f"a line longer than {LONGEST_LINE >> 20} MiB")
        self._overlong.clear()
        resume = state.pop("resume", place)
        if isinstance(stream, FileIO):
            source = source._replace(offset=resume, head=_window(stream, resume), state=kept(state))
        else:
            source = source._replace(offset=resume)
        return pack(found, source, fresh=fresh, machine=self._machine, user=self._user)

    def _fed(self, reader: Reader, stream: Stream, place: int) -> Iterator[int]:
        """Feed the reader whole lines; yield the place of the last line's end after each portion."""
        buffer, filled, searched, ended = _idle.pop() if _idle else bytearray(_BUFFER), 0, 0, False
        while not ended:
            with memoryview(buffer) as view, view[filled:] as free:
                count = stream.readinto(free) or 0
                # A file that gives less than there is room for has no more to give.
                ended = not count or (count < len(free) and isinstance(stream, FileIO))
            filled += count
            end = buffer.rfind(b"\n", searched, filled) + 1
            if end:
                reader.feed(buffer, 0, end, place)
                place += end
                buffer[: filled - end] = buffer[end:filled]
                filled -= end
            searched = filled
            if filled == len(buffer):
                if filled >= LONGEST_LINE:
                    place, filled = self._pass_over(stream, buffer, place, filled)
                    searched = 0
                else:
                    buffer.extend(bytes(filled))
            yield place
        if len(buffer) == _BUFFER:
            _idle.append(buffer)

    def _pass_over(self, stream: Stream, buffer: bytearray, place: int, kept: int) -> tuple[int, int]:
        """Pass over a line that is too long to hold; return where the next one begins and how much of it is in the buffer."""
        begin = place
        place += kept
        while True:
            with memoryview(buffer) as view:
                count = stream.readinto(view)
            if not count:
                return begin, 0
            end = buffer.find(b"\n", 0, count) + 1
            if end:
                self._overlong.append(begin)
                kept = count - end
                buffer[:kept] = buffer[end:count]
                return place + end, kept
            place += count


def _remembered(stream: FileIO, file: File, before: Source | None) -> State | None:
    """Return the reader's memory when the file is the one that was left, only longer; None when it has to be read anew."""
    if before is None or not before.state or before.inode != file.inode or file.size <= before.size:
        return None
    if _window(stream, before.offset) != before.head:
        return None
    return recalled(before.state)


def recalled(memory: bytes) -> State | None:
    """Return a reader's memory as it was kept; None when there is none of this form."""
    if not memory:
        return None
    try:
        form, state = marshal.loads(memory)  # noqa: S302 - the ledger's own
    except (ValueError, EOFError, TypeError):
        return None
    return state if form == _STATE_FORM and isinstance(state, dict) else None


def kept(state: State) -> bytes:
    """Return a reader's memory as it is kept with its source."""
    return marshal.dumps((_STATE_FORM, state))


def _window(stream: FileIO, offset: int) -> int:
    """Return the key of a file's first bytes and of those before `offset`: it changes when the file is rewritten."""
    here = stream.tell()
    stream.seek(0)
    content = stream.read(min(_HEAD, offset)) or b""
    if offset > _HEAD:
        stream.seek(offset - _TAIL)
        content += stream.read(_TAIL) or b""
    stream.seek(here)
    return key_of_bytes(content)


def _described(path: str, tool: Tool) -> State:
    """Return what a reader that begins is told of its source."""
    patterns = tool.companions(path) if tool.companions else ()
    if not patterns:
        return {}
    from tallystick.intake.companions import companions

    found = companions(patterns)
    return {"companions": found} if found else {}
