"""Notices: how budgets stand, the worst of them, and what is wrong just now, in a line or two."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from tallystick.faces.tui import words
from tallystick.faces.tui.draw import BAD, FAINT, PLAIN, STRONG, WARNING, Line, Piece, fitted, spread, width_of
from tallystick.faces.tui.state import Besides

_SHOWN: Final = 2
"""Budgets that are told one by one."""
_NAME_MOST, _TITLE_MOST = 28, 60
_PICO: Final = 10**12
_RANKS: Final = ("used up", "let go", "soft", "ok")

type _Told = Mapping[str, Any]


def lines(found: Besides, width: int, now: int) -> list[Line]:
    """Return a line for budgets and alerts, two where one has no room for both, none where there is neither; now is in milliseconds."""
    left, right = _budgets(found.budgets, now), _alerts(found.alerts)
    if left and right and width_of((*left, *right)) + 3 <= width:
        return [spread(left, (*right, (" ", PLAIN)), width)]
    return [fitted(((" ", PLAIN), *line) if line is right else line, width) for line in (left, right) if line]


def brief(found: Besides) -> list[Line]:
    """Return in a few words that something is wrong."""
    right = _alerts(found.alerts)
    return [right[:1]] if right else []


def standing(each: _Told, now: int) -> str:
    """Return in a word how a budget stands: `ok`, `soft`, `used up`, or `let go` where a person lets it be exceeded."""
    if each["used"] < each["amount"]:
        return str(each["state"])
    until = each["lifted_until"]
    lifted = until is not None and datetime.fromisoformat(until).timestamp() * 1000 > now
    return "let go" if lifted or each["state"] != "over" else "used up"


def _budgets(told: Sequence[_Told], now: int) -> Line:
    if not told:
        return ()
    ranked = sorted(told, key=lambda each: (_RANKS.index(standing(each, now)), -each["share"]))
    found: list[Piece] = [(" Budgets  ", FAINT)]
    for number, each in enumerate(ranked[:_SHOWN]):
        name = words.shortened(words.clean(each["filter"] or "everything"), _NAME_MOST)
        more = "" if each["certain"] else "+"
        how = standing(each, now)
        share = words.percent(each["share"])
        shown, tone = {"used up": (how, BAD), "let go": (how, WARNING), "soft": (share, WARNING)}.get(
            how, (share, FAINT)
        )
        found += [(" · ", FAINT)] if number else []
        found += [
            (f"{name} ", PLAIN),
            (f"{_amount(each['used'], each['unit'])}{more}", STRONG),
            (f" of {_amount(each['amount'], each['unit'])}/{each['period']} ", FAINT),
            (shown, tone),
        ]
    if len(ranked) > _SHOWN:
        found.append((f" · {len(ranked) - _SHOWN} more", FAINT))
    return tuple(found)


def _alerts(told: Sequence[_Told]) -> Line:
    if not told:
        return ()
    critical = [each for each in told if each["level"] == "critical"]
    first = (critical or told)[0]
    title = words.shortened(words.clean(first["title"]), _TITLE_MOST)
    rest = "" if len(told) == 1 else " …"
    return (f"! {words.counted(len(told), 'alert')}", BAD if critical else WARNING), (f"  {title}{rest}", FAINT)


def _amount(number: float, unit: str) -> str:
    return words.money(round(number * _PICO)) if unit == "usd" else words.number(round(number))
