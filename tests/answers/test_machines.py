"""Machines and users: states, bounds, figures and filters, by a small fleet worked out by hand."""

import json
from typing import Any

import pytest
from tests.answers.fleet import ARRIVALS, BATCHES, DAY, HERE, HOUR, LAPTOP, MINUTE, OWN, arrival, on
from tests.answers.sample import MAIN, NOW, OPUS, THOUSAND, asked, at, book_of, event

from tallystick.answers.answers import Answers
from tallystick.answers.as_json import document
from tallystick.answers.machines import Machine, Machines
from tallystick.answers.question import Wish
from tallystick.answers.reports.places import ANY
from tallystick.ledger.ledger import Arrival, Batch
from tallystick.ledger.memory import MemoryLedger

BOOK = book_of()
COST = 285 * 10**9
"""Pico-dollars of one event of a thousand uncached tokens."""


def found(
    batches: tuple[Batch, ...] = BATCHES,
    arrivals: tuple[Arrival, ...] = ARRIVALS,
    since: str = "",
    here: str = HERE,
    **where: list[str],
) -> Machines:
    ledger = MemoryLedger()
    ledger.add(batches, arrivals)
    return Answers(ledger, lambda: BOOK, here).machines(asked(ANY, Wish("machine,user", where), since=since))


def named(machines: Machines) -> dict[str, Machine]:
    return {each.name: each for each in machines.machines}


def test_every_machine_is_known_from_what_it_sent_or_from_its_work() -> None:
    machines = found()
    assert [(each.name, each.state, each.figures.priced_pico) for each in machines.machines] == [
        ("tower", "stale", 3 * COST),
        ("box", "here", 2 * COST),
        ("laptop", "active", COST),
        ("old", "quiet", 0),
        ("runner", "trouble", 0),
    ]
    assert machines.known == (5, 2)
    assert machines.used.totals.priced_pico == 6 * COST


def test_when_each_was_heard_of_and_how_far_it_is_behind() -> None:
    machines = named(found())
    assert (machines["box"].seen, machines["box"].here, machines["box"].paired) == (NOW, True, ())
    assert machines["box"].newest == at("2026-11-01T11:00")
    assert (machines["laptop"].seen, machines["laptop"].paired) == (NOW - MINUTE, ("laptop",))
    assert (machines["tower"].seen, machines["tower"].pending) == (NOW - 3 * DAY - HOUR, 1_200)
    # What does not send was last heard of with its newest event.
    assert machines["old"].seen == machines["old"].newest == at("2026-05-01T08:00")
    assert (machines["runner"].newest, machines["runner"].skewed) == (0, True)
    assert {name: each.users for name, each in machines.items()} == {
        "box": ("ada",),
        "laptop": ("grace",),
        "tower": ("ada",),
        "old": (),
        "runner": (),
    }


def test_users_have_what_was_used_on_all_their_machines() -> None:
    people = {each.name: each for each in found().users}
    assert [each.name for each in found().users] == ["ada", "grace", ""]
    assert (people["ada"].machines, people["ada"].figures.priced_pico) == (("box", "tower"), 5 * COST)
    assert (people["ada"].newest, people["ada"].active) == (at("2026-11-18T08:00"), False)
    assert (people["grace"].newest, people["grace"].active) == (at("2026-11-22T04:14:42"), True)


@pytest.mark.parametrize(
    "ago, state",
    [(0, "lately"), (HOUR, "lately"), (HOUR + 1, "quiet"), (DAY, "quiet"), (DAY + 1, "stale"), (-HOUR, "lately")],
)
def test_states_have_bounds(ago: int, state: str) -> None:
    machines = found((OWN,), (arrival("far", ago),))
    assert named(machines)["far"].state == state


@pytest.mark.parametrize(
    "when, active",
    # The moment of asking is 04:19:42.597.
    [("04:04:42.598", True), ("04:04:42.597", False), ("04:34:42.596", True), ("04:34:42.597", False)],
)
def test_somebody_is_at_work_where_there_was_an_event_within_a_quarter_of_an_hour(when: str, active: bool) -> None:  # noqa: FBT001
    batch = on("far", "ada", event(f"2026-11-22T{when}", OPUS, MAIN, THOUSAND))
    machine = named(found((batch,), (arrival("far", 0),)))["far"]
    assert (machine.active, machine.state) == (active, "active" if active else "lately")


