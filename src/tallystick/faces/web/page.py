"""A page in its parts: the head with period and filters, each panel, and the foot, as HTML."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from tallystick.answers.desk import Status
from tallystick.faces.web import charts, wording
from tallystick.faces.web.panels import Section
from tallystick.faces.web.panels.panel import Choice, Panel, View, ways
from tallystick.faces.web.state import EVER, FILTERS, State
from tallystick.faces.web.wording import span
from tallystick.usage.period import iso

_templates: Final = Environment(
    loader=PackageLoader("tallystick.faces.web"),
    autoescape=select_autoescape(default=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters |= {
    name: getattr(wording, name) for name in ("money", "short", "counted", "duration", "ago", "percent", "change")
}


def rendered(template: str, **values: Any) -> str:  # noqa: ANN401  whatever the template shows
    """Return a template with its values filled in."""
    return _templates.get_template(template).render(**values)


class Frame(NamedTuple):
    """What stands around a page."""

    path: str = "/"
    """Where its period, zone and filters lead."""
    title: str = ""
    """In the window; the days where none is said."""
    dated: bool = True
    """Whether it is of a period."""
    form: bool = True
    """Whether zone and days are chosen above it."""
    charts: bool = False
    """Whether it is certain to have charts, so that what draws them may come at once."""
    live: bool = True
    """Whether it is asked for again, as a whole, when there is something new; else those parts are that have addresses."""


_DASHBOARD: Final = Frame(live=False)
# Each would otherwise be asked for only when the one that needs it has come.
_MODULES: Final = ("themes.js", "charts.js", "morph.js", "live.js", "copying.js", "keys.js", "menus.js", "zones.js")


def head(asked: State, status: Status, version: str, frame: Frame = _DASHBOARD, ledger: str = "") -> str:
    """Return everything above the panels; `ledger` is the version of what they show."""
    first, last = asked.period.days
    title = frame.title or (span(first, last or "now") if first else "")
    around = {
        "frame": frame,
        "ledger": ledger,
        "modules": _MODULES,
        "title": f"Tallystick · {title}" if title else "Tallystick",
    }
    return rendered("head.html", state=asked, status=status, version=version, **around, **choices(asked, frame.path))


def choices(asked: State, path: str = "/") -> Mapping[str, Any]:
    """Return what a person can choose: periods and filters."""
    today = asked.zone.day(asked.place.now)
    month = f"{iso(today)[:7]}-01"
    periods = {"Today": "today", "7 days": "7d", "30 days": "30d", "Month": month, "365 days": "365d", "All": EVER}
    return {
        "periods": [
            Choice(name, asked.address(path, since=since, until=""), asked.since == since and not asked.until)
            for name, since in periods.items()
        ],
        "filters": [
            (name, pattern, asked.address(path, **{name: ""}))
            for name in FILTERS
            for pattern in asked.where.get(name, ())
        ]
        + [(name, told, asked.address(path, **{name: ""})) for name, told in wording.hours_said(asked.hours)],
        "days": asked.period.days,
    }


def section_head(section: Section) -> str:
    """Return the head of a section."""
    return rendered("section.html", section=section)


def fragment(panel: Panel, asked: State, view: View, *, late: bool = False) -> str:
    """Return a panel; one that is `late` says as of when it is, and the page brings it up to date at once."""
    return rendered(
        "panel.html",
        panel=panel,
        view=view,
        state=asked,
        address=asked.address(f"/panels/{panel.name}"),
        chart=asked.address(f"/charts/{panel.name}"),
        csv=asked.address(f"/panels/{panel.name}.csv"),
        height=charts.height(panel, view) if panel.chart else 0,
        mark=mark(view),
        late=wording.time_of_day(asked.place.now, asked.zone) if late else "",
        ways=ways(panel.source(asked), asked),
    )


def mark(view: View) -> str:
    """Return another text for another chart."""
    return blake2b(repr((view.points, view.params)).encode("utf-8", "replace"), digest_size=8).hexdigest()


def failed(panel: Panel, asked: State, sentence: str) -> str:
    """Return what stands in the place of a panel that cannot be shown."""
    return rendered("failed.html", panel=panel, address=asked.address(f"/panels/{panel.name}"), sentence=sentence)


def foot(asked: State, version: str) -> str:
    """Return everything below the panels."""
    return rendered("foot.html", state=asked, version=version)


def problem(sentence: str, version: str, path: str = "") -> str:
    """Return a page that tells what is wrong with its address, and which one that is where it is nowhere."""
    return rendered("problem.html", sentence=sentence, version=version, path=path)
