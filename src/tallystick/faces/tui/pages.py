"""Pages that lie over the picture: a session, why a row is what it is, and the help; each as lines of a width."""

from collections.abc import Sequence
from typing import Final

from tallystick.answers.answer import Figures
from tallystick.answers.events import Event
from tallystick.answers.timeline import Timeline
from tallystick.answers.why import Formula, Why
from tallystick.faces.tui import words
from tallystick.faces.tui.draw import BAR, FAINT, GOOD, PLAIN, STRONG, TITLE, WARNING, Column, Entry, Layout, Line
from tallystick.faces.tui.panels import told_of
from tallystick.usage.period import Zone

_EVENTS: Final = 200
_BAR: Final = 12
_HELP: Final[tuple[tuple[str, str], ...]] = (
    ("", "Looking around"),
    ("1 … 5, Tab", "go to a panel: sessions, models, tools, machines, calls"),
    ("↑ ↓, j k", "choose a row; PgUp, PgDn, Home and End go farther"),
    ("⏎", "open it: a session from its beginning, a call with all that saw it"),
    ("w", "why it is what it is: prices × tokens, and the events behind it"),
    ("Esc", "back"),
    ("", "Choosing"),
    ("/", "show only what fits: shop, tool=codex, model=*opus*, machine=laptop"),
    ("s", "sort the panel by something else; a click on its title does, too"),
    ("z", "another time zone"),
    ("t", "another theme: dark, light, the terminal's own colours"),
    ("r", "ask again now"),
    ("q, Ctrl-C", "leave"),
    ("", "Reading it"),
    ("≈", "an estimate: when a window runs out at this pace, with the band in which 8 of 10 lie"),
    ("│ in a gauge", "where it would be by now if the window were used evenly"),
    ("╌╌╌  –", "not known: the window was reset since it was last told of"),
    ("●", "at work in the last 15 minutes"),
    ("$9.72+", "there are tokens without a price besides"),
    ("Sessions", "are told with what they consumed since yesterday began"),
    ("Costs", "are list prices; a plan may charge otherwise"),
)


def help_lines(width: int) -> list[Line]:
    """Return what the keys do, and how the picture is read."""
    room = max(words.cells(key) for key, _ in _HELP) + 2
    found: list[Line] = []
    for key, text in _HELP:
        if not key:
            found += [(), ((text, TITLE),)]
            continue
        for number, part in enumerate(_wrapped(text, max(width - room, 12))):
            found.append(((f"{'' if number else key:<{room}}", STRONG), (part, PLAIN)))
    return found[1:]


def session_lines(told: Timeline, now: int, width: int) -> list[Line]:
    """Return a session: what it was, what it took, by model and by agent, and its calls, the newest first."""
    first, last = told.reach
    zone = told.zone
    context = told.contexts[-1]
    spans = f"{words.clock(first, zone, now)} to {words.clock(last, zone, now)}"
    found: list[Line] = [
        ((words.clean(told.title) or "(no title)", TITLE), (f"  {words.clean(told.session)}", FAINT)),
        ((" · ".join(words.clean(each) for each in (context.project, context.branch, context.tool) if each), PLAIN),),
        (
            (
                f"{spans}, {words.duration(told.active.active)} at work, {words.counted(len(told.prompts), 'prompt')}",
                FAINT,
            ),
        ),
        (),
        _total("In all", told.totals),
    ]
    for title, rows in (("By model", told.models), ("By agent", told.agents if len(told.agents) > 1 else [])):
        if rows:
            found += [(), ((title, TITLE),), *_shares(rows, width, main="(main line)")]
    return [*found, (), (("Calls, the newest first", TITLE),), *_told(told, now, width)]


def _told(told: Timeline, now: int, width: int) -> list[Line]:
    """Return the calls of a session."""
    columns = (
        Column("time", 12),
        Column("agent", 16, rank=2),
        Column("model"),
        Column("tokens", 44, rank=1),
        Column("so far", 10, right=True),
    )
    pairs = list(zip(told.events, told.costs, strict=True))[-_EVENTS:]
    entries = [
        Entry(
            str(event.number),
            (
                (words.clock(event.time, told.zone, now, seconds=True), FAINT),
                (words.clean(event.context["agent"]), FAINT),
                (words.model(event.variant.model), PLAIN),
                (told_of(event), PLAIN),
                (words.money(cost), STRONG),
            ),
        )
        for event, cost in reversed(pairs)
    ]
    layout = Layout(columns, entries, width)
    return [layout.head(), *map(layout.line, entries)]


def _total(title: str, figures: Figures) -> Line:
    return (
        (f"{title}  ", FAINT),
        (words.money(figures.cost_usd), STRONG),
        (f"  {words.number(figures.total)} tokens  {words.counted(figures.requests, 'call')}", PLAIN),
    )


