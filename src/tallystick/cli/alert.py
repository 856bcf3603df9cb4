"""`tally alert`: what is wrong now, what was, whether whoever should know can be told, and what is not to be told."""

import threading
from collections.abc import Sequence
from contextlib import closing
from typing import Any, Final

import click

from tallystick.alerts.choices import Choices
from tallystick.alerts.chronicle import Chronicle
from tallystick.alerts.finding import worded
from tallystick.alerts.lookout import Lookout
from tallystick.alerts.messenger import deliver
from tallystick.alerts.outlets.outlet import To, made_up
from tallystick.alerts.pending import mute as keep_mute
from tallystick.alerts.pending import unmute as forget_mute
from tallystick.alerts.rules.shelf import RULES
from tallystick.alerts.told import told
from tallystick.answers.answer import Details
from tallystick.answers.as_json import value
from tallystick.cli import alerting, control, entrance, situated
from tallystick.cli.naming import local, table
from tallystick.cli.tree import COMMANDS
from tallystick.errors import Misused, NotFound
from tallystick.settings import Settings

SCHEMA_TEST: Final = "tallystick.alert_test/1"
_JSON: Final = click.Option(["--json"], is_flag=True, help="As JSON, for scripts.")
_LIMIT: Final = click.Option(
    ["--limit"], type=click.IntRange(1, 1000), default=20, help="At most so many; by default 20."
)
_WHAT: Final = click.Argument(["what"], metavar="WHAT")
_FOR: Final = click.Option(["--for", "time"], metavar="TIME", help="For how long: 30m, 12h, 2d; by default for good.")
_NAME: Final = click.Argument(["name"], required=False, metavar="[NAME]")
_UNITS: Final = {"m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_DIGITS_MOST: Final = 5
_GRACE_S: Final = 10.0
"""Besides what the slowest may take."""


def command(name: str) -> click.Command:
    """Return the command."""
    group = click.Group(name, help=f"{COMMANDS[name].help} `tally serve` looks every minute, `check` once.")
    listed: tuple[tuple[str, Any, Sequence[click.Parameter], str], ...] = (
        ("list", show, [_JSON], "What is wrong now; the rules; where alerts go."),
        ("log", log, [_LIMIT, _JSON], "Every episode: began, ended, told to whom, failures."),
        ("test", test, [_NAME, _JSON], "Send a test everywhere, or to NAME, and say what happened."),
        ("mute", mute, [_WHAT, _FOR], "Have a rule, a key (as `list` shows it) or all (`*`) told no more."),
        ("unmute", unmute, [_WHAT], "Have it told again."),
        ("check", check, [_JSON], "Look once and tell what is new, for cron where no server runs."),
    )
    for verb, callback, params, text in listed:
        group.add_command(click.Command(verb, callback=callback, params=list(params), help=text))
    return group


def show(json: bool) -> int:  # noqa: FBT001  as click gives it
    """Tell what is wrong now, by which rules, and where alerts go."""
    chosen, found = _told(1000)
    if json:
        entrance.write(value(found) + "\n")
        return 0
    zone = entrance.zone(chosen)
    if found["open"]:
        rows = [(local(each["began"], zone), each["level"], each["key"], each["title"]) for each in found["open"]]
        table([("since", "level", "key", "what"), *rows])
    else:
        entrance.write("Nothing is wrong, as far as was looked.\n")
    entrance.write("\n")
    table([("rule", "on", "tells that"), *((each["rule"], "yes" if each["on"] else "no", each["title"]) for each in found["rules"])])  # fmt: skip
    if found["muted"]:
        entrance.write("\n")
        table([("muted", "until"), *((each["what"], local(each["until"], zone) or "for good") for each in found["muted"])])  # fmt: skip
    entrance.write("\n")
    if found["to"]:
        places = [(each["name"], each["kind"], each["trouble"] or "") for each in found["to"]]
        table([("goes to", "kind", "trouble"), *places])
    else:
        entrance.write("Nobody is told: name somebody as [[alerts.to]] in the config; docs/alerts.md tells how.\n")
    return 0


def log(limit: int, json: bool) -> int:  # noqa: FBT001  as click gives it
    """Tell of every episode, the latest first."""
    chosen, found = _told(limit)
    if json:
        entrance.write(value(found) + "\n")
        return 0
    zone = entrance.zone(chosen)
    every = sorted((*found["open"], *found["past"]), key=lambda each: -int(each["id"]))
    for each in every:
        ended = f"ended {local(each['ended'], zone)} ({each['why']})" if each["ended"] else "open"
        key = entrance.steerless(each["key"].replace("\n", " "))
        entrance.write(f"{local(each['began'], zone)}  {each['level']}  {each['title']}  [{key}]  {ended}\n")
        entrance.write(f"    {each['text']}\n")
        for one in each["told"]:
            when = f" {local(one['time'], zone)}" if one["time"] else ""
            tries = f", {one['tries']} tries" if one["tries"] > 1 else ""
            trouble = f": {one['trouble']}" if one["trouble"] else ""
            about = " that it is over" if one["over"] else ""
            entrance.write(f"    {one['to']}: {one['state']}{about}{when}{tries}{trouble}\n")
    if not every:
        entrance.say("There was no alert yet.")
    return 0


def test(name: str | None, json: bool) -> int:  # noqa: FBT001  as click gives it
    """Send a test; return 1 when one did not arrive."""
    chosen = entrance.settings()
    alerts = alerting.chosen_alerts(chosen)
    places = [to for to in alerts.to if name in {None, to.name}]
    if name is not None and not places:
        known = ", ".join(to.name for to in alerts.to) or "none"
        raise NotFound(f"No [[alerts.to]] in {chosen.config} is called {name!r}; there are: {known}.")
    if not places:
        raise NotFound(f"Nobody is told: name somebody as [[alerts.to]] in {chosen.config}; docs/alerts.md tells how.")
    troubles = _tried(places, chosen)
    if json:
        rows = [{"to": to.name, "kind": to.kind, "trouble": troubles[to.name] or None} for to in places]
        entrance.write(value({"schema": SCHEMA_TEST, "to": rows}) + "\n")
    else:
        table([(to.name, to.kind, troubles[to.name] or "took it") for to in places])
    return int(any(troubles.values()))


def _tried(places: Sequence[To], chosen: Settings) -> dict[str, str]:
    """Send a test to every place at once; return what went wrong by their names."""
    told_of, world = made_up(entrance.now(), chosen.machine), alerting.world()
    troubles = {to.name: f"no answer within {to.timeout + _GRACE_S:g} s" for to in places}

    def tell(to: To) -> None:
        troubles[to.name] = deliver(told_of, to, world)

    threads = [threading.Thread(target=tell, args=(to,), daemon=True) for to in places]
    for each in threads:
        each.start()
    for each, to in zip(threads, places, strict=True):
        each.join(to.timeout + _GRACE_S)
    return dict(troubles)


def mute(what: str, time: str | None) -> int:
    """Have something told no more."""
    chosen, now = entrance.settings(), entrance.now()
    _checked(what)
    until = _until(time, now) if time else 0
    with closing(control.alerts(chosen)) as kept:
        keep_mute(kept, what, now, until)
    entrance.say(f"{what} is muted {f'until {local(until, entrance.zone(chosen))}' if until else 'for good'}.")
    return 0


def unmute(what: str) -> int:
    """Have it told again."""
    chosen = entrance.settings()
    with closing(control.alerts(chosen)) as kept:
        was_muted = forget_mute(kept, what)
    if not was_muted:
        raise NotFound(f"{what!r} is not muted: `tally alert list` tells what is.")
    return 0


def check(json: bool) -> int:  # noqa: FBT001  as click gives it
    """Look once, and tell what is due."""
    chosen = entrance.settings()
    alerts = alerting.chosen_alerts(chosen)
    zone, known = entrance.zone(chosen), situated.known(chosen)
    opened = entrance.house(chosen)
    try:
        entrance.refresh(opened)
        now = entrance.now()
        found = entrance.answers(opened).at_one_moment(
            lambda answers: situated.with_earlier(
                answers,
                situated.situation(answers, known.budgets, zone, now, unpriced=True, overrides=known.overrides),
            )
        )
    finally:
        opened.close()
    found = found._replace(unread=situated.unread(chosen, now))
    with closing(control.alerts(chosen)) as kept:
        Lookout(kept, alerts, entrance.say).look(found)
        messenger = alerting.messenger(chosen, kept, alerts, entrance.say)
        messenger.send()
        if not messenger.wait(_longest(alerts)):
            entrance.say("Somebody takes too long: who was not told is told by the next check.")
        after, coming = told(kept, alerts, now, 1000), Chronicle(kept, alerts.rules).coming()
    if json:
        entrance.write(value(after) + "\n")
    else:
        for each in after["open"]:
            entrance.write(f"{each['level']}  {each['title']}  {each['text']}\n")
    for one in coming:
        title = worded(one.finding.title, one.finding.facts)
        entrance.say(f"{title} ({one.finding.level}): not told yet, until a later look finds it, too.")
    return 0


def _longest(alerts: Choices) -> float:
    return max((to.timeout for to in alerts.to), default=0.0) + _GRACE_S


def _told(most: int) -> tuple[Settings, Details]:
    chosen = entrance.settings()
    with closing(control.alerts(chosen)) as kept:
        return chosen, told(kept, alerting.chosen_alerts(chosen), entrance.now(), most)


def _checked(what: str) -> None:
    names = [rule.name for rule in RULES]
    if what != "*" and what.partition(":")[0] not in names:
        raise Misused(f"{what!r} is neither a rule ({', '.join(names)}) nor a key of `tally alert list` nor *.")


def _until(text: str, now: int) -> int:
    number, unit = text[:-1], text[-1:]
    fits = number.isascii() and number.isdecimal() and len(number) <= _DIGITS_MOST and unit in _UNITS
    if not fits or not int(number):
        raise Misused(f"--for {text[:40]!r} is no stretch of time: give one such as 30m, 12h, 2d or 1w.")
    return now + int(number) * _UNITS[unit]
