"""Threads: whose lines they are, and which model, provider and tier are in force."""

import json
from typing import Any

import pytest
from tests.tools.codex.rollouts import Json

from tallystick.tools.codex.plain import Fields
from tallystick.tools.codex.thread import Thread
from tallystick.usage.event import Context, Variant

META = {
    "id": "t1",
    "cwd": "/home/dev/shop",
    "cli_version": "0.98.0",
    "model_provider": "openai",
    "git": {"branch": "main", "commit_hash": "00"},
    "source": "cli",
}


def thread(**fields: Json) -> Thread:
    made = Thread("")
    assert made.meta(Fields({**META, **fields}))
    return made


def test_the_first_beginning_is_the_files_own() -> None:
    made = thread()
    assert made.context == Context("codex", "t1", "/home/dev/shop", "main", "", "0.98.0")
    assert not made.meta(Fields({**META, "id": "parent", "cwd": "/elsewhere"}))
    assert made.meta(Fields({**META, "cwd": "/elsewhere"}))
    assert made.context.project == "/home/dev/shop"


def test_without_a_beginning_the_files_name_tells_the_thread() -> None:
    assert Thread("t9").context.session == "t9"


@pytest.mark.parametrize(
    "fields,agent",
    [
        ({"source": "cli"}, ""),
        ({"source": "exec", "thread_source": "user"}, ""),
        ({"source": {"subagent": {"thread_spawn": {"agent_role": "worker", "agent_nickname": "Mendel"}}}}, "worker"),
        ({"source": {"subagent": {"thread_spawn": {"agent_role": None, "agent_nickname": "Tesla"}}}}, "Tesla"),
        ({"source": {"subagent": {"thread_spawn": {"depth": 1}}}}, "subagent"),
        ({"source": {"subagent": "review"}, "thread_source": "subagent"}, "review"),
        ({"source": {"subagent": {"other": "guardian"}}}, "guardian"),
        ({"source": "cli", "thread_source": "guardian_review"}, "guardian"),
        ({"source": "cli", "thread_source": "subagent", "agent_nickname": "Bohr"}, "Bohr"),
        ({"source": {"subagent": {}}}, "subagent"),
        ({"source": {"custom": "x"}}, ""),
    ],
)
def test_a_thread_that_no_person_leads_has_a_name(fields: dict[str, Any], agent: str) -> None:
    assert thread(**fields).agent == agent


def test_a_fault_in_one_field_leaves_the_others() -> None:
    fields = Fields({**META, "git": "main", "cwd": 7})
    made = Thread("")
    assert made.meta(fields)
    assert (made.id, made.provider, made.context.project) == ("t1", "openai", "")
    assert fields.fault == "git is not an object"


def test_the_latest_turn_tells_the_model_and_the_folder() -> None:
    made = thread(model_provider=None)
    assert made.variant == Variant("openai", "gpt-5")
    made.turn_context(("turn 1", "gpt-5.5", "/home/dev/other", ""), copied=False)
    assert made.variant == Variant("openai", "gpt-5.5")
    assert (made.turn, made.context.project) == ("turn 1", "/home/dev/other")
    made.turn_context(("turn 2", "", "", ""), copied=False)
    assert (made.turn, made.variant.model, made.context.project) == ("turn 2", "gpt-5.5", "/home/dev/other")


def test_a_copied_turn_tells_only_the_model() -> None:
    made = thread()
    made.turn_context(("turn 0", "gpt-5.1", "/home/dev/parent", "flex"), copied=True)
    assert made.variant == Variant("openai", "gpt-5.1")
    assert (made.turn, made.context.project) == ("", "/home/dev/shop")


def test_settings_hold_until_the_next_ones() -> None:
    made = thread()
    made.settings("gpt-5.5", "azure", "priority")
    assert made.variant == Variant("azure", "gpt-5.5", "priority")
    made.turn_context(("turn 1", "gpt-5.6", "", ""), copied=False)
    assert made.variant == Variant("azure", "gpt-5.6", "priority")
    made.settings("", "", "")
    assert made.variant == Variant("azure", "gpt-5.6", "")


def test_a_requests_own_tier_holds_until_the_next_turn() -> None:
    made = thread()
    made.settings("gpt-5.5", "", "fast")
    made.told("", "flex")
    assert made.variant.tier == "flex"
    made.turn_context(("turn 1", "", "", ""), copied=False)
    assert made.variant.tier == "fast"
    made.turn_context(("turn 2", "", "", "default"), copied=False)
    assert made.variant.tier == ""


@pytest.mark.parametrize("tier", ["", "default", "auto", "standard"])
def test_the_standard_tier_has_many_names(tier: str) -> None:
    made = thread()
    made.settings("gpt-5.5", "", tier)
    assert made.variant.tier == ""


def test_turns_that_were_imported_from_elsewhere_are_known() -> None:
    made = thread()
    made.begin("external-import-turn-1")
    assert made.imported
    made.begin("019a3f7c-0001-7000-8000-000000000003")
    assert not made.imported


def test_a_state_goes_on_where_another_ended() -> None:
    made = thread()
    made.turn_context(("turn 1", "gpt-5.5", "/home/dev/other", "flex"), copied=False)
    again = Thread("", json.loads(json.dumps(made.state())))
    assert (again.variant, again.context, again.turn) == (made.variant, made.context, "turn 1")
    assert not again.meta(Fields({**META, "id": "parent"}))


def test_an_id_is_taken_from_a_line_where_nothing_else_tells_it() -> None:
    made = Thread("")
    made.adopt("t5")
    assert made.context.session == "t5"
