"""The chronicle: every episode on disk, so that whoever looks, and however often, one episode is one alert."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from tallystick.alerts.ending import ended
from tallystick.alerts.episodes import COMING, ENDED, OFF, OPEN, TERM, Episode, begun, same_term, step
from tallystick.alerts.finding import CASE, Finding
from tallystick.alerts.keeper import Changing, Keeper
from tallystick.alerts.rules.rule import Rule

_KEPT_MOST: Final = 10_000
"""Episodes that are kept after they have ended."""
_FIELDS: Final = (
    "id, rule, state, key, level, title, text, facts, term, span, first, began, looked, held, calm, ended, why"
)
_SELECT: Final = f"SELECT {_FIELDS} FROM episodes WHERE "  # noqa: S608  names of columns
_GOING_ON: Final = _SELECT + "state != 'ended' ORDER BY id"
_LATEST: Final = _SELECT + "state != 'coming' ORDER BY state = 'ended', id DESC LIMIT ?"
_OF_KEY: Final = _SELECT + "key = ? AND why = ? ORDER BY id DESC LIMIT 20"

type Looks = Mapping[str, Sequence[Finding] | None]
"""What each rule found, by its name; None where that is not known."""


class Telling(NamedTuple):
    """How an alert fared on one way out."""

    outlet: str
    state: str
    """`waiting`, `sending`, `told`, `failed`, or `left`: over before it could be told, or its way out is gone."""
    tries: int
    time: int
    """When it was told or tried last; 0 before."""
    trouble: str


class Told(NamedTuple):
    """An episode and how it was told."""

    episode: Episode
    tellings: tuple[Telling, ...]


class Chronicle:
    """All episodes, where they are kept."""

    def __init__(self, file: Keeper, rules: Sequence[Rule]) -> None:
        """Begin with where they are kept and the rules that are switched on."""
        self.file = file
        self._rules = {rule.name: rule for rule in rules}

    def look(self, looks: Looks, now: int, outlets: Callable[[Episode], Iterable[str]]) -> list[Episode]:
        """Take in what the rules found at a moment; return the episodes that begin.

        They are told by the outlets that are given; so is the end of those that end, for which outlets are given likewise.
        """
        found = any(each.state == CASE for findings in looks.values() for each in findings or ())
        if not found and not self.file.rows(_GOING_ON):
            return []
        with self.file.changing() as db:
            going = {each.finding.key: each for each in map(_episode, db.execute(_GOING_ON))}
            changed: list[Episode] = []
            for each in going.values():
                if each.rule not in self._rules:
                    _keep(db, each._replace(state=ENDED, ended=now, why=OFF) if each.state == OPEN else None, each)
            for name, rule in self._rules.items():
                findings = looks.get(name)
                if findings is not None:
                    mine = {key: each for key, each in going.items() if each.rule == name}
                    changed += _looked(db, rule, findings, mine, now)
            news = [each for each in changed if each.state == OPEN]
            keys = {each.finding.key for each in news}
            for episode in news:
                for outlet in outlets(episode):
                    db.execute("INSERT INTO tellings VALUES (?, ?, 'waiting', 0, ?, 0, '')", (episode.id, outlet, now))
            # What goes on in the next term is told anew, and is not over.
            for episode in (each for each in changed if each.state == ENDED and each.finding.key not in keys):
                ended(db, episode, outlets(episode), now)
            if news:
                db.execute(
                    "DELETE FROM episodes WHERE state = 'ended' AND id <= (SELECT max(id) FROM episodes) - ?",
                    (_KEPT_MOST,),
                )
        return news

    def coming(self) -> list[Episode]:
        """Return what was seen and is no alert yet, because it was not so for long enough."""
        return [each for each in map(_episode, self.file.rows(_GOING_ON)) if each.state == COMING]

    def told(self, most: int) -> list[Told]:
        """Return episodes, those that are open first, then the latest."""
        episodes = [_episode(row) for row in self.file.rows(_LATEST, most)]
        tellings: dict[int, list[Telling]] = {}
        wanted = {each.id for each in episodes}
        if wanted:
            asked = "SELECT episode, outlet, state, tries, time, trouble FROM tellings WHERE episode >= ? ORDER BY episode, outlet"
            for number, *rest in self.file.rows(asked, min(wanted)):
                tellings.setdefault(number, []).append(Telling(*rest))
        return [Told(each, tuple(tellings.get(each.id, ()))) for each in episodes]


def episode_of(db: Changing, number: int) -> Episode:
    """Return the episode of a number, which there must be."""
    return _episode(db.execute(_SELECT + "id = ?", (number,)).fetchone())


def _looked(
    db: Changing, rule: Rule, findings: Sequence[Finding], mine: Mapping[str, Episode], now: int
) -> list[Episode]:
    """Bring one rule's episodes up to date; return those that begin, and those that end."""
    changed = []
    found = {each.key: each for each in map(_storable, findings)}
    mine = _adopted(db, mine, found)
    _mutes_adopted(db, found)
    for key in {**mine, **found}:
        before, finding = mine.get(key), found.get(key)
        after = None
        if before is not None:
            after = step(before, finding, rule, now)
            _keep(db, after, before)
            if after is not None and after.state != before.state:
                changed.append(after)
        if finding is not None and (after is None or after.state == ENDED):
            # What ended at this look with its term may go on in the next.
            changed += _begun(db, rule, finding, now)
    return changed


