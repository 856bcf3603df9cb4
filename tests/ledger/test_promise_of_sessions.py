"""What every engine keeps about sessions: tags, and the project of calls that know none, in whatever order all of it comes."""

from collections.abc import Sequence
from contextlib import closing
from itertools import permutations

import pytest
from tests.ledger.engines import ENGINES
from tests.ledger.sample import EVER, LATER, LOG, MAIN, View, batch, number

from tallystick.ledger.ledger import Batch, Ledger, Row, Source
from tallystick.usage.event import HIDDEN, Context

OPEN = MAIN._replace(project="", branch="", agent="title")
"""A call that only the wire saw: it knows its session and no project."""
RUN = MAIN._replace(session="run-t1", project="", branch="")
WIRE = Source("/home/dev/spool/1.jsonl", "wire", "wire")
TAG: Row = ("claude-code", "s1", "ticket", "X-1")


def shown(ledger: Ledger) -> dict[tuple[str, ...], tuple[str, str]]:
    """Return project and branch by session, agent and version."""
    return {(row[2], row[5], row[6]): (row[3], row[4]) for row in ledger.ask("contexts")}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("together", [True, False])
def test_a_call_without_a_project_takes_that_of_its_session_in_any_order(engine: str, *, together: bool) -> None:
    inner = MAIN._replace(project=f"{MAIN.project}/inner", branch="aside", version="2.1.301")
    bare = MAIN._replace(branch="", version="2.1.302")
    batches = [
        batch(WIRE, [View(1, context=OPEN)]),
        batch(LOG, [View(2, context=MAIN)]),
        batch(LATER, [View(3, context=inner), View(4, context=bare)]),
    ]
    for order in permutations(batches):
        with closing(ENGINES[engine]()) as ledger:
            for told in [order] if together else [[each] for each in order]:
                ledger.add(told)
            # The folder comes before the one within it; of its branches, one that has a name.
            assert shown(ledger)["s1", "title", "2.1.300"] == (MAIN.project, "main")
            assert shown(ledger)["s1", "", "2.1.302"] == (MAIN.project, "")
            (number,) = {row[0] for row in ledger.ask("contexts") if row[5] == "title"}
            assert ledger.ask("context", context=number)[0][3:5] == (MAIN.project, "main")


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"session": "s2"}, id="another session"),
        pytest.param({"tool": "codex"}, id="another tool"),
        pytest.param({"machine": "laptop"}, id="another machine"),
        pytest.param({"user": "ada"}, id="another user"),
    ],
)
def test_no_other_project_takes_its_place(ledger: Ledger, other: dict[str, str]) -> None:
    ledger.add([batch(LOG, [View(1, context=MAIN._replace(**other)), View(2, context=OPEN)])])
    assert shown(ledger)["s1", "title", "2.1.300"] == ("", "")


def test_without_a_session_nothing_takes_its_place(ledger: Ledger) -> None:
    nowhere = MAIN._replace(session="")
    ledger.add([batch(LOG, [View(1, context=nowhere), View(2, context=nowhere._replace(project="", agent="x"))])])
    assert shown(ledger)["", "x", "2.1.300"] == ("", "main")


@pytest.mark.parametrize("first", [0, 1])
def test_a_project_that_was_left_out_stays_out_and_stands_for_no_other(ledger: Ledger, first: int) -> None:
    hidden = MAIN._replace(project=HIDDEN, branch="", version="9")
    batches = [batch(LOG, [View(1, context=hidden)]), batch(LATER, [View(2, context=OPEN)])]
    ledger.add([batches[first]])
    ledger.add([batches[1 - first]])
    assert shown(ledger) == {("s1", "", "9"): ("", ""), ("s1", "title", "2.1.300"): ("", "")}
    ledger.add([batch(LOG, [View(3, context=MAIN)])])
    assert shown(ledger)["s1", "", "9"] == ("", "")
    assert shown(ledger)["s1", "title", "2.1.300"] == (MAIN.project, "main")


def test_a_tag_is_kept_once_with_its_session(ledger: Ledger) -> None:
    tags: list[Row] = [TAG, ("claude-code", "s1", "ticket", "A-2"), ("codex", "s9", "team", "till")]
    ledger.add([batch(LOG, tags=tags[:2])])
    ledger.add([batch(LATER, tags=tags[1:])])
    assert ledger.ask("tags") == [tags[1], TAG, tags[2]]


def tagged(engine: str, order: Sequence[Batch]) -> list[Row]:
    with closing(ENGINES[engine]()) as ledger:
        for told in order:
            ledger.add([told])
        return ledger.ask("tags")


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_noted_with_a_run_holds_for_the_sessions_that_its_calls_belong_to(engine: str) -> None:
    run: Row = ("claude-code", "run-t1", "ticket", "X-1")
    batches = [
        batch(WIRE, [View(1, context=RUN), View(2, context=RUN)]),
        batch(WIRE._replace(path="/home/dev/spool/2.jsonl"), tags=[run]),
        batch(LOG, [View(1, context=MAIN)]),
    ]
    for order in permutations(batches):
        # The second call is in no log: it stays one of the run.
        assert tagged(engine, order) == [run, TAG]
    # A copy of a session's lines in another one makes nothing of the one hold for the other.
    copies = [batch(LOG, [View(1)], tags=[TAG]), batch(LATER, [View(1, context=MAIN._replace(session="s2"))])]
    assert tagged(engine, copies) == tagged(engine, copies[::-1]) == [TAG]


def test_a_run_that_belongs_to_no_session_names_none(ledger: Ledger) -> None:
    run: Row = ("claude-code", "run-t1", "ticket", "X-1")
    nowhere = Context("claude-code", project="/home/dev/p")
    ledger.add([batch(LOG, [View(1, context=nowhere)]), batch(WIRE, [View(1, context=RUN)], tags=[run])])
    assert ledger.ask("tags") == [run]
    assert [row[2] for row in ledger.ask("events", **EVER)] == [number(ledger, nowhere)]


def test_what_is_noted_with_one_tool_of_a_run_is_not_noted_with_another(ledger: Ledger) -> None:
    script: Row = ("", "run-t1", "ticket", "X-1")
    ledger.add([batch(LOG, [View(1)]), batch(WIRE, [View(1, context=RUN)], tags=[script])])
    assert ledger.ask("tags") == [script]
