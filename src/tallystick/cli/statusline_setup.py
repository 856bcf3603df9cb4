"""`tally statusline install` and `uninstall`: the line put into Claude Code's settings, and what was there before brought back."""

import json
import os
import sys
from contextlib import suppress
from shlex import quote
from shutil import which
from typing import Any, Final

import click

from tallystick.cli import claude_settings, entrance
from tallystick.cli.statusline import quick
from tallystick.cli.statusline_kept import STATE
from tallystick.cli.tree import COMMANDS
from tallystick.errors import Misused, Unavailable
from tallystick.shell import files
from tallystick.shell.files import Change
from tallystick.tools.claude_code import settings
from tallystick.tools.claude_code.settings import STATUS_LINE

UNDO: Final = "statusline.undo.json"
"""In the data folder: by file of settings what of it was changed."""
_DRY_RUN: Final = click.Option(["--dry-run"], is_flag=True, help="Show what would be written, and change nothing.")
_WRITABLE: Final = 0o222
_EVERY_S: Final = 10


def command(name: str) -> click.Command:
    """Return the command."""
    group = click.Group(
        name,
        callback=show,
        invoke_without_command=True,
        params=[
            click.Option(["--template"], metavar="TEXT", help="What to print: {field}, and [parts] that may vanish."),
            click.Option(["--width"], type=click.IntRange(min=0), metavar="N", help="So many columns; 0 for any."),
            click.Option(["--no-color"], is_flag=True, help="Without colours; so does NO_COLOR."),
        ],
        help=f"{COMMANDS[name].help} Reads the tool's JSON on its input where there is some, and prints one line.",
    )
    every = click.Option(
        ["--every"],
        type=click.IntRange(min=0),
        default=_EVERY_S,
        metavar="SECONDS",
        help=f"Have it printed so often besides each turn, for what comes late; {_EVERY_S} by default, 0 for never.",
    )
    lock = click.Option(["--lock"], type=int, default=-1, hidden=True)
    for verb, callback, params, text in (
        ("install", install, [every, _DRY_RUN], "Have Claude Code show it; what it showed before is kept."),
        ("uninstall", uninstall, [_DRY_RUN], "Have Claude Code show what it showed before."),
        ("refresh", refresh, [lock], "Renew what the line is made of, which it does by itself."),
    ):
        group.add_command(click.Command(verb, callback=callback, params=list(params), help=text))
    return group


def show(template: str | None, width: int | None, no_color: bool) -> int:  # noqa: FBT001  as click gives it
    """Print the line, unless a command follows."""
    if click.get_current_context().invoked_subcommand is not None:
        return 0
    said = [] if template is None else ["--template", template]
    said += [] if width is None else ["--width", str(width)]
    return quick([*said, *["--no-color"] * no_color]) or 0


def refresh(lock: int) -> int:
    """Renew what the line is made of."""
    from tallystick.cli.statusline_state import refresh as renew

    return renew(lock)


def install(every: int, dry_run: bool) -> int:  # noqa: FBT001  as click gives it
    """Put the line into the settings."""
    chosen, path = entrance.settings(), _path()
    before = files.read(path)
    text = _text(path, before)
    wanted: dict[str, Any] = {"type": "command", "command": _command()}
    if every:
        wanted["refreshInterval"] = every
    try:
        now = settings.value(text, STATUS_LINE) if text.strip() else None
        after = settings.put(text, STATUS_LINE, claude_settings.spelt(wanted, text))
    except Misused as error:
        raise Misused(f"{path}: {error}") from None
    if now is not None and json.loads(now) == wanted:
        entrance.say(f"{path} has it already.")
        return 0
    change = Change(path, before, after.encode("utf-8", "surrogatepass"))
    if dry_run:
        entrance.write(f"# change {path}\n{after}")
        return 0
    _check(path, claude_settings.spelt(wanted, text))
    others = None if now is None or _is_ours(now) else now
    _keep(chosen.data_dir, change, now, others)
    files.perform(change)
    entrance.say(f"{path} has Claude Code show it from now on; `tally statusline uninstall` takes it out again.")
    if others is not None:
        entrance.say(f"It showed another one before, which is kept and comes back then: {_short(others)}")
    return 0


