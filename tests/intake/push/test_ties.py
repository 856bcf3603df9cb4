"""Ties: under whatever name a session goes to a server, its totals and its calls are known to be of one session."""

from collections.abc import Iterable
from contextlib import closing
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ledger.engines import ENGINES, LIGHT
from tests.ledger.sample import EVER, LATER, LOG, MAIN, View, batch, reading

from tallystick.intake.push import arrival
from tallystick.intake.push.envelope import Client, encoded, envelope
from tallystick.intake.push.kind import Sender
from tallystick.intake.push.policy import LEAVE_OUT, PSEUDONYM, Policy, Rule, applied
from tallystick.intake.push.ties import tied
from tallystick.ledger.ledger import Batch, Ledger
from tallystick.tools.copilot_cli import COPILOT_CLI
from tallystick.usage.event import Context
from tallystick.usage.identity import key
from tallystick.usage.tokens import Tokens

SLOT: Final = 900_000
GOING: Final = Context("copilot-cli", "5f7c", "/home/dev/p", "main", machine="box", user="dev")
KEY: Final = b"k" * 32
POLICIES: Final = (
    Policy(key=KEY),
    Policy(Rule(session=PSEUDONYM), key=KEY),
    Policy(Rule("leave-out", "leave-out", LEAVE_OUT), key=b"another key" * 3),
)
JOURNAL: Final = LOG._replace(tool="copilot-cli")
STORE: Final = LATER._replace(tool="copilot-cli")
CALLS: Final = [
    batch(JOURNAL, [View(number, time=number * SLOT, tokens=Tokens(10, output=1), context=GOING)])
    for number in (1, 2, 3, 4)
]
TOTALS: Final = [
    batch(STORE, readings=[reading(at * SLOT + 1, Tokens(at * 12, output=at), context=GOING, requests=at)])
    for at in (1, 2, 3, 4)
]
"""What the store knows of each call as it ends: 12 and 1, where the journal told of 10 and 1."""


def pushed(server: Ledger, told: Iterable[Batch], chosen: Policy) -> None:
    """Send batches to a server under a policy."""
    body = encoded(envelope([applied(each, chosen) for each in told], Client("tally", "1"), 5 * SLOT))
    server.add(arrival.take(body, Sender("box", "box", "dev"), 5 * SLOT, server).batches)


def counted(ledger: Ledger) -> dict[str, int]:
    """Return a ledger's sums over all names."""
    rows = [row[4:] for row in ledger.ask("events", **EVER)]
    return {"input": sum(row[0] for row in rows), "output": sum(row[4] for row in rows)}


def test_only_sessions_of_tools_that_keep_totals_are_tied() -> None:
    assert COPILOT_CLI.counts == "derived"
    plain = batch(LOG, [View(1)], readings=[reading(1, Tokens(5))])
    assert tied(plain) is plain
    nameless = batch(LOG, [View(1, context=GOING._replace(session=""))])
    assert tied(nameless) is nameless
    untold = batch(LOG, [View(1)], prompts=[(3, 5, GOING, 0)])
    assert tied(untold) == untold


def test_a_tie_counts_nothing_and_says_no_name() -> None:
    views = [View(1), View(2, context=GOING), View(3, context=GOING._replace(agent="a1"))]
    told = batch(JOURNAL, views, readings=[reading(1, Tokens(5), context=GOING)])
    found = tied(told)
    tie = (key("copilot-cli", "session", "5f7c"), 9, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, None, 0)
    assert found == told._replace(readings=[*told.readings, tie])
    masked = applied(told, POLICIES[2])
    assert b"5f7c" not in encoded(envelope([masked], Client("tally", "1"), 0))
    assert masked.readings == found.readings


@pytest.mark.parametrize("engine", LIGHT)
@given(st.data())
def test_a_server_counts_what_the_machine_counts_however_names_are_hidden(engine: str, data: st.DataObject) -> None:
    with closing(LIGHT[engine]()) as machine, closing(LIGHT[engine]()) as server:
        for each in data.draw(st.permutations([*CALLS, *TOTALS])):
            machine.add([each])
            pushed(server, [each], data.draw(st.sampled_from(POLICIES)))
        # Four calls of 12 and 1.
        assert counted(machine) == {"input": 48, "output": 4}
        assert counted(server) == counted(machine)
        # Everything once more, as after joining anew.
        pushed(server, [*CALLS, *TOTALS], data.draw(st.sampled_from(POLICIES)))
        assert counted(server) == counted(machine)


def untied(told: Batch, chosen: Policy) -> Batch:
    """Return what a client sends that knows of no ties."""
    found = applied(told, chosen)
    return found._replace(readings=[row for row in found.readings if row[1] < 9])


@pytest.mark.parametrize("engine", ENGINES)
def test_what_older_clients_sent_under_a_name_is_found_by_its_meters(engine: str) -> None:
    with closing(ENGINES[engine]()) as server:
        body = [untied(each, POLICIES[0]) for each in (*CALLS[:2], *TOTALS[:2])]
        taken: Any = arrival.take(
            encoded(envelope(body, Client("tally", "0.1"), SLOT)), Sender("box", "box", "dev"), SLOT, server
        )
        server.add(taken.batches)
        pushed(server, [*CALLS[2:], *TOTALS[2:]], POLICIES[1])
        assert counted(server) == {"input": 48, "output": 4}


def test_sessions_of_others_are_not_tied_to_it() -> None:
    other = tied(batch(JOURNAL, [View(1, context=GOING._replace(session="other"))]))
    assert other.readings[0][0] != tied(CALLS[0]).readings[0][0]
    assert tied(batch(LOG, [View(1, context=MAIN)])).readings == []
