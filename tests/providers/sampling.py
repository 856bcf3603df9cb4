"""Samples of exchanges as tests play them to a watch: as they came, in pieces, and broken off."""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

import pytest

from tallystick.providers.provider import Asked, Call, Limit, Watch
from tallystick.providers.shelf import Shelf
from tallystick.usage.tokens import Tokens

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
SHELF = Shelf()
_USUAL = Call("", "")


class Sample(NamedTuple):
    """One exchange, and what it must tell."""

    asked: Asked
    request: bytes
    status: int
    headers: dict[str, str]
    pieces: list[tuple[str, bytes]]
    """What passed: the answer's body, or frames of a websocket, each with its direction."""
    cut: bool
    calls: list[Call]
    limits: list[Limit]

    @property
    def answer(self) -> bytes:
        """Return the answer's body."""
        return b"".join(data for _, data in self.pieces)


def sample(folder: Path) -> Sample:
    """Return the sample in a folder."""
    exchange = json.loads((folder / "exchange.json").read_text())
    expected = json.loads((folder / "expected.json").read_text())
    asked = exchange["asked"]
    path = next(path for path in folder.iterdir() if path.name.startswith("answer."))
    return Sample(
        Asked(asked["method"], asked["host"], asked["path"], asked["headers"]),
        json.dumps(exchange["request"]).encode() if exchange["request"] is not None else b"",
        exchange["status"],
        exchange["headers"],
        _pieces(path),
        exchange.get("cut", False),
        [_call(said) for said in expected["calls"]],
        [Limit(*said) for said in expected.get("limits", ())],
    )


def _pieces(path: Path) -> list[tuple[str, bytes]]:
    if path.name.endswith(".frames.jsonl"):
        frames = [json.loads(line) for line in path.read_text().splitlines()]
        return [(way, json.dumps(said).encode()) for frame in frames for way, said in frame.items()]
    if path.name.endswith(".frames.json"):
        return [("took", b"".join(encoded(frame) for frame in json.loads(path.read_text())))]
    return [("took", path.read_bytes())]


def encoded(frame: dict[str, Any]) -> bytes:
    """Return a message of Amazon's event stream (docs.aws.amazon.com, event stream encoding)."""
    headers = b"".join(
        bytes([len(name)]) + name.encode() + b"\x07" + len(value).to_bytes(2) + value.encode()
        for name, value in frame["headers"].items()
    )
    if "bytes" in frame:
        from base64 import b64encode

        payload = json.dumps({"bytes": b64encode(json.dumps(frame["bytes"]).encode()).decode(), "p": "abc"}).encode()
    else:
        payload = json.dumps(frame["payload"]).encode()
    prelude = (16 + len(headers) + len(payload)).to_bytes(4) + len(headers).to_bytes(4)
    message = prelude + crc32(prelude).to_bytes(4) + headers + payload
    return message + crc32(message).to_bytes(4)


def _call(said: dict[str, Any]) -> Call:
    return _USUAL._replace(**(said | ({"tokens": Tokens(*said["tokens"])} if "tokens" in said else {})))


def every(provider: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a mark that runs a test with each sample of a provider."""
    folders = sorted(path.parent for path in (SAMPLES / provider).glob("*/exchange.json"))
    assert folders
    mark: Callable[[Callable[..., None]], Callable[..., None]] = pytest.mark.parametrize(
        "case", [pytest.param(sample(folder), id=folder.name) for folder in folders]
    )
    return mark


def watch_of(case: Sample, shelf: Shelf = SHELF) -> Watch:
    """Return a watch that has seen a sample's request and the answer's head."""
    watch = shelf.watch(case.asked)
    assert watch is not None
    watch.sent(case.request)
    watch.head(case.status, case.headers)
    return watch


def fed(case: Sample, pieces: Iterable[bytes], *, cut: bool) -> list[Call]:
    """Return the calls that a watch tells when the answer's body comes in pieces."""
    watch = watch_of(case)
    calls = [call for piece in pieces for call in watch.took(piece)]
    return calls + watch.end(cut=cut)


def played(case: Sample) -> tuple[list[Call], list[Limit]]:
    """Return the calls and limits of a sample as it came."""
    watch = watch_of(case)
    calls: list[Call] = []
    for way, data in case.pieces:
        if case.asked.method == "POST" or case.status != 101:
            calls += watch.took(data)
        else:
            calls += watch.frame_sent(data) if way == "sent" else watch.frame_took(data)
    return calls + watch.end(cut=case.cut), watch.limits


def cuts(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield every way to have bytes in two pieces."""
    for place in range(len(data) + 1):
        yield data[:place], data[place:]


def check(case: Sample) -> None:
    """Hold a sample against what it must tell: as it came, cut anywhere, byte by byte, and broken off anywhere."""
    calls, limits = played(case)
    assert calls == case.calls
    assert limits == case.limits
    if case.status == 101:
        return
    answer = case.answer
    for pieces in cuts(answer):
        assert fed(case, pieces, cut=case.cut) == case.calls, f"cut at {len(pieces[0])}"
    assert fed(case, (answer[place : place + 1] for place in range(len(answer))), cut=case.cut) == case.calls
    for begun, _ in cuts(answer):
        broken = fed(case, [begun], cut=True)
        told = {call.outcome for call in broken}
        assert broken == case.calls or told <= {"cut", "failed"}, f"broken off at {len(begun)}: {broken}"
