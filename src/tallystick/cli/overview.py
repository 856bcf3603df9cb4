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
    entrance.say("No usage was found. This is where it was looked for:")
    for tool in opened.tools:
        places = [root.path for root in tool.roots(opened.where.home, opened.where.environ)]
        entrance.say(f"  {tool.title}: {', '.join(places)}")