def test_a_clock_that_is_wrong_is_reckoned_with() -> None:
    # Its clock is three hours ahead: what it did a minute ago it takes for what it will have done.
    batch = on("far", "ada", event("2026-11-22T07:18:42", OPUS, MAIN, THOUSAND))
    ahead = arrival("far", 0)._replace(skew_ms=3 * HOUR)
    machines = found((batch,), (ahead,))
    assert (machines.machines[0].active, machines.users[0].active) == (True, True)
    for skew, wrong in ((120_000, False), (120_001, True), (-120_000, False), (-120_001, True)):
        assert named(found((), (ahead._replace(skew_ms=skew),)))["far"].skewed == wrong


def test_the_machine_of_the_ledger_is_at_work_too_and_one_in_trouble_is_in_trouble_first() -> None:
    now = event("2026-11-22T04:19", OPUS, MAIN, THOUSAND)
    assert named(found((on(HERE, "ada", now),), ()))[HERE].state == "active"
    sick = arrival("far", 9 * DAY)._replace(trouble="Its token was revoked.")
    assert named(found((on("far", "ada", now),), (sick,)))["far"].state == "trouble"


def test_what_is_missed_of_a_machine_that_sends_nothing_is_nothing() -> None:
    machines = named(found((LAPTOP, OWN), (), here="elsewhere"))
    assert (machines["box"].state, machines["box"].here) == ("quiet", False)


def test_a_period_matters_to_figures_only() -> None:
    machines = found(since="7d")
    assert {each.name: each.figures.requests for each in machines.machines} == {
        "laptop": 1,
        "tower": 1,
        "box": 0,
        "old": 0,
        "runner": 0,
    }
    assert named(machines)["box"].newest == at("2026-11-01T11:00")


def test_filters_choose_machines_and_users() -> None:
    chosen = found(machine=["t*"])
    assert ([each.name for each in chosen.machines], [each.name for each in chosen.users]) == (["tower"], ["ada"])
    assert chosen.known == (5, 2)
    chosen = found(user=["ADA"])
    assert ([each.name for each in chosen.machines], [each.name for each in chosen.users]) == (
        ["tower", "box"],
        ["ada"],
    )
    assert chosen.used.totals.priced_pico == 5 * COST
    # Of what was used with another tool there is nothing, and the machines are there all the same.
    chosen = found(tool=["codex"])
    assert ([each.figures.requests for each in chosen.machines], chosen.used.totals.requests) == ([0] * 5, 0)


def test_machines_of_one_name_are_one() -> None:
    both = (
        arrival("a", 9 * DAY, name="desk", pending=3)._replace(trouble="Old."),
        arrival("b", HOUR, name="desk", pending=4)._replace(version="0.4.2"),
    )
    (machine,) = found((), both).machines
    assert (machine.name, machine.paired, machine.seen, machine.pending) == ("desk", ("a", "b"), NOW - HOUR, 7)
    assert (machine.version, machine.trouble) == ("0.4.2", "Old.")


def test_as_json() -> None:
    told: Any = json.loads(document(found()))
    assert (told["schema"], told["timezone"], told["now"]) == (
        "tallystick.machines/1",
        "UTC",
        "2026-11-22T04:19:42.597Z",
    )
    assert (told["since"], told["until"]) == ("2026-05-01", "2026-11-22")
    tower, box, _, old, runner = told["machines"]
    # Thrice 37 000 tokens.
    assert (tower["requests"], tower["total"], tower["cost_usd"]) == (3, 111_000, 0.855)
    assert (tower["behind_ms"], tower["pending"], tower["paired_as"]) == (3 * DAY + HOUR, 1_200, ["tower"])
    assert tower["last_seen"] == "2026-11-19T03:19:42.597Z"
    assert (box["behind_ms"], box["last_seen"], box["client"]) == (0, "2026-11-22T04:19:42.597Z", None)
    assert (old["behind_ms"], old["cost_usd"], old["unpriced_tokens"]) == (None, None, 10)
    assert (runner["clock"], runner["skew_ms"], runner["trouble"]) == ("ahead", 10_800_000, "The disk is full.")
    assert (runner["newest"], runner["state"]) == (None, "trouble")
    assert told["users"][0]["machines"] == ["box", "tower"]
    assert told["totals"]["cost_usd"] == 1.71


def test_an_empty_ledger_has_none() -> None:
    machines = found((), ())
    assert (machines.machines, machines.users, machines.known) == ([], [], (0, 0))