def _shares(rows: Sequence[tuple[tuple[str, ...], Figures, object]], width: int, main: str) -> list[Line]:
    most = max((figures.priced_pico for _, figures, _ in rows), default=0)
    columns = (Column(""), Column("", 7, right=True), Column("", 11, right=True), Column("", _BAR, rank=1))
    entries = [
        Entry(
            keys[0],
            (
                (words.model(keys[0]) if keys[0] else main, PLAIN),
                (words.number(figures.total), FAINT),
                (words.money(figures.cost_usd), PLAIN),
                (f"{words.bar(figures.priced_pico / most if most else 0, _BAR):<{_BAR}}", BAR),
            ),
        )
        for keys, figures, _ in rows
    ]
    layout = Layout(columns, entries, min(width, 72))
    return [layout.line(entry) for entry in entries]


def why_lines(told: Why, title: str, command: str, width: int) -> list[Line]:
    """Return why a figure is what it is: each price times its tokens, and the events that cost most."""
    found: list[Line] = [((title, TITLE),), _total("In all", told.figures)]
    for formula in told.formulas:
        found += [(), *_formula(formula)]
    zone, now = told.question.period.zone, told.question.now
    if told.events:
        found += [(), (("The events that cost most", TITLE),)]
    for event in told.events:
        moment = words.clock(event.time, zone, now, seconds=True)
        seen = ", ".join(dict.fromkeys([event.counted.witness, *(view.witness for view in event.others)]))
        found.append(
            (
                (f"{moment}  ", FAINT),
                (f"{words.model(event.variant.model)}  {words.number(event.tokens.total)} tokens  ", PLAIN),
                (words.money(event.cost), STRONG),
                (f"  seen by {seen}", FAINT),
            )
        )
        found.append(((f"    {words.clean(event.counted.path)}:{event.counted.place}", FAINT),))
    if told.left_off:
        found.append(((f"and {words.counted(told.left_off, 'event')} more", FAINT),))
    found += [(), (("The same on the command line", TITLE),)]
    return [*found, *(((part, PLAIN),) for part in _wrapped(command, width))]


def _formula(formula: Formula) -> list[Line]:
    variant = formula.variant
    head: Line = (
        (words.clean(variant.model) or "(no name)", STRONG),
        (f"  {words.counted(formula.figures.requests, 'call')}", FAINT),
    )
    if not formula.terms:
        return [head, *(((f"  {words.clean(note)}", WARNING),) for note in formula.notes)]
    lines: list[Line] = [head]
    for term in formula.terms:
        million = term.pico * 1_000_000 / 10**12
        price = f"${term.pico / 10**12:,.4g} each" if term.name == "web_search" else f"${million:,.4g} a million"
        lines.append(
            (
                (f"  {term.name.replace('_', ' '):<15}", PLAIN),
                (f"{term.units:>14,} × {price:<18}", PLAIN),
                (f" = {words.money(term.cost)}", STRONG),
                (f"  {words.clean(term.source)}{f' since {term.since}' if term.since else ''}", FAINT),
            )
        )
    return [*lines, *(((f"  {words.clean(note)}", FAINT),) for note in formula.notes)]


def call_lines(told: Event, zone: Zone, now: int) -> list[Line]:
    """Return one call with everybody who saw it."""
    call = told.event
    found: list[Line] = [
        ((f"Call {call.number}", TITLE), (f"  {words.clock(call.time, zone, now, seconds=True)}", FAINT)),
        ((told_of(call), STRONG),),
        (),
    ]
    facts = [("provider", call.variant.provider), ("model", call.variant.model), *call.context.items()]
    facts += [(name.replace("_", " "), f"{count:,}") for name, count in call.tokens._asdict().items() if count]
    facts += [("state", call.grade), ("tags", ", ".join(told.tags))]
    found += [((f"{name:<16}", FAINT), (words.clean(str(text)), PLAIN)) for name, text in facts if text]
    found += [(), (("Seen by", TITLE),)]
    found.append(((f"{call.witness:<6}", GOOD), (f"{words.clean(call.path)}:{call.place}  this one counts", PLAIN)))
    for view in told.sightings:
        tokens = f"{words.number(view.tokens.prompt)} in, {words.number(view.tokens.output)} out"
        found.append(((f"{view.witness:<6}", FAINT), (f"{words.clean(view.path)}:{view.place}  {tokens}", FAINT)))
    return found


def _wrapped(text: str, width: int) -> list[str]:
    lines, line = [], ""
    for word in text.split(" "):
        if line and words.cells(line) + 1 + words.cells(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line]
