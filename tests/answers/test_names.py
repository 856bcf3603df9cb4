"""The names to filter by are those of the ledger's contexts and variants."""

from tests.answers.sample import EVENTS, MAIN, NOBODY, OPUS, SONNET, event, ledger_of

from tallystick.answers.names import names
from tallystick.usage.tokens import Tokens


def test_every_name_is_there_once_and_the_empty_one_is_none() -> None:
    found = names(ledger_of(), ("tool", "agent", "model", "tier"))
    assert sorted(found["tool"]) == sorted({each.context.tool for each in EVENTS})
    assert found["agent"] == ("a1",)
    assert sorted(found["model"]) == sorted({each.variant.model for each in EVENTS})
    assert "standard" in found["tier"]


def test_what_stands_in_most_contexts_comes_first_then_the_latest() -> None:
    places = [("p1", "s1"), ("p2", "s2"), ("p3", "s3"), ("p2", "s4")]
    events = [
        event("2026-11-01T10:00:00", variant, MAIN._replace(project=project, session=session), Tokens(1))._replace(
            key=key
        )
        for key, ((project, session), variant) in enumerate(zip(places, (OPUS, SONNET, NOBODY, OPUS), strict=True))
    ]
    found = names(ledger_of(events, (), (), ()), ("project", "session", "model"))
    assert found["project"] == ("p2", "p3", "p1")
    assert found["session"] == ("s4", "s3", "s2", "s1")
    assert found["model"] == (NOBODY.model, SONNET.model, OPUS.model)


def test_an_empty_ledger_has_none() -> None:
    assert names(ledger_of((), (), (), ()), ("tool", "model")) == {"tool": (), "model": ()}


def test_users_are_named() -> None:
    assert names(ledger_of(), ("user",)) == {"user": ("dev",)}
