"""What tokenfold's client sends: the same events as from the logs themselves, once, and nothing of what was said."""

import json
import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from tests.intake.push.tokenfolding import batches, stripped

from tallystick.intake.logs import bring_in, look
from tallystick.intake.push.kind import Sender, Unacceptable
from tallystick.intake.push.tokenfold import ingest, usage
from tallystick.ledger.ledger import Ledger
from tallystick.ledger.memory import MemoryLedger
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.tools.claude_code import CLAUDE_CODE
from tallystick.usage.event import Context, Variant

NOBODY = Sender("", "", "")
NOON = 1_795_348_800_000
"""2026-11-22T12:00:00Z."""
SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "claude-code"
CASES = sorted(each for each in SAMPLES.iterdir() if each.is_dir())


def send(ledger: Ledger, bodies: Iterable[dict[str, Any]], sender: Sender = NOBODY) -> list[dict[str, Any]]:
    """Take batches in, one after another; return the answers."""
    answers = []
    for body in bodies:
        taken = ingest(json.dumps(body).encode(), sender, NOON, ledger)
        assert taken.answer[0] == 200
        ledger.add(taken.batches, [taken.arrival] if taken.arrival else [])
        answers.append(json.loads(taken.answer[1]))
    return answers


def read(ledger: Ledger, home: Path) -> None:
    """Bring the logs of a home in."""
    news, troubles = look([CLAUDE_CODE], str(home), {}, ledger)
    assert not troubles
    bring_in(news, ledger, ("desk", "dev"))


