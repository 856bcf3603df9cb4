"""Binds the daybook, and the sums of the foldbook: all of it as bytes and back, so that a server that begins need not work out every day of the past anew."""

import marshal
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple
from zlib import crc32

from tallystick.answers.cells import Cells, Through
from tallystick.answers.daybook import Leaf
from tallystick.answers.foldbook import Held
from tallystick.answers.pages import Page, Prompted, Sheet, Used
from tallystick.answers.work import Mended

_MAGIC: Final = b"tallystick daybook 2\n"
"""Its number goes up with each change of what a page holds, and of how that is worked out."""
_CHECK: Final = 4
"""Bytes of the check sum."""


class Bound(NamedTuple):
    """What a daybook holds."""

    leaves: Mapping[int, Leaf[Page]]
    mended: Mapping[int, Mended]
    """Days in which something lies that other days asked for."""
    sums: Sequence[Held] = ()
    """Those of the foldbook."""


def bound(book: Bound) -> bytes:
    """Return a daybook as bytes."""
    leaves = [(day, leaf.state, _plain(leaf.page)) for day, leaf in book.leaves.items()]
    mended = [(day, states, _plain_sheet(sheet)) for day, (states, sheet) in book.mended.items()]
    payload = marshal.dumps((leaves, mended, list(book.sums)), 4)
    return _MAGIC + crc32(payload).to_bytes(_CHECK) + payload


def unbound(data: bytes) -> Bound:
    """Return the daybook that bytes hold: an empty one when they are damaged or from another version."""
    head = len(_MAGIC) + _CHECK
    if data[: len(_MAGIC)] != _MAGIC or crc32(data[head:]) != int.from_bytes(data[len(_MAGIC) : head]):
        return Bound({}, {})
    leaves, mended, sums = marshal.loads(data[head:])  # noqa: S302  only what carries our own check sum gets here
    return Bound(
        {day: Leaf(state, _page(*page)) for day, state, page in leaves},
        {day: (states, _sheet(*sheet)) for day, states, sheet in mended},
        sums,
    )


def _plain(page: Page) -> tuple[Any, ...]:
    return (
        _plain_sheet(page.sheet),
        [(day, list(pieces)) for day, pieces in page.strays.items()],
        list(page.contexts),
        page.reach,
        [(place, used.names, used.lengths, used.failed) for place, used in page.used.items()],
        [(place, tuple(prompted)) for place, prompted in page.prompted.items()],
    )


def _plain_sheet(sheet: Sheet) -> tuple[Any, ...]:
    return sheet.cells.packed, sheet.through.packed


def _page(sheet: Any, strays: Any, *rest: Any) -> Page:  # noqa: ANN401  what `_plain` gave
    contexts, reach, used, prompted = rest
    return Page(
        _sheet(*sheet),
        dict(strays),
        frozenset(contexts),
        reach,
        {place: _used(names, lengths, failed) for place, names, lengths, failed in used},
        {place: Prompted(*each) for place, each in prompted},
    )


def _sheet(cells: bytes, through: bytes) -> Sheet:
    return Sheet(Cells(cells), Through(through))


def _used(names: list[str], lengths: list[int], failed: list[str]) -> Used:
    used = Used()
    used.names, used.lengths, used.failed = names, lengths, failed
    return used
