"""A server that stands in for the real one: it answers `/health`, writes its log, and can be told to misbehave."""

import argparse
import json
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import override

from tallystick.service import log_file

VERSION = "9.8.7"
BEGUN = time.monotonic()
LOG_BYTES = 4096
"""A log of the stand-in is full this soon, so that a test sees it rotated."""


class Handler(BaseHTTPRequestHandler):
    """Answers what the real server is promised to answer, and what tests ask for."""

    def do_GET(self) -> None:
        """Answer, or do what the path says."""
        {"/die": lambda: os._exit(7), "/talk": self._talk}.get(self.path, self._health)()

    def _talk(self) -> None:
        for number in range(200):
            logging.getLogger("stand-in").info("line %d of many", number)
        self._health()

    def _health(self) -> None:
        told = {
            "status": "ok",
            "version": VERSION,
            "pid": os.getpid(),
            "uptime_seconds": time.monotonic() - BEGUN,
            "environment": dict(os.environ),
            "folder": os.getcwd(),
            "command": sys.orig_argv,
        }
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(told).encode())

    @override
    def log_message(self, format: str, *args: object) -> None:
        return


def main() -> None:
    """Serve as `tally serve` is told to."""
    parser = argparse.ArgumentParser()
    parser.add_argument("verb", choices=["serve", "keep"])
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--log", required=True)
    parser.add_argument("--without-proxy", action="store_true")
    given = parser.parse_args()
    misbehave: dict[str, Callable[[], object]] = {
        "crash": lambda: sys.exit("it does not want to"),
        "mute": lambda: time.sleep(600),
    }
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    misbehave.get(os.environ.get("TALLY_STAND_IN", ""), lambda: None)()
    log_file.begin(given.log, LOG_BYTES)
    with HTTPServer((given.host, given.port), Handler) as server:
        print(f"serving on {given.host}:{given.port}")
        server.serve_forever()


if __name__ == "__main__":
    main()
