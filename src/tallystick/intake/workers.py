"""Workers: forked processes that read files side by side and send what they found back as plain rows.

A worker takes the next portion when it is done with one, so that a single large file does not leave the
others idle. It shares the parent's memory as it was and sends its results through a pipe.
"""

import contextlib
import gc
import marshal
import os
import select
from collections.abc import Iterator, Sequence
from struct import Struct
from typing import Final

from tallystick.intake.logs import News, read_one
from tallystick.intake.packing import plain, unplain
from tallystick.intake.walk import Trouble
from tallystick.ledger.ledger import Batch
from tallystick.tools.tool import LINES

_PORTION: Final = 3 << 20
"""Bytes that a worker takes at once, as long as there is enough for everybody."""
_MOST_PORTIONS: Final = 8_000
"""Their numbers fit into a pipe's buffer, from which the workers draw."""
_BLANK: Final = b" " * (1 << 18) + b"\n"
"""A line of nothing that is as long as some logs."""
_NUMBER: Final = Struct("<I")
_PIPE_BYTES: Final = 1 << 20


def read_in_workers(
    news: Sequence[News], whose: tuple[str, str], workers: int, troubles: list[Trouble]
) -> Iterator[list[Batch]]:
    """Yield what workers read, portion by portion, in no particular order.

    A worker that dies takes nothing along: its unfinished portions are read here.
    """
    _make_ready(news)
    portions = _portions(news)
    draw, fill = os.pipe()
    os.write(fill, b"".join(_NUMBER.pack(number) for number in range(len(portions))))
    os.close(fill)
    children: dict[int, int] = {}
    for _ in range(min(workers, len(portions))):
        source, sink = os.pipe()
        child = os.fork()
        if child == 0:
            for other in (source, *children):
                # Held open here, it would keep another worker writing to nobody.
                os.close(other)
            _work(portions, draw, sink, whose)
        os.close(sink)
        _widen(source)
        children[source] = child
    os.close(draw)
    missing = set(range(len(portions)))
    try:
        for number, batches, found in _results(list(children)):
            missing.discard(number)
            troubles += (Trouble(*trouble) for trouble in found)
            yield [unplain(batch) for batch in batches]
    finally:
        for source, child in children.items():
            os.close(source)
            os.waitpid(child, 0)
    for number in sorted(missing):
        yield list(read_one(portions[number], whose, troubles))


def _make_ready(news: Sequence[News]) -> None:
    """Import here, once, what every worker would have to import: that takes as long as reading some MiB."""
    import tallystick.intake.companions
    import tallystick.intake.follow  # noqa: F401 - imported for what it does, as is the one above

    for tool in {item.tool for item in news if item.file.form == LINES}:
        # A reader that is fed has imported what it needs, and for this much its fast decoder. What ails one shows where it reads.
        with contextlib.suppress(Exception):
            tool.reader("", {}).feed(_BLANK, 0, len(_BLANK), 0)


def _portions(news: Sequence[News]) -> list[list[News]]:
    """Divide files into portions, the largest first, so that the last ones are small."""
    ordered = sorted(news, key=lambda item: (-item.bytes, item.file.path))
    limit = max(_PORTION, sum(item.bytes for item in news) // _MOST_PORTIONS * 2)
    portions: list[list[News]] = []
    size = limit
    for item in ordered:
        if size >= limit:
            portions.append([])
            size = 0
        portions[-1].append(item)
        size += item.bytes + 4096
    return portions


def _work(portions: list[list[News]], draw: int, sink: int, whose: tuple[str, str]) -> None:
    """Read portions until there are no more, then end this process."""
    code = 1
    try:
        gc.disable()
        with os.fdopen(sink, "wb", buffering=0) as out:
            while drawn := os.read(draw, _NUMBER.size):
                (number,) = _NUMBER.unpack(drawn)
                troubles: list[Trouble] = []
                batches = [plain(batch) for batch in read_one(portions[number], whose, troubles)]
                message = marshal.dumps((number, batches, [tuple(trouble) for trouble in troubles]))
                _send(out.fileno(), _NUMBER.pack(len(message)) + message)
        code = 0
    finally:
        # No clean-up of what belongs to the parent: its buffers, its connections, its exit handlers.
        os._exit(code)


def _send(sink: int, message: bytes) -> None:
    view = memoryview(message)
    while view:
        view = view[os.write(sink, view) :]


def _results(sources: list[int]) -> Iterator[tuple[int, list[tuple[object, ...]], list[tuple[str, str]]]]:
    """Yield the messages of all workers as they come."""
    buffers = {source: bytearray() for source in sources}
    while buffers:
        ready, _, _ = select.select(list(buffers), [], [])
        for source in ready:
            data = os.read(source, _PIPE_BYTES)
            if not data:
                del buffers[source]
                continue
            buffer = buffers[source]
            buffer += data
            while len(buffer) >= _NUMBER.size:
                end = _NUMBER.size + _NUMBER.unpack_from(buffer)[0]
                if len(buffer) < end:
                    break
                yield marshal.loads(memoryview(buffer)[_NUMBER.size : end])  # noqa: S302 - our own worker's
                del buffer[:end]


def _widen(source: int) -> None:
    """Give a pipe room, where the system has that, so that workers seldom wait for the ledger."""
    try:
        import fcntl

        fcntl.fcntl(source, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    except (ImportError, AttributeError, OSError):
        return
