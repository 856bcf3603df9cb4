"""One of the periods that tokenfold's statistics tell of: everything that is asked for it, and what is told of its models."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from tallystick.answers.answer import Answer, Figures, Money, Row, added
from tallystick.answers.answers import Answers
from tallystick.answers.calls import Calls
from tallystick.answers.question import Wish, question
from tallystick.answers.report import Report
from tallystick.answers.reports.places import ANY, MACHINES, MODELS, PROJECTS
from tallystick.answers.reports.times import ACTIVITY, CLASSES
from tallystick.answers.reports.work import SESSIONS
from tallystick.answers.shares import Share, Shares
from tallystick.faces.compat.tokenfold_names import display, projects
from tallystick.usage.period import Period

_CLASSES: Final = CLASSES._replace(name="classes-of-models", group_by=("model",), order="model")
_HOUR_MS: Final = 3_600_000
_ALL: Final = Wish(limit=0)


class Model(NamedTuple):
    """What is told of one model, under the name that is shown."""

    figures: Figures
    main: Figures
    agents: Figures
    costs: Mapping[str, int]
    """By class of tokens: pico-dollars (1e-12 USD)."""
    prompts: int
    invocations: int
    """Sessions and kinds of subagents that called it."""
    work_ms: int
    output_per_second: float | None
    last: int
    """Milliseconds since 1970, UTC."""


class Part(NamedTuple):
    """What there was in a period."""

    activity: Answer
    projects: Answer
    machines: Answer
    sessions: Answer
    calls: Calls
    shares: Shares
    models: dict[str, Model]
    agent_runs: int

    @property
    def whole(self) -> Mapping[str, Any]:
        """What is told of all days together."""
        return self.activity.details or {}

    @property
    def times(self) -> dict[str, int]:
        """What took how many seconds; a person's own time is none of it."""
        told = {name: int(self.whole.get(f"{name}_ms", 0)) for name in ("model", "tool", "agent_model", "agent_tool")}
        return {
            "thinking": round(told["model"] / 1000),
            "tool_execution": round(told["tool"] / 1000),
            "subagent": round((told["agent_model"] + told["agent_tool"]) / 1000),
            "agent_runs": self.agent_runs,
        }

    @property
    def tools(self) -> dict[str, int]:
        """The twenty tools that models used most."""
        return {each.name: each.uses.calls for each in self.calls.names[:20]}

    @property
    def minutes(self) -> dict[str, int]:
        """By project, how many minutes its sessions were at work on their main lines."""
        found: defaultdict[str, int] = defaultdict(int)
        for row in self.sessions.rows:
            found[(row.details or {})["project"]] += main_ms(row.details)
        return {project: round(ms / 60_000) for project, ms in found.items()}

    def project_rows(self) -> list[dict[str, Any]]:
        """Return the fifteen projects that cost most."""
        rows, minutes = self.projects.rows[:15], self.minutes
        names = projects(row.keys[0] for row in rows)
        return [
            {"name": names[row.keys[0]], "minutes": minutes.get(row.keys[0], 0), "cost": usd(row.figures.cost_usd)}
            for row in rows
        ]

    def machine_rows(self) -> list[dict[str, Any]]:
        """Return what each machine did, the one with most prompts first."""
        figures = {row.keys[0]: row.figures for row in self.machines.rows}
        names = dict.fromkeys((*figures, *self.shares.machines))
        rows = [_machine(name, figures.get(name, Figures()), self.shares.machines.get(name, Share())) for name in names]
        return sorted(rows, key=lambda row: (-row["prompts"], -row["total_tokens"], row["machine"]))


def part(answers: Answers, span: Period, now: int) -> Part:
    """Ask for everything of a period."""

    def ask(report: Report, wish: Wish = _ALL) -> Answer:
        return answers.ask(question(report, span, wish, now))

    sessions, by_session = ask(SESSIONS), ask(ANY, Wish("session,model,agent", limit=0))
    runs = {(row.keys[0], row.keys[2]) for row in by_session.rows if row.keys[2]}
    return Part(
        ask(ACTIVITY),
        ask(PROJECTS),
        ask(MACHINES),
        sessions,
        answers.calls(question(PROJECTS, span, _ALL, now)),
        answers.shares(span),
        _models(ask(MODELS), ask(_CLASSES), by_session, sessions),
        len(runs),
    )


def usd(cost: Money | int | None) -> float | None:
    """Return an amount in pico-dollars as dollars; None, which is no 0, where nothing has a price."""
    return None if cost is None else round(cost / 1e12, 6)


def main_ms(details: Mapping[str, Any] | None) -> int:
    """Return how long the main line was at work, of the details of a row."""
    return int((details or {}).get("model_ms", 0)) + int((details or {}).get("tool_ms", 0))


def _machine(name: str, figures: Figures, share: Share) -> dict[str, Any]:
    return {
        "machine": name,
        "prompts": share.prompts,
        "api_calls": figures.requests,
        "tool_calls": share.calls,
        "total_tokens": figures.total,
        "cost": usd(figures.cost_usd),
    }


def _models(models: Answer, classes: Answer, by_session: Answer, sessions: Answer) -> dict[str, Model]:
    """Put together what is told of each model; several with one name are one."""
    mains: defaultdict[str, list[Figures]] = defaultdict(list)
    agents: defaultdict[str, list[Figures]] = defaultdict(list)
    invoked: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in by_session.rows:
        session, model, agent = row.keys[0], display(row.keys[1]), row.keys[2]
        (agents if agent else mains)[model].append(row.figures)
        if agent:
            invoked[model].add((session, agent))
    costs: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in classes.rows:
        for name, cost in (row.details or {}).items():
            costs[display(row.keys[0])][name.removesuffix("_usd")] += cost or 0
    prompts = _prompts(by_session, sessions)
    told: defaultdict[str, list[Row]] = defaultdict(list)
    for row in models.rows:
        told[display(row.keys[0])].append(row)
    return {
        name: Model(
            added(row.figures for row in rows),
            added(mains[name]),
            added(agents[name]),
            costs[name],
            prompts.get(name, 0),
            len(invoked[name]),
            *_work([row.details or {} for row in rows]),
        )
        for name, rows in told.items()
    }


def _work(details: Sequence[Mapping[str, Any]]) -> tuple[int, float | None, int]:
    """Return how long models worked, what a second of that gave, and when they were called last."""
    ms = sum(each["work_ms"] for each in details)
    given = sum((each["output_per_second"] or 0) * each["work_ms"] for each in details)
    return ms, given / ms if ms else None, max(each["last"] or 0 for each in details)


def _prompts(by_session: Answer, sessions: Answer) -> dict[str, int]:
    """Return how many prompts fall to each model: those of a session to the models of its main line, by their requests."""
    lines: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in by_session.rows:
        if not row.keys[2]:
            lines[row.keys[0]][display(row.keys[1])] += row.figures.requests
    found: defaultdict[str, int] = defaultdict(int)
    for row in sessions.rows:
        for model, number in _divided((row.details or {})["prompts"], lines[row.keys[0]]):
            found[model] += number
    return found


def _divided(number: int, weights: Mapping[str, int]) -> Iterable[tuple[str, int]]:
    """Divide a number by weights into whole numbers that come to it together."""
    whole, given, passed = sum(weights.values()), 0, 0
    for name, weight in sorted(weights.items()):
        passed += weight
        share = number * passed // whole - given if whole else 0
        given += share
        yield name, share


def hours(ms: int) -> float:
    """Return milliseconds as hours."""
    return ms / _HOUR_MS
