"""ClickHouse's engine as a server for tests: the library chdb behind the part of the HTTP interface that the client speaks."""

import gzip
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any, ClassVar, Final
from urllib.parse import parse_qsl, urlsplit

_NO_SETTINGS: Final = {
    "query", "database", "session_id", "session_timeout", "query_id", "user", "password", "role", "client_protocol_version",
    "default_format", "send_progress_in_http_headers", "http_headers_progress_interval_ms", "wait_end_of_query",
    "enable_http_compression", "cancel_http_readonly_queries_on_client_close",
}  # fmt: skip
"""What stands in an address and is no setting of the engine."""
_FORMAT: Final = re.compile(r"\bFORMAT\s+(\w+)\s*;?\s*$", re.IGNORECASE)


class Engine:
    """The engine, which one request at a time may ask."""

    def __init__(self, folder: str) -> None:
        """Open it; one process has one."""
        import chdb

        self._engine: Any = chdb.connect(folder)
        self._turn = Lock()
        self._set: dict[str, str] = {}
        self._database = "default"

    def ask(self, asked: dict[str, str], body: bytes) -> tuple[bytes, str]:
        """Return what the engine answers, and the format of that."""
        text, data = asked.get("query", ""), body
        if not text:
            # A block of rows comes behind the first line of its statement.
            head, _, rest = body.partition(b"\n")
            inserts = head.lstrip()[:6].upper() == b"INSERT" and _FORMAT.search(head.decode(errors="replace"))
            text, data = (head.decode(), rest) if inserts else (body.decode(), b"")
        with self._turn:
            self._settle(asked)
            if data:
                return self._insert(text, data), ""
            found = _FORMAT.search(text)
            kind = found[1] if found else asked.get("default_format", "TabSeparated")
            result = self._engine.query(text[: found.start()] if found else text, kind)
            return (result.bytes() or b"" if result is not None else b""), kind

    def _insert(self, text: str, data: bytes) -> bytes:
        found = _FORMAT.search(text)
        if found is None:
            raise ValueError("rows without a format")
        with tempfile.NamedTemporaryFile(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as file:
            file.write(data)
            file.flush()
            self._engine.query(f"{text[: found.start()]} FROM INFILE '{file.name}' FORMAT {found[1]}")
        return b""

    def _settle(self, asked: dict[str, str]) -> None:
        """Bring the settings, which the engine keeps, to those of this request."""
        wanted = {name: value for name, value in asked.items() if name not in _NO_SETTINGS and name[:6] != "param_"}
        for name in self._set.keys() - wanted.keys():
            self._engine.query(f"SET {name} = DEFAULT")
            del self._set[name]
        for name, value in wanted.items():
            if self._set.get(name) != value:
                self._engine.query(f"SET {name} = '{value}'")
                self._set[name] = value
        database = asked.get("database", "default")
        if database != self._database:
            self._engine.query(f"USE `{database}`")
            self._database = database


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    engine: ClassVar[Engine]

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is given
        """Say nothing."""

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        body = self._body()
        self._answer(_plain(body, self.headers.get("Content-Encoding", "")))

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _answer(self, body: bytes) -> None:
        address = urlsplit(self.path)
        asked = dict(parse_qsl(address.query, keep_blank_values=True))
        if address.path == "/ping" or not (body or asked.get("query")):
            self._send(200, b"Ok.\n", {})
            return
        try:
            content, kind = self.engine.ask(asked, body)
        except Exception as error:  # noqa: BLE001 - whatever the engine says goes to whoever asked
            code = re.search(r"Code: (\d+)", str(error))
            self._send(500, str(error).encode(), {"X-ClickHouse-Exception-Code": code[1] if code else "1002"})
            return
        self._send(200, content, {"X-ClickHouse-Format": kind, "X-ClickHouse-Summary": "{}"})

    def _send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _plain(body: bytes, coding: str) -> bytes:
    if coding == "lz4":
        import lz4.frame  # type: ignore[import-untyped]

        # Each block of rows is a frame of its own.
        parts = []
        while body:
            frame = lz4.frame.LZ4FrameDecompressor()
            parts.append(frame.decompress(body))
            body = frame.unused_data or b""
        return b"".join(parts)
    return gzip.decompress(body) if coding == "gzip" else body


@contextmanager
def serving(folder: str) -> Iterator[int]:
    """Start a server of a process of its own on loopback; yield its port.

    It is no child of this process: other tests look whether any of theirs are left.
    """
    with subprocess.Popen([sys.executable, __file__, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        try:
            port = int(process.stdout.readline())
            process.wait()
            yield port
        finally:
            process.stdin.close()
            # It has ended when nobody can write there any more.
            process.stdout.read()


def main(folder: str) -> None:
    """Serve until whoever started this is gone, in a process whose parent ends at once."""
    if os.fork():
        os._exit(0)
    _Handler.engine = Engine(folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    import threading

    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
