"""The logs of all tools: what has changed is read once, and nothing that happens on the way loses or doubles a count."""

import os
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NoReturn

import pytest
import zstandard
from tests.intake.tree import LOGS, WHOSE, answer, bring, line, news, output, padding, total, touched, write

from tallystick.intake import logs
from tallystick.intake.logs import Progress, bring_in, look
from tallystick.intake.walk import Trouble
from tallystick.ledger.ledger import Arrival, Batch, Ledger, Receipt
from tallystick.ledger.memory import MemoryLedger
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.tools.tool import Found, Root, State, Tool


@pytest.fixture(params=["memory", "sqlite"])
def ledger(request: pytest.FixtureRequest) -> Iterator[Ledger]:
    made: Ledger = MemoryLedger() if request.param == "memory" else SqliteLedger(":memory:", write=True)
    yield made
    made.close()


def test_what_is_new_is_brought_in_and_then_is_no_news(tmp_path: Path, ledger: Ledger) -> None:
    write(tmp_path / "logs" / "p" / "a.jsonl", answer(1) + answer(2, 20))
    write(tmp_path / "archive" / "b.jsonl", answer(3, 5))
    summary = bring(tmp_path, ledger)
    size = 2 * len(answer(1)) + len(answer(3, 5))
    assert (summary.files, summary.bytes, summary.receipt, summary.troubles) == (2, size, Receipt(new=3), ())
    assert output(ledger) == {1: 10, 2: 20, 3: 5}
    assert look([LOGS], str(tmp_path), {}, ledger) == ([], [])
    assert bring(tmp_path, ledger).files == 0


def test_without_a_ledger_everything_is_new(tmp_path: Path) -> None:
    path = write(tmp_path / "logs" / "a.jsonl", answer(1))
    (found,), troubles = look([LOGS], str(tmp_path), {}, None)
    assert found == news(path)
    assert found.bytes == len(answer(1))
    assert troubles == []


def test_what_was_read_of_a_grown_file_is_no_news(tmp_path: Path, ledger: Ledger) -> None:
    path = write(tmp_path / "logs" / "a.jsonl", answer(1) + answer(2))
    bring(tmp_path, ledger)
    write(path, answer(1) + answer(2) + answer(3))
    (found,), _ = look([LOGS], str(tmp_path), {}, ledger)
    assert found.before
    # The last answer before is read again, for it may have gone on.
    assert found.bytes == 2 * len(answer(1))
    shrunk = found._replace(file=found.file._replace(size=5))
    assert shrunk.bytes == 0
    bring(tmp_path, ledger)
    assert total(ledger) == (3, 30)


def test_the_environment_tells_the_places(tmp_path: Path) -> None:
    write(tmp_path / "elsewhere" / "a.jsonl", answer(1))
    found, _ = look([LOGS], str(tmp_path), {"LOGS": "elsewhere"}, None)
    assert [Path(item.file.path).name for item in found] == ["a.jsonl"]


def test_a_file_that_is_gone_keeps_its_counts(tmp_path: Path, ledger: Ledger) -> None:
    path = write(tmp_path / "logs" / "a.jsonl", answer(1))
    bring(tmp_path, ledger)
    path.unlink()
    write(tmp_path / "logs" / "b.jsonl", answer(2))
    bring(tmp_path, ledger)
    assert output(ledger) == {1: 10, 2: 10}


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_that_moves_to_the_archive_counts_once(tmp_path: Path, ledger: Ledger, packed: bool) -> None:  # noqa: FBT001 - a case
    path = write(tmp_path / "logs" / "a.jsonl", answer(1) + answer(2))
    bring(tmp_path, ledger)
    target = tmp_path / "archive" / ("a.jsonl.zst" if packed else "a.jsonl")
    target.parent.mkdir()
    if packed:
        target.write_bytes(zstandard.compress(path.read_bytes()))
        bring(tmp_path, ledger)
        path.unlink()
    else:
        path.rename(target)
    bring(tmp_path, ledger)
    assert total(ledger) == (2, 20)


def test_a_copy_of_a_session_counts_once_and_for_the_original(tmp_path: Path, ledger: Ledger) -> None:
    touched(write(tmp_path / "logs" / "copy.jsonl", answer(1) + answer(2) + answer(30)), 1_793_491_230)
    touched(write(tmp_path / "logs" / "original.jsonl", answer(1) + answer(2)), 1_793_491_202)
    bring(tmp_path, ledger)
    assert total(ledger) == (3, 30)
    sessions = {row[0]: row[2] for row in ledger.ask("contexts")}
    rows = ledger.ask("events", since=0, until=2**62)
    assert [sessions[row[2]] for row in rows] == ["original", "original", "copy"]


