"""The house: the one place that ties engines, receivers and prices together; it constructs and decides nothing else."""

import os
import sys
from collections.abc import Callable, Collection, Hashable
from functools import partial
from time import time_ns
from typing import TYPE_CHECKING, Any

from tallystick.errors import NotFound, Unavailable
from tallystick.intake.logs import News, Progress, Summary, bring_in, look, roots
from tallystick.intake.walk import Trouble
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.ledger.sqlite.opening import WriterLock, is_current
from tallystick.prices.overrides import NO_OVERRIDES, Overrides
from tallystick.prices.price_book import PriceBook, read
from tallystick.settings.places import Where
from tallystick.tools import wire
from tallystick.tools.claude_code import CLAUDE_CODE, with_inbox
from tallystick.tools.shelf import TOOLS
from tallystick.tools.tool import Root, Tool

if TYPE_CHECKING:
    from sqlite3 import Connection

    from tallystick.intake.price_tables import Update
    from tallystick.ledger.ledger import Ledger, Turn
    from tallystick.ledger.sqlite.maintenance import Health
    from tallystick.ledger.sqlite.naming import Removed
    from tallystick.ledger.sqlite.outbox import Outbox, Refusal

BOOK = os.path.join(os.path.dirname(__file__), "prices", "book.bin")
"""The price book that came with the installation."""
PASSWORD = "TALLY_LEDGER_PASSWORD"  # noqa: S105 - the name of a variable


