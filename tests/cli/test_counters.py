"""The counters' memory: it outlives the process, and a file that cannot be read or written does no harm."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from tests.answers.sample import CLI, CODEX, MAIN, NOW, OPUS, THOUSAND, event
from tests.answers.stand import answers, fill
from tests.faces.prometheus.exposition import parsed, value

from tallystick.answers.answers import Answers
from tallystick.cli.counters import Counters

FIRST, SECOND = (event(f"2026-11-0{day}T10:00:00", OPUS, MAIN, THOUSAND) for day in (1, 2))
OTHER = event("2026-11-03T10:00:00.250", CODEX, CLI, THOUSAND)

VERSIONS = count()


@contextmanager
def ledger(path: Path, *events: object) -> Iterator[Answers]:
    """Return answers from a ledger with these events."""
    fill(path, events)  # type: ignore[arg-type]
    made = answers(path)
    yield made
    made.close()


def told(counters: Counters, of: Answers) -> str:
    """Return the requests to the one model."""
    return value(parsed(counters.text(of, str(next(VERSIONS)))), "llm_requests_total", model=OPUS.model)


def test_what_was_shown_is_known_to_the_next_run(tmp_path: Path) -> None:
    log: list[str] = []
    path = str(tmp_path / "shown.json")
    with ledger(tmp_path / "two.db", FIRST, SECOND) as two, ledger(tmp_path / "one.db", FIRST) as one:
        assert told(Counters(path, lambda: NOW, log.append), two) == "2"
        # Another run, and a ledger that has fewer by now: a second one that counts would be a fall.
        again = Counters(path, lambda: NOW, log.append)
        assert told(again, one) == "2"
        assert told(again, two) == "2"
    assert log == []
    assert not (tmp_path / "shown.json.part").exists()


def test_when_each_tool_called_last_is_told(tmp_path: Path) -> None:
    with ledger(tmp_path / "a.db", FIRST, SECOND, OTHER) as of:
        found = parsed(Counters(str(tmp_path / "shown.json"), lambda: NOW, print).text(of, "1"))
    # date -ud 2026-11-02T10:00:00 +%s
    assert value(found, "meter_last_event_timestamp_seconds", tool="claude-code") == "1793613600.000"
    assert value(found, "meter_last_event_timestamp_seconds", tool="codex") == "1793700000.250"


def test_a_large_ledger_is_not_added_up_for_each_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr("tallystick.cli.counters.monotonic", lambda: clock[0])

    def takes_a_second() -> int:
        clock[0] += 1
        return NOW

    with ledger(tmp_path / "one.db", FIRST) as one, ledger(tmp_path / "two.db", FIRST, SECOND) as two:
        counters = Counters(str(tmp_path / "shown.json"), takes_a_second, print)
        assert told(counters, one) == "1"
        clock[0] += 19.9
        assert told(counters, two) == "1"
        clock[0] += 0.2
        assert told(counters, two) == "2"
        # While nothing changes, nothing is added up at all.
        clock[0] += 1_000
        before = clock[0]
        counters.text(two, counters._version)
        assert clock[0] == before


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"llm_requests_total": 7}', '{"llm_requests_total": {"{}": "many"}}', "\x00"]
)
def test_a_file_that_is_not_understood_says_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "shown.json"
    path.write_text(text)
    with ledger(tmp_path / "one.db", FIRST) as one:
        assert told(Counters(str(path), lambda: NOW, print), one) == "1"
    assert json.loads(path.read_text())["llm_requests_total"]


def test_a_place_that_cannot_be_written_is_told_once(tmp_path: Path) -> None:
    log: list[str] = []
    with ledger(tmp_path / "one.db", FIRST) as one:
        counters = Counters(str(tmp_path / "missing" / "shown.json"), lambda: NOW, log.append)
        assert [told(counters, one) for _ in range(3)] == ["1"] * 3
    assert log == ["What the counters stand at cannot be kept (no such file or directory)."]
