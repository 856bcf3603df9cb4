"""Sessions: their details against the sample, whose gaps are known."""

from tests.answers.sample import CLI, EVENTS, MAIN, OPUS, asked, at, event, ledger_of

from tallystick.answers.answer import Moment
from tallystick.answers.question import Wish
from tallystick.answers.reports.work import SESSIONS
from tallystick.answers.sessions import answer
from tallystick.usage.event import Prompt
from tallystick.usage.tokens import Tokens


def test_what_is_told_of_a_session() -> None:
    found = answer(ledger_of(), None, asked(SESSIONS))
    # The latest first: by prompts, requests, answers and runs of tools.
    assert [row.keys[0] for row in found.rows] == ["s3", "s2", "s1"]
    assert found.rows[2].figures.total == 74_800
    assert found.rows[2].details == {
        "tool": "claude-code",
        "title": "Mend the till",
        "project": "/home/dev/shop",
        "branch": "main",
        # From the prompt on, 30 seconds before the subagent's request went out.
        "first": Moment(at("2026-11-01T10:00:00")),
        "last": Moment(at("2026-11-01T10:20:00")),
        # The model until 10:00:05, two tools that overlap by five seconds until 10:00:20; the subagent's model from
        # 10:00:30 to 10:01:00 and its tool one second longer.
        "active_ms": 20_000 + 31_000,
        "model_ms": 5_000,
        "tool_ms": 15_000,
        "agent_model_ms": 30_000,
        "agent_tool_ms": 1_000,
        "prompts": 1,
        "tool_calls": 3,
    }


def test_a_session_of_which_little_is_known() -> None:
    details = {row.keys[0]: row.details for row in answer(ledger_of(), None, asked(SESSIONS)).rows}["s2"]
    assert details is not None
    assert details["title"] == ""
    assert details["first"] == details["last"] == at("2026-11-01T23:30:00")
    assert (details["active_ms"], details["prompts"], details["tool_calls"]) == (0, 0, 0)


def test_a_session_that_moved_is_told_by_where_most_of_its_tokens_went() -> None:
    events = [
        event("2026-11-01T10:00:00", OPUS, MAIN, Tokens(10)),
        event("2026-11-01T11:00:00", OPUS, MAIN._replace(project="/home/dev/other", branch="b"), Tokens(11)),
        event("2026-11-01T12:00:00", OPUS, MAIN, Tokens(0)),
    ]
    (row,) = answer(ledger_of(events, (), (), ()), None, asked(SESSIONS)).rows
    assert row.details is not None
    assert (row.details["project"], row.details["branch"]) == ("/home/dev/other", "b")


def test_filters_leave_out_what_is_told_of_others() -> None:
    found = answer(ledger_of(), None, asked(SESSIONS, Wish(where={"tool": ["codex"]})))
    assert [row.keys[0] for row in found.rows] == ["s3"]
    # A model's filter divides figures, not time: that of the session stays whole.
    found = answer(ledger_of(), None, asked(SESSIONS, Wish(where={"model": ["*sonnet*"]})))
    assert [row.keys[0] for row in found.rows] == ["s1"]
    assert found.rows[0].figures.total == 800
    assert (found.rows[0].details or {})["prompts"] == 1


def test_of_a_session_in_two_projects_only_the_one_that_fits_is_told() -> None:
    elsewhere = MAIN._replace(project="/home/dev/other")
    events = [
        event("2026-11-01T10:00:00", OPUS, MAIN, Tokens(1), work_ms=4_000),
        event("2026-11-01T12:00:00", OPUS, elsewhere, Tokens(1), work_ms=9_000),
    ]
    prompts = [Prompt(1, at("2026-11-01T09:59:00"), MAIN, 0), Prompt(2, at("2026-11-01T11:59:00"), elsewhere, 0)]
    (row,) = answer(ledger_of(events, prompts, (), ()), None, asked(SESSIONS, Wish(where={"project": ["shop"]}))).rows
    assert row.details is not None
    assert (row.details["prompts"], row.details["model_ms"]) == (1, 4_000)
    assert row.details["last"] == at("2026-11-01T10:00:00")


def test_without_prompts_a_session_begins_with_its_first_request() -> None:
    (row,) = answer(ledger_of(EVENTS[:1], (), (), ()), None, asked(SESSIONS)).rows
    # The answer came at 10:00:05, five seconds after its request.
    assert (row.details or {})["first"] == at("2026-11-01T10:00:00")


def test_only_what_lies_in_the_period_is_told() -> None:
    prompt = asked(SESSIONS, since="2026-11-02")
    assert [row.keys[0] for row in answer(ledger_of(), None, prompt).rows] == ["s3"]


def test_with_another_grouping_there_are_no_details() -> None:
    found = answer(ledger_of(), None, asked(SESSIONS, Wish(by="day")))
    assert {row.keys for row in found.rows} == {("s1", "2026-11-01"), ("s2", "2026-11-01"), ("s3", "2026-11-02")}
    assert all(row.details is None for row in found.rows)


def test_the_limit_counts_sessions() -> None:
    found = answer(ledger_of(), None, asked(SESSIONS, Wish(limit=1)))
    assert [row.keys[0] for row in found.rows] == ["s3"]
    assert found.left_off == 2
    assert found.totals.requests == len(EVENTS)


def test_prompts_before_the_first_answer_begin_a_session() -> None:
    events = [event("2026-11-02T09:00:00", OPUS, CLI, Tokens(1))]
    (row,) = answer(ledger_of(events), None, asked(SESSIONS, Wish(where={"session": ["s3"]}))).rows
    assert (row.details or {})["first"] == at("2026-11-02T08:59:58")
