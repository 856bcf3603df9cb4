"""Besides: where pages get what is in no ledger, the budgets and alerts of this machine, or those of a demo."""

from contextlib import closing
from typing import TYPE_CHECKING, Final

from tallystick.alerts.choices import Choices
from tallystick.alerts.chronicle import Told
from tallystick.alerts.episodes import CALM, ENDED, OPEN, TERM, Episode
from tallystick.alerts.finding import CASE, WARNING, Finding
from tallystick.alerts.rules.shelf import RULES
from tallystick.alerts.told import shown, told
from tallystick.answers.beside import Beside
from tallystick.cli import alerting, budgeted, capped, control, entrance, situated
from tallystick.usage.period import HOUR_MS, Zone

if TYPE_CHECKING:
    from tallystick.answers.answer import Details
    from tallystick.answers.answers import Answers
    from tallystick.cli.budgeted import Known
    from tallystick.settings import Settings

_DAY_H: Final = 24
_PAST: Final = (
    ("machine", 6 * _DAY_H, 9, CALM, "Machine silent: laptop", "Nothing was heard of it for 3 d 2 h: what was used there since is missing in every total."),
    ("spend", 11 * _DAY_H, 4, CALM, "Unusual spend: $31.40 in an hour", "Usually it is less than $6.20 at this time of the week."),
    ("window", 15 * _DAY_H, 2, TERM, "openai codex:300: will run out before its reset", "83 % are used; it is expected to run out 40 min before its reset."),
)  # fmt: skip
"""Of a demo: rule, hours ago, hours that it lasted, why it ended, title and text."""


def of(chosen: "Settings") -> Beside:
    """Return what is kept on this machine."""

    def budgets() -> "Known":
        with closing(budgeted.store(chosen)) as kept:
            return budgeted.known(kept)

    def alerts(_: "Answers", most: int) -> "Details":
        with closing(control.alerts(chosen)) as kept:
            return told(kept, alerting.chosen_alerts(chosen), entrance.now(), most)

    return Beside(budgets, alerts)


def made_up(zone: Zone) -> Beside:
    """Return budgets and alerts of a demo: what is open is what the rules find in its ledger."""
    return Beside(lambda: capped.MADE_UP, lambda answers, most: _episodes(answers, most, zone))


def _episodes(answers: "Answers", most: int, zone: Zone) -> "Details":
    now = entrance.now()
    seen = situated.situation(answers, capped.MADE_UP.budgets, zone, now, unpriced=True)
    begun = now - HOUR_MS // 2
    found = [(rule.name, each) for rule in RULES for each in rule.look(seen, rule.limits) or () if each.state == CASE]
    whole = len(found) + len(_PAST)
    made = [_episode(whole - number, rule, each, begun) for number, (rule, each) in enumerate(found)]
    for number, (rule, ago, lasted, why, title, text) in enumerate(_PAST):
        began = now - ago * HOUR_MS
        finding = Finding(rule, CASE, WARNING, title, text)
        over = _episode(len(_PAST) - number, rule, finding, began)
        made.append(over._replace(state=ENDED, ended=began + lasted * HOUR_MS, why=why))
    return shown([Told(each, ()) for each in made[:most]], (), Choices(), now)


def _episode(number: int, rule: str, finding: Finding, began: int) -> Episode:
    return Episode(number, rule, OPEN, finding, began, began, began, 0, -1)
