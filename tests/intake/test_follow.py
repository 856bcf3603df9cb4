"""Following one file: wherever it was left and whatever became of it, each answer counts once."""

import marshal
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from tests.intake.tree import LOGS, WHOSE, answer, bring, follow, line, look_at, output, padding, total, touched, write

from tallystick.intake import follow as following
from tallystick.intake.follow import LONGEST_LINE, Follower
from tallystick.ledger.ledger import Batch, Source
from tallystick.ledger.memory import MemoryLedger

CONTENT = b"".join(
    [
        answer(1),
        padding(60),
        answer(2, content=[{"type": "tool_use", "id": "use_1", "name": "Read"}]),
        line(
            type="user",
            message={"role": "user", "content": [{"tool_use_id": "use_1", "type": "tool_result", "content": "secret"}]},
            timestamp="2026-11-01T00:00:03.000Z",
        ),
        answer(4, 1).replace(b'"end_turn"', b"null"),
        answer(4, 40),
        line(type="ai-title", aiTitle="A title", sessionId="s1"),
        answer(5),
    ]
)
"""Four answers, one of them in two lines and one with a tool's run."""
COUNTED = {1: 10, 2: 10, 4: 40, 5: 10}
FOLLOWER = Follower(*WHOSE)
"""One for many files: making its buffer takes longer than reading a short file."""
CHECKOUT = Path(__file__).resolve().parents[2]


def read_in_two(cut: int, path: Path) -> tuple[dict[int, int], list[tuple[object, ...]]]:
    """Return what counts when a file is read up to a place and later to its end."""
    ledger = MemoryLedger()
    touched(write(path, CONTENT[:cut]), 1)
    (first,) = FOLLOWER.read(LOGS, look_at(path), None)
    ledger.add([first])
    touched(write(path, CONTENT), 2)
    ledger.add(FOLLOWER.read(LOGS, look_at(path), first.source))
    return output(ledger), ledger.ask("calls", since=0, until=2**62)


def test_a_file_is_read_to_its_last_whole_line(tmp_path: Path) -> None:
    path = write(tmp_path / "s1.jsonl", CONTENT + answer(6)[:-1])
    (batch,) = follow(path)
    assert batch.fresh
    assert [row[9] for row in batch.events] == [10, 10, 40, 10]
    source = batch.source
    file = look_at(path)
    assert source[:6] == (str(path), "claude-code", "log", file.inode, file.size, file.mtime)
    # The last answer may have further lines: it is read again next time.
    assert source.offset == len(CONTENT) - len(answer(5))
    assert source.last == 1_793_491_205_000


def test_wherever_the_first_read_ends_each_answer_counts_once(tmp_path: Path) -> None:
    path = tmp_path / "s1.jsonl"
    ends = [place + 1 for place, byte in enumerate(CONTENT) if byte == ord("\n")]
    near = {end + step for end in ends for step in (-2, -1, 0, 1)} - {len(CONTENT) + 1}
    for cut in sorted(near | set(range(0, len(CONTENT), 17))):
        counted, calls = read_in_two(cut, path)
        assert counted == COUNTED, cut
        assert calls == [("Read", 1, 1, 0, 1_000)], cut


@given(cuts=st.lists(st.integers(0, len(CONTENT)), max_size=6), replaced=st.booleans())
def test_a_file_may_grow_in_any_steps(
    tmp_path_factory: pytest.TempPathFactory,
    cuts: list[int],
    replaced: bool,  # noqa: FBT001 - drawn
) -> None:
    path = tmp_path_factory.mktemp("grow") / "s1.jsonl"
    ledger, source = MemoryLedger(), None
    for step, cut in enumerate([*sorted(cuts), len(CONTENT)]):
        if replaced:
            path.unlink(missing_ok=True)
        touched(write(path, CONTENT[:cut]), step)
        for batch in follow(path, source):
            ledger.add([batch])
            source = batch.source
    assert output(ledger) == COUNTED


