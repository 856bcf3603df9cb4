"""Explanations: the formula of a figure with its prices, and the events with their witnesses and places."""

from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import Console
from rich.text import Text

from tallystick.answers.why import GRADES, Formula, Seen, Term, View, Why
from tallystick.faces.text import words
from tallystick.faces.text.as_table import say
from tallystick.faces.text.sheet import FAINT, Cell
from tallystick.usage.event import Variant
from tallystick.usage.period import END, Zone
from tallystick.usage.tokens import Tokens

_LONGEST: Final = 60
"""Columns for a name."""
_MILLION: Final = 10**6
_COUNTED: Final = {
    "exact": "one call, told by a counter",
    "derived": "the difference of two readings of a counter",
    "coarse": "everything before the first reading of a counter, dated coarsely",
}
_NAMES: Final = {
    "input": "input",
    "cache_read": "cache read",
    "cache_write_5m": "cache write 5m",
    "cache_write_1h": "cache write 1h",
    "output": "output",
    "reasoning": "reasoning",
    "web_search": "web search",
}


def show(why: Why, console: Console) -> None:
    """Show an explanation."""
    period = why.question.period
    filters = (f"{name} {words.clean(' or '.join(patterns))}" for name, patterns in why.question.where.items())
    when = words.days(*period.told) if any(period.told) else "all days"
    hours = [" ".join(pair) for pair in why.question.hours.said] if why.question.hours else []
    about = " · ".join((when, *hours, period.zone.name, *filters))
    console.print()
    console.print(Text.assemble(" ", ("Why", "bold"), (f"  {about}", "dim")))
    console.print()
    amount = why.figures.cost_usd
    cost = "without a price" if amount is None else f"{words.exact(amount)}"
    tokens, requests = words.counted(why.figures.total, "token"), words.counted(why.figures.requests, "request")
    console.print(
        Text.assemble(" ", (cost, "bold yellow" if amount is None else "bold"), f" for {requests} and {tokens}")
    )
    for formula in why.formulas:
        console.print()
        for line in _formula(formula, period.zone):
            console.print(line)
    console.print()
    everything = len(why.events) + why.left_off
    title = "Its only event" if everything == 1 else f"The {len(why.events)} costliest of {everything:,} events"
    console.print(
        Text(
            f" {title if why.left_off or everything == 1 else f'All {everything} events, the costliest first'}", "bold"
        )
    )
    for event in why.events:
        for line in _event(event, period.zone):
            # A path is to be copied: it is not cut where the terminal ends.
            console.print(line, soft_wrap=True)
    if why.left_off:
        say(console, Cell("--limit shows more events, --limit 0 all of them.", FAINT))
    console.print()


def _formula(formula: Formula, zone: Zone) -> Iterator[Text]:
    amount = formula.figures.cost_usd
    requests = words.counted(formula.figures.requests, "request")
    yield Text.assemble(
        " ",
        (_name(_called(formula.variant)), "bold"),
        (f"  {requests}", "dim"),
        "  ",
        ("unpriced", "yellow") if amount is None else words.exact(amount),
    )
    origins = {_origin(term) for term in formula.terms}
    about = list(origins) if len(origins) == 1 else [f"as {formula.listing}"] if formula.listing else []
    if formula.above:
        about.append(f"prompts above {formula.above:,} tokens")
    if formula.until < END:
        about.append(f"until {words.moment(formula.until, zone, year=True)}")
    if about:
        yield Text(f"   priced by {', '.join(about)}" if len(origins) == 1 else f"   priced {', '.join(about)}", "dim")
    lines = _products(formula.terms)
    places = [max((len(text) for text in column), default=0) for column in zip(*lines, strict=True)]
    for term, (name, units, price, cost) in zip(formula.terms, lines, strict=True):
        yield Text.assemble(
            f"   {name:<{places[0]}}  {units:>{places[1]}} x {price:>{places[2]}} = {cost:>{places[3]}}",
            (f"  {_origin(term)}" if len(origins) > 1 else "", "dim"),
        )
    for note in formula.notes:
        yield Text(f"   {words.clean(note)}", "yellow" if amount is None else "dim")


