"""A wire between a machine and a server: it keeps what is sent over it, and breaks when it is not calm."""

import gzip
import random
import re
import socket
import threading
from contextlib import suppress
from io import BytesIO

ALL = 1 << 30


class Wire:
    """Carries connections to a port; one that is not calm cuts them: before, in the middle of and after what is sent and answered."""

    def __init__(self, target: int, seed: int = 0) -> None:
        """Begin to listen, calm."""
        self._target, self._chance = target, random.Random(seed)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.sent = bytearray()
        self.cuts = 0
        self.calm = True
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                one, _ = self._listener.accept()
                threading.Thread(target=self._carry, args=(one,), daemon=True).start()

    def _carry(self, one: socket.socket) -> None:
        with one, suppress(OSError), socket.create_connection(("127.0.0.1", self._target)) as other:
            # So many bytes there, and so many back, before it breaks.
            there, back = (ALL, ALL) if self.calm else (self._some(), self._some())
            answering = threading.Thread(target=self._pass, args=(other, one, back, bytearray()), daemon=True)
            answering.start()
            self._pass(one, other, there, self.sent)
            answering.join(30)

    def _some(self) -> int:
        return self._chance.choice((0, 200, 900, 5_000, 20_000, ALL, ALL, ALL))

    def _pass(self, source: socket.socket, target: socket.socket, most: int, record: bytearray) -> None:
        try:
            while data := source.recv(4_096):
                record += data
                target.sendall(data[:most])
                most -= len(data)
                if most <= 0:
                    self.cuts += 1
                    break
            else:
                target.shutdown(socket.SHUT_WR)
                return
        except OSError:
            # One side has gone without a word: the other one is to hear of it, not to wait.
            pass
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def plain(self) -> bytes:
        """Return everything that was sent, with what was packed beside it unpacked."""
        found = bytes(self.sent)
        for start in (each.start() for each in re.finditer(rb"\x1f\x8b\x08", found)):
            with suppress(OSError, EOFError):
                found += gzip.GzipFile(fileobj=BytesIO(bytes(self.sent)[start:])).read(1 << 24)
        return found

    def close(self) -> None:
        """Listen no more."""
        self._listener.close()
