"""The envelope: its tables are those of a batch, column by column."""

from json import loads

from tests.intake.push.test_arrival import NOW, WHOLE

from tallystick.intake.push.envelope import SCHEMA, TABLES, Client, encoded, envelope, rows_in
from tallystick.ledger.ledger import Batch
from tallystick.usage.event import HIDDEN, LimitSample, Prompt, Reading, Tag, Title, ToolCall


def test_the_tables_are_those_of_a_batch_in_its_order() -> None:
    fields = list(Batch._fields)
    start = fields.index("events")
    assert tuple(TABLES) == tuple(fields[start : start + len(TABLES)])
    for name, shape in (
        ("prompts", Prompt),
        ("calls", ToolCall),
        ("limits", LimitSample),
        ("titles", Title),
        ("tags", Tag),
    ):
        assert TABLES[name] == shape._fields
    flat = [name for name in Reading._fields if name not in {"tokens", "variant", "context"}]
    assert [name for name in TABLES["readings"] if name in flat] == flat
    for name in TABLES:
        assert all(len(row) == len(TABLES[name]) for row in getattr(WHOLE, name))


def test_an_envelope_is_json_in_ascii_that_names_its_columns() -> None:
    odd = WHOLE._replace(contexts=[WHOLE.contexts[0]._replace(project="/häuser/\u202e")])
    told = loads(encoded(envelope([odd], Client("tally", "0.1", 2), NOW)).decode("ascii"))
    assert (told["schema"], told["sent_at"]) == (SCHEMA, NOW)
    assert told["client"] == {"name": "tally", "version": "0.1", "pending": 2, "trouble": ""}
    (source,) = told["sources"]
    assert source["contexts"] == [["claude-code", "s1", "/häuser/\u202e", "main", "", "2.1", "told", ""]]
    assert dict(zip(told["columns"]["events"], source["events"][0], strict=True))["cache_write_1h"] == 40
    # The machine is whoever shows its token.
    assert "machine" not in told["columns"]["context"]


def test_rows_of_all_tables_are_counted() -> None:
    assert rows_in(WHOLE) == 9
    assert rows_in(WHOLE._replace(events=[])) == 8


def test_a_project_that_is_not_known_is_told_from_one_that_was_left_out() -> None:
    contexts = [WHOLE.contexts[0]._replace(project=project) for project in ("", HIDDEN)]
    told = loads(encoded(envelope([WHOLE._replace(contexts=contexts)], Client("tally", "0.1"), NOW)))
    assert [(row[2], row[-1]) for row in told["sources"][0]["contexts"]] == [("", "1"), ("", "")]
