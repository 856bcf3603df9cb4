"""Prompts: one for each turn, whoever repeats it."""

import json

import pytest

from tallystick.tools.codex.people import Turns, is_typed


@pytest.mark.parametrize(
    "beginning,announced,plain",
    [
        ("Please mend the fence", True, True),
        ("", True, True),
        ("<environment_context>\n  <cwd>", False, False),
        ("<user_instructions>", False, False),
        ("# AGENTS.md instructions for /home/dev", False, False),
        ("<b>bold</b> should be bolder", True, False),
        ("\n <user_action>", True, False),
    ],
)
def test_what_the_tool_writes_in_a_persons_name_is_no_prompt(beginning: str, announced: bool, plain: bool) -> None:  # noqa: FBT001
    assert is_typed(beginning, announced=True) is announced
    assert is_typed(beginning, announced=False) is plain


def test_a_prompt_counts_once_however_many_lines_repeat_it() -> None:
    turns = Turns()
    turns.begin()
    assert turns.prompt("t1", 0, announced=False) == "t1"
    assert turns.prompt("t1", 0, announced=True) == ""
    turns.begin()
    assert turns.prompt("t2", 3, announced=False) == ""
    assert turns.prompt("t2", 3, announced=True) == "t2"


def test_words_while_the_model_works_belong_to_the_turn() -> None:
    turns = Turns()
    assert turns.prompt("t1", 0, announced=True) == "t1"
    assert turns.prompt("t1", 2, announced=True) == ""


def test_without_turns_a_message_after_an_answer_is_a_new_prompt() -> None:
    turns = Turns()
    assert turns.prompt("", 0, announced=True) == "1"
    assert turns.prompt("", 0, announced=True) == ""
    assert turns.prompt("", 1, announced=True) == "2"


def test_a_state_goes_on_where_another_ended() -> None:
    turns = Turns()
    turns.prompt("t1", 0, announced=True)
    again = Turns(json.loads(json.dumps(turns.state())))
    assert again.announces
    assert again.prompt("t1", 1, announced=True) == ""
    assert again.prompt("t2", 1, announced=True) == "t2"
