"""`tally chart`: the panels of the dashboard one by one, as a picture, as a specification, or as the table behind it."""

import os
import sys
from typing import TYPE_CHECKING, Final

import click

from tallystick.cli import entrance, reporting
from tallystick.cli.options import JSON, NO_REFRESH, OF_CLOSER, Option, Values
from tallystick.cli.tree import COMMANDS, parameters, said
from tallystick.errors import Misused, Unavailable
from tallystick.faces.text import words

if TYPE_CHECKING:
    from tallystick.faces.web.panels.panel import Panel, Table, View
    from tallystick.faces.web.state import State
    from tallystick.settings import Settings

_FORMS: Final = ("svg", "png", "json", "csv")
_OPTIONS: Final = (
    Option("--out", "Write it to this file: .svg, .png, .json (Vega-Lite) or .csv.", "FILE"),
    Option("--theme", "Colours of the picture.", "THEME", choices=("light", "dark")),
    Option("--by", "What days are divided by: model, tool, class, project, machine or agent.", "KEY"),
    Option("--unit", "What days are counted in.", "UNIT", choices=("cost", "tokens")),
    *(option for option in OF_CLOSER if option.key not in {"no_cost", "json", "no_refresh"}),
    JSON._replace(help="The Vega-Lite specification with its points."),
    Option("--csv", "The table as CSV."),
    NO_REFRESH,
)
_EPILOG: Final = "Example: tally chart days --by project --since 30d --out days.svg"


def command(name: str) -> click.Command:
    """Return the command."""

    def called(panel: str | None, **given: object) -> int:
        return run(panel or "", said(given))

    script = click.Option(["--script"], is_flag=True, hidden=True, help="The script that draws charts on a page.")
    params = [script, click.Argument(["panel"], required=False, metavar="[PANEL]"), *parameters(_OPTIONS)]
    return click.Command(name, callback=called, params=params, help=COMMANDS[name].help, epilog=_EPILOG)


def run(name: str, values: Values) -> int:
    """Show one panel, or tell which there are."""
    if values.get("script"):
        from tallystick.faces.web import charts

        _put(charts.script(), "")
        return 0
    panels = _panels()
    if not name:
        entrance.write(_listing(panels))
        return 0
    panel = panels.get(name)
    if panel is None:
        raise Misused(f"There is no chart {name!r}: choose among {', '.join(panels)}.")
    form = _form(values)
    chosen = entrance.settings({"timezone": values.get("timezone", "")})
    state = _state(values, chosen)
    opened = entrance.house(chosen)
    try:
        if not values.get("no_refresh"):
            entrance.refresh(opened)
        view = panel.show(entrance.answers(opened), state)
    finally:
        opened.close()
    if view.empty:
        entrance.say(view.empty)
    _put(_content(panel, view, form, values.get("theme", "light")), values.get("out", ""))
    return 0


def _panels() -> "dict[str, Panel]":
    try:
        from tallystick.faces.web.panels import PANELS
    except ImportError as error:
        raise Unavailable(
            f"`tally chart` needs what is not installed ({error.name}): `pip install 'tallystick[server,charts]'` brings it."
        ) from None
    return PANELS


def _form(values: Values) -> str:
    """Return what is wished for: a picture or data, or else the table as text."""
    out = values.get("out", "")
    ending = os.path.splitext(out)[1].lstrip(".").lower()
    if out and ending not in _FORMS:
        raise Misused(f"--out {out} is no picture that can be drawn: end it with .{', .'.join(_FORMS)}.")
    wished = {form for form in ("json", "csv") if values.get(form)} | ({ending} if out else set())
    if len(wished) > 1:
        raise Misused(f"{' and '.join(sorted(wished))} exclude each other: ask for one.")
    return wished.pop() if wished else "text"


def _state(values: Values, chosen: "Settings") -> "State":
    from tallystick.cli import besides
    from tallystick.faces.web.state import Place, state

    pairs = [(name, values.get(name, "")) for name in ("since", "until", "unit")]
    pairs += [("split", values.get("by", ""))]
    pairs += [(name, pattern) for name, patterns in reporting.where(values).items() for pattern in patterns]
    place = Place(entrance.zone(chosen).name, entrance.now(), beside=besides.of(chosen))
    return state(pairs, place)


def _content(panel: "Panel", view: "View", form: str, theme: str) -> bytes:
    from tallystick.faces.web import charts
    from tallystick.faces.web.table import as_csv

    if form == "text":
        return _text(view.table).encode("utf-8", "replace")
    if form == "csv":
        return as_csv(view.table).encode("utf-8", "replace")
    found = charts.specification(panel, view, theme)
    if form == "json":
        from json import dumps

        return (dumps(found, indent=1) + "\n").encode()
    title = {"text": view.title or panel.title, "subtitle": view.empty, "subtitleColor": charts.THEMES[theme]["faint"]}
    return charts.drawn(found | {"title": title}, form, theme)


def _put(content: bytes, path: str) -> None:
    if not path:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    try:
        with open(path, "wb") as file:
            file.write(content)
    except OSError as error:
        raise Unavailable(f"{path} cannot be written ({(error.strerror or str(error)).lower()}).") from None


def _listing(panels: "dict[str, Panel]") -> str:
    width = max(map(len, panels))
    return "".join(f"{panel.name:<{width}}  {panel.about or panel.title}\n" for panel in panels.values())


def _text(table: "Table") -> str:
    """Return a table as aligned text."""
    if not table.columns:
        return ""
    lines = [[column.title for column in table.columns]]
    lines += [[words.clean(cell.text) for cell in row] for row in (*table.shown, *([table.foot] if table.foot else []))]
    widths = [max(words.cells(line[place]) for line in lines) for place in range(len(table.columns))]
    shown = []
    for line in lines:
        cells = zip(line, widths, table.columns, strict=True)
        padded = [_padded(text, width, right=column.number) for text, width, column in cells]
        shown.append("  ".join(padded).rstrip())
    return "\n".join(shown) + "\n"


def _padded(text: str, width: int, *, right: bool) -> str:
    room = " " * (width - words.cells(text))
    return room + text if right else text + room
