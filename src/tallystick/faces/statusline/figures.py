"""Figures as a status line has room for them."""

_CENT = 10**10
_MINUTE_MS, _HOUR_MS, _DAY_MS = 60_000, 3_600_000, 86_400_000
_WEEKDAYS = ("Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed")
"""From 1970-01-01 on."""
_NEAR_MS = 20 * _HOUR_MS
"""What is further away is told with its weekday."""
_THOUSAND = 1000


def money(pico: "int | None", unpriced: int, tokens: int) -> str:
    """Return a cost in pico-dollars, with a plus where tokens without a price come to it; without any price the tokens."""
    if pico is None:
        return f"{count(tokens)} tokens, unpriced" if tokens else ""
    more = "+" if unpriced else ""
    if 0 < pico < _CENT // 2:
        return f"<$0.01{more}"
    cents = (pico + _CENT // 2) // _CENT
    return f"${cents // 100:,}.{cents % 100:02}{more}"


def count(number: int) -> str:
    """Return a count in at most four digits and a unit."""
    size, unit = float(number), ""
    for larger in ("k", "M", "G", "T"):
        if size < _THOUSAND - 0.5:
            break
        size, unit = size / _THOUSAND, larger
    return f"{size:.0f}{unit}" if not unit or size >= 99.5 else f"{size:.1f}{unit}"  # noqa: PLR2004


def percent(share: float) -> str:
    """Return a percentage in whole numbers; only what is nothing is 0, and only what is all is 100."""
    if share <= 0:
        return "0%"
    return f"{max(1, min(99, round(share)))}%" if share < 100 else "100%"  # noqa: PLR2004


def points(number: float) -> str:
    """Return points of a window in whole numbers, and in tenths below one."""
    return f"{number:.0f}" if number >= 0.95 else f"{max(number, 0.1):.1f}"  # noqa: PLR2004


def clock(time: int, now: int, ahead: int) -> str:
    """Return a moment on the local clocks, `ahead` of UTC; all in milliseconds, `time` and `now` since 1970."""
    local = time + ahead
    minutes = local % _DAY_MS // _MINUTE_MS
    text = f"{minutes // 60:02}:{minutes % 60:02}"
    return text if abs(time - now) < _NEAR_MS else f"{_WEEKDAYS[local // _DAY_MS % 7]} {text}"
