"""Trees of rollouts with a known truth, and what the real client wrote beside what it was answered."""

import json
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tallystick.tools.codex import CODEX
from tallystick.tools.tool import Found
from tallystick.usage.event import UsageEvent
from tallystick.usage.identity import key

KINDS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning")
ONLY_CODEX = ("--share", "codex=100,claude=0,opencode=0,gemini=0")

type Sums = dict[str, dict[str, int]]


def read(path: Path, chunk: int = 1 << 20) -> Found:
    """Read a rollout as a running buffer brings it."""
    data = path.read_bytes()
    if path.suffix == ".zst":
        zstandard = pytest.importorskip("zstandard")
        data = zstandard.ZstdDecompressor().decompressobj().decompress(data)
    reader, at = CODEX.reader(str(path), {}), 0
    # The last line may be torn: what has no end is left for the next time.
    while (end := data.rfind(b"\n", at, at + chunk) + 1) > at or (end := data.find(b"\n", at) + 1) > at:
        part = data[at:end]
        reader.feed(bytearray(part + b"x" * 300), 0, len(part), at)
        at = end
    found: Found = reader.finish()[0]
    return found


def rollouts(home: Path) -> Iterator[Path]:
    for root in CODEX.roots(str(home), {}):
        yield from (path for path in Path(root.path).rglob("*") if path.name.endswith(root.suffixes))


def events(home: Path) -> list[UsageEvent]:
    return list({event.key: event for path in rollouts(home) for event in read(path).events}.values())


def sums(told: list[UsageEvent], by: Callable[[UsageEvent], str]) -> Sums:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for event in told:
        counts = dict(zip(KINDS, event.tokens, strict=True))
        found[by(event)].update(counts, total=event.tokens.total, requests=1)
    return {name: {kind: count for kind, count in each.items() if count} for name, each in found.items()}


def day(event: UsageEvent) -> str:
    return datetime.fromtimestamp(event.time / 1000, UTC).strftime("%Y-%m-%d")


def truth(folder: Path, by: str) -> Sums:
    found = json.loads((folder / "truth.json").read_text())[by]["codex"]
    return {
        name: {kind: count for kind, count in each.items() if count} for name, each in found.items() if each["requests"]
    }


def made(shared: Path, folder: Path, *arguments: str) -> Path:
    maker = shared / "corpus" / "make_corpus.py"
    subprocess.run([sys.executable, str(maker), *arguments], check=True, capture_output=True)
    return folder


def assert_exact(folder: Path) -> None:
    told = events(folder / "home")
    assert sums(told, day) == truth(folder, "by_day")
    assert sums(told, lambda event: event.variant.model) == truth(folder, "by_model")
    assert sums(told, lambda event: event.context.session) == truth(folder, "by_session")


@pytest.mark.slow
@pytest.mark.parametrize("seed,packed", [("3", "0"), ("4", "0.5")])
def test_made_trees_are_counted_exactly_also_after_they_grew(
    shared: Path, tmp_path: Path, seed: str, packed: str
) -> None:
    tree = tmp_path / "tree"
    made(shared, tree, "--out", str(tree), "--seed", seed, "--size-mib", "24", "--codex-zst", packed, *ONLY_CODEX)
    assert_exact(tree)
    made(shared, tree, "--grow", str(tree), "--seed", "7", "--messages", "40")
    assert_exact(tree)


def captures(shared: Path) -> list[Path]:
    return sorted(path.parent for path in (shared / "realclients" / "captured").glob("codex-*/*/ledger.jsonl"))


def test_every_answer_that_the_real_client_logged_is_counted_as_it_was_sent(shared: Path) -> None:
    assert len(captures(shared)) >= 4
    for capture in captures(shared):
        told = {event.key: event for event in events(capture)}
        answers = [json.loads(line) for line in (capture / "ledger.jsonl").read_text().splitlines()]
        sent = {key("codex", answer["response_id"]): answer for answer in answers if answer["usage"]}
        assert set(told) <= set(sent), capture
        for identity, answer in sent.items():
            usage, event = answer["usage"], told.get(identity)
            if event is None:
                # Known absences: what was never told in full, and a websocket's warm-up, which consumes nothing.
                assert not answer["usage_sent"] or answer["kind"] == "warmup" or not usage["input_tokens"], answer
                continue
            cached = usage["input_tokens_details"]["cached_tokens"]
            assert event.tokens.input == usage["input_tokens"] - cached
            assert event.tokens.cache_read == cached
            assert event.tokens.output == usage["output_tokens"]
            assert event.tokens.reasoning == usage["output_tokens_details"]["reasoning_tokens"]
            assert event.variant.model == answer["model"]


def test_the_real_client_leaves_nothing_that_is_not_understood(shared: Path) -> None:
    for capture in captures(shared):
        found = [read(path) for path in rollouts(capture)]
        assert [each.skipped for each in found if each.skipped] == []
        assert all(call.event and call.ended for each in found for call in each.calls)


def test_people_and_agents_are_told_apart_in_what_the_real_client_wrote(shared: Path) -> None:
    for capture in captures(shared):
        for path in rollouts(capture):
            found = read(path)
            agents = {event.context.agent for event in found.events}
            assert len(agents) <= 1
            assert bool(found.prompts) is (agents in (set(), {""}))
