"""What a way out is: the kind, what a person has to say about it, and how it is told an alert."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from tallystick.alerts.episodes import WHYS
from tallystick.alerts.finding import CRITICAL, Facts, length, masked, worded

SCHEMA: Final = "tallystick.alert/1"


class Alert(NamedTuple):
    """One alert as it leaves."""

    id: int
    """Of the episode; 0 for a test."""
    rule: str
    level: str
    """`warning` or `critical`."""
    title: str
    text: str
    facts: Facts
    began: int
    """Milliseconds since 1970, UTC."""
    machine: str
    """Where it was noticed."""
    ended: int = 0
    """When it was over, of one that says that it is; 0 of one that says that it is not."""

    @property
    def is_test(self) -> bool:
        """Whether nothing is the case."""
        return self.id == 0

    @property
    def is_urgent(self) -> bool:
        """Whether somebody is to look at once."""
        return self.level == CRITICAL and not self.ended

    @property
    def name(self) -> str:
        """The same for every try, and another one for the end of the same episode."""
        return f"{self.id}-{self.began}{'-over' if self.ended else ''}"

    def told(self) -> dict[str, Any]:
        """Return it as it is sent to programs."""
        return {
            "schema": SCHEMA,
            "id": self.id,
            "test": self.is_test,
            "rule": self.rule,
            "level": self.level,
            "title": self.title,
            "text": self.text,
            "facts": {name: [list(each) for each in fact] if isinstance(fact, tuple) else fact for name, fact in self.facts.items()},
            "began": _moment(self.began),
            "ended": _moment(self.ended) if self.ended else None,
            "machine": self.machine,
        }  # fmt: skip

    def body(self) -> bytes:
        """Return it as JSON in ASCII."""
        import json

        return json.dumps(self.told()).encode()


class Ended(NamedTuple):
    """How a program ended."""

    code: int
    trouble: str = ""
    """Why it could not be run, or that it went on for too long."""


class World(NamedTuple):
    """What ways out need besides the alert."""

    environ: Mapping[str, str]
    platform: str
    """As `sys.platform` has it."""
    now: Callable[[], int]
    """Milliseconds since 1970, UTC."""
    run: Callable[[Sequence[str], bytes, Mapping[str, str], float], Ended]
    """Runs a program with something on its standard input, an environment, and seconds that it may take."""


class To(NamedTuple):
    """One place that alerts go to, as a person has set it up."""

    name: str
    kind: str
    said: Mapping[str, Any]
    """What the kind wants; secrets are in it."""
    rules: tuple[str, ...] = ()
    """Those that it is told of; none means all."""
    levels: tuple[str, ...] = ()
    always: bool = False
    """Whether it is told in quiet hours, too."""
    timeout: float = 10.0
    """Seconds that telling it may take."""
    trouble: str = ""
    """Why it cannot be told anything; such as that a variable is not set."""

    def wants(self, rule: str, level: str) -> bool:
        """Tell whether it is to be told of something."""
        return rule in (self.rules or (rule,)) and level in (self.levels or (level,))


class Field(NamedTuple):
    """Something that is said about a place."""

    kind: type | tuple[type, ...]
    needed: bool = False
    among: tuple[str, ...] = ()


class Outlet(NamedTuple):
    """One kind of place."""

    kind: str
    fields: Mapping[str, Field]
    send: Callable[[Alert, To, World], str]
    """Tells an alert; returns what went wrong, in a few words without secrets, and nothing when all went well."""
    check: Callable[[Mapping[str, Any]], str] = lambda _: ""
    """Returns what is wrong with what a person said of it, as the end of a sentence."""


def _moment(time: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(time / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def alert(
    episode: "Any",  # noqa: ANN401  an Episode, without a knot of imports
    machine: str,
    shown: Callable[[str, str], str] | None = None,
    *,
    ending: bool = False,
) -> Alert:
    """Return an episode, or that it is over, as it leaves, with names as `shown(key, value)` gives them."""
    found = episode.finding
    facts = masked(found.facts, shown) if shown else dict(found.facts)
    title, text = worded(found.title, facts), worded(found.text, facts)
    made = Alert(episode.id, episode.rule, found.level, title, text, facts, episode.began, machine)
    if not ending:
        return made
    lasted = length(episode.ended - episode.began)
    text = f"It ended after {lasted}: {WHYS[episode.why]}. What was told: {text}"
    return made._replace(title=f"Over: {title}", text=text, ended=episode.ended)


def made_up(now: int, machine: str) -> Alert:
    """Return an alert that says that nothing is the case."""
    text = "This is a test of Tallystick's alerts: nothing is wrong, and whoever reads this is told when something is."
    return Alert(0, "test", "warning", "Test: alerts arrive here", text, {}, now, machine)
