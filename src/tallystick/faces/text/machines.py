"""Machines as aligned columns: when each was heard of last, how far behind it is, what was used there, what is wrong."""

from collections.abc import Iterator, Sequence
from typing import Final

from tallystick.answers.machines import Machine, Machines
from tallystick.faces.text import words
from tallystick.faces.text.closer import columns
from tallystick.faces.text.health import ago
from tallystick.usage.period import Zone

_NAME_MOST: Final = 24
_TROUBLE_MOST: Final = 200


def shown(found: Machines, zone: Zone) -> str:
    """Return all machines as text, with what is wrong somewhere beneath."""
    lines = [f"Machines: {words.days(*found.used.days)}", "", *_table(found, zone)] if found.machines else [_NONE]
    return "".join(f"{line}\n" for line in (*lines, *_wrong(found.machines)))


_NONE: Final = "No machine fits."


def _table(found: Machines, zone: Zone) -> list[str]:
    now, prices = found.question.now, found.question.prices
    headings = "Machine User State Last_seen >To_come Newest_event >Requests >Tokens >Cost Client"
    return columns(headings, [_row(each, now, zone, prices=prices) for each in found.machines])


def _row(machine: Machine, now: int, zone: Zone, *, prices: bool) -> list[str]:
    figures = machine.figures
    return [
        _name(machine.name),
        _name(words.listed(machine.users, _NAME_MOST)) if machine.users else "",
        machine.state,
        "now" if machine.here else ago(max(now - machine.seen, 0)) if machine.seen else "never",
        f"{machine.pending:,}" if machine.pending else "",
        words.moment(machine.newest, zone, year=True) if machine.newest else "",
        f"{figures.requests:,}",
        words.number(figures.total, compact=True),
        _cost(machine, prices=prices),
        words.clean(f"{machine.client} {machine.version}".strip()),
    ]


def _cost(machine: Machine, *, prices: bool) -> str:
    cost = machine.figures.cost_usd
    if not prices:
        return ""
    return "unpriced" if cost is None else words.money(cost) + ("+" if machine.figures.unpriced_tokens else "")


def _wrong(machines: Sequence[Machine]) -> Iterator[str]:
    """Yield what is wrong somewhere, each in a sentence."""
    told = []
    for machine in machines:
        name = _name(machine.name)
        if machine.trouble:
            told.append(f"{name}: {words.shortened(words.clean(machine.trouble), _TROUBLE_MOST)}")
        if machine.skewed:
            direction = "ahead" if machine.skew_ms > 0 else "behind"
            told.append(f"{name}: its clock is {words.duration(abs(machine.skew_ms))} {direction}.")
    yield from ["", *told] if told else ()


def _name(text: str) -> str:
    return words.shortened(words.clean(text), _NAME_MOST) or "(none)"