def test_a_line_that_is_torn_is_left_and_no_more_than_it(tmp_path: Path) -> None:
    path = write(tmp_path / "s1.jsonl", answer(1)[:50])
    (batch,) = follow(path)
    assert (batch.events, batch.skipped, batch.source.offset) == ([], [], 0)


def left(path: Path, content: bytes) -> Source:
    """Return a file's source as it was left after its first read."""
    touched(write(path, content), 1)
    (batch,) = follow(path)
    return batch.source


def test_what_is_known_is_not_read_again(tmp_path: Path) -> None:
    path = tmp_path / "s1.jsonl"
    source = left(path, CONTENT)
    write(path, CONTENT + answer(6))
    (batch,) = follow(path, source)
    assert not batch.fresh
    assert [row[9] for row in batch.events] == [10, 10]
    assert batch.source.offset == len(CONTENT)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(answer(1) + answer(7), id="shorter"),
        pytest.param(
            CONTENT.replace(b"msg_5", b"msg_7").replace(b"req_5", b"req_7").replace(b"00:05", b"00:07"), id="same size"
        ),
        pytest.param(answer(7) + CONTENT, id="longer, with another beginning"),
        pytest.param(
            CONTENT.replace(b"A title", b"B title") + answer(7), id="longer, changed before the place where it was left"
        ),
    ],
)
def test_a_rewritten_file_is_read_from_its_beginning(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "s1.jsonl"
    source = left(path, CONTENT)
    ledger = MemoryLedger()
    ledger.add(follow(path))
    inode = path.stat().st_ino
    touched(write(path, content), 2)
    assert path.stat().st_ino == inode
    (batch,) = follow(path, source)
    assert batch.fresh
    ledger.add([batch])
    # What was counted stays counted, what is new is added.
    assert output(ledger) == COUNTED | {7: 10}


def test_another_file_under_the_same_name_is_read_from_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "s1.jsonl"
    source = left(path, CONTENT)
    write(tmp_path / "new", CONTENT + answer(7)).replace(path)
    (batch,) = follow(path, source)
    assert batch.fresh
    assert len(batch.events) == 5


@pytest.mark.parametrize(
    "state",
    [
        b"",
        b"\x00",
        b"nonsense",
        marshal.dumps((following._STATE_FORM + 1, {})),
        marshal.dumps((following._STATE_FORM, [])),
        marshal.dumps(7),
    ],
)
def test_a_memory_that_is_not_understood_is_dropped(tmp_path: Path, state: bytes) -> None:
    path = tmp_path / "s1.jsonl"
    source = left(path, CONTENT)
    write(path, CONTENT + answer(7))
    assert not follow(path, source)[0].fresh
    assert follow(path, source._replace(state=state))[0].fresh


def test_what_was_written_between_the_look_and_the_read_is_not_lost(tmp_path: Path) -> None:
    path = write(tmp_path / "s1.jsonl", answer(1))
    early = look_at(path)
    write(path, answer(1) + answer(2))
    ledger = MemoryLedger()
    ledger.add(Follower(*WHOSE).read(LOGS, early, None))
    assert output(ledger) == {1: 10, 2: 10}
    write(path, answer(1) + answer(2) + answer(3))
    source = Source(*ledger.ask("source", path=str(path))[0])
    ledger.add(follow(path, source))
    assert output(ledger) == {1: 10, 2: 10, 3: 10}


@pytest.mark.parametrize("size", [5 << 20, 17 << 20, LONGEST_LINE - 1])
def test_a_long_line_and_what_follows_it_counts(tmp_path: Path, size: int) -> None:
    long = answer(2).replace(b'"type"', b'"padding":"' + b"x" * (size - len(answer(2)) - 13) + b'","type"', 1)
    assert len(long) == size
    path = write(tmp_path / "s1.jsonl", answer(1) + long + answer(3))
    ledger = MemoryLedger()
    ledger.add(follow(path))
    assert output(ledger) == {1: 10, 2: 10, 3: 10}
    assert ledger.ask("skipped_total") == [(0,)]
    assert Source(*ledger.ask("source", path=str(path))[0]).offset == len(answer(1)) + size


@pytest.mark.parametrize("size", [LONGEST_LINE, 2 * LONGEST_LINE, 2 * LONGEST_LINE + 17])
@pytest.mark.parametrize("after", [b"", answer(3) + answer(4)])
def test_a_line_too_long_to_hold_is_skipped_and_what_follows_counts(tmp_path: Path, size: int, after: bytes) -> None:
    path = write(tmp_path / "s1.jsonl", answer(1))
    with path.open("r+b") as file:
        # A hole in the file reads as NUL bytes and takes no room on the disk.
        file.seek(len(answer(1)) + size)
        file.write(b"\n" + after)
    batches = follow(path)
    assert [row for batch in batches for row in batch.skipped] == [(len(answer(1)), "a line longer than 64 MiB")]
    ledger = MemoryLedger()
    ledger.add(batches)
    assert output(ledger) == ({1: 10, 3: 10, 4: 10} if after else {1: 10})


def test_a_line_too_long_to_hold_that_is_torn_is_left(tmp_path: Path) -> None:
    path = write(tmp_path / "s1.jsonl", answer(1))
    os.truncate(path, LONGEST_LINE * 2)
    batches = follow(path)
    assert [batch.skipped for batch in batches] == [[]] * len(batches)
    assert batches[-1].source.offset <= len(answer(1))


def test_the_next_file_is_read_with_a_small_buffer_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "_idle", [])
    follower = Follower(*WHOSE)
    long = write(tmp_path / "long.jsonl", padding(9 << 20) + answer(1))
    assert len(next(follower.read(LOGS, look_at(long), None)).events) == 1
    assert following._idle == []
    for _ in range(2):
        assert len(list(follower.read(LOGS, look_at(write(tmp_path / "short.jsonl", answer(1))), None))) == 1
    assert [len(buffer) for buffer in following._idle] == [512 << 10]


