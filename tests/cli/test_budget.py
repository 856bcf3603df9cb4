"""`tally budget`: defining, looking, letting through."""

import json
import sqlite3
from contextlib import closing

import pytest
from tests.cli.spending import COST, TOKENS, spend
from tests.cli.stage import Stage

from tallystick.cli.caps import UNKNOWN, path, read


def test_what_is_defined_is_listed(stage: Stage) -> None:
    assert stage.tally("budget", "list").err.startswith("tally: There is no budget yet")
    assert stage.tally("budget", "set", "model=*opus* project=foo", "50usd/week", "--soft", "75%").code == 0
    assert stage.tally("budget", "set", "2M", "tokens/day", "--zone", "Europe/Berlin", "--hard").code == 0
    told = json.loads(stage.tally("budget", "list", "--json").out)
    assert told["schema"] == "tallystick.budgets-defined/1"
    first, second = told["budgets"]
    assert (first["id"], first["filter"], first["amount"]) == ("1", "project=foo model=*opus*", 50.0)
    assert (first["unit"], first["period"], first["zone"], first["soft"], first["hard"]) == ("usd", "week", "UTC", 0.75, False)  # fmt: skip
    assert (second["where"], second["amount"], second["zone"], second["hard"]) == ({}, 2_000_000, "Europe/Berlin", True)
    lines = stage.tally("budget", "list").out.splitlines()
    assert lines[1].split() == ["1", "project=foo", "model=*opus*", "$50.00/week", "75.0", "%", "UTC"]


def test_the_same_budget_is_changed_and_another_removed(stage: Stage) -> None:
    stage.tally("budget", "set", "project=foo", "50usd/week")
    stage.tally("budget", "set", "project=foo", "60usd/week")
    stage.tally("budget", "set", "project=foo", "60usd/day")
    assert [each["amount"] for each in json.loads(stage.tally("budget", "list", "--json").out)["budgets"]] == [
        60.0,
        60.0,
    ]
    assert stage.tally("budget", "remove", "1").code == 0
    assert [each["id"] for each in json.loads(stage.tally("budget", "list", "--json").out)["budgets"]] == ["2"]
    assert stage.tally("budget", "remove", "1").code == 1


@pytest.mark.parametrize(
    "words",
    [
        ["project=foo"],
        ["50usd"],
        ["50usd/year"],
        ["colour=red", "5usd/day"],
        ["5usd/day", "--soft", "0%"],
        ["5usd/day", "--zone", "Moon"],
    ],
)
def test_what_is_no_budget_is_told(stage: Stage, words: list[str]) -> None:
    assert stage.tally("budget", "set", *words).code == 2
    assert stage.tally("budget", "list", "--json").out.count('"id"') == 0


def test_check_tells_the_figures_of_reports_and_exits_by_them(stage: Stage) -> None:
    spend(stage, 3)
    spend(stage, 2, "nobody-knows-1")
    assert stage.tally("budget", "check").code == 0
    stage.tally("budget", "set", "5usd/month")
    assert stage.tally("budget", "check").code == 0
    stage.tally("budget", "set", "project=shop", "model=*opus*", "1usd/month")
    said = stage.tally("budget", "check", "--json")
    assert said.code == 0
    everything, opus = json.loads(said.out)["budgets"]
    assert (everything["used"], everything["unpriced_tokens"], everything["certain"]) == (0.855, 2 * TOKENS, False)
    assert (opus["used"], opus["state"], opus["certain"]) == (3 * COST / 10**12, "soft", True)
    report = json.loads(stage.tally("monthly", "--json").out)["totals"]
    assert (report["cost_usd"], report["unpriced_tokens"]) == (everything["used"], everything["unpriced_tokens"])
    spend(stage, 1)
    said = stage.tally("budget", "check")
    assert said.code == 10
    assert "$1.14" in said.out
    assert "used up" in said.out
    assert "is used up" in said.err
    # Reading nothing new does not change what is known.
    assert stage.tally("budget", "check", "--no-refresh").code == 10


def test_soft_is_told_and_is_no_failure(stage: Stage) -> None:
    spend(stage, 3)
    stage.tally("budget", "set", "1usd/month")
    said = stage.tally("budget", "check")
    assert (said.code, "beyond its soft limit" in said.err) == (0, True)


def test_money_without_a_price_does_not_look_fine(stage: Stage) -> None:
    spend(stage, 1, "nobody-knows-1")
    stage.tally("budget", "set", "100usd/month")
    said = stage.tally("budget", "check")
    assert said.code == 0
    assert "unsure" in said.out
    assert "$0.00+" in said.out
    assert "no price is known for 37.0k tokens" in said.err


