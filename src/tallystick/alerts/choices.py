"""Choices: what a person says about alerts in the config: which rules, from when on, and where they go."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, Final, NamedTuple

from tallystick.alerts.finding import LEVELS
from tallystick.alerts.outlets.outlet import Outlet, To
from tallystick.alerts.outlets.shelf import OUTLETS
from tallystick.alerts.rules.rule import Rule
from tallystick.alerts.rules.shelf import RULES
from tallystick.errors import Misused

KEEP: Final = "keep"
PUSH: Final = "push"
NAMES: Final = (KEEP, PUSH)
_RULES: Final = {rule.name: rule for rule in RULES}
_OUTLETS: Final = {outlet.kind: outlet for outlet in OUTLETS}
_OF_ALL: Final = ("kind", "name", "rules", "levels", "always", "timeout")
_TIMEOUT_MOST: Final = 60
_DAY_MINUTES: Final = 1440


class Quiet(NamedTuple):
    """Hours of the day in which nobody is to be told; begin and end are minutes of the local day."""

    begin: int = 0
    end: int = 0

    def holds(self, minute: int) -> bool:
        """Tell whether a minute of the local day is in them."""
        if self.begin <= self.end:
            return self.begin <= minute < self.end
        return minute >= self.begin or minute < self.end


class Choices(NamedTuple):
    """What holds."""

    rules: tuple[Rule, ...] = RULES
    """Those that are switched on, each with the numbers that it goes by."""
    to: tuple[To, ...] = ()
    quiet: Quiet = Quiet()
    names: str = KEEP
    """What leaves of the names of projects: as they are, or as the policy of pushes has it."""
    resolved: bool = False
    """Whether who was told that something is wrong is told when it is no more."""


def choices(said: Mapping[str, Any], config: str, environ: Mapping[str, str]) -> Choices:
    """Return what a config says under `[alerts]`; raise Misused for what makes no sense, naming the file, and no secret."""
    known = (*_RULES, "to", "quiet", "names", "resolved")
    for name in said:
        if name not in known:
            raise Misused(_wrong(config, f"{name!r} under [alerts], which means nothing: known are {', '.join(known)}"))
    rules = tuple(rule for rule in (_rule(each, said.get(each.name, True), config) for each in RULES) if rule)
    names = said.get("names", KEEP)
    if names not in NAMES:
        raise Misused(_wrong(config, f"names under [alerts] to {names!r}: it must be one of {', '.join(NAMES)}"))
    resolved = said.get("resolved", False)
    if not isinstance(resolved, bool):
        raise Misused(_wrong(config, f"resolved under [alerts] to {resolved!r}: it must be true or false"))
    listed = said.get("to", [])
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise Misused(_wrong(config, "to under [alerts] to something else than tables: write each as [[alerts.to]]"))
    to = tuple(_to(each, config, environ) for each in listed)
    doubled = [each.name for number, each in enumerate(to) if each.name in {other.name for other in to[:number]}]
    if doubled:
        raise Misused(_wrong(config, f"two [[alerts.to]] of the name {doubled[0]!r}: give each a name of its own"))
    return Choices(rules, to, _quiet(said.get("quiet", ""), config), names, resolved)


def _wrong(config: str, told: str) -> str:
    return f"The config file {config} sets {told}."


def _rule(rule: Rule, said: Any, config: str) -> Rule | None:  # noqa: ANN401  whatever TOML holds
    if isinstance(said, bool):
        return rule if said else None
    if not isinstance(said, dict):
        raise Misused(_wrong(config, f"{rule.name} under [alerts] to {said!r}: it must be true, false or a table"))
    known = ("on", *rule.limits)
    for name, value in said.items():
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value) and value >= 0
        if name not in known or not (isinstance(value, bool) if name == "on" else is_number):
            told = f"{name!r} under [alerts.{rule.name}] to {value!r}: known are on, true or false"
            raise Misused(_wrong(config, f"{told}{''.join(f', and {each}, a number' for each in rule.limits)}"))
    limits = {name: value for name, value in said.items() if name != "on"}
    return rule._replace(limits={**rule.limits, **limits}) if said.get("on", True) else None


def _quiet(said: Any, config: str) -> Quiet:  # noqa: ANN401  whatever TOML holds
    if said == "":
        return Quiet()
    first, _, last = said.partition("-") if isinstance(said, str) else ("", "", "")
    begin, end = _minute(first), _minute(last)
    if begin < 0 or end < 0 or begin == end:
        raise Misused(_wrong(config, f'quiet under [alerts] to {said!r}: it must be hours such as "22:00-07:00"'))
    return Quiet(begin, end)


def _minute(text: str) -> int:
    """Return the minute of the day that a text names; -1 when it names none."""
    hour, _, minute = text.strip().partition(":")
    if not (hour.isascii() and hour.isdecimal() and minute.isascii() and minute.isdecimal() and len(minute) == 2):  # noqa: PLR2004
        return -1
    found = int(hour[:4]) * 60 + int(minute)
    return found % _DAY_MINUTES if found <= _DAY_MINUTES and int(minute) < 60 else -1  # noqa: PLR2004


def _to(said: Mapping[str, Any], config: str, environ: Mapping[str, str]) -> To:
    kind = said.get("kind")
    outlet = _OUTLETS.get(kind) if isinstance(kind, str) else None
    if outlet is None:
        raise Misused(_wrong(config, f"kind under [[alerts.to]] to {kind!r}: it must be one of {', '.join(_OUTLETS)}"))
    about = f"under [[alerts.to]] of the kind {outlet.kind}"
    _check_of_all(said, outlet, config, about)
    # Nothing of what is told from here on is a value: those may be secrets.
    for name, field in outlet.fields.items():
        if field.needed and name not in said:
            raise Misused(f"The config file {config} has no {name} {about}.")
        if name in said and (not isinstance(said[name], field.kind) or isinstance(said[name], bool)):
            raise Misused(_wrong(config, f"{name} {about} to something of another kind than it has to be"))
        if name in said and field.among and said[name] not in field.among:
            raise Misused(_wrong(config, f"{name} {about} to something else than {', '.join(field.among)}"))
    values, missing = _resolved({name: said[name] for name in outlet.fields if name in said}, environ)
    wrong = "" if missing else outlet.check(values)
    if wrong:
        raise Misused(f"The config file {config} {about}: {wrong}.")
    return To(
        said.get("name", outlet.kind),
        outlet.kind,
        values,
        tuple(said.get("rules", ())),
        tuple(said.get("levels", ())),
        said.get("always", False),
        float(said.get("timeout", To._field_defaults["timeout"])),
        f"{missing[0]} is not set in the environment" if missing else "",
    )


def _check_of_all(said: Mapping[str, Any], outlet: Outlet, config: str, about: str) -> None:
    known = (*_OF_ALL, *outlet.fields)
    for name in said:
        if name not in known:
            raise Misused(_wrong(config, f"{name!r} {about}, which means nothing: known are {', '.join(known)}"))
    for name, among in (("rules", tuple(_RULES)), ("levels", LEVELS)):
        listed = said.get(name, [])
        if not isinstance(listed, list) or not all(isinstance(each, str) and each in among for each in listed):
            raise Misused(_wrong(config, f"{name} {about} to {listed!r}: it must be a list of {', '.join(among)}"))
    called, always, timeout = said.get("name", outlet.kind), said.get("always", False), said.get("timeout", 10)
    if not isinstance(called, str) or not called.strip() or not called.isprintable():
        raise Misused(_wrong(config, f"name {about} to {called!r}: it must be a text"))
    if not isinstance(always, bool):
        raise Misused(_wrong(config, f"always {about} to {always!r}: it must be true or false"))
    is_number = isinstance(timeout, int | float) and not isinstance(timeout, bool)
    if not is_number or not 0 < timeout <= _TIMEOUT_MOST:
        raise Misused(_wrong(config, f"timeout {about} to {timeout!r}: it must be seconds, {_TIMEOUT_MOST} at most"))


def _resolved(said: Mapping[str, Any], environ: Mapping[str, str]) -> tuple[dict[str, Any], Sequence[str]]:
    """Return values with what variables hold in the place of `$NAME`, and the variables that are not set."""
    missing: list[str] = []

    def value(given: Any) -> Any:  # noqa: ANN401  whatever TOML holds
        if isinstance(given, dict):
            return {name: value(each) for name, each in given.items()}
        if not isinstance(given, str) or not given.startswith("$") or not given[1:].isidentifier():
            return given
        found = environ.get(given[1:], "")
        if not found:
            missing.append(given[1:])
        return found

    return {name: value(given) for name, given in said.items()}, missing
