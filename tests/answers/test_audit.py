"""The audit, against sightings written by hand: what both saw, what one did, where they differ."""

from collections.abc import Iterator

import pytest
from tests.answers.sample import asked
from tests.ledger.engines import ENGINES
from tests.ledger.sample import LOG, MAIN, View, batch

from tallystick.answers.as_json import document
from tallystick.answers.audit import Audit, Gap, Line, audit
from tallystick.answers.question import Wish
from tallystick.answers.reports.places import ANY
from tallystick.ledger.ledger import Batch, Ledger, Source
from tallystick.ledger.merging import ALIGNED
from tallystick.usage.event import CUT_OFF
from tallystick.usage.period import DAY_MS
from tallystick.usage.tokens import Tokens

WIRE = Source("/home/dev/spool/1-2.jsonl", "wire", "wire", 13, 500, 6_000_000_000, 500, 78, b"state", 4_000)
TEN = Tokens(1, 2, 0, 3, 4, 2)
CODEX = MAIN._replace(tool="codex")


@pytest.fixture(params=ENGINES)
def ledger(request: pytest.FixtureRequest) -> Iterator[Ledger]:
    """Return an empty ledger of each engine."""
    made = ENGINES[request.param]()
    yield made
    made.close()


def found(ledger: Ledger, *batches: Batch, **where: list[str]) -> Audit:
    """Return the audit of batches, of all times."""
    ledger.add(batches)
    return audit(ledger, asked(ANY, Wish("day,tool", where)))


def test_nothing_is_nothing(ledger: Ledger) -> None:
    told = found(ledger)
    assert (told.lines, told.gaps, told.blind_spots) == ([], [], [])
    assert told.totals == Line("", "")


def test_each_event_is_on_one_of_three_sides(ledger: Ledger) -> None:
    log = batch(LOG, [View(1, tokens=TEN), View(2, tokens=TEN)])
    wire = batch(WIRE, [View(1, tokens=TEN), View(3, tokens=TEN, searches=1), View(4, tokens=TEN, grade=CUT_OFF)])
    told = found(ledger, log, wire)
    assert told.lines == [
        Line("1970-01-01", "claude-code", both=1, log_only=1, wire_only=2, both_tokens=10, log_only_tokens=10,
             wire_only_tokens=20, cut_off=1, searching=1)
    ]  # fmt: skip
    assert told.totals == told.lines[0]._replace(day="", tool="")
    # The wire saw what the log leaves out, and what that may be is known.
    ((tool, spots),) = told.blind_spots
    assert tool == "claude-code"
    assert any("/compact" in spot for spot in spots)


def test_differences_are_told_kind_by_kind_in_both_directions(ledger: Ledger) -> None:
    log, wire = Tokens(10, 5, 0, 0, 7, 0), Tokens(12, 5, 0, 0, 3, 0)
    (line,) = found(ledger, batch(LOG, [View(1, tokens=log)]), batch(WIRE, [View(1, tokens=wire)])).lines
    assert (line.both, line.differing, line.wire_more, line.log_more) == (1, 1, 2, 4)
    # Of the two, the wire's counts.
    assert line.both_tokens == 20


def test_lifetimes_that_only_one_tells_apart_and_reasoning_are_no_difference(ledger: Ledger) -> None:
    log, wire = Tokens(1, 2, 3, 0, 4, 0), Tokens(1, 2, 0, 3, 4, 2)
    (line,) = found(ledger, batch(LOG, [View(1, tokens=log)]), batch(WIRE, [View(1, tokens=wire)])).lines
    assert (line.both, line.differing) == (1, 0)


def test_a_log_that_repeats_a_beginning_elsewhere_is_no_difference(ledger: Ledger) -> None:
    other = LOG._replace(path="/home/dev/b.jsonl")
    copy = batch(other, [View(1, tokens=Tokens(1, 2, 0, 3, 1), copied=True)])
    (line,) = found(ledger, batch(LOG, [View(1, tokens=TEN)]), copy, batch(WIRE, [View(1, tokens=TEN)])).lines
    assert (line.both, line.differing) == (1, 0)


@pytest.mark.parametrize("path", [ALIGNED, f"push:laptop:{ALIGNED}"])
def test_what_was_aligned_is_told_also_of_another_machine(ledger: Ledger, path: str) -> None:
    aligned = WIRE._replace(path=path)
    (line,) = found(ledger, batch(LOG, [View(1, tokens=TEN)]), batch(aligned, [View(1, tokens=TEN)])).lines
    assert (line.both, line.aligned, line.wire_only) == (1, 1, 0)


def test_days_are_those_of_the_zone_and_tools_are_apart(ledger: Ledger) -> None:
    views = [View(1, time=DAY_MS - 1, tokens=TEN), View(2, time=DAY_MS, tokens=TEN), View(3, time=DAY_MS, context=CODEX, tokens=TEN)]  # fmt: skip
    ledger.add([batch(LOG, views)])
    assert [(line.day, line.tool) for line in audit(ledger, asked(ANY, Wish("day,tool"))).lines] == [
        ("1970-01-01", "claude-code"),
        ("1970-01-02", "claude-code"),
        ("1970-01-02", "codex"),
    ]
    only = audit(ledger, asked(ANY, Wish("day,tool", {"tool": ["codex"]})))
    assert [(line.tool, line.log_only) for line in only.lines] == [("codex", 1)]


def test_what_was_not_metered_is_told_with_its_reason(ledger: Ledger) -> None:
    noted = [(0, "usage missing: the answer told no counts (codex)"), (9, "usage missing: the answer told no counts (codex)"), (12, "not seen"), (-1, "4")]  # fmt: skip
    told = found(ledger, batch(WIRE, skipped=list(noted)), batch(LOG, skipped=[(0, "not JSON")]))
    assert told.gaps == [
        Gap("further ones in the same files", 4),
        Gap("usage missing: the answer told no counts (codex)", 2),
        Gap("not seen", 1),
    ]


def test_as_json(ledger: Ledger) -> None:
    text = document(found(ledger, batch(LOG, [View(1, tokens=TEN)])))
    assert text.startswith('{"schema": "tallystick.witnesses/1"')
    assert '"log_only": 1' in text
