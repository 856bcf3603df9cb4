"""Policy: what of projects, their subagents, branches, sessions and tags leaves this machine, and what only as a pseudonym.

A pseudonym is made with the key of the machine, which never leaves it: the same name is always the same pseudonym, and
nobody who guesses a name can find out that it is the right one. Only the standard library is used here.
"""

import hmac
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from tallystick.intake.push.ties import tied
from tallystick.ledger.ledger import Batch, Row
from tallystick.usage.event import HIDDEN, Context

KEEP: Final = "keep"
PSEUDONYM: Final = "pseudonym"
LEAVE_OUT: Final = "leave-out"
CHOICES: Final = (KEEP, PSEUDONYM, LEAVE_OUT)
FIELDS: Final = ("project", "branch", "session")
_WIRE: Final = "wire"
_DIGITS: Final = 16
_REFERS: Final = {"events": 3, "prompts": 2, "readings": 4}
"""Where a row names its context."""


class Rule(NamedTuple):
    """What becomes of each name."""

    project: str = KEEP
    branch: str = KEEP
    session: str = KEEP


class Policy(NamedTuple):
    """What becomes of the names of all contexts."""

    rule: Rule = Rule()
    paths: tuple[tuple[str, Mapping[str, str]], ...] = ()
    """Patterns of projects, each with what is otherwise there; of several that fit, the later one counts."""
    key: bytes = b""

    @property
    def keeps_all(self) -> bool:
        """Tell whether everything leaves as it is."""
        return self.rule == Rule() and all(each == KEEP for _, other in self.paths for each in other.values())


def policy(said: Mapping[str, Any], home: str, key: bytes) -> Policy:
    """Return the policy that a config tells of (checked by `settings`); `~` in its patterns is the home."""
    paths = [
        (_in_full(each["match"], home), {name: each[name] for name in FIELDS if name in each})
        for each in said.get("paths", ())
    ]
    return Policy(Rule(**{name: said[name] for name in FIELDS if name in said}), tuple(paths), key)


def _in_full(pattern: str, home: str) -> str:
    return home + pattern[1:] if pattern == "~" or pattern.startswith("~/") else pattern


def applied(batch: Batch, chosen: Policy) -> Batch:
    """Return what may leave of a batch; its rows stay in their places, but for titles and tags of what is not kept.

    What ties the names of a session together comes after its readings.
    """
    projects = batch.shown or [context.project for context in batch.contexts]
    batch = tied(batch._replace(shown=[]))
    if chosen.keeps_all:
        return _lean(batch)
    strictest = _strictest(chosen)
    # A log that names no project has none; what the wire saw may be of any, until its session's log has told.
    unknown = strictest if batch.source.witness == _WIRE else chosen.rule
    rules = [rule_of(project, chosen) if project else unknown for project in projects]
    sessions: dict[str, bool] = {}
    tagged: dict[str, bool] = {}
    for context, project, rule in zip(batch.contexts, projects, rules, strict=True):
        # A session that was in a hidden project, too, has no title anywhere.
        sessions[context.session] = sessions.get(context.session, True) and rule.session == KEEP
        # A tag may name what the project is called, so that a hidden project has none.
        told = rule if project else strictest
        tagged[context.session] = tagged.get(context.session, True) and (told.project, told.session) == (KEEP, KEEP)
    return _lean(
        batch._replace(
            source=batch.source._replace(path=pseudonym(chosen.key, batch.source.path)),
            contexts=[_masked(*each, chosen.key) for each in zip(batch.contexts, projects, rules, strict=True)],
            titles=[row for row in batch.titles if sessions.get(row[0], False)],
            tags=[row for row in batch.tags if tagged.get(row[1], False)],
        )
    )


def rule_of(project: str, chosen: Policy) -> Rule:
    """Return what becomes of the names of a project's contexts."""
    rule = chosen.rule
    for pattern, other in chosen.paths:
        if _pattern(pattern).fullmatch(project.replace("\\", "/")):
            rule = rule._replace(**other)
    return rule


def _strictest(chosen: Policy) -> Rule:
    """Return what is done to the names of a project that may be any."""
    every = [chosen.rule, *(chosen.rule._replace(**other) for _, other in chosen.paths)]
    return Rule(*(max(choices, key=CHOICES.index) for choices in zip(*every, strict=True)))


def pseudonym(key: bytes, text: str) -> str:
    """Return the pseudonym of a text; nothing stays nothing."""
    return _digest(key, text) if text else ""


@lru_cache(4096)
def _digest(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode("utf-8", "surrogatepass"), "sha256").hexdigest()[:_DIGITS]


def _masked(context: Context, project: str, rule: Rule, key: bytes) -> Context:
    def shown(text: str, choice: str) -> str:
        return text if choice == KEEP else pseudonym(key, text) if choice == PSEUDONYM else ""

    return context._replace(
        # What is shown with a project that is left out gets none of another one, either.
        project=HIDDEN if project and rule.project == LEAVE_OUT else shown(context.project, rule.project),
        branch=shown(context.branch, rule.branch),
        # People name subagents after what they are for. What these did is not the main line's, also where no name may be told.
        agent=context.agent if rule.project == KEEP else pseudonym(key, context.agent),
        # Running totals belong to sessions, which have to be told apart.
        session=context.session if rule.session == KEEP else pseudonym(key, context.session),
    )


@lru_cache(256)
def _pattern(pattern: str) -> "re.Pattern[str]":
    """Return a pattern of paths: `*` and `?` stand for what is within a folder, `**` for any folders."""
    pattern = pattern.replace("\\", "/").rstrip("/")
    text = ""
    for part in re.split(r"(/\*\*|\*\*|\*|\?)", pattern):
        # What is below a folder is meant with the folder itself.
        text += {"/**": "(?:/.*)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(part) or re.escape(part)
    return re.compile(text, re.DOTALL)


def _lean(batch: Batch) -> Batch:
    """Return a batch without the contexts that no row refers to."""
    used = sorted({row[place] for name, place in _REFERS.items() for row in getattr(batch, name)})
    if len(used) == len(batch.contexts):
        return batch
    numbers = {before: now for now, before in enumerate(used)}
    return batch._replace(
        contexts=[batch.contexts[number] for number in used],
        events=_renumbered(batch.events, _REFERS["events"], numbers),
        prompts=_renumbered(batch.prompts, _REFERS["prompts"], numbers),
        readings=_renumbered(batch.readings, _REFERS["readings"], numbers),
    )


def _renumbered(rows: list[Row], place: int, numbers: Mapping[int, int]) -> list[Row]:
    return [(*row[:place], numbers[row[place]], *row[place + 1 :]) for row in rows]
