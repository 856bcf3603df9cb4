"""Compressed archives: Codex packs threads that rest for a week as `.jsonl.zst`."""

import zstandard


class Unpacked:
    """The decompressed bytes of a file, forwards; damage is an OSError, as with any file."""

    def __init__(self, path: str) -> None:
        """Open the file."""
        self._packed = zstandard.open(path, "rb")

    def readinto(self, buffer: memoryview) -> int:
        """Fill a buffer as far as there is something; return how far."""
        try:
            return int(self._packed.readinto(buffer))
        except zstandard.ZstdError as error:
            raise OSError(0, f"damaged archive: {error}") from None

    def close(self) -> None:
        """Let go of the file."""
        self._packed.close()