def told(ledger: Ledger) -> dict[str, Any]:
    """Return what a ledger knows that does not depend on how it came."""
    contexts = {row[0]: Context(*row[1:]) for row in ledger.ask("contexts")}
    variants = {row[0]: Variant(*row[1:]) for row in ledger.ask("variants")}
    span = {"since": 0, "until": 1 << 60}
    events = []
    for row in ledger.ask("events", **span):
        context = contexts[row[2]]
        # The small file that tells what an agent is for is not sent.
        where = (context.session, context.project, context.branch, bool(context.agent), context.version)
        events.append((row[1], where, variants[row[3]], row[4:10], row[12]))
    prompts = [(time, contexts[context].session) for time, context in ledger.ask("prompts", **span)]
    calls = [(name, begin, end, failed) for name, _, begin, end, failed, _ in ledger.ask("runs", **span)]
    return {"events": sorted(events), "prompts": prompts, "calls": sorted(calls), "titles": ledger.ask("titles")}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home without logs."""
    (tmp_path / ".claude" / "projects").mkdir(parents=True)
    return tmp_path


@pytest.mark.parametrize("size", [1, 2, 3, 2_000])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_same_is_known_as_from_the_logs(case: Path, size: int, home: Path) -> None:
    copytree(case, home / ".claude" / "projects", dirs_exist_ok=True)
    logs, sent = MemoryLedger(), MemoryLedger()
    read(logs, home)
    send(sent, batches(home / ".claude" / "projects", "laptop", size))
    wanted, found = told(logs), told(sent)
    if size < 2_000:
        # Where a batch ends within an answer, that one may end a line sooner.
        for each in (wanted, found):
            each["events"] = sorted(event[1:] for event in each["events"])
    assert found == wanted


def projects(home: Path, *cases: str) -> Path:
    """Put samples into a home, each in a project of its own."""
    found = home / ".claude" / "projects"
    for case in cases:
        for folder in (SAMPLES / case).iterdir():
            if folder.is_dir():
                copytree(folder, found / f"{folder.name}-{case}", dirs_exist_ok=True)
    return found


def test_what_comes_again_changes_nothing_and_is_counted_as_such(home: Path) -> None:
    folder, ledger = projects(home, "people", "agents", "streamed"), MemoryLedger()
    bodies = list(batches(folder, "laptop", 5))
    first = send(ledger, bodies)
    before = told(ledger), ledger.ask("events", since=0, until=1 << 60)
    ids = [sum("uuid" in each for each in body["events"]) for body in bodies]
    assert [(each["accepted"], each["duplicates"]) for each in first] == [(number, 0) for number in ids]
    assert [each["cursor"]["last_line_num"] for each in first] == [
        body["cursor"]["last_line_num"] + len(body["events"]) for body in bodies
    ]
    again = send(ledger, bodies)
    assert [(each["accepted"], each["duplicates"]) for each in again] == [(0, number) for number in ids]
    # With other borders between batches, and a cursor that was lost.
    mixed = list(batches(folder, "laptop", 3))
    random.Random(7).shuffle(mixed)
    for body in mixed:
        body["cursor"] = {}
    send(ledger, mixed)
    assert (told(ledger), ledger.ask("events", since=0, until=1 << 60)) == before


def test_what_is_also_in_the_logs_here_counts_once_whatever_comes_first(home: Path) -> None:
    folder = projects(home, "people", "agents", "streamed", "forks", "no-request-ids", "progress-copies")
    alone, one, other = MemoryLedger(), MemoryLedger(), MemoryLedger()
    read(alone, home)
    read(one, home)
    send(one, batches(folder, "laptop", 4))
    send(other, batches(folder, "laptop", 4))
    read(other, home)
    wanted = [(each[0], *each[2:]) for each in told(alone)["events"]]
    for ledger in (one, other):
        assert [(each[0], *each[2:]) for each in told(ledger)["events"]] == wanted
        assert len(told(ledger)["prompts"]) == len(told(alone)["prompts"])
        assert told(ledger)["calls"] == told(alone)["calls"]


def test_what_real_clients_wrote_counts_as_from_its_logs(shared: Path, home: Path) -> None:
    captured = shared / "realclients" / "captured" / "claude-code-2.1.330" / "interactive" / ".claude" / "projects"
    copytree(captured, home / ".claude" / "projects", dirs_exist_ok=True)
    logs, sent = MemoryLedger(), MemoryLedger()
    read(logs, home)
    send(sent, batches(captured, "laptop"))
    assert told(sent)["events"] == told(logs)["events"] != []


def test_a_machine_is_the_one_that_is_named_or_the_one_whose_token_was_shown(home: Path) -> None:
    folder = projects(home, "streamed")
    named, paired = MemoryLedger(), MemoryLedger()
    send(named, batches(folder, "</script>"))
    send(paired, batches(folder, "laptop"), Sender("m-1", "Desk", "alice"))
    # A name is made to fit, and who only names itself is none of those that were paired.
    for ledger, machine, name, user in ((named, "key/__script_", "__script_", ""), (paired, "m-1", "Desk", "alice")):
        assert {(row[7], row[8]) for row in ledger.ask("contexts")} == {(name, user)}
        assert [(row[0], row[1], row[2], row[5]) for row in ledger.ask("machines")] == [
            (machine, name, user, "tokenfold")
        ]
        assert all(row[0].startswith(f"push:{machine}:tokenfold/") for row in ledger.ask("marks"))


def test_who_only_names_itself_changes_nothing_of_a_paired_machine_of_that_name() -> None:
    ledger = MemoryLedger()
    send(ledger, [{**body(answer(1)), "machine": "m-1"}], Sender("m-1", "Desk", "alice"))
    before = [row for row in ledger.ask("machines") if row[0] == "m-1"]
    send(ledger, [{**body(answer(2)), "machine": "m-1"}])
    taken = usage(json.dumps({"machine": "m-1", "usage": {}}).encode(), NOBODY, NOON, ledger)
    assert taken.arrival
    ledger.add(taken.batches, [taken.arrival])
    assert [row for row in ledger.ask("machines") if row[0] == "m-1"] == before
    assert {(row[0], row[1]) for row in ledger.ask("machines")} == {("m-1", "Desk"), ("key/m-1", "m-1")}
    assert {row[0].split(":")[1] for row in ledger.ask("marks")} == {"m-1", "key/m-1"}


def answer(number: int, **usage: Any) -> dict[str, Any]:  # noqa: ANN401  also what is wrong
    """Return a record of an answer with 10 tokens of input and 20 of output."""
    counts = {"input_tokens": 10, "output_tokens": 20} | usage
    message = {"id": f"msg_{number}", "model": "claude-opus-4-5", "role": "assistant", "content": [], "usage": counts}
    return {
        "type": "assistant",
        "uuid": f"uuid-{number}",
        "timestamp": f"2026-11-22T11:00:{number:02}.000Z",
        "sessionId": "s",
        "requestId": f"req_{number}",
        "cwd": "/home/dev/shop",
        "message": message | {"stop_reason": "end_turn"},
    }


def body(*events: Any, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a batch."""
    return {"machine": "laptop", "project_dir": "p", "session_file": "s.jsonl", "events": list(events), **more}