def test_two_files_that_are_read_by_turns_have_a_buffer_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "_idle", [])
    monkeypatch.setattr(following, "_TOLD_EVERY", 1)
    monkeypatch.setattr(following, "_BUFFER", 16 << 10)
    follower = Follower(*WHOSE)
    paths = [
        write(tmp_path / f"{name}.jsonl", b"".join(answer(100 * name + each, each) for each in range(90)))
        for name in (1, 2)
    ]
    parts: list[list[Batch]] = [[], []]
    for number, both in enumerate(zip(*(follower.read(LOGS, look_at(path), None) for path in paths), strict=True)):
        assert number < 100
        for part, batch in zip(parts, both, strict=True):
            part.append(batch)
    assert all(len(part) > 2 for part in parts)
    for path, part in zip(paths, parts, strict=True):
        ledger, expected = MemoryLedger(), MemoryLedger()
        ledger.add(part)
        expected.add(follow(path))
        assert output(ledger) == output(expected)


def test_a_large_file_is_told_of_in_parts_that_add_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "_TOLD_EVERY", 1 << 20)
    monkeypatch.setattr(following, "_BUFFER", 64 << 10)
    path = tmp_path / "s1.jsonl"
    with path.open("wb") as file:
        for number in range(2_000):
            file.write(answer(number) + padding(2_000))
    batches = follow(path)
    assert len(batches) > 3
    assert [batch.fresh for batch in batches] == [True] + [False] * (len(batches) - 1)
    ledger = MemoryLedger()
    ledger.add(batches)
    assert total(ledger) == (2_000, 20_000)


def test_a_large_file_that_could_not_be_read_to_its_end_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "_TOLD_EVERY", 1 << 20)
    monkeypatch.setattr(following, "_BUFFER", 64 << 10)
    content = b"".join(answer(number) + padding(2_000) for number in range(2_000))
    path = write(tmp_path / "logs" / "s1.jsonl.zst", zstandard.compress(content)[:-40])
    ledger = MemoryLedger()
    for _ in range(2):
        summary = bring(tmp_path, ledger)
        assert [Path(trouble.path).name for trouble in summary.troubles] == ["s1.jsonl.zst"]
    touched(write(path, zstandard.compress(content)), 5)
    assert bring(tmp_path, ledger).troubles == ()
    assert total(ledger) == (2_000, 20_000)


