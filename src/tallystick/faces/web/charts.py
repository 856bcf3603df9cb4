"""Charts: a panel's Vega-Lite specification with its points and a theme, for a page, or drawn as PNG or SVG."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final, Protocol

from tallystick.errors import Misused, Unavailable
from tallystick.faces.web.panels.panel import View

_FONT: Final = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"
# Seven hues after Paul Tol's "muted" and "light" schemes, which people with any kind of colour blindness tell apart
# (https://personal.sron.nl/~pault/), and a grey for all others.
THEMES: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "light": {
            "ink": "#23211d",
            "faint": "#6d675c",
            "line": "#e2ddd2",
            "paper": "#fbfaf7",
            "accent": "#a4531d",
            "bad": "#a3243b",
            "ramp": ["#f3ece1", "#a4531d"],
            "palette": ["#332288", "#cc6677", "#44aa99", "#c9a227", "#5fa8d3", "#882255", "#117733", "#9a948a"],
        },
        "dark": {
            "ink": "#ece8df",
            "faint": "#a29a8b",
            "line": "#35322c",
            "paper": "#181715",
            "accent": "#e08a4f",
            "bad": "#ff8a94",
            "ramp": ["#2a2722", "#e08a4f"],
            "palette": ["#77aadd", "#ee8866", "#44bb99", "#eedd88", "#99ddff", "#ffaabb", "#bbcc33", "#8a8377"],
        },
    }
)
_WIDTH: Final = 820
_SCALE: Final = 2
# XML 1.0 section 2.2 has neither these nor halves of characters; what draws the picture ends the process over them.
_UNDRAWABLE: Final = dict.fromkeys(
    (*range(9), 11, 12, *range(14, 32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF), "\ufffd"
)
_TABLE: Final = "table"
_LONGEST: Final = 40
"""Characters of a cell in a picture."""
_GAP: Final = 3
_HEIGHT: Final = 200
_AXIS: Final = 28
"""Pixels of an axis with its labels."""
_LEGEND_LINE: Final = 14
_COLUMNS: Final = 4
"""Of a legend."""


class Named(Protocol):
    """A panel, or another part of a page that has a chart."""

    @property
    def name(self) -> str:
        """Its specification's."""

    @property
    def chart(self) -> bool:
        """Whether there is a specification of that name."""


def specification(panel: Named, view: View, theme: str = "light") -> dict[str, Any]:
    """Return the whole Vega-Lite specification of a panel, its points and colours included; raise Misused for no theme.

    Its width is that of the element in which it stands.
    """
    if theme not in THEMES:
        raise Misused(f"theme {theme[:40]!r} is none: choose among {', '.join(THEMES)}.")
    if not panel.chart:
        view = tabular(view)
    found: dict[str, Any] = json.loads(_text(panel.name if panel.chart else _TABLE))
    found["data"] = {"name": "points", "values": [dict(point) for point in view.points]}
    for parameter in found.get("params", ()):
        if parameter["name"] in view.params:
            parameter["value"] = view.params[parameter["name"]]
        elif parameter["name"] in THEMES[theme]:
            parameter["value"] = THEMES[theme][parameter["name"]]
    if view.series:
        _fixed(found["encoding"]["color"], view)
    if "height" in found:
        found["height"] = _height(found, view)
    # As wide as its place, as high as it says.
    found.setdefault("autosize", {"type": "fit-x", "contains": "padding"})
    found["config"] = _config(THEMES[theme]) | found.get("config", {})
    return found


def _fixed(colour: dict[str, Any], view: View) -> None:
    """Give each series its own colour, whichever of them are drawn; the legend names those that are."""
    there = {point.get(colour["field"]) for point in view.points}
    colour["scale"] = {"domain": list(view.series)}
    colour["legend"] = {"values": [name for name in view.series if name in there]}


def tabular(view: View) -> View:
    """Return a view whose points are the cells of its table, for panels that are drawn as that."""
    table = view.table
    lines = [[column.title for column in table.columns]]
    lines += [[cell.text[:_LONGEST] for cell in row] for row in (*table.shown, *([table.foot] if table.foot else []))]
    widths = [max(len(line[place]) for line in lines) + _GAP for place in range(len(table.columns))]
    points = []
    for number, line in enumerate(lines):
        left = 0
        for text, width, column in zip(line, widths, table.columns, strict=True):
            x = left + width - _GAP if column.number else left
            points.append({"row": number, "x": x, "text": text, "right": column.number})
            left += width
    return view._replace(points=points, params={"whole": max(sum(widths) - _GAP, 1)})


