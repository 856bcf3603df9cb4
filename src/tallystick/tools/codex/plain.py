"""A line decoded by the standard library: for short tails, unusual layouts, and to say what is wrong.

`msgspec` takes longer to import than a few lines take to decode. What this module returns for a line,
`shape` returns too, faster; a test holds them against one another. What `shape` refuses comes here, so
that a line with one bad field still tells the rest.
"""

import json
from typing import Any, Final, NoReturn

from tallystick.tools.codex.counters import Counts

type Payload = dict[str, Any]
type Window = tuple[float, int, float | str | None, float | None]
"""Per cent used, minutes, when it begins anew (epoch seconds or ISO text), seconds until then."""
type Limits = tuple[str, str, Window | None, Window | None, *tuple[tuple[str, Window], ...]]
"""Name of the limit, name of the plan, primary and secondary window, and further windows by the names that they have."""
type Usage = tuple[Counts | None, Counts | None, str, str, Limits | None]
"""What a `token_count` tells: running totals, last request, model, tier, limits."""
type Record = tuple[Counts, str, str, str]
"""What a `token_usage_record` tells: counts, thread, response, tier."""
type Turn = tuple[str, str, str, str]
"""What a `turn_context` tells: turn, model, folder, tier."""
type Start = tuple[str, float | None]
"""What a `task_started` tells: turn, epoch seconds."""
type Settings = tuple[str, str, str, str]
"""What `thread_settings_applied` tells: thread, model, provider, tier."""

MOST_IN_CALL: Final = 10**10
"""More tokens than this in one request are taken for damage."""
MOST_IN_TOTAL: Final = 10**15


COUNTS: Final = (
    "input_tokens",
    "cached_input_tokens",
    "cache_write_input_tokens",
    "output_tokens",
    "reasoning_output_tokens",
    "cache_read_input_tokens",
)


class Misshapen(ValueError):
    """A line that is not of the expected shape; its text is the reason, without any content."""


def load(raw: bytes | bytearray) -> Payload:
    """Return the JSON object in a line; raise `Misshapen` when there is none."""
    try:
        # Damage inside a text that nobody reads does not take a line's counts away.
        found = json.loads(raw.decode("utf-8", "replace"), strict=False, parse_constant=_refuse)
    except RecursionError:
        raise Misshapen("nested too deeply") from None
    except ValueError:
        raise Misshapen("not JSON") from None
    if not isinstance(found, dict):
        raise Misshapen("not a JSON object")
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


class Fields:
    """Named fields of an object: what is of another type counts as absent, and the first such fault is kept."""

    __slots__ = ("all", "fault")

    def __init__(self, payload: Payload) -> None:
        """Begin without a fault."""
        self.all = payload
        self.fault = ""

    def text(self, name: str) -> str:
        """Return a text, empty when it is null or absent."""
        value = self.all.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            self._wrong(f"{name} is not a text")
            return ""
        try:
            value.encode()
        except UnicodeEncodeError:
            # Half a surrogate pair is no character.
            return value.encode("utf-8", "replace").decode()
        return value

    def whole(self, name: str, most: int = MOST_IN_TOTAL) -> int | None:
        """Return a whole number from 0 on, None when it is null or absent."""
        value = self.all.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
            self._wrong(f"{name} is not a count")
            return None
        return value

    def number(self, name: str) -> float | None:
        """Return any number from 0 on, None when it is null or absent."""
        value = self.all.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST_IN_TOTAL:
            self._wrong(f"{name} is not a number")
            return None
        return float(value)

    def moment(self, name: str) -> float | str | None:
        """Return a number or a text, None when it is null or absent."""
        return self.text(name) if isinstance(self.all.get(name), str) else self.number(name)

    def inner(self, name: str) -> "Fields | None":
        """Return an object's fields, None when it is null or absent."""
        value = self.all.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            self._wrong(f"{name} is not an object")
            return None
        return Fields(value)

    def either(self, name: str) -> "str | Fields | None":
        """Return a text or an object's fields, None when it is null or absent."""
        return self.inner(name) if isinstance(self.all.get(name), dict) else self.text(name) or None

    def has(self, name: str) -> bool:
        """Tell whether a field is there and not null."""
        return self.all.get(name) is not None

    def absorb(self, part: "Fields | None") -> None:
        """Take over the fault of a part."""
        if part and part.fault:
            self._wrong(part.fault)

    def check(self) -> None:
        """Raise `Misshapen` when a field was not of its type."""
        if self.fault:
            raise Misshapen(self.fault)

    def _wrong(self, fault: str) -> None:
        self.fault = self.fault or fault


