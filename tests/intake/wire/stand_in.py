"""A watch whose counts are plain lengths, so that a test knows the truth: what was decoded, to the byte."""

import hashlib
from collections.abc import Mapping
from typing import override

from tallystick.providers.provider import Asked, Call, Limit, Watch
from tallystick.providers.shelf import Shelf
from tallystick.usage.tokens import Tokens


class Lengths:
    """Tells the decoded length of the request as input, of the answer as output, and the answer's SHA-256 as model."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.limits: list[Limit] = []
        self._sent = 0
        self._took = 0
        self._hash = hashlib.sha256()
        self._status = 0
        self._id = ""
        self._frames = 0

    def sent(self, data: bytes) -> None:
        """Count."""
        self._sent += len(data)

    def head(self, status: int, headers: Mapping[str, str]) -> None:
        """Note."""
        self._status, self._id = status, headers.get("request-id", "")
        if "used" in headers:
            self.limits.append(Limit("test", "5h", 300, float(headers["used"]), 0))

    def took(self, data: bytes) -> list[Call]:
        """Count."""
        self._took += len(data)
        self._hash.update(data)
        return []

    def end(self, *, cut: bool) -> list[Call]:
        """Tell the call, where there was one."""
        if not self._status or self._frames:
            return []
        tokens = Tokens(input=self._sent, output=self._took)
        outcome = "cut" if cut else "done"
        return [Call("test", self._hash.hexdigest(), tokens, outcome, request=self._id, status=self._status)]

    def frame_sent(self, data: bytes) -> list[Call]:
        """Count."""
        self._frames += 1
        self._sent = len(data)
        return []

    def frame_took(self, data: bytes) -> list[Call]:
        """Tell a call for each message that ends a response."""
        self._took += len(data)
        if not data.endswith(b"end"):
            return []
        tokens, self._took = Tokens(input=self._sent, output=self._took), 0
        return [Call("test", "socket", tokens, id=f"r{self._frames}")]


class Raising(Lengths):
    """A watch that breaks its promise, at a moment of one's choice."""

    def __init__(self, at: str) -> None:
        """Take the method that fails."""
        super().__init__()
        self._at = at

    def _raise(self, method: str) -> None:
        if method == self._at:
            raise ValueError("a secret word of the answer")

    @override
    def sent(self, data: bytes) -> None:
        self._raise("sent")
        super().sent(data)

    @override
    def head(self, status: int, headers: Mapping[str, str]) -> None:
        self._raise("head")
        super().head(status, headers)

    @override
    def took(self, data: bytes) -> list[Call]:
        self._raise("took")
        return super().took(data)

    @override
    def end(self, *, cut: bool) -> list[Call]:
        self._raise("end")
        return super().end(cut=cut)

    @override
    def frame_sent(self, data: bytes) -> list[Call]:
        self._raise("frame_sent")
        return super().frame_sent(data)

    @override
    def frame_took(self, data: bytes) -> list[Call]:
        self._raise("frame_took")
        return super().frame_took(data)


class Listed(Shelf):
    """A shelf with made-up hosts; a path may ask for a watch that fails."""

    @override
    def watch(self, asked: Asked, provider: str = "") -> Watch | None:
        if asked.path.startswith("/free"):
            return None
        if asked.path.startswith("/no-shelf"):
            raise ValueError("a secret word of the request")
        if asked.path.startswith("/raising/"):
            return Raising(asked.path.split("/")[2])
        return Lengths()

    @override
    def hosts(self) -> tuple[str, ...]:
        return ("listed.test", "*.wild.test")

    @override
    def known(self, host: str) -> bool:
        return host == "listed.test" or host.endswith(".wild.test")