def uninstall(dry_run: bool) -> int:  # noqa: FBT001  as click gives it
    """Take the line out of the settings, and bring back what was there."""
    chosen, path = entrance.settings(), _path()
    before = files.read(path)
    text = _text(path, before)
    try:
        now = settings.value(text, STATUS_LINE) if text.strip() else None
    except Misused as error:
        raise Misused(f"{path}: {error}") from None
    if before is None or now is None or not _is_ours(now):
        entrance.say(
            "It is not installed." if now is None else f"{path} has another status line, which stays: {_short(now)}"
        )
        return 0
    kept = _undo(chosen.data_dir).get(path, {})
    change = Change(path, before, _as_before(text, before, kept))
    if dry_run:
        verb = "remove" if change.after is None else "change"
        entrance.write(f"# {verb} {path}\n{(change.after or b'').decode('utf-8', 'replace')}")
        return 0
    _check(path, "")
    files.perform(change)
    _forget(chosen.data_dir, path)
    was = kept.get("value")
    entrance.say(
        f"{path} is as it was." if was is None else f"{path} has the status line that was there before: {_short(was)}"
    )
    return 0


def _as_before(text: str, content: bytes, kept: "dict[str, Any]") -> bytes | None:
    """Return settings without ours: to the byte where nobody changed them since, else with all that came to them."""
    if claude_settings.is_of(kept, content):
        return claude_settings.undone(kept, content)
    was = kept.get("value")
    made = settings.taken_out(text, STATUS_LINE) if was is None else settings.put(text, STATUS_LINE, str(was))
    return made.encode("utf-8", "surrogatepass")


def _path() -> str:
    return claude_settings.path(os.path.expanduser("~"), os.environ)


def _text(path: str, content: bytes | None) -> str:
    try:
        return (content or b"").decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        raise Misused(f"{path} is no text in UTF-8: nothing was changed.") from None


def _command() -> str:
    """Return the command line by which Claude Code's shell finds this very program, also where nothing is on its path."""
    own = os.path.join(os.path.dirname(sys.executable), "tally")
    named = which("tally")
    if named and os.path.realpath(named) == os.path.realpath(own):
        # It leads here, and goes on doing so when the environment that it leads to is made anew.
        return f"{quote(named)} statusline"
    return f"{quote(own)} statusline" if os.access(own, os.X_OK) else claude_settings.command("statusline")


def _is_ours(value: str) -> bool:
    told = json.loads(value)
    line = told.get("command") if isinstance(told, dict) else None
    return isinstance(line, str) and line.endswith((" statusline", "tally' statusline")) and "tally" in line


def _short(value: str) -> str:
    told = json.loads(value)
    return str(told.get("command") or value) if isinstance(told, dict) else value


def _check(path: str, wanted: str) -> None:
    """Raise Unavailable for a file that its owner has closed against changes."""
    try:
        closed = not os.stat(path).st_mode & _WRITABLE
    except FileNotFoundError:
        return
    if closed:
        what = f' Put this into it yourself:\n  "{STATUS_LINE}": {wanted}' if wanted else " Take it out yourself."
        raise Unavailable(f"{path} is read-only; nothing was changed.{what}")


def _undo(folder: str) -> "dict[str, Any]":
    try:
        told = json.loads(files.read(os.path.join(folder, UNDO)) or b"{}")
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _keep(folder: str, change: Change, now: str | None, others: str | None) -> None:
    """Note what of the settings is changed, and the status line that they have, which may be another's."""
    kept = _undo(folder)
    if now is not None and others is None:
        # Ours is in there already. What was before that is known, and the rest may have changed since.
        made = {"value": kept.get(change.path, {}).get("value")}
    else:
        made = {"value": others, **claude_settings.patch(change.before, change.after or b"")}
    _write(folder, {**kept, change.path: made})


def _forget(folder: str, path: str) -> None:
    """Forget what was in the settings, and what is kept ready: nobody looks at it any more."""
    _write(folder, {name: each for name, each in _undo(folder).items() if name != path})
    with suppress(OSError):
        os.unlink(os.path.join(folder, STATE))


def _write(folder: str, kept: "dict[str, Any]") -> None:
    path = os.path.join(folder, UNDO)
    after = json.dumps(kept, indent=1).encode() if kept else None
    files.perform(Change(path, files.read(path), after))
