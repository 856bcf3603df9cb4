"""What `/api/stats` tells: every key of tokenfold, with figures worked out by hand, those that it has wrong included.

Opus 4.6 costs 5, 25, 6.25 (10 for an hour) and 0.5 dollars per million tokens of input, output, written to and read from a
cache; Sonnet 4.5 costs 3 and 15 for input and output.
"""

from pathlib import Path
from typing import Any

import pytest
from tests.faces.compat.lent import Lent
from tests.faces.compat.test_tokenfold import KEY, push, served
from tests.faces.compat.tokenfold_world import OPUS, PUSHES, answer, batch, prompt
from tests.intake.push.test_tokenfold import NOON

KEYS = {
    *(
        "cards",
        "daily",
        "models",
        "tools",
        "recent_tools",
        "time_breakdown",
        "projects",
        "model_breakdown",
        "total_cost",
    ),
    *("total_energy_wh", "total_water_ml", "total_orch_cost", "total_agent_cost", "benchmarks", "output_pricing"),
    *(
        "model_pricing",
        "cutoff_date",
        "recency_days",
        "generation_time",
        "data_range",
        "machines",
        "machine_last_active",
    ),
    *("machine_summary", "recent_machine_summary", "machine_daily_cost", "model_order", "hourly", "weekly_budget"),
    *("last_active_ts", "today", "version"),
}
DAY_MS = 86_400_000


