"""`tally audit` by command line."""

import json

from tests.cli.stage import Stage
from tests.tools.wire.spooled import encoded, line

MODEL = "claude-opus-4-1-20250805"
AT = 1_793_527_200_000
"""2026-11-01T10:00:00Z, when the log's first answer came."""


def spool(stage: Stage) -> None:
    """Have the wire see the first of the log's answers, and one that is in no log."""
    folder = stage.home / "data" / "spool"
    folder.mkdir(parents=True)
    own = {"at": AT, "began": AT - 500, "model": MODEL, "session": "s", "tokens": [10, 0, 0, 0, 20, 0]}
    first = line(**own, id=f"msg_{MODEL}_0", request=f"req_{MODEL}_0")
    missing = line(**own | {"tokens": [0] * 6}, id="msg_x", outcome="missing")
    (folder / "1-2.jsonl").write_bytes(encoded(first, line(**own, id="msg_t", request="req_t"), missing))


def test_both_halves_are_held_against_one_another(stage: Stage) -> None:
    stage.answers(2)
    spool(stage)
    found = stage.tally("audit", "--since", "2026-11-01", "--until", "2026-11-01", "--json")
    assert (found.code, found.err) == (0, "")
    told = json.loads(found.out)
    assert (told["since"], told["until"], told["timezone"]) == ("2026-11-01", "2026-11-01", "UTC")
    (row,) = told["rows"]
    assert (row["both"], row["log_only"], row["wire_only"], row["differing"]) == (1, 1, 1, 0)
    assert told["not_metered"] == [
        {"reason": "usage missing: the answer told no counts (claude-code at api.anthropic.com)", "number": 1}
    ]


def test_as_text(stage: Stage) -> None:
    stage.answers(2)
    spool(stage)
    found = stage.tally("audit", "--since", "2026-11-01")
    assert (found.code, found.err) == (0, "")
    # One call each, of thirty tokens.
    assert "2026-11-01  claude-code  1 (30)        -    1 (30)     1 (30)          -" in found.out
    assert "What the logs of claude-code leave out:" in found.out
    assert "1 × usage missing" in found.out


def test_the_calls_of_the_wire_are_in_the_reports_once(stage: Stage) -> None:
    stage.answers(2)
    spool(stage)
    told = json.loads(stage.tally("daily", "--since", "2026-11-01", "--json").out)
    assert told["totals"]["requests"] == 3
    assert told["totals"]["total"] == 90
    assert told["coverage"]["witnesses"] == {"log": 2, "wire": 2}


def test_without_a_wire_it_says_how_to_get_one(stage: Stage) -> None:
    stage.answers(1)
    assert "tally proxy" in stage.tally("audit", "--since", "2026-11-01").out


def test_usually_it_is_about_the_last_seven_days(stage: Stage) -> None:
    stage.answers(1)
    assert "Nothing was used in this time." in stage.tally("audit", "--until", "2026-10-01").out
    assert json.loads(stage.tally("audit", "--json").out)["since"] is not None


def test_doctor_tells_what_the_wire_could_not_meter(stage: Stage) -> None:
    stage.answers(2)
    assert "The wire" not in stage.tally("doctor").out
    spool(stage)
    told = stage.tally("doctor").out
    assert "The wire" in told
    assert "usage missing: the answer told no counts (claude-code at api.anthropic.com)" in told