class House:
    """A ledger that knows what the logs know, and the prices."""

    def __init__(
        self,
        where: Where,
        overrides: Overrides = NO_OVERRIDES,
        tools: tuple[Tool, ...] = TOOLS,
        ledger: "Ledger | None" = None,
        clock: Callable[[], int] = time_ns,
    ) -> None:
        """Name the parts; without a ledger, the one in the data folder is opened when it is asked for.

        The clock tells nanoseconds since 1970.
        """
        self.where, self.tools = where, tools
        self.busy = False
        """Whether another process was importing, so that the answers are those of a moment ago."""
        self.turn: Callable[[], Turn] = partial(turn_here, where.data)
        """Whose turn it is to settle a ledger that servers keep; where several machines add to one, they share it."""
        self._overrides = overrides
        self._ledger = ledger
        self._clock = clock
        self._book: PriceBook | None = None
        self._others: tuple[str, ...] | None = None

    @property
    def others(self) -> tuple[str, ...]:
        """Homes besides the person's own whose tools are read too."""
        if self._others is None:
            self._others = _others(self.where)
        return self._others

    @property
    def ledger(self) -> "Ledger":
        """The ledger, open at least for reading; made when there is none."""
        if self._ledger is None and self.where.url:
            from tallystick.ledger.clickhouse.engine import ClickhouseLedger

            self._ledger = ClickhouseLedger(
                self.where.url, self._clock, self.where.environ.get(PASSWORD, ""), self.turn()
            )
        if self._ledger is None:
            if not is_current(self.where.ledger):
                SqliteLedger(self.where.ledger, write=True).close()
            self._ledger = SqliteLedger(self.where.ledger)
        return self._ledger

    @property
    def book(self) -> PriceBook:
        """The newest usable price book, with the person's own prices over it."""
        if self._book is None:
            self._book = self._newest_book()[1]
        return self._book

    def _newest_book(self) -> tuple[bytes, PriceBook]:
        """Return the fetched book, unless there is none that can be used or the installation is newer."""
        found = []
        for path in (self.where.fetched_book, BOOK):
            try:
                with open(path, "rb") as file:
                    content = file.read()
            except OSError:
                continue
            book = read(content, self._overrides)
            if isinstance(book, PriceBook):
                found.append((content, book))
        if not found:
            return self._book_made_now()
        return max(found, key=lambda each: (each[1].edition.overlay_as_of, each[1].edition.genai_as_of))

    def _book_made_now(self) -> tuple[bytes, PriceBook]:
        """Compile the book here: an installation without one takes a second, once."""
        from tallystick.intake.price_tables import store
        from tallystick.prices.compile import fresh

        made = fresh()
        store(made, self.where.fetched_book)
        found = read(made, self._overrides)
        if not isinstance(found, PriceBook):
            raise Unavailable("The price book could not be made. Reinstall Tallystick.")
        return made, found

    def replace_prices(self, data: bytes, origin: str, as_of: str) -> "Update":
        """Put fetched prices into the place of the fetched book, unless they are refused; `as_of` is today's date."""
        from tallystick.intake.price_tables import replace

        update = replace(data, origin, as_of, self._newest_book()[0], self.where.fetched_book)
        self._book = None
        return update

    def writing(self) -> "Ledger":
        """Open the ledger for writing beside whoever else writes, and return it: each transaction waits for its turn."""
        return self.ledger if self.where.url else self._file()

    def _file(self) -> SqliteLedger:
        self.close()
        self._ledger = made = SqliteLedger(self._path(), write=True)
        return made

    def _path(self) -> str:
        """Return the path of the ledger where it is a file, which some things need."""
        if self.where.url:
            raise NotFound("The ledger is kept by servers (ledger.url): this is done there, not here.")
        return self.where.ledger

    @property
    def readable(self) -> tuple[Tool, ...]:
        """What is read: the tools' logs, and spool and inbox once they are there."""
        spool, inbox, tools = self.where.spool, self.where.inbox, self.tools
        if os.path.isdir(inbox):
            tools = tuple(with_inbox(inbox) if tool is CLAUDE_CODE else tool for tool in tools)
        return (*tools, wire.spool(spool, tools)) if tools and os.path.isdir(spool) else tools

    def news(self) -> Summary:
        """Return what looking around finds, without reading it."""
        found, troubles = self._look()
        return Summary(len(found), sum(item.bytes for item in found), troubles=tuple(troubles))

    def has_logs(self) -> bool:
        """Tell whether there is anything to read on this machine, whether it was read or not."""
        return bool(look(self.readable, self.where.home, self.where.environ, None, self.others)[0])

    def _look(self, paths: Collection[str] | None = None) -> tuple[list[News], list[Trouble]]:
        if paths is not None:
            from tallystick.intake.watch import news_at

            news = news_at(paths, self.places(), self.ledger)
            if news is not None:
                return news, []
        return look(self.readable, self.where.home, self.where.environ, self.ledger, self.others)

    def places(self) -> list[tuple[Tool, Root]]:
        """Return every place of every tool, there or not."""
        where = self.where
        return [(tool, root) for tool in self.readable for root in roots(tool, where.home, where.environ, self.others)]

    def refresh(self, tell: Callable[[Progress], None] | None = None, paths: Collection[str] | None = None) -> Summary:
        """Bring everything new into the ledger; with paths, what is new in those, unless all has to be looked at.

        While another process does so, what is there is used; only the very first import is waited for.
        """
        self.busy = False
        found, troubles = self._look(paths)
        if not found and not self._holds_calls():
            return Summary(troubles=tuple(troubles))
        lock = WriterLock(self.where.ledger)
        if not lock.take(wait=False):
            if self.ledger.ask("receivers"):
                self.busy = True
                return Summary(troubles=tuple(troubles))
            lock.take(wait=True)
            found, troubles = self._look()
        try:
            ledger = self.writing()
            # What another process has read since the look is read once more, which changes nothing.
            summary = bring_in(found, ledger, (self.where.machine, self.where.user), tell)
            self._sweep(ledger)
        finally:
            lock.release()
        return summary._replace(troubles=(*troubles, *summary.troubles))

    def _holds_calls(self) -> bool:
        """Tell whether calls wait for their logs: time alone tells of some what they are."""
        if not os.path.isdir(self.where.spool):
            return False
        from tallystick.intake.wire.settling import holds

        return holds(self.where.spool, self.ledger)

    def _sweep(self, ledger: "Ledger") -> None:
        """Tell the ledger what is known by now of calls that waited for their logs, and remove what it has taken in."""
        spool, now = self.where.spool, self._clock()
        there = [folder for folder in (spool, self.where.inbox) if os.path.isdir(folder)]
        if spool in there:
            from tallystick.intake.wire.settling import settle

            settle(spool, ledger, (self.where.machine, self.where.user), now // 1_000_000)
        for folder in there:
            from tallystick.intake.wire.sweeping import sweep

            sweep(folder, ledger, now)

    def written_elsewhere(self) -> bool:
        """Tell whether another process is writing to the ledger right now."""
        lock = WriterLock(self.where.ledger)
        free = lock.take(wait=False)
        lock.release()
        return not free

    def outbox(self, ledger: str = "") -> "Outbox":
        """Return the outbox of the ledger, or of a copy of it; what a server is to be told of is kept once it is made."""
        from tallystick.ledger.sqlite.outbox import Outbox

        return Outbox(ledger or self._path())

    def outbox_standing(self) -> "tuple[int, list[Refusal]] | None":
        """Return how much waits to be sent and what was set aside; None where nothing is kept for any server."""
        from tallystick.ledger.sqlite.outbox import standing

        return None if self.where.url else standing(self.where.ledger)

    def forget_outbox(self) -> None:
        """Keep nothing for a server any more; a ledger that is not there is not made for that."""
        if os.path.exists(self.where.ledger) and self.outbox_standing() is not None:
            made = self.outbox()
            made.drop()
            made.close()

    def sending_lock(self) -> WriterLock:
        """Return the right to send, which one process has at a time."""
        return WriterLock(os.path.join(self.where.data, "push"))

    def health(self) -> "Health":
        """Return how the ledger's file fares."""
        from tallystick.ledger.sqlite.maintenance import health

        return health(self._path())

    def rename(self, what: str, old: str, new: str) -> int:
        """Give a `machine` or a `user` in the ledger another name, which may be that of one to be put together with it; return of how many contexts."""
        from tallystick.ledger.sqlite import naming

        column = naming.MACHINE if what == "machine" else naming.USER
        return self._changed(lambda db: naming.rename(db, column, old, new))

    def remove(self, what: str, name: str) -> "Removed":
        """Take a `machine` or a `user` out of the ledger with all that nobody else told, too."""
        from tallystick.ledger.sqlite import naming

        column = naming.MACHINE if what == "machine" else naming.USER
        return self._changed(lambda db: naming.remove(db, column, name))

    def _changed[T](self, work: "Callable[[Connection], T]") -> T:
        """Have something changed in the ledger, in the place of whoever writes to it otherwise."""
        lock = WriterLock(self.where.ledger)
        lock.take(wait=True)
        try:
            return work(self._file().connection)
        finally:
            self.close()
            lock.release()

    def verify(self, *, full: bool = True) -> list[str]:
        """Return what is wrong with the ledger, each in a sentence; short of full, only what its file's form shows."""
        if not full:
            ledger = SqliteLedger(self._path())
            try:
                pages = ledger.connection.execute("PRAGMA quick_check(5)").fetchall()
            finally:
                ledger.close()
            return [f"The file is damaged: {row[0]}." for row in pages if row[0] != "ok"]
        from tallystick.ledger.sqlite.maintenance import verify

        return verify(self._path())

    def backup(self, target: str) -> None:
        """Write a whole copy of the ledger to a file."""
        from tallystick.ledger.sqlite.maintenance import backup

        backup(self._path(), target)

    def vacuum(self) -> int:
        """Give back the room that nothing in the ledger needs; return how many bytes that were."""
        from tallystick.ledger.sqlite.maintenance import vacuum

        self.close()
        return vacuum(self._path())

    def close(self) -> None:
        """Let go of the ledger."""
        if self._ledger is not None:
            self._ledger.close()
            self._ledger = None


class Mark:
    """Tells from any thread, and nearly for nothing, which ledger and prices there are and whether they have changed."""

    def __init__(self, where: Where) -> None:
        """Name the ledger and the fetched prices, which need not be there yet."""
        self._book = where.fetched_book
        if where.url:
            from tallystick.ledger.clickhouse.pulse import Pulse as OfServers

            self._pulse: Any = OfServers(where.url, where.environ.get(PASSWORD, ""), time_ns)
        else:
            from tallystick.ledger.sqlite.pulse import Pulse

            self._pulse = Pulse(where.ledger)

    def __call__(self) -> tuple[Hashable, Hashable]:
        """Return what changes when the ledger or the prices are others, and what changes when the ledger has grown."""
        try:
            about = os.stat(self._book)
        except OSError:
            book = None
        else:
            book = about.st_ino, about.st_mtime_ns
        file, state = self._pulse.feel()
        return (file, book), state

    def close(self) -> None:
        """Let go of the ledger."""
        self._pulse.close()


def turn_here(data: str) -> "Turn":
    """Return whose turn it is to settle among processes with the same data folder."""
    from tallystick.ledger.clickhouse.turns import OnThisMachine

    return OnThisMachine(WriterLock(os.path.join(data, "settling")))


def _others(where: Where) -> tuple[str, ...]:
    kernel = os.uname().release if hasattr(os, "uname") else ""
    in_wsl = "WSL_DISTRO_NAME" in where.environ or "microsoft" in kernel.lower()
    if not where.homes and not in_wsl and sys.platform != "win32":
        # Nearly everywhere: to find out that there are none costs nothing.
        return ()
    from tallystick.intake.homes import World, distributions, others

    world = World(sys.platform, kernel, distributions=distributions())
    return others(where.home, where.homes, where.environ, world)


def demo_house(where: Where, now: int, overrides: Overrides = NO_OVERRIDES) -> House:
    """Return a house with made-up work that ends now (milliseconds since 1970): its ledger is in memory, and it reads no logs."""
    from tallystick.intake.demo import batches

    ledger = SqliteLedger(":memory:", write=True)
    ledger.add(batches(now))
    return House(where, overrides, (), ledger)


__all__ = ["BOOK", "House", "Mark", "Where", "demo_house"]
