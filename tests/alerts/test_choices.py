"""Choices: what the config says, and what is told of one that makes no sense, without its secrets."""

import tomllib
from typing import Any

import pytest

from tallystick.alerts.choices import Choices, Quiet, choices
from tallystick.alerts.rules.shelf import RULES
from tallystick.errors import Misused

SLACK = '[[alerts.to]]\nkind = "slack"\nurl = "https://hooks.slack.example/hunter2"\n'


def chosen(text: str, **environ: str) -> Choices:
    """Return what a config means."""
    said: dict[str, Any] = tomllib.loads(text).get("alerts", {})
    return choices(said, "c.toml", environ)


def test_nothing_said_is_all_rules_and_nobody_told() -> None:
    assert chosen("") == Choices()
    assert chosen("").rules == RULES


def test_rules_are_switched_and_moved() -> None:
    found = chosen("[alerts]\nspend = false\n[alerts.machine]\nsilent_hours = 8\n[alerts.logs]\non = false\n")
    rules = {rule.name: dict(rule.limits) for rule in found.rules}
    assert rules["machine"] == {"silent_hours": 8}
    assert set(rules) == {"budget", "window", "machine", "unpriced"}
    assert dict(next(rule.limits for rule in RULES if rule.name == "machine")) == {"silent_hours": 72}


def test_places_have_names_and_secrets_from_the_environment() -> None:
    text = (
        '[alerts]\nnames = "push"\nquiet = "22:30-7:00"\n'
        '[[alerts.to]]\nkind = "ntfy"\nname = "phone"\nurl = "$NTFY"\nrules = ["budget"]\nlevels = ["critical"]\nalways = true\ntimeout = 3\n'
        '[[alerts.to]]\nkind = "desktop"\n'
        '[[alerts.to]]\nkind = "webhook"\nurl = "https://example.org/"\nsecret = "$MISSING"\nheaders = { A = "$NTFY" }\n'
    )
    found = chosen(text, NTFY="https://ntfy.example/topic")
    phone, desktop, webhook = found.to
    assert (phone.name, phone.said, phone.rules, phone.levels, phone.always, phone.timeout) == (
        *("phone", {"url": "https://ntfy.example/topic"}, ("budget",), ("critical",), True, 3.0),
    )
    assert (desktop.name, desktop.timeout, desktop.trouble) == ("desktop", 10.0, "")
    assert webhook.trouble == "MISSING is not set in the environment"
    assert webhook.said["headers"] == {"A": "https://ntfy.example/topic"}
    assert (found.names, found.quiet) == ("push", Quiet(22 * 60 + 30, 7 * 60))


def test_that_something_is_over_is_told_on_wish() -> None:
    assert [chosen(text).resolved for text in ("", "[alerts]\nresolved = true", "[alerts]\nresolved = false")] == [
        False,
        True,
        False,
    ]


def test_quiet_hours_go_over_midnight() -> None:
    night, day = Quiet(22 * 60, 7 * 60), Quiet(9 * 60, 17 * 60)
    assert [night.holds(hour * 60) for hour in (21, 22, 0, 6, 7, 12)] == [False, True, True, True, False, False]
    assert [day.holds(hour * 60) for hour in (8, 9, 16, 17)] == [False, True, True, False]
    assert not any(Quiet().holds(minute) for minute in range(1440))


@pytest.mark.parametrize(
    "text, told",
    [
        ("[alerts]\nspends = false", "'spends' under [alerts], which means nothing"),
        ("[alerts]\nspend = 1", "spend under [alerts] to 1: it must be true, false or a table"),
        ("[alerts.spend]\nweek = 1", "'week' under [alerts.spend] to 1: known are on, true or false, and deviations, a number"),
        ("[alerts.spend]\nweeks = true", "'weeks' under [alerts.spend] to True"),
        ("[alerts.spend]\nweeks = nan", "'weeks' under [alerts.spend] to nan"),
        ('[alerts]\nquiet = "22-7"', "quiet under [alerts] to '22-7': it must be hours such as"),
        ('[alerts]\nquiet = "25:00-07:00"', "quiet under [alerts]"),
        ("[alerts]\nquiet = 7", "quiet under [alerts] to 7"),
        ("[alerts]\nresolved = 1", "resolved under [alerts] to 1: it must be true or false"),
        ('[alerts]\nnames = "none"', "names under [alerts] to 'none': it must be one of keep, push"),
        ("[alerts]\nto = 7", "to under [alerts] to something else than tables"),
        ('[[alerts.to]]\nkind = "pager"', "kind under [[alerts.to]] to 'pager': it must be one of desktop, webhook"),
        ("[[alerts.to]]\nkind = [7]", "kind under [[alerts.to]] to [7]"),
        ('[[alerts.to]]\nkind = "slack"', "has no url under [[alerts.to]] of the kind slack"),
        (SLACK + "channel = 7", "'channel' under [[alerts.to]] of the kind slack, which means nothing"),
        (SLACK + 'rules = ["budgets"]', "rules under [[alerts.to]] of the kind slack to ['budgets']"),
        (SLACK + "timeout = 0", "timeout under [[alerts.to]] of the kind slack to 0"),
        (SLACK + "always = 1", "always under [[alerts.to]] of the kind slack to 1"),
        (SLACK + 'name = "a\\nb"', "name under [[alerts.to]] of the kind slack"),
        (SLACK + SLACK, "two [[alerts.to]] of the name 'slack'"),
        ('[[alerts.to]]\nkind = "smtp"\nhost = "a"\nfrom = "a@b"\nto = "c@d"\nport = "25"', "port under [[alerts.to]]"),
        ('[[alerts.to]]\nkind = "smtp"\nhost = "a"\nfrom = "a@b"\nto = "c@d"\ntls = "no"', "tls under [[alerts.to]] of the kind smtp to something else than starttls, tls, none"),
        ('[[alerts.to]]\nkind = "slack"\nurl = "hunter2"', "of the kind slack: url must be an address"),
        ('[[alerts.to]]\nkind = "slack"\nurl = ["hunter2"]', "url under [[alerts.to]] of the kind slack to something of another kind"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_told_without_secrets(text: str, told: str) -> None:
    with pytest.raises(Misused) as found:
        chosen(text)
    assert told in str(found.value)
    assert "c.toml" in str(found.value)
    assert "hunter2" not in str(found.value)