def test_records_that_make_no_sense_are_skipped_and_the_others_count() -> None:
    ledger = MemoryLedger()
    poison = [
        {"type": "user", "uuid": "u1", "timestamp": "2026-11-22T11:00:00Z", "message": None},
        {"type": "assistant", "uuid": "u2", "timestamp": "2026-11-22T11:00:00Z", "message": None},
        answer(1, output_tokens="many"),
        answer(2, output_tokens=-1),
        answer(3, input_tokens=10**308),
        answer(4, input_tokens=1e308),
        answer(5) | {"timestamp": "yesterday"},
        answer(6) | {"message": "?"},
        {"uuid": 7, "type": ["user"]},
        {},
    ]
    (told_of,) = send(ledger, [body(answer(10), *poison, answer(20))])
    assert [(row[1], row[4], row[8]) for row in ledger.ask("events", since=0, until=1 << 60)] == [
        (NOON - 3_590_000, 10, 20),
        (NOON - 3_580_000, 10, 20),
    ]
    assert told_of == {"accepted": 9, "duplicates": 0, "cursor": {"last_line_num": 12}}
    assert sum(row[-1] for row in ledger.ask("skipped_total")) >= 7


def test_cursors_that_are_torn_lose_nothing() -> None:
    ledger = MemoryLedger()
    send(ledger, [body(answer(1), answer(2), cursor={"last_line_num": 0})])
    send(
        ledger,
        [body(answer(2), answer(3), cursor={"last_line_num": 900}), body(answer(4), cursor={"last_line_num": -5})],
    )
    assert len(ledger.ask("events", since=0, until=1 << 60)) == 4


def test_what_lies_beside_transcripts_is_acknowledged_and_not_read() -> None:
    ledger = MemoryLedger()
    (told_of,) = send(ledger, [body(answer(1), answer(2)) | {"session_file": "journal.jsonl"}])
    assert told_of == {"accepted": 0, "duplicates": 0, "cursor": {"last_line_num": 2}}
    assert ledger.ask("events", since=0, until=1 << 60) == ledger.ask("skipped") == []


WRONG: list[tuple[bytes, int, str]] = [
    (b"", 422, "no JSON"),
    (b"[]", 422, "an object is needed"),
    (b'{"machine": ' + b"[" * 100_000, 422, "no JSON"),
    (json.dumps(body() | {"machine": 7}).encode(), 422, "machine"),
    (json.dumps(body() | {"machine": " "}).encode(), 422, "machine"),
    (json.dumps(body() | {"machine": "x" * 300}).encode(), 422, "machine"),
    (json.dumps(body() | {"machine": "a\x07b"}).encode(), 422, "machine"),
    (json.dumps(body() | {"project_dir": None}).encode(), 422, "project_dir"),
    (json.dumps(body() | {"session_file": ["s"]}).encode(), 422, "session_file"),
    (json.dumps(body() | {"events": {"a": 1}}).encode(), 422, "events"),
    (json.dumps(body(7)).encode(), 422, "events"),
    (json.dumps(body() | {"cursor": 5}).encode(), 422, "cursor"),
    (json.dumps(body() | {"cursor": {"last_line_num": "5"}}).encode(), 422, "cursor"),
    (json.dumps(body() | {"cursor": {"last_line_num": 10**308}}).encode(), 422, "cursor"),
    (json.dumps(body() | {"cursor": {"last_line_num": 0}}).encode().replace(b": 0", b": " + b"9" * 5_000), 422, "cursor"),
    (json.dumps(body() | {"events": [{}] * 20_001}).encode(), 413, "20000 records"),
    (b'{"events": [' + b",".join([b"{}"] * 1_600_000) + b"]}", 413, "fewer records"),
]  # fmt: skip


@pytest.mark.parametrize("sent, status, reason", WRONG, ids=[str(number) for number in range(len(WRONG))])
def test_what_is_no_batch_is_refused_with_a_reason(sent: bytes, status: int, reason: str) -> None:
    with pytest.raises(Unacceptable) as refused:
        ingest(sent, NOBODY, NOON, MemoryLedger())
    assert refused.value.status == status
    assert reason in refused.value.message


