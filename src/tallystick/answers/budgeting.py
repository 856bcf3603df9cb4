"""Budgeting: what a person says about a budget, `project=foo 50usd/week --soft 80%`, read into one."""

from collections.abc import Sequence
from typing import Final

from tallystick.answers.asked import FILTERS
from tallystick.answers.budgets import PERIODS, TOKENS, USD, Budget
from tallystick.answers.question import Filters, patterns
from tallystick.errors import Misused
from tallystick.usage.period import DAY_MS, HOUR_MS, Zone

_PICO_DIGITS: Final = 12
_UNITS: Final = {"usd": USD, "$": USD, "dollar": USD, "dollars": USD, "tokens": TOKENS, "token": TOKENS, "tok": TOKENS}
_SCALES: Final = {"k": 3, "m": 6, "b": 9, "g": 9, "t": 12}
"""Powers of ten behind a number of tokens."""
_MOST: Final = 10**24
"""A trillion dollars, which a ledger's whole numbers hold well."""
_DIGITS_MOST: Final = 30
_STRETCHES: Final = {"m": 60_000, "h": HOUR_MS, "d": DAY_MS, "w": 7 * DAY_MS}
_DIGITS_OF_STRETCH: Final = 4
_EXAMPLES: Final = "50usd/week, 12.50usd/day, 2M tokens/day or 1B tokens/month"


def budget(words: Sequence[str], zone: str, soft: str = "80%", *, hard: bool = False) -> Budget:
    """Return the budget, without an id, that the words of a command line tell: filters, then an amount and its period.

    Raise Misused, in one sentence, for what is none.
    """
    told = [word for word in words if "=" not in word]
    where = filters([word for word in words if "=" in word])
    most, unit, period = amount(" ".join(told))
    Zone(zone)
    return Budget("", where, most, unit, period, zone, share(soft), hard)


def filters(words: Sequence[str]) -> Filters:
    """Return filters in the order of those of reports; several stand in one text with blanks between them, or in several."""
    from shlex import shlex

    found: dict[str, list[str]] = {}
    for word in words:
        # Not what a shell does with a backslash: it stands in paths, and before a comma that is one.
        parts = shlex(word, posix=True, punctuation_chars=False)
        parts.whitespace_split, parts.escape, parts.commenters = True, "", ""
        try:
            split = list(parts)
        except ValueError:
            raise Misused(f"{word!r} has a quotation mark without its other one.") from None
        for part in split:
            name, equals, text = part.partition("=")
            if not equals or name.strip().lower() not in FILTERS:
                raise Misused(
                    f"{part!r} is no filter: give one such as project=foo or model=*opus*; known are {', '.join(FILTERS)}."
                )
            found.setdefault(name.strip().lower(), []).extend(patterns([text]))
    if empty := [name for name, texts in found.items() if not texts]:
        raise Misused(f"The filter {empty[0]}= says nothing: give a name, in which * stands for anything.")
    return {name: tuple(dict.fromkeys(found[name])) for name in FILTERS if name in found}


def amount(text: str) -> tuple[int, str, str]:
    """Return an amount (pico-dollars or tokens), its unit and its period of a text such as `50usd/week`; raise Misused for any other."""
    said, slash, period = text.strip().lower().rpartition("/")
    period = period.strip()
    if not slash or period not in PERIODS:
        raise Misused(f"{text!r} is no budget: give an amount and its period, such as {_EXAMPLES}.")
    most, unit = quantity(said)
    return most, unit, period


def quantity(text: str) -> tuple[int, str]:
    """Return an amount without a period, `50usd` or `2M tokens`, and its unit; raise Misused for what is none."""
    said = text.strip().lower().replace("_", "")
    digits = len(said) - len(said.lstrip("0123456789.,$ "))
    head, tail = (said[:digits], said[digits:].strip()) if digits else ("", said)
    dollars = head.startswith("$")
    number = head.removeprefix("$").strip().replace(",", "")
    power = 0
    if tail and tail not in _UNITS and tail[0] in _SCALES:
        power, tail = _SCALES[tail[0]], tail[1:].strip()
    unit = USD if dollars and not tail else _UNITS.get(tail, "")
    if not unit or (dollars and unit != USD):
        raise Misused(f"{text.strip()!r} is no amount: give dollars or tokens, such as {_EXAMPLES}.")
    return _scaled(number, power + (_PICO_DIGITS if unit == USD else 0), text), unit


def _scaled(number: str, power: int, text: str) -> int:
    """Return a decimal number times a power of ten, exactly."""
    whole, _, part = number.partition(".")
    part = part.rstrip("0")
    digits = whole + part
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _DIGITS_MOST) or "." in part:
        raise Misused(f"{text.strip()!r} is no amount: give a number such as 50 or 12.50.")
    if len(part) > power:
        raise Misused(f"{text.strip()!r} is told more finely than anything is counted.")
    found = int(digits + "0" * (power - len(part)))
    if not 0 < found <= _MOST:
        raise Misused(f"{text.strip()!r} is no amount: it must be more than nothing, and less than a trillion dollars.")
    return found


def share(text: str) -> float:
    """Return the part of an amount that a text tells, `80%` or `0.8`; raise Misused for none, and for more than all of it."""
    said = text.strip()
    try:
        found = round(float(said.removesuffix("%")) / (100 if said.endswith("%") else 1), 4)
    except ValueError:
        found = -1
    if not 0 < found <= 1:
        raise Misused(f"--soft {text!r} is no part of the amount: give one such as 80%, at most 100%.")
    return found


def stretch(text: str, option: str = "--for") -> int:
    """Return a stretch of time, `30m`, `2h` or `3d`, in milliseconds; raise Misused for what is none."""
    said = text.strip().lower()
    number, unit = said[:-1], _STRETCHES.get(said[-1:])
    known = number.isascii() and number.isdecimal() and len(number) <= _DIGITS_OF_STRETCH and int(number or "0") > 0
    if unit is None or not known:
        raise Misused(f"{option} {text!r} is no stretch of time: give one such as 30m, 2h, 3d or 1w.")
    return int(number) * unit