def _name(text: str) -> str:
    """Return a name as it can be shown, however long it is and whatever is in it."""
    return words.shortened(words.clean(text), _LONGEST)


def _called(variant: Variant) -> str:
    more = ", ".join(part for part in variant[2:] if part)
    return f"{variant.model or '(no name)'} by {variant.provider}" + (f" ({more})" if more else "")


def _products(terms: Sequence[Term]) -> list[tuple[str, str, str, str]]:
    """Return name, units, price and cost of each term, prices per million and costs each with as many decimals as any needs."""
    prices = [words.exact(term.pico if term.name == "web_search" else term.pico * _MILLION) for term in terms]
    costs = [words.exact(term.cost) for term in terms]
    shown = []
    for term, price, cost in zip(terms, _even(prices), _even(costs), strict=True):
        per = price + ("  " if term.name == "web_search" else "/M")
        shown.append((_NAMES[term.name], f"{term.units:,}", per, cost))
    return shown


def _even(amounts: Sequence[str]) -> list[str]:
    decimals = max((len(amount.partition(".")[2]) for amount in amounts), default=0)
    return [amount + "0" * (decimals - len(amount.partition(".")[2])) for amount in amounts]


def _origin(term: Term) -> str:
    since = f" since {term.since}" if term.since else ""
    return "; ".join((words.clean(term.source) + since, *term.times))


def _event(event: Seen, zone: Zone) -> Iterator[Text]:
    cost = ("unpriced", "yellow") if event.cost is None else (f"{words.exact(event.cost)}", "")
    who = " ".join(part for part in (words.tail(event.project), event.agent and f"agent {event.agent}") if part)
    yield Text.assemble(
        f"   {zone.local(event.time):%Y-%m-%d %H:%M:%S}  ",
        cost,
        f"  {_name(words.undated(event.variant.model))}",
        (f"  {_name(who)}  session {_name(event.session) or '(none)'}", "dim"),
    )
    searches = f", {words.counted(event.web_searches, 'web search', 'web searches')}" if event.web_searches else ""
    yield Text(f"     {_tokens(event.tokens)}{searches}", "dim")
    if event.reading:
        yield Text(f"     {_counter(event, zone)}", "yellow" if event.dated == "coarse" else "dim")
    for view, counts in ((event.counted, True), *((other, False) for other in event.others)):
        yield Text.assemble(
            "     ", (_view(view), "" if counts else "dim"), ("" if counts else _as_other(view, event.tokens), "dim")
        )
    if event.reported_nano is not None:
        yield Text(f"     reported by the tool itself: {words.exact(event.reported_nano * 1000)}", "dim")


def _counter(event: Seen, zone: Zone) -> str:
    """Tell what a reading of a counter stands for, and since when."""
    until = words.moment(event.time, zone, year=True)
    since = words.moment(event.since, zone, year=True) if event.since else "a time that is not known"
    stands = words.counted(event.requests, "request")
    return f"{_COUNTED[event.dated]}: {stands}, from {since} to {until}"


def _tokens(tokens: Tokens) -> str:
    kinds = {name: count for name, count in tokens._asdict().items() if name != "reasoning"}
    told = ", ".join(f"{_NAMES[name]} {count:,}" for name, count in kinds.items() if count)
    return (told or "no tokens") + (f" ({tokens.reasoning:,} of it reasoning)" if tokens.reasoning else "")


def _view(view: View) -> str:
    state = GRADES.get(view.grade, "without counts of the cache")
    return f"{view.witness}  {words.clean(view.path)}:{view.place}  {state}"


def _as_other(view: View, counted: Tokens) -> str:
    same = "the same counts" if view.tokens == counted else f"not counted: {_tokens(view.tokens)}"
    return f"  {'a copy, ' if view.copied else ''}{same}"