@pytest.mark.parametrize(
    "companion, agent",
    [
        (b'{"agentType":"Explore"}', "Explore"),
        (b"[1]", "subagent"),
        (b"{", "subagent"),
        (b"[" * 60_000, "subagent"),
        (b"\xff", "subagent"),
        (b"", "subagent"),
        (None, "subagent"),
    ],
)
def test_what_lies_beside_a_log_comes_to_its_reader(tmp_path: Path, companion: bytes | None, agent: str) -> None:
    path = tmp_path / "s1" / "subagents" / "agent-1.jsonl"
    if companion is not None:
        write(path.with_name("agent-1.meta.json"), companion)
    source = left(path, answer(1))
    write(path, answer(1) + answer(2))
    (batch,) = follow(path, source)
    assert {context.agent for context in batch.contexts} == {agent}
    for nothing in (None, lambda _: ()):
        (alone,) = follow(path, None, LOGS._replace(companions=nothing))
        assert {context.agent for context in alone.contexts} == {"subagent"}


def test_an_archive_counts_like_the_file_in_it_and_is_read_whole_each_time(tmp_path: Path) -> None:
    path = write(tmp_path / "s1.jsonl.zst", zstandard.compress(CONTENT))
    ledger = MemoryLedger()
    (batch,) = follow(path)
    ledger.add([batch])
    assert output(ledger) == COUNTED
    assert batch.source.state == b""
    write(path, zstandard.compress(CONTENT + answer(7)))
    (again,) = follow(path, batch.source)
    assert again.fresh
    ledger.add([again])
    assert output(ledger) == COUNTED | {7: 10}


READ = """
import resource, sys
from tests.intake.tree import follow
from pathlib import Path
follow(Path(sys.argv[1]))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
batches = follow(Path(sys.argv[2]))
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(grown // 1024, len({row[0] for batch in batches for row in batch.events}))
"""


@pytest.mark.parametrize("size", [3 << 20, 30 << 20, 60 << 20, 150 << 20])
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
def test_long_lines_are_read_in_bounded_memory(tmp_path: Path, size: int, packed: bool) -> None:  # noqa: FBT001 - a case
    small = write(tmp_path / "small.jsonl", CONTENT)
    large = write(tmp_path / "large.jsonl", answer(1))
    with large.open("r+b") as file:
        file.seek(0, os.SEEK_END)
        while file.tell() < 300 << 20:
            file.write(b'{"type":"attachment","text":"')
            file.seek(size, os.SEEK_CUR)
            file.write(b'"}\n')
        file.write(answer(2))
    if packed:
        # Three hundred megabytes in some thirty thousand bytes.
        large = large.with_suffix(".jsonl.zst")
        with large.with_suffix("").open("rb") as source, large.open("wb") as target:
            zstandard.ZstdCompressor().copy_stream(source, target)
    run = subprocess.run(
        [sys.executable, "-c", READ, str(small), str(large)], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    grown, events = (int(word) for word in run.stdout.split())
    assert events == 2
    # MiB on Linux; macOS tells bytes, of which these would be too many.
    assert grown < 120


def test_a_file_that_is_gone_or_is_a_folder_is_an_error_of_the_system(tmp_path: Path) -> None:
    path = write(tmp_path / "s1.jsonl", CONTENT)
    file = look_at(path)
    path.unlink()
    with pytest.raises(FileNotFoundError):
        list(Follower(*WHOSE).read(LOGS, file, None))
    path.mkdir()
    with pytest.raises(IsADirectoryError):
        list(Follower(*WHOSE).read(LOGS, file, None))


def test_no_file_stays_open(tmp_path: Path) -> None:
    path = write(tmp_path / "s1.jsonl", CONTENT)
    before = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else 0

    def reads() -> Iterator[object]:
        for _ in range(20):
            yield from follow(path)
            yield next(Follower(*WHOSE).read(LOGS, look_at(path), None))

    assert len(list(reads())) == 40
    assert (len(os.listdir("/proc/self/fd")) if before else 0) == before
