"""`tally` alone: the overview, and the demo where this machine has nothing to show."""

from typing import TYPE_CHECKING

from tallystick.cli import entrance
from tallystick.cli.options import Values
from tallystick.faces.text import overview
from tallystick.faces.text.as_table import terminal

if TYPE_CHECKING:
    from tallystick.house import House


def run(values: Values) -> int:
    """Show the overview; where no logs were ever found, say where they were looked for and show the demo."""
    chosen = entrance.settings({"timezone": values.get("timezone", "")})
    zone, now = entrance.zone(chosen), entrance.now()
    if entrance.is_remote(chosen, values):
        overview.show(entrance.answered(chosen, values, lambda answers: answers.overview(zone, now)), terminal())
        return 0
    opened = entrance.house(chosen)
    try:
        if not values.get("no_refresh"):
            entrance.refresh(opened)
        found = entrance.answers(opened).overview(zone, now)
        if found.span[0]:
            overview.show(found, terminal())
            entrance.afterwards(chosen)
            return 0
        _say_where(opened)
    finally:
        opened.close()
    from tallystick.house import demo_house

    demo = demo_house(entrance.where(chosen), now)
    try:
        overview.show(entrance.answers(demo).overview(zone, now), terminal(), demo=True)
    finally:
        demo.close()
    return 0


def _say_where(opened: "House") -> None:
    from tallystick.cli.tools import uncounted
    from tallystick.faces.text.health import some_paths

    where = opened.where
    entrance.say("No usage was found. This is where it was looked for:")
    for tool in opened.tools:
        places = [root.path for root in tool.roots(where.home, where.environ)]
        entrance.say(f"  {tool.title}: {some_paths(list(dict.fromkeys(places)), where.home)}")
    if opened.others:
        entrance.say(f"The same places were looked at in {some_paths(opened.others, where.home)}.")
    if here := uncounted(opened):
        entrance.say(f"Installed, but not counted: {', '.join(tool.title for tool in here)}.")
    entrance.say("`tally tools NAME` tells every place of one tool, `tally doctor` what is wrong.")