def usage_of(payload: Payload, *, limits: bool) -> tuple[Usage, str]:
    """Return what a `token_count` tells and, where a part of it is damaged, the reason; raise when its counts are."""
    fields = Fields(payload)
    total = last = None
    model = tier = ""
    info = fields.inner("info")
    fields.check()
    if info:
        total = _counts(info, "total_token_usage", MOST_IN_TOTAL)
        last = _counts(info, "last_token_usage", MOST_IN_CALL)
        model = info.text("model") or info.text("model_name")
        tier = info.text("service_tier")
        fields.absorb(info)
    tier = fields.text("service_tier") or tier
    return (total, last, model, tier, _limits(fields) if limits else None), fields.fault


def record_of(payload: Payload) -> Record:
    """Return what a `token_usage_record` tells; raise `Misshapen` when its counts are damaged or missing."""
    fields = Fields(payload)
    counts = _counts(fields, "usage", MOST_IN_CALL)
    if counts is None:
        raise Misshapen("no usage")
    record = (counts, fields.text("thread_id"), fields.text("response_id"), fields.text("service_tier"))
    fields.check()
    return record


def turn_of(payload: Payload) -> tuple[Turn, str]:
    """Return what a `turn_context` tells, and the reason where a part of it is damaged."""
    fields = Fields(payload)
    turn = (fields.text("turn_id"), fields.text("model"), fields.text("cwd"), fields.text("service_tier"))
    return turn, fields.fault


def start_of(payload: Payload) -> tuple[Start, str]:
    """Return what a `task_started` tells, and the reason where a part of it is damaged."""
    fields = Fields(payload)
    return (fields.text("turn_id"), fields.number("started_at")), fields.fault


def settings_of(payload: Payload) -> tuple[Settings, str]:
    """Return what `thread_settings_applied` tells, and the reason where a part of it is damaged; raise without settings."""
    fields = Fields(payload)
    settings = fields.inner("thread_settings")
    fields.check()
    if settings is None:
        raise Misshapen("no thread_settings")
    model, provider, tier = (settings.text(name) for name in ("model", "model_provider_id", "service_tier"))
    fields.absorb(settings)
    return (fields.text("thread_id"), model, provider, tier), fields.fault


def call_of(payload: Payload) -> tuple[str, str]:
    """Return call id and name of a tool's use or of its result; raise `Misshapen` without an id."""
    fields = Fields(payload)
    call, name = fields.text("call_id"), fields.text("name")
    if not call and payload.get("type") == "local_shell_call":
        # The first versions of the shell's own item had only the item's id.
        call = fields.text("id")
    fields.check()
    if not call:
        raise Misshapen("no call_id")
    return call, name


def _counts(within: Fields, name: str, most: int) -> Counts | None:
    fields = within.inner(name)
    within.check()
    if fields is None:
        return None
    counts = tuple(fields.whole(each, most) or 0 for each in COUNTS)
    fields.check()
    return counts  # type: ignore[return-value]


def _limits(within: Fields) -> Limits | None:
    fields = within.inner("rate_limits")
    if fields is None:
        return None
    # What credits there are is an amount, of which nobody says what it is a part of.
    others = [
        name
        for name, value in fields.all.items()
        if isinstance(value, dict) and name not in _NO_OTHERS and _SHARES & value.keys()
    ]
    limits: Limits = (
        fields.text("limit_id"),
        fields.text("plan_type"),
        _window(fields, "primary"),
        _window(fields, "secondary"),
        *((name, window) for name in others if (window := _window(fields, name))),
    )
    within.absorb(fields)
    return limits


_NO_OTHERS: Final = frozenset(("primary", "secondary", "credits"))
_SHARES: Final = frozenset(("used_percent", "remaining_percent"))
_WHOLE: Final = 100


def _window(within: Fields, name: str) -> Window | None:
    fields = within.inner(name)
    if fields is None:
        return None
    used, minutes, left = (
        fields.number("used_percent"),
        fields.whole("window_minutes") or 0,
        fields.number("resets_in_seconds"),
    )
    rest = fields.number("remaining_percent") if used is None else None
    used = used if rest is None else _WHOLE - rest
    at = fields.moment("resets_at")
    within.absorb(fields)
    return None if used is None else (used, minutes, at, left)