def _adopted(db: Changing, mine: Mapping[str, Episode], found: Mapping[str, Finding]) -> Mapping[str, Episode]:
    """Return one rule's episodes by their keys, those of things of which more is known by now by their new ones."""
    known = dict(mine)
    # Of several that may be what it was, the one that is the case most likely is.
    for finding in sorted(found.values(), key=lambda each: each.state != CASE):
        before = known.get(finding.former)
        # As long as it is found under its former name, this is another one.
        if before is None or finding.former in found or finding.key in known or not same_term(before.finding, finding):
            continue
        after = before._replace(finding=before.finding._replace(key=finding.key))
        _keep(db, after, before)
        del known[finding.former]
        known[finding.key] = after
    return known


def _mutes_adopted(db: Changing, found: Mapping[str, Finding]) -> None:
    """Have what was muted under the name that a thing had before more was known of it stay so under its new one."""
    former = {each.former for each in found.values() if each.former and each.former not in found}
    for name in former:
        for each in found.values():
            if each.former == name:
                db.execute("INSERT INTO mutes SELECT ?, since, until FROM mutes WHERE what = ? ON CONFLICT (what) DO NOTHING", (each.key, name))  # fmt: skip
        db.execute("DELETE FROM mutes WHERE what = ?", (name,))


def _storable(each: Finding) -> Finding:
    """Return a finding whose keys hold no half characters and no NUL, which JSON may have and no database has."""
    key, former = (
        name.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0") for name in (each.key, each.former)
    )
    return each._replace(key=key, former=former)


def _begun(db: Changing, rule: Rule, finding: Finding, now: int) -> list[Episode]:
    after = begun(rule, finding, now)
    if after is None:
        return []
    for row in db.execute(_OF_KEY, (finding.key, TERM)) if finding.term else ():
        past = _episode(row)
        if past.finding.term and same_term(past.finding, finding):
            # A clock that had jumped has come back: this was told already.
            _keep(db, past._replace(state=OPEN, ended=0, why="", looked=now, calm=-1), past)
            return []
    kept = _added(db, after)
    return [kept] if kept.state == OPEN else []


def _added(db: Changing, each: Episode) -> Episode:
    names = _FIELDS.removeprefix("id, ")
    marks = ", ".join("?" * (names.count(",") + 1))
    (number,) = db.execute(f"INSERT INTO episodes ({names}) VALUES ({marks}) RETURNING id", _row(each)).fetchone()  # noqa: S608  names of columns
    return each._replace(id=number)


def _keep(db: Changing, after: Episode | None, before: Episode) -> None:
    if after is None:
        db.execute("DELETE FROM episodes WHERE id = ?", (before.id,))
    elif after != before:
        names = ", ".join(f"{name.strip()} = ?" for name in _FIELDS.split(",")[1:])
        db.execute(f"UPDATE episodes SET {names} WHERE id = ?", (*_row(after), before.id))  # noqa: S608  names of columns


def _row(each: Episode) -> tuple[str | int, ...]:
    of = each.finding
    facts = json.dumps(dict(of.facts), ensure_ascii=True)
    found = (of.key, of.level, of.title, of.text, facts, of.term, of.span)
    return (each.rule, each.state, *found, *each[4:])


def _episode(row: Sequence[Any]) -> Episode:
    number, rule, state, key, level, title, text, facts, term, span, *rest = row
    said = {
        name: tuple((str(one), str(other)) for one, other in value) if isinstance(value, list) else value
        for name, value in json.loads(facts).items()
    }
    return Episode(number, rule, state, Finding(key, CASE, level, title, text, said, term, span), *rest)