def told(server: Lent) -> dict[str, Any]:
    """Return the statistics."""
    found = server.get("/api/stats")
    assert found.status_code == 200, found.text
    return dict(found.json())


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what is told of the world."""
    with served(tmp_path_factory.mktemp("world")) as server:
        for each in PUSHES:
            push(server, each)
        return told(server)


def test_all_of_its_keys_are_there(world: dict[str, Any]) -> None:
    assert len(KEYS) == 31
    assert set(world) == KEYS
    assert set(world["model_breakdown"][0]) >= {
        *("model", "api_calls", "input", "output", "cache_write", "cache_read", "total_tokens", "cost", "main_cost"),
        *("agent_cost", "avg_cost_per_turn", "avg_cost_per_agent", "main_prompts", "agent_invocations", "active_hours"),
        *("cost_per_hour", "output_tok_per_s", "cost_input", "cost_output", "cost_cache_write", "cost_cache_read"),
        *("last_seen", "recent", "recent_input", "recent_output", "recent_cache_write", "recent_cache_read"),
        *("recent_total_tokens", "recent_cost", "recent_main_cost", "recent_agent_cost", "recent_cost_input"),
        *("recent_active_hours", "recent_cost_per_hour", "recent_output_tok_per_s", "energy_wh", "water_ml"),
        *("recent_energy_wh", "recent_water_ml", "all_cost_per_hour", "all_output_tok_per_s"),
    }


def test_an_hour_in_a_cache_has_its_own_price_and_an_unknown_model_has_none(world: dict[str, Any]) -> None:
    models = {each["model"]: each for each in world["model_breakdown"]}
    opus, sonnet, house = models["Opus 4.6"], models["Sonnet 4.5"], models["house-9"]
    # 1 M for an hour 10.00, 1 M for five minutes 6.25, 100 k of input 0.50, 30 k of output 0.75, 1 M read 0.50.
    assert (opus["cost"], opus["cost_cache_write"], opus["cost_input"], opus["cost_output"]) == (18.0, 16.25, 0.5, 0.75)
    assert (opus["cost_cache_read"], opus["recent_cost"], opus["recent_cost_cache_write"]) == (0.5, 8.0, 6.25)
    # 10 k and 1 k on the main line, 100 k and 2 k of the subagent.
    assert (sonnet["cost"], sonnet["main_cost"], sonnet["agent_cost"]) == (0.375, 0.045, 0.33)
    assert (sonnet["agent_invocations"], sonnet["avg_cost_per_agent"]) == (1, 0.33)
    assert (house["cost"], house["unpriced_tokens"], house["cost_input"]) == (None, 5_500, None)
    assert (world["total_cost"], world["total_orch_cost"], world["total_agent_cost"]) == (18.375, 18.045, 0.33)
    assert world["model_pricing"]["Opus 4.6"] == {"input": 5.0, "output": 25.0, "cache_write": 6.25, "cache_read": 0.5}
    assert "house-9" not in world["model_pricing"]
    assert world["model_order"] == ["Opus 4.6", "Sonnet 4.5", "house-9"]


def test_only_what_a_person_asked_for_is_a_prompt_in_every_total(world: dict[str, Any]) -> None:
    assert world["cards"]["human_prompts"] == 4
    assert sum(day["prompts"] for day in world["daily"]) == 4
    assert sum(machine["prompts"] for machine in world["machine_summary"]) == 4
    assert sum(model["main_prompts"] for model in world["model_breakdown"]) == 4
    # Those of today were made at 9 and at 11.
    assert {hour["label"]: hour["prompts"] for hour in world["hourly"] if hour["prompts"]} == {
        "9a": 1,
        "11a": 1,
        "10p": 1,
    }


def test_time_is_that_of_models_and_tools_and_not_of_whoever_waits(world: dict[str, Any]) -> None:
    # 10, 20, 5 and 30 s from request to answer; the nine minutes after the tool's result are nobody's. Its own run took 10 s.
    times = world["time_breakdown"]
    assert (times["thinking"], times["tool_execution"], times["subagent"], times["agent_runs"]) == (65, 10, 30, 1)
    assert (times["recent_thinking"], times["recent_tool_execution"]) == (55, 10)
    assert world["cards"]["active_time_s"] == 75
    assert (world["tools"], world["cards"]["tool_calls"]) == ({"Bash": 1}, 1)


def test_the_recent_days_are_fourteen_and_today_is_today(world: dict[str, Any]) -> None:
    assert (world["cutoff_date"], world["recency_days"]) == ("2026-11-09", 14)
    assert world["data_range"] == "since Nov 8, 2026"
    assert [world["daily"][at]["date"] for at in (0, -1)] == ["2026-11-08", "2026-11-22"]
    assert [day["cost"] for day in world["daily"]] == [10.0] + [0.0] * 12 + [8.0, 0.375]
    assert world["cards"]["sessions"] == 2
    assert world["today"]["sessions"] == 2
    assert {model["model"] for model in world["today"]["model_breakdown"]} == {"Sonnet 4.5", "house-9"}
    assert sum(model["cost"] or 0 for model in world["today"]["model_breakdown"]) == 0.375


def test_projects_and_machines_come_to_the_totals(world: dict[str, Any]) -> None:
    assert [(each["name"], each["cost"], each["recent_cost"]) for each in world["projects"]] == [
        ("dev/shop", 18.375, 8.375),
        ("srv/shop", None, None),
    ]
    assert world["machines"] == ["__script_", "laptop"]
    laptop, other = world["machine_summary"]
    assert laptop == {
        "machine": "laptop",
        "prompts": 3,
        "api_calls": 5,
        "tool_calls": 1,
        "total_tokens": 3_243_000,
        "cost": 18.375,
    }
    assert (other["machine"], other["cost"]) == ("__script_", None)
    assert world["machine_daily_cost"]["laptop"] == [day["cost"] for day in world["daily"]]
    # 2026-11-22T11:30:30Z and 09:01:30Z.
    assert world["machine_last_active"] == {"__script_": NOON / 1000 - 1_770, "laptop": NOON / 1000 - 10_710}
    assert world["last_active_ts"] == NOON / 1000 - 1_770


def test_energy_and_water_are_reckoned_as_there(world: dict[str, Any]) -> None:
    opus = world["model_breakdown"][0]
    # 30 k of output at 2800 Wh a million, and 100 k of input at 560: 84 + 56; 0.9632 mL a Wh.
    assert (opus["energy_wh"], opus["water_ml"]) == (140.0, 134.85)


@pytest.mark.parametrize(
    "zone, costs",
    [
        # In Kolkata (UTC+5:30) it is 17:30; the call at 23:05 was at 4:35 of today, that at 9:00 at 14:30.
        ("Asia/Kolkata", {"4a": 8.0, "2p": 0.375}),
        # In Berlin it is 13:00, and both calls of the evening were after 11 p.m. of yesterday but one.
        ("Europe/Berlin", {"12a": 1.0, "11p": 7.0, "10a": 0.375}),
    ],
)
def test_hours_are_local_ones_also_where_they_begin_at_half_past(
    tmp_path: Path, zone: str, costs: dict[str, float]
) -> None:
    with served(tmp_path, zone=zone) as server:
        for each in PUSHES:
            push(server, each)
        found = told(server)
        assert {hour["label"]: hour["cost"] for hour in found["hourly"] if hour["cost"]} == costs
        labels = ["12a", *(f"{hour}a" for hour in range(1, 12)), "12p", *(f"{hour}p" for hour in range(1, 12))]
        assert [hour["label"] for hour in found["hourly"]] == labels
        assert sum(hour["is_now"] for hour in found["hourly"]) == 1


def test_the_hours_of_a_day_on_which_clocks_go_back_come_to_the_day(tmp_path: Path) -> None:
    # 2026-10-25 in Berlin: at 3:00 it is 2:00 again. Half past two comes twice, at 0:30 and 1:30 UTC.
    later = answer(1, "00:30:00", OPUS, (0, 0, 0, 0, 40_000)) | {
        "timestamp": "2026-10-25T01:30:00.000Z",
        "uuid": "later",
    }
    later["message"] = later["message"] | {"id": "msg_later"}
    sooner = answer(1, "00:30:00", OPUS, (0, 0, 0, 0, 40_000)) | {"timestamp": "2026-10-25T00:30:00.000Z"}
    with served(tmp_path, zone="Europe/Berlin") as server:
        server.clock.now = 1_792_972_740_000  # 2026-10-25T22:59:00Z
        push(server, batch("laptop", "p", "s1.jsonl", sooner, later | {"requestId": "req_later"}))
        found = told(server)
        assert {hour["label"]: hour["cost"] for hour in found["hourly"] if hour["cost"]} == {"2a": 2.0}
        assert [day["cost"] for day in found["daily"]] == [2.0]


def usage(server: Lent, **windows: Any) -> None:  # noqa: ANN401  whatever a vendor says
    """Push usage windows."""
    found = server.post("/api/usage", {"machine": "laptop", "usage": windows}, **{"X-API-Key": KEY})
    assert found.status_code == 200, found.text


def test_a_window_that_has_been_reset_leaves_the_other_as_it_is(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        assert told(server)["weekly_budget"] is None
        for each in PUSHES:
            push(server, each)
        usage(
            server,
            seven_day={"utilization": 42.0, "resets_at": "2026-11-28T23:00:00Z"},
            five_hour={"utilization": 80.0, "resets_at": "2026-11-22T11:00:00Z"},
            seven_day_opus={"utilization": 7.5, "resets_at": "2026-11-28T23:00:00Z"},
        )
        budget = told(server)["weekly_budget"]
        assert (budget["weekly_pct"], budget["five_hour_pct"], budget["opus_pct"]) == (42.0, 0.0, 7.5)
        assert (budget["sonnet_pct"], budget["data_is_stale"]) == (None, True)
        # From 2026-11-21T23:00Z on: the call of 23:05 and those of today.
        assert budget["week_cost"] == 1.375
        assert budget["five_hour_resets_at"] == "2026-11-22T16:00:00.000Z"
        server.clock.now += 60_000
        usage(server, five_hour={"utilization": 3.0, "resets_at": "2026-11-22T16:00:00Z"})
        budget = told(server)["weekly_budget"]
        assert (budget["weekly_pct"], budget["five_hour_pct"], budget["data_is_stale"]) == (42.0, 3.0, False)


def test_without_anything_everything_is_empty(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        found = told(server)
        assert set(found) == KEYS
        assert (found["data_range"], found["daily"], found["machines"], found["last_active_ts"]) == (
            "No data",
            [],
            [],
            None,
        )
        assert len(found["hourly"]) == 24
        push(server, batch("laptop", "p", "s1.jsonl", prompt(22, "09:00:00")))
        assert told(server)["cards"]["human_prompts"] == 1
