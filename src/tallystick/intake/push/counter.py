"""Counters: what clients of the Token Usage Server send, which is what a machine's running totals stand at.

A push holds the totals of one GUID on one host. They are kept as readings of counters, one for each model that is told
apart, else one of an unknown model. What begins anew when a total falls is a *count*; a long one is divided, since the
readings of one count are worked out together. The GUID is a credential: it is kept only within what this reader
remembers of its source (`ledger.counters`), and is shown to nobody; elsewhere stands its beginning, or a digest.
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from json import loads
from operator import add, sub
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from tallystick.intake.packing import pack
from tallystick.intake.push.kind import Sender, Taken, Unacceptable
from tallystick.ledger.counters import Counter, Counts, last, name, packed
from tallystick.ledger.ledger import Arrival, Ledger, Source
from tallystick.tools.tool import Found
from tallystick.usage.event import Context, Reading, Variant
from tallystick.usage.identity import key
from tallystick.usage.names import unpaired
from tallystick.usage.tokens import Tokens

TOOL: Final = "token-usage-server"
TOP: Final = ("guid", "hostname", "tokens")
COUNTS: Final = ("inputTokens", "outputTokens", "cacheCreationTokens", "cacheReadTokens")
_MODEL_COUNTS: Final = (*COUNTS, "cacheCreationInputTokens", "cacheReadInputTokens")
"""Within a model later clients call two of them otherwise."""
_MOST: Final = 10**13
"""More tokens than this are damage: sums stay within 64 bits."""
_DEAREST: Final = 10**9
_NAME_MOST: Final = 256
_MODELS_MOST: Final = 200
_DIGITS_MOST: Final = 15
_DIVIDED: Final = 200
"""Readings after which a count is divided."""
_SHOWN: Final = 8

_NOTHING: Final[Counts] = (0, 0, 0, 0)
_NOBODY: Final[Mapping[str, Counts]] = MappingProxyType({})


class Told(NamedTuple):
    """One push that was understood."""

    guid: str
    host: str
    counts: Counts
    models: list[dict[str, Any]]
    """The named fields of each `modelBreakdowns`, as they were sent."""


def take(body: bytes, _: Sender, now: int, ledger: Ledger) -> Taken:
    """Return what a push tells; raise `Unacceptable` for one that is none."""
    told = understood(body)
    path, user = name(told.guid, told.host), user_of(told.guid)
    before, found = last(ledger, path), Found()
    stand = _counted(before, told, path, now, found)
    counter = Counter(*told, now, stand._asdict() | {"base": dict(stand.base), "last": dict(stand.last)})
    source = Source(path, TOOL, "push", mtime=now * 1_000_000, state=packed(counter), last=now)
    batch = pack(found, source, fresh=False, machine=told.host, user=user)
    return Taken([batch], _arrival(told.host, user, now), (200, b'{"status":"success"}'))


def _arrival(host: str, user: str, now: int) -> Arrival:
    # A host only names itself: it changes nothing of a machine that was paired under that name.
    return Arrival(unpaired("counter", host), host, user, now, TOOL)


def user_of(guid: str) -> str:
    """Return what is shown in place of a GUID: its first eight characters, of a short one no more than half."""
    return guid[: min(_SHOWN, len(guid) // 2)]


def understood(body: bytes) -> Told:
    """Return a push by its named fields; raise `Unacceptable`, as the Token Usage Server words it where it has words."""
    try:
        said = loads(body)
    except (ValueError, RecursionError):
        raise Unacceptable(400, "This is no JSON.") from None
    if not isinstance(said, dict) or any(said.get(name) is None for name in TOP):
        raise Unacceptable(400, f"Missing required fields: {', '.join(TOP)}")
    tokens = said["tokens"]
    if not isinstance(tokens, dict) or any(name not in tokens for name in COUNTS):
        raise Unacceptable(400, f"Tokens must include: {list(COUNTS)}")
    models = said.get("modelBreakdowns") or []
    if not isinstance(models, list) or len(models) > _MODELS_MOST:
        raise Unacceptable(400, f"modelBreakdowns must be a list of {_MODELS_MOST} models at most")
    inputs, outputs, written, read = (_count(name, tokens[name]) for name in COUNTS)
    guid, host = _name("guid", said["guid"]), _name("hostname", said["hostname"])
    return Told(guid, host, (inputs, outputs, written, read), [_model(each) for each in models])


def _name(field: str, value: Any) -> str:  # noqa: ANN401  whatever the JSON has
    if not isinstance(value, str) or not value.strip() or len(value) > _NAME_MOST or not value.isprintable():
        raise Unacceptable(400, f"{field} must be a text of {_NAME_MOST} characters at most")
    return value


def _count(field: str, value: Any) -> int:  # noqa: ANN401
    """Return a number of tokens; their server takes texts and fractions for one, too."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= _DIGITS_MOST:
        value = int(value)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= _MOST:
        raise Unacceptable(400, f"{field} must be a number from 0 to {_MOST}")
    return int(value)