def height(panel: Named, view: View) -> int:
    """Return about how high a chart will be, in pixels, so that its place can be kept for it."""
    found = json.loads(_text(panel.name))
    colour = found.get("encoding", {}).get("color", {})
    lines = len({point.get(colour.get("field")) for point in view.points}) if colour.get("legend", colour) else 0
    return _height(found, view) + _AXIS + -(-lines // _COLUMNS) * _LEGEND_LINE


def _height(found: Mapping[str, Any], view: View) -> int:
    """Return how high a specification says that it is; steps are counted here, because Vega-Lite fits no width beside them."""
    said = found.get("height", _HEIGHT)
    if not isinstance(said, Mapping):
        return int(said)
    field = found["encoding"]["y"]["field"]
    return int(said["step"]) * max(len({point.get(field) for point in view.points}), 1)


def drawn(specification: Mapping[str, Any], form: str, theme: str) -> bytes:
    """Return a specification drawn as `svg` or `png`; raise Unavailable when what draws it is not installed."""
    drawer = _drawer()
    whole: dict[str, Any] = {**_unlinked(specification), "background": THEMES[theme]["paper"], "padding": 16}
    if whole.get("width") == "container":
        whole["width"] = _WIDTH
    if form == "svg":
        text: str = drawer.vegalite_to_svg(whole, allowed_base_urls=[])
        return text.encode()
    image: bytes = drawer.vegalite_to_png(whole, scale=_SCALE, allowed_base_urls=[])
    return image


def _unlinked(part: Any) -> Any:  # noqa: ANN401  whatever JSON holds
    """Return a specification for a picture: without links, which lead nowhere from there, and in letters that XML can hold."""
    if isinstance(part, str):
        return part.translate(_UNDRAWABLE)
    if isinstance(part, Mapping):
        return {name: _unlinked(each) for name, each in part.items() if name != "href"}
    return [_unlinked(each) for each in part] if isinstance(part, list) else part


def script() -> bytes:
    """Return the JavaScript that draws charts on a page: Vega, Vega-Lite and Vega-Embed; this takes two seconds."""
    snippet = "window.vegaEmbed = vegaEmbed;"
    text: str = _drawer().javascript_bundle(snippet)
    return text.encode()


def _drawer() -> Any:  # noqa: ANN401  a module of an extra
    try:
        import vl_convert
    except ImportError as error:
        raise Unavailable(
            f"Charts need what is not installed ({error.name}): `pip install 'tallystick[charts]'` brings it."
        ) from None
    return vl_convert


@cache
def _text(name: str) -> str:
    return files("tallystick.faces.web").joinpath("specs", f"{name}.vl.json").read_text("utf-8")


def _config(theme: Mapping[str, Any]) -> dict[str, Any]:
    axis = {
        "labelColor": theme["faint"],
        "titleColor": theme["faint"],
        "gridColor": theme["line"],
        "domainColor": theme["line"],
        "tickColor": theme["line"],
        "labelFontSize": 11,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "tickSize": 4,
    }
    return {
        "font": _FONT,
        "background": None,
        "view": {"stroke": None},
        "axis": axis,
        "axisX": {"grid": False},
        "axisY": {"domain": False, "ticks": False, "tickCount": 4},
        "legend": {
            "labelColor": theme["ink"],
            "titleColor": theme["faint"],
            "labelFontSize": 11,
            "title": None,
            "orient": "top",
            "direction": "horizontal",
            "columns": _COLUMNS,
            "labelLimit": 180,
            "symbolSize": 70,
            "symbolType": "square",
            "offset": 8,
        },
        "header": {"labelColor": theme["faint"], "titleColor": theme["faint"], "labelFontSize": 11},
        "title": {"color": theme["ink"], "fontSize": 13, "anchor": "start", "offset": 12},
        "range": {"category": theme["palette"], "heatmap": theme["ramp"], "ramp": theme["ramp"]},
        "mark": {"color": theme["accent"]},
        "rule": {"color": theme["faint"]},
        "text": {"color": theme["ink"], "fontSize": 11},
        "rect": {"stroke": theme["paper"], "strokeWidth": 1},
    }