def test_a_hard_budget_is_told_to_the_gates_at_once(stage: Stage) -> None:
    spend(stage, 4)
    stage.tally("budget", "set", "100usd/month")
    file = path(str(stage.home / "data"))
    assert read(file) is None
    stage.tally("budget", "set", "project=shop", "1usd/month", "--hard")
    state = read(file)
    assert state is not None
    assert (state.hard, [cap.id for cap in state.caps]) == (1, ["2"])
    (cap,) = state.caps
    assert cap.text.startswith("The budget of $1.00 a month for project=shop is used up: $1.14 since ")
    assert "`tally budget override 2 --for 1h`" in cap.text
    stage.tally("budget", "set", "project=shop", "1usd/month")
    assert read(file) == state._replace(at=read(file).at, hard=0, caps=())  # type: ignore[union-attr]


def test_an_override_lifts_a_cap_for_so_long_or_by_so_much(stage: Stage) -> None:
    spend(stage, 4)
    stage.tally("budget", "set", "1usd/month", "--hard")
    file = path(str(stage.home / "data"))
    assert stage.tally("budget", "override", "1", "--for", "2h").code == 0
    state = read(file)
    assert state is not None
    assert state.caps[0].lifted == pytest.approx(state.at + 7_200_000, abs=10_000)
    told = json.loads(stage.tally("budget", "check", "--json").out)["budgets"][0]
    assert (told["state"], told["lifted_until"] is None) == ("over", False)
    said = stage.tally("budget", "check")
    assert (said.code, "is used up" in said.err, "over its amount, let go until" in said.err) == (0, False, True)
    stage.tally("budget", "override", "1", "--end")
    assert stage.tally("budget", "check").code == 10
    assert [cap.lifted for cap in (read(file) or state).caps] == [0]
    stage.tally("budget", "override", "1", "--more", "0.14usd")
    assert len((read(file) or state).caps) == 1
    assert stage.tally("budget", "check").code == 10
    # 1.14 are used of 1.15.
    stage.tally("budget", "override", "1", "--more", "0.01usd")
    assert (read(file) or state).caps == ()
    said = stage.tally("budget", "check", "--json")
    told = json.loads(said.out)["budgets"][0]
    assert (said.code, told["state"], told["share"], told["more"]) == (0, "soft", 1.14, 0.15)
    stage.tally("budget", "remove", "1")
    assert (read(file) or state).hard == 0


def test_what_is_no_override_is_told(stage: Stage) -> None:
    stage.tally("budget", "set", "1usd/month")
    for words in ([], ["--for", "x"], ["--more", "5 tokens"], ["--for", "1h", "--end"]):
        assert stage.tally("budget", "override", "1", *words).code == 2
    assert stage.tally("budget", "override", "7", "--for", "1h").code == 1
    assert "refuses nothing anyway" in stage.tally("budget", "override", "1", "--for", "1h").err


def test_every_change_is_in_the_audit(stage: Stage) -> None:
    stage.tally("budget", "set", "project=foo", "5usd/day", "--hard")
    stage.tally("budget", "override", "1", "--for", "1h")
    stage.tally("budget", "remove", "1")
    noted = json.loads(stage.tally("server", "audit", "--json").out)["changes"]
    assert [(each["who"], each["action"], each["subject"]) for each in noted] == [
        ("cli", "set budget", "1: project=foo, $5.00 a day (UTC), soft at 0.8, hard"),
        ("cli", "override budget", "1: for 1h"),
        ("cli", "remove budget", "1"),
    ]


def test_a_broken_ledger_opens_the_gates(stage: Stage) -> None:
    spend(stage, 4)
    stage.tally("budget", "set", "1usd/month", "--hard")
    file = path(str(stage.home / "data"))
    assert read(file).caps  # type: ignore[union-attr]
    for name in ("ledger.db", "ledger.db-wal", "ledger.db-shm"):
        (stage.home / "data" / name).write_bytes(b"no ledger" * 100)
    assert stage.tally("budget", "refresh").code != 0
    state = read(file)
    assert state is not None
    assert (state.caps, state.hard) == ((), UNKNOWN)


def test_an_override_counts_also_where_the_ledger_is_broken(stage: Stage) -> None:
    spend(stage, 4)
    stage.tally("budget", "set", "1usd/month", "--hard")
    for name in ("ledger.db", "ledger.db-wal", "ledger.db-shm"):
        (stage.home / "data" / name).write_bytes(b"no ledger" * 100)
    said = stage.tally("budget", "override", "1", "--for", "1h")
    assert (said.code, "nothing is refused for now" in said.err) == (0, True)
    assert read(path(str(stage.home / "data"))).caps == ()  # type: ignore[union-attr]


def test_budgets_that_cannot_be_read_open_the_gates(stage: Stage) -> None:
    spend(stage, 4)
    stage.tally("budget", "set", "1usd/month", "--hard")
    with closing(sqlite3.connect(stage.home / "data" / "access.db")) as file:
        file.execute("PRAGMA user_version = 99")
    assert stage.tally("budget", "refresh").code == 3
    assert read(path(str(stage.home / "data"))).caps == ()  # type: ignore[union-attr]