def _model(said: Any) -> dict[str, Any]:  # noqa: ANN401
    if not isinstance(said, dict):
        raise Unacceptable(400, "Each of modelBreakdowns must be an object")
    kept: dict[str, Any] = {"modelName": _name("modelName", said.get("modelName"))}
    kept |= {name: _count(name, said[name]) for name in _MODEL_COUNTS if said.get(name) is not None}
    cost = said.get("cost")
    if cost is not None:
        if not isinstance(cost, int | float) or isinstance(cost, bool) or not 0 <= cost <= _DEAREST:
            raise Unacceptable(400, f"cost must be a number from 0 to {_DEAREST}")
        kept["cost"] = cost
    return kept


class _Stand(NamedTuple):
    """Where a count stands."""

    begun: int = 0
    """How many were before it."""
    since: int = 0
    """When it began: milliseconds since 1970, UTC; 0 when that is not known."""
    number: int = 0
    """Readings of it so far."""
    base: Mapping[str, Counts] = _NOBODY
    """By model, what its readings are told without."""
    last: Mapping[str, Counts] = _NOBODY
    """By model, what was told last."""

    def anew(self, base: Mapping[str, Counts], since: int) -> "_Stand":
        """Return the count after this one, without anything that was told."""
        return _Stand(self.begun + 1, since, 0, dict(base))


def _stand_of(kept: Mapping[str, Any]) -> _Stand:
    """Return where a count stood, as it was kept."""
    base, told = ({model: _counts(counts) for model, counts in kept[each].items()} for each in ("base", "last"))
    return _Stand(kept["begun"], kept["since"], kept["number"], base, told)


def _counted(before: Counter | None, told: Told, path: str, now: int, found: Found) -> _Stand:
    """Add the readings of a push to what is found, and return where the count stands."""
    by_model = _by_model(told)
    stand = _stand_of(before.stand) if before else _Stand()
    if before is None:
        more = by_model
    elif _fell(told.counts, before.counts):
        # Whatever came since it began anew is what it stands at now.
        stand, more = stand.anew({}, before.time), by_model
    elif any(_fell(by_model.get(model, _NOTHING), counts) for model, counts in stand.last.items()):
        # Models are told apart that were not before, or no more: what came since is known, but not of which model.
        since = map(sub, told.counts, before.counts)
        unknown = _counts(map(add, stand.last.get("", _NOTHING), since))
        _read(stand, path, {"": unknown}, now, found)
        return stand.anew(by_model, now)._replace(last=by_model)
    else:
        if stand.number >= _DIVIDED:
            stand = stand.anew(stand.last, before.time)._replace(last=stand.last)
        more = {model: counts for model, counts in by_model.items() if counts != stand.last.get(model, _NOTHING)}
    _read(stand, path, more, now, found)
    return stand._replace(number=stand.number + len(more), last=by_model)


def _read(stand: _Stand, path: str, counts: Mapping[str, Counts], now: int, found: Found) -> None:
    """Add a reading for each of some models."""
    session = sha256(f"{path}\x1f{stand.begun}".encode()).hexdigest()[:16]
    context = Context(TOOL, session)
    for place, model in enumerate(sorted(counts), stand.number):
        inputs, outputs, written, read = map(sub, counts[model], stand.base.get(model, _NOTHING))
        tokens, variant = Tokens(inputs, read, written, 0, outputs, 0), Variant(_provider(model), model)
        meter = key(TOOL, session, model)
        found.readings.append(Reading(meter, 1, now, stand.since, variant, context, 0, tokens, None, place))


def _by_model(told: Told) -> dict[str, Counts]:
    """Return the totals by model; what the models do not come to is of an unknown one."""
    found: dict[str, Counts] = {}
    for each in told.models:
        written = each.get("cacheCreationTokens", each.get("cacheCreationInputTokens", 0))
        read = each.get("cacheReadTokens", each.get("cacheReadInputTokens", 0))
        counts = (each.get("inputTokens", 0), each.get("outputTokens", 0), written, read)
        before = found.get(each["modelName"], _NOTHING)
        found[each["modelName"]] = _counts(map(add, before, counts))
    rest = _counts(max(whole - sum(part), 0) for whole, *part in zip(told.counts, *found.values(), strict=True))
    if any(rest) or not found:
        found[""] = rest
    return found


def _counts(numbers: Iterable[int]) -> Counts:
    inputs, outputs, written, read = numbers
    return inputs, outputs, written, read


def _fell(now: tuple[int, ...], before: tuple[int, ...]) -> bool:
    return any(each < then for each, then in zip(now, before, strict=True))


def _provider(model: str) -> str:
    """Return who answers under a model's name: the clients count the logs of Claude Code."""
    return "anthropic" if model.startswith("claude") else ""
