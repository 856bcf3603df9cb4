"""`tally statusline`: one line for the tool that asks, at once, from what is kept ready; what is old is renewed behind its back.

It runs at each turn of a person's work, so that nothing heavy is imported here, nothing is waited for, and nothing raises.
"""

import os
import sys
import time

from tallystick.cli import statusline_input, statusline_kept
from tallystick.faces.statusline import line, template

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import click

_TELLER = ("claude-code", "anthropic")
"""Which tool tells JSON on the standard input, and whose windows are in that."""
_COLUMNS, _MARGIN = 80, 4
"""What is taken for the width where nobody tells, and what the tool keeps of it for itself."""
_LATE_MS = 120_000
"""What is kept ready is stale when it may lack what happened for so long."""


def command(name: str) -> "click.Command":
    """Return the command for click, to which everything comes that is not plainly understood here."""
    from tallystick.cli.statusline_setup import command as made

    return made(name)


def quick(arguments: list[str]) -> int | None:
    """Print the line; None for a command line that click has to read."""
    said = _options(arguments)
    if said is None:
        return None
    now = time.time_ns() // 1_000_000
    told = statusline_input.told()
    wishes = statusline_input.wishes(os.environ, os.path.expanduser("~"))
    state = statusline_kept.read(os.path.join(wishes.data, statusline_kept.STATE))
    try:
        text, fresh = _made(told, state, now, said, wishes)
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError):
        # What is kept ready is ours, and somebody has changed it: it is made anew.
        text, fresh = _made(told, {}, now, said, wishes)
    print(text)
    for complaint in dict.fromkeys(wishes.complaints):
        print(f"tally: {complaint}", file=sys.stderr)
    sys.stdout.flush()
    if "rate_limits" in told:
        from tallystick.cli.statusline_limits import note

        note(wishes.data, told, now)
    fresh.renew()
    return 0


def _made(
    told: "dict[str, Any]", state: "dict[str, Any]", now: int, said: "dict[str, str]", wishes: "statusline_input.Wishes"
) -> "tuple[str, statusline_kept.Freshness]":
    """Return the line, and how old that is which it is made of."""
    scene = line.Scene(told, state, now, _TELLER if told else ("", ""), statusline_input.branch)
    if not state:
        scene.ahead = time.localtime().tm_gmtoff * 1000
    fresh = statusline_kept.Freshness(wishes.data, state, now, scene.text("transcript_path"))
    scene.stale = fresh.lag > _LATE_MS
    return _line(scene, said, wishes), fresh


def _options(arguments: list[str]) -> "dict[str, str] | None":
    """Read a command line; None for one with anything else in it."""
    found: dict[str, str] = {}
    rest = iter(arguments)
    for argument in rest:
        name, equals, text = argument.partition("=")
        if name == "--no-color" and not equals:
            found[name] = "yes"
        elif name in {"--template", "--width"}:
            value = text if equals else next(rest, None)
            if value is None or (name == "--width" and not (value.isascii() and value.isdigit())):
                return None
            found[name] = value
        else:
            return None
    return found


def _line(scene: line.Scene, said: "dict[str, str]", wishes: "statusline_input.Wishes") -> str:
    text = said.get("--template", wishes.template)
    parsed = template.parse(template.DEFAULT if text is None else text)
    wishes.complaints += template.unknown(parsed, line.FIELDS)
    width = int(said["--width"]) if "--width" in said else _width(wishes.width)
    colour = "--no-color" not in said and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    made = template.render(parsed, lambda field: line.value(scene, field), width, colour=colour)
    return made if sys.stdout.encoding.lower() == "utf-8" else _spelt(made)


def _spelt(text: str) -> str:
    encoding = sys.stdout.encoding
    return text.encode(encoding, "replace").decode(encoding)


def _width(wished: "int | None") -> int:
    """Return how wide the line may be; 0 for any."""
    if wished is not None:
        return wished
    told = os.environ.get("COLUMNS", "")
    columns = int(told) if told.isascii() and told.isdigit() and int(told) else _COLUMNS
    return max(columns - _MARGIN, 1)