def test_usage_windows_are_told_as_limits() -> None:
    ledger = MemoryLedger()
    told_of = {
        "five_hour": {"utilization": 12.5, "resets_at": "2026-11-22T15:00:00.123456+00:00"},
        "seven_day": {"utilization": 42, "resets_at": "2026-11-25T08:00:00Z"},
        "seven_day_opus": {"utilization": 0.0, "resets_at": None},
        "seven_day_oauth_apps": None,
        "extra_usage": {"is_enabled": True, "monthly_limit": 5000, "used_credits": 250.0, "utilization": 5.0},
        "odd": {"utilization": "much"},
        "negative": {"utilization": -1},
        "huge": {"utilization": 1e308},
        "moment": {"utilization": 1795348800},
    }
    taken = usage(json.dumps({"machine": "laptop", "usage": told_of}).encode(), NOBODY, NOON, ledger)
    assert taken.answer[0] == 200
    assert json.loads(taken.answer[1]) == {"status": "ok", "updated_at": "2026-11-22T12:00:00+00:00"}
    ledger.add(taken.batches)
    assert ledger.ask("limits", since=0, until=1 << 60) == [
        ("anthropic", "extra_usage", 0, 5.0, 0, NOON, "", ""),
        ("anthropic", "five_hour", 300, 12.5, NOON + 3 * 3_600_000 + 123, NOON, "", ""),
        ("anthropic", "seven_day", 10_080, 42.0, NOON + 68 * 3_600_000, NOON, "", ""),
        ("anthropic", "seven_day_opus", 10_080, 0.0, 0, NOON, "", ""),
    ]
    assert len(ledger.ask("skipped")) >= 1


@pytest.mark.parametrize(
    "sent, status",
    [
        ({"machine": "laptop"}, 400),
        ({"machine": "laptop", "usage": [1]}, 400),
        ([], 422),
        ({"machine": 7, "usage": {}}, 422),
    ],
)
def test_what_tells_of_no_windows_is_refused(sent: Any, status: int) -> None:  # noqa: ANN401
    with pytest.raises(Unacceptable) as refused:
        usage(json.dumps(sent).encode(), NOBODY, NOON, MemoryLedger())
    assert refused.value.status == status


def marked() -> Iterator[dict[str, Any]]:
    """Yield records with markers wherever somebody may have said something."""
    at = {"timestamp": "2026-11-22T11:00:00.000Z", "sessionId": "s", "cwd": "/home/dev/shop", "parentUuid": None}
    said = {"type": "text", "text": "MARKER-1"}
    use = {
        "type": "tool_use",
        "id": "toolu_1",
        "name": "Bash",
        "input": {"command": "MARKER-2", "deep": {"er": ["MARKER-3"]}},
    }
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "MARKER-4"}
    inner = answer(3)
    inner["message"]["content"] = [said]
    progress = {"type": "agent_progress", "prompt": "MARKER-5", "agentId": "a1", "message": inner}
    first = answer(1)
    first["message"]["content"] = [{"type": "thinking", "thinking": "MARKER-6", "signature": "MARKER-7"}, said, use]
    yield {"type": "user", "uuid": "u1", **at, "message": {"role": "user", "content": "MARKER-8"}}
    yield first
    yield {
        "type": "user",
        "uuid": "u2",
        **at,
        "message": {"role": "user", "content": [result]},
        "toolUseResult": {"stdout": "MARKER-9"},
    }
    yield {"type": "progress", "uuid": "u3", **at, "data": progress, "toolUseID": "MARKER-10"}
    yield {"type": "attachment", "uuid": "u4", **at, "attachment": {"type": "queued_command", "prompt": "MARKER-11"}}
    yield {
        "type": "user",
        "uuid": "u5",
        **at,
        "message": {"role": "user", "content": [{"type": "image", "source": "MARKER-12"}]},
    }
    yield {"type": "MARKER-13", "uuid": "u6", **at, "message": {"usage": {"note": "MARKER-14"}}}
    yield answer(2) | {"timestamp": "MARKER-15", "note": "MARKER-16"}
    yield answer(4, output_tokens="MARKER-17")
    yield {"type": "user", "uuid": "MARKER-18", **at, "message": "MARKER-19"}


def test_nothing_that_was_said_is_in_any_byte_of_the_ledger(tmp_path: Path) -> None:
    ledger = SqliteLedger(str(tmp_path / "ledger.db"), write=True)
    records = list(marked())
    send(ledger, [body(*records[:3]), body(*records[3:]), body(*map(stripped, records), cursor={})])
    assert len(ledger.ask("events", since=0, until=1 << 60)) == 2
    ledger.close()
    for file in tmp_path.iterdir():
        assert b"MARKER" not in file.read_bytes(), file
