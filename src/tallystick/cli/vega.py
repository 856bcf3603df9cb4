"""The script that draws charts on a page: made by a process of its own, because that takes 100 MiB, and kept in a file."""

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from tallystick.errors import Unavailable

MAKER: Final = (sys.executable, "-P", "-m", "tallystick", "chart", "--script")
_PACKAGE: Final = "vl-convert-python"
_PATIENCE_S: Final = 60


class Script:
    """Gives the script: from its file, where this version of it has been made before."""

    def __init__(self, folder: str, command: Sequence[str] = MAKER) -> None:
        """Begin with the folder of files that can be made again, and what makes this one."""
        self._folder, self._command = folder, tuple(command)
        self._lock = threading.Lock()
        self._future: Future[bytes] | None = None

    def __call__(self) -> "Future[bytes]":
        """Return the script to come, one for all who ask; it fails with Unavailable, and is then tried again."""
        with self._lock:
            if self._future is None or (self._future.done() and self._future.exception() is not None):
                self._future = Future()
                # One of many who wait for it may not call it off for all.
                self._future.set_running_or_notify_cancel()
                threading.Thread(target=self._fill, args=(self._future,), name="vega", daemon=True).start()
            return self._future

    def _fill(self, future: "Future[bytes]") -> None:
        try:
            future.set_result(self._kept())
        except Unavailable as error:
            future.set_exception(error)

    def _kept(self) -> bytes:
        try:
            path = os.path.join(self._folder, f"vega-{version(_PACKAGE)}.js")
        except PackageNotFoundError:
            raise Unavailable(
                f"Charts need what is not installed ({_PACKAGE}): `pip install 'tallystick[charts]'` brings it."
            ) from None
        try:
            with open(path, "rb") as file:
                return file.read()
        except OSError:
            made = self._make()
        self._keep(path, made)
        return made

    def _make(self) -> bytes:
        try:
            done = subprocess.run(  # noqa: S603  this program itself
                self._command, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=_PATIENCE_S
            )
        except (OSError, subprocess.TimeoutExpired):
            raise Unavailable("The script of the charts could not be made. Ask again in a moment.") from None
        if done.returncode or not done.stdout:
            words = done.stderr.decode(errors="replace").strip().splitlines()
            raise Unavailable(f"The script of the charts could not be made: {words[-1] if words else 'no reason told'}")
        return done.stdout

    def _keep(self, path: str, made: bytes) -> None:
        beside = f"{path}.{os.getpid()}.new"
        try:
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            with open(beside, "wb") as file:
                file.write(made)
            os.replace(beside, path)
        except OSError:
            # Then it is made anew the next time.
            return