def test_a_file_that_vanishes_between_look_and_read_is_no_trouble(tmp_path: Path, ledger: Ledger) -> None:
    paths = [
        write(tmp_path / "logs" / f"{number}{ending}", answer(number))
        for number, ending in ((1, ".jsonl"), (2, ".jsonl.zst"))
    ]
    write(tmp_path / "logs" / "c.jsonl", answer(3))
    found, _ = look([LOGS], str(tmp_path), {}, ledger)
    for path in paths:
        path.unlink()
    assert bring_in(found, ledger, WHOSE).troubles == ()
    assert output(ledger) == {3: 10}


def test_what_cannot_be_read_is_reported_each_time_and_passed_over(tmp_path: Path, ledger: Ledger) -> None:
    write(tmp_path / "logs" / "a.jsonl", answer(1))
    write(tmp_path / "logs" / "b.jsonl.zst", b"no archive")
    (tmp_path / "logs" / "c.jsonl").symlink_to("c.jsonl")
    for _ in range(2):
        assert {(Path(path).name, reason.partition(":")[0]) for path, reason in bring(tmp_path, ledger).troubles} == {
            ("b.jsonl.zst", "damaged archive"),
            ("c.jsonl", "too many levels of symbolic links"),
        }
    assert output(ledger) == {1: 10}


def test_an_error_without_words_is_reported_too(
    tmp_path: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "logs" / "a.jsonl", answer(1))

    def broken(*_: object) -> NoReturn:
        raise OSError("Stale handle")

    monkeypatch.setattr("tallystick.intake.follow.Follower.read", broken)
    assert bring(tmp_path, ledger).troubles == (Trouble(str(tmp_path / "logs" / "a.jsonl"), "stale handle"),)


def test_a_reader_that_fails_does_not_silence_the_others(tmp_path: Path, ledger: Ledger) -> None:
    class Failing:
        def __init__(self, path: str, state: State) -> None:
            self.path, self.state = path, state

        def feed(self, data: bytes | bytearray, start: int, end: int, offset: int) -> None:
            raise ValueError(data[start:end], offset)

        def finish(self) -> tuple[Found, State]:
            return Found(), self.state

    write(tmp_path / "logs" / "a.jsonl", answer(1) + b"secret")
    sick = Tool("sick", "A sick tool", lambda home, _: [Root(f"{home}/sick")], Failing)
    write(tmp_path / "sick" / "b.jsonl", b"secret\n")
    for _ in range(2):
        found, troubles = look([sick, LOGS], str(tmp_path), {}, ledger)
        told = (*troubles, *bring_in(found, ledger, WHOSE).troubles)
        assert [Path(trouble.path).name for trouble in told] == ["b.jsonl"]
        assert "ValueError" in told[0].reason
        assert "secret" not in told[0].reason
    assert output(ledger) == {1: 10}


def test_progress_goes_from_nothing_to_everything(tmp_path: Path, ledger: Ledger) -> None:
    for number in range(5):
        write(tmp_path / "logs" / f"{number}.jsonl", answer(number) + answer(10 + number))
    found, _ = look([LOGS], str(tmp_path), {}, ledger)
    told: list[Progress] = []
    summary = bring_in(found, ledger, WHOSE, told.append)
    assert [progress.files for progress in told] == [1, 2, 3, 4, 5]
    assert [progress.events for progress in told] == [2, 4, 6, 8, 10]
    assert sorted({progress.bytes for progress in told}) == [progress.bytes for progress in told]
    assert told[-1] == Progress(5, 5, summary.bytes, summary.bytes, 10)


def test_a_large_import_is_divided_into_transactions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "_WORTH_A_TRANSACTION", 4)
    for number in range(5):
        write(tmp_path / "logs" / f"{number}.jsonl", answer(number) + answer(10 + number))
    taken: list[int] = []

    class Counting(MemoryLedger):
        def add(self, batches: Iterable[Batch], arrivals: Iterable[Arrival] = ()) -> Receipt:
            held = list(batches)
            taken.append(sum(len(batch.events) for batch in held))
            return super().add(held, arrivals)

    summary = bring(tmp_path, Counting())
    assert taken == [4, 4, 2]
    assert summary.receipt == Receipt(new=10)


