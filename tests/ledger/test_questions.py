"""The questions: each text keeps the rules that make it mean the same in every engine."""

import re
from pathlib import Path
from typing import Any

import pytest
from tests.ledger.sample import LOG, QUESTIONS, View, batch, reading

import tallystick.ledger
from tallystick.ledger.ledger import Arrival, Row, Source
from tallystick.ledger.memory import MemoryLedger
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.usage.event import CUT_OFF
from tallystick.usage.tokens import Tokens

ROOM = Path(tallystick.ledger.__file__).parent
TEXTS = sorted((ROOM / "questions").glob("*.sql"))
VALUES: dict[str, int | str] = {
    "since": 0,
    "until": 10,
    "path": "/home/dev/a.jsonl",
    "event": 1,
    "session": "s1",
    "context": 1,
    "variant": 1,
}
OF_GROWTH = ("came", "came_uses", "grown", "newest")
"""Those about what has come to a day, of which an engine may keep no account: then `grown` has no rows, and nobody asks the others."""
VALUES |= {"day": 0, "state": 5, "first": 1, "most": 9}
OF_COPIES = {path.stem for path in TEXTS if path.stem.startswith("all_")}
"""Those that tell everything as it was told, in portions."""
VALUES |= {"least": 0, "named": ""}
EVERY_TEXT = pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)


def statement(path: Path) -> str:
    """Return a question without its comments."""
    return re.sub(r"--.*", "", path.read_text())


def columns() -> set[str]:
    """Return the names of all columns of all tables."""
    ledger = SqliteLedger(":memory:", write=True)
    names = {
        row[0]
        for row in ledger.connection.execute(
            "SELECT c.name FROM sqlite_schema s JOIN pragma_table_info(s.name) c WHERE s.type = 'table'"
        )
    }
    ledger.close()
    return names


def test_each_question_is_known_here() -> None:
    assert {path.stem for path in TEXTS} == {
        *QUESTIONS,
        "days",
        "source",
        "sightings",
        "context",
        "event",
        "keys",
        "quarters",
        "prompts_of",
        "spans_of",
        "tokens_of",
        *OF_GROWTH,
        *OF_COPIES,
    }


@EVERY_TEXT
def test_a_comment_says_what_the_rows_hold(path: Path) -> None:
    first, *_ = path.read_text().splitlines()
    assert re.match(r"-- [A-Z]", first), first
    comment = " ".join(re.findall(r"^-- (.*)", path.read_text(), re.MULTILINE))
    assert comment.rstrip(".)").strip() != ""
    assert re.search(r"\(.+\)|the fields of `Source`", comment), "it does not name the columns"


@EVERY_TEXT
def test_whole_numbers_are_never_divided(path: Path) -> None:
    # ClickHouse divides into a fraction, SQLite and PostgreSQL into a whole number.
    assert "/" not in statement(path)
    assert "%" not in statement(path)


@EVERY_TEXT
def test_no_alias_is_the_name_of_a_column(path: Path) -> None:
    # ClickHouse takes the alias for the column inside the aggregate.
    aliases = {alias.lower() for alias in re.findall(r"\bAS (\w+)", statement(path), re.IGNORECASE)}
    assert not aliases & columns()


@EVERY_TEXT
def test_what_an_aggregate_gives_has_a_name(path: Path) -> None:
    for select in re.findall(r"SELECT (.*?)\bFROM\b", statement(path), re.DOTALL):
        number = len(re.findall(r"\b(?:sum|count|max|min)\((?!\*\) [<>])", select))
        assert len(re.findall(r"\bAS \w+", select)) >= number


@EVERY_TEXT
def test_a_sum_over_nothing_is_nought(path: Path) -> None:
    text = statement(path)
    if "GROUP BY" not in text:
        assert len(re.findall(r"\bsum\(", text)) == len(re.findall(r"\bcoalesce\(sum\(", text))


@EVERY_TEXT
def test_only_what_every_engine_has_is_used(path: Path) -> None:
    words = re.findall(
        r"\b(?:FULL|WITH|RECURSIVE|ILIKE|RETURNING|datetime|strftime|user|json\w*)\b", statement(path), re.IGNORECASE
    )
    assert not words


@EVERY_TEXT
def test_rows_come_in_an_order_or_by_name(path: Path) -> None:
    # Marks and a single source are looked up, not listed.
    assert "ORDER BY" in statement(path) or path.stem in {"marks", "source", "skipped_total"}


@EVERY_TEXT
def test_every_engine_answers_with_rows_of_the_same_width(path: Path) -> None:
    widths = set()
    engines = (MemoryLedger(), SqliteLedger(":memory:", write=True))
    for ledger in engines[1:] if path.stem in OF_GROWTH else engines:
        views = [View(1, time=1, work_ms=1), View(1, time=1, work_ms=1, place=2)]
        more: dict[str, Any] = {
            "calls": [(5, 1, "Read", 1, 2, False)],
            "titles": [("s1", "title", 1)],
            "tags": [("claude-code", "s1", "ticket", "X-1")],
            "skipped": [(1, "not JSON")],
        }
        cut_off = View(9, time=3, context=views[0].context, grade=CUT_OFF)
        limits: list[Row] = [("openai", "primary", 300, 1.0, 0, 1, "", "")]
        prompts: list[Row] = [(1, 1, views[0].context, 0)]
        ledger.add(
            [
                batch(
                    LOG, [*views, cut_off], limits=limits, prompts=prompts, readings=[reading(5, Tokens(90))], **more
                ),
                batch(LOG._replace(path="/home/dev/b"), views)._replace(newer=[("events", "1", "mood", "1")]),
                batch(LOG._replace(path="/home/dev/c", witness="wire"), [View(8, tokens=Tokens())])._replace(
                    renamed=[("machine", "old", "new")]
                ),
            ],
            [Arrival("laptop", "Laptop", "ada", 1)],
        )
        if path.stem == "grown" and isinstance(ledger, SqliteLedger):
            ledger.connection.execute("INSERT INTO grown (day, was, first, whole) VALUES (0, 5, 1, 1)")
        rows = ledger.ask(path.stem, **VALUES)
        assert rows
        widths |= {len(row) for row in rows}
        ledger.close()
    assert len(widths) == 1


@EVERY_TEXT
def test_an_empty_ledger_has_no_rows(path: Path) -> None:
    ledger = SqliteLedger(":memory:", write=True)
    assert ledger.ask(path.stem, **VALUES) == ([(0,)] if path.stem == "skipped_total" else [])
    ledger.close()


def test_a_source_is_answered_with_its_fields_in_their_order() -> None:
    ledger = SqliteLedger(":memory:", write=True)
    ledger.add([batch(LOG)])
    assert Source(*ledger.ask("source", path=LOG.path)[0]) == LOG
    ledger.close()
