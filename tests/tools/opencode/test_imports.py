"""What MiMo Code took over from other tools is not told a second time."""

import json

import pytest
from tests.tools.opencode.stored import MINUTE, NOON, Base, Json, answered, counts

from tallystick.tools.opencode import MIMO_CODE
from tallystick.tools.opencode.imports import Imports

TABLE = "CREATE TABLE external_import (source text, source_key text, session_id text, message_ids text, PRIMARY KEY (source, source_key))"
OLDER = "CREATE TABLE claude_import (source_uuid text PRIMARY KEY, session_id text)"


def taken_over(base: Base, **row: Json) -> list[tuple[int, ...]]:
    """Return what counts of a session of three messages, the first two of which came with it."""
    base.session()
    ids = [base.message(answered(NOON + each, counts(each + 1, 1)), NOON + each) for each in range(3)]
    if "message_ids" in row:
        row["message_ids"] = json.dumps(ids[:2]) if row["message_ids"] == "first two" else row["message_ids"]
        base.db.execute(TABLE)
        base.row("external_import", source="cc", source_key="uuid", session_id="ses_a", **row)
    else:
        base.db.execute(OLDER)
        base.row("claude_import", source_uuid="uuid", session_id="ses_a")
    return base.tokens(MIMO_CODE)


def test_messages_that_were_taken_over_do_not_count_and_those_after_them_do(base: Base) -> None:
    assert taken_over(base, message_ids="first two") == [(3, 0, 0, 0, 1, 0)]


@pytest.mark.parametrize("listed", [None, "[]", "{}", "nonsense", 7])
def test_without_a_list_all_of_the_session_was_taken_over(base: Base, listed: Json) -> None:
    assert taken_over(base, message_ids=listed) == []


def test_the_older_table_has_no_list(base: Base) -> None:
    assert taken_over(base) == []


def test_other_sessions_are_not_concerned(base: Base) -> None:
    assert taken_over(base, message_ids=None) == []
    base.session("ses_b")
    base.message(answered(NOON + MINUTE, counts(9, 9)), NOON + MINUTE, "ses_b")
    assert base.tokens(MIMO_CODE) == [(9, 0, 0, 0, 9, 0)]


def test_without_a_table_nothing_was() -> None:
    imports = Imports()
    assert list(imports.learn({"external_import": frozenset(("id",))})) == []
    assert list(imports.of("s")) == []
    assert "m" not in imports