HALF = "cut \ud83d"
"""The end of a text that was cut within a surrogate pair, as JavaScript cuts it and writes it into JSON."""


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(answer(1) + line(type="ai-title", aiTitle=HALF, sessionId="s1"), id="title"),
        pytest.param(answer(1, cwd=f"/home/dev/{HALF}"), id="project"),
        pytest.param(answer(1, gitBranch=HALF), id="branch"),
        pytest.param(answer(1).replace(b"claude-opus-4-8", b"claude-\\ud83d"), id="model"),
        pytest.param(answer(1, content=[{"type": "tool_use", "id": "u", "name": HALF}]), id="tool"),
    ],
)
def test_text_that_no_utf8_can_hold_does_not_stop_the_import(tmp_path: Path, ledger: Ledger, content: bytes) -> None:
    write(tmp_path / "logs" / "a.jsonl", content + b"x" * 200_000 + b"\n")
    write(tmp_path / "logs" / "b.jsonl", content.replace(b"_1", b"_2").replace(b"00:01", b"00:02"))
    write(tmp_path / "logs" / "c.jsonl", answer(3))
    bring(tmp_path, ledger)
    assert 3 in output(ledger)
    assert look([LOGS], str(tmp_path), {}, ledger) == ([], [])


def test_a_file_name_that_is_no_utf8_does_not_stop_the_import(tmp_path: Path, ledger: Ledger) -> None:
    write(tmp_path / "logs" / "\udcff.jsonl", answer(1))
    write(tmp_path / "logs" / "b.jsonl", answer(2))
    summary = bring(tmp_path, ledger)
    # Counted or reported, but never lost without a word.
    assert 2 in output(ledger)
    assert 1 in output(ledger) or summary.troubles


SECRETS = {
    name: f"marker-of-{name}-4711"
    for name in (
        "prompt",
        "answer",
        "thinking",
        "input",
        "result",
        "file",
        "rest",
        "attachment",
        "error",
        "queued",
        "key",
    )
}


def revealing() -> bytes:
    """Return a transcript with a marker in everything that is content."""
    blocks: list[dict[str, Any]] = [
        {"type": "text", "text": SECRETS["answer"]},
        {"type": "thinking", "thinking": SECRETS["thinking"]},
        {"type": "tool_use", "id": "use_1", "name": "Read", "input": {"file_path": SECRETS["input"]}},
    ]
    result = {"tool_use_id": "use_1", "type": "tool_result", "is_error": True, "content": SECRETS["result"]}
    at: dict[str, Any] = {"sessionId": "s1", "timestamp": "2026-11-01T00:00:05.000Z", "uuid": "u"}
    return b"".join(
        [
            line(type="user", message={"role": "user", "content": SECRETS["prompt"]}, **at),
            answer(1, content=blocks, apiKey=SECRETS["key"]),
            line(
                type="user",
                message={"role": "user", "content": [result]},
                toolUseResult={"stdout": SECRETS["file"]},
                **at,
            ),
            line(type="file-history-snapshot", snapshot={"content": SECRETS["file"]}, **at),
            line(type="attachment", attachment={"type": "queued_command", "prompt": SECRETS["queued"]}, **at),
            line(type="attachment", attachment={"type": "file", "content": SECRETS["attachment"]}, **at),
            line(type="assistant", isApiErrorMessage=True, message={"content": SECRETS["error"]}, **at),
            SECRETS["rest"].encode() + b" is no JSON\n",
            b'{"type":"assistant","message":{"usage":{"output_tokens":"' + SECRETS["rest"].encode() + b'"}}}\n',
            answer(6),
            # Still open when the file ends: remembered until its result comes.
            answer(9, content=[{**blocks[2], "id": "use_2"}]),
            line(type="user", message={"role": "user", "content": SECRETS["prompt"]}, **at)[:-20],
        ]
    )


def test_content_never_enters_the_ledger(tmp_path: Path) -> None:
    write(tmp_path / "logs" / "p" / "s1.jsonl", revealing() * 3)
    write(tmp_path / "logs" / "p" / "s2.jsonl", revealing() + padding(300_000) + revealing())
    path = tmp_path / "data" / "ledger.db"
    with closing(SqliteLedger(str(path), write=True)) as ledger:
        bring(tmp_path, ledger)
        assert set(output(ledger)) == {1, 6, 9}
        assert ledger.ask("skipped_total") > [(0,)]
        assert [row[0] for row in ledger.ask("calls", since=0, until=2**62)] == ["Read"]
        kept = {each.name: each.read_bytes() for each in path.parent.iterdir()}
        ledger.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        kept["ledger.db after a checkpoint"] = path.read_bytes()
    assert {"ledger.db", "ledger.db-wal"} <= set(kept)
    assert any(b"claude-opus-4-8" in content for content in kept.values()), "the names that are kept are found so"
    for name, content in kept.items():
        for what, marker in SECRETS.items():
            assert marker.encode() not in content, f"{what} is in {name}"
            assert marker.encode("utf-16-le") not in content, f"{what} is in {name}"
    assert os.listdir(path.parent)
