"""What is told of alerts: those that are open, those that were, what is muted, the rules, and where alerts go."""

from collections.abc import Sequence
from typing import Final

from tallystick.alerts.choices import Choices
from tallystick.alerts.chronicle import Chronicle, Told
from tallystick.alerts.ending import is_ending, place
from tallystick.alerts.episodes import OPEN
from tallystick.alerts.finding import worded
from tallystick.alerts.keeper import Keeper
from tallystick.alerts.outlets.outlet import To
from tallystick.alerts.pending import Mute, mutes
from tallystick.alerts.rules.shelf import RULES
from tallystick.answers.answer import Details, Moment

SCHEMA: Final = "tallystick.alerts/1"


def told(file: Keeper, chosen: Choices, now: int, most: int) -> Details:
    """Return everything about alerts as the details of an answer; `most` episodes at most. No secret is in it."""
    return shown(Chronicle(file, chosen.rules).told(most), mutes(file, now), chosen, now)


def shown(found: Sequence[Told], muted: Sequence[Mute], chosen: Choices, now: int) -> Details:
    """Return episodes, those that are open first, and everything about alerts, as the details of an answer."""
    switched = {rule.name: rule for rule in chosen.rules}
    return {
        "schema": SCHEMA,
        "now": Moment(now),
        "open": [_episode(each) for each in found if each.episode.state == OPEN],
        "past": [_episode(each) for each in found if each.episode.state != OPEN],
        "muted": [{"what": each.what, "since": Moment(each.since), "until": _moment(each.until)} for each in muted],
        "rules": [
            {
                "rule": rule.name,
                "title": rule.title,
                "on": rule.name in switched,
                "limits": dict(switched.get(rule.name, rule).limits),
            }
            for rule in RULES
        ],
        "to": [_place(each) for each in chosen.to],
    }


def _episode(each: Told) -> Details:
    episode, found = each.episode, each.episode.finding
    return {
        "id": episode.id,
        "rule": episode.rule,
        "key": found.key,
        "level": found.level,
        "title": worded(found.title, found.facts),
        "text": worded(found.text, found.facts),
        "facts": {
            name: [list(pair) for pair in fact] if isinstance(fact, tuple) else fact
            for name, fact in found.facts.items()
        },
        "began": Moment(episode.began),
        "ended": _moment(episode.ended),
        "why": episode.why or None,
        "told": [
            {
                "to": place(one.outlet),
                "over": is_ending(one.outlet),
                "state": one.state,
                "tries": one.tries,
                "time": _moment(one.time),
                "trouble": one.trouble or None,
            }
            for one in each.tellings
        ],
    }


def _place(to: To) -> Details:
    return {
        "name": to.name,
        "kind": to.kind,
        "rules": list(to.rules),
        "levels": list(to.levels),
        "always": to.always,
        "trouble": to.trouble or None,
    }


def _moment(time: int) -> Moment | None:
    return Moment(time) if time else None
