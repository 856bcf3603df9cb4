"""The fields of the status line: from what the tool tells and what is kept ready to texts with their colours."""

from tallystick.faces.statusline import figures
from tallystick.faces.statusline.windows import Window, running

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from tallystick.faces.statusline.template import Field, Shown

ESTIMATE = "~"
"""Before what no vendor has told and nobody has counted."""
STALE = "*"
"""Behind a figure to which more has come that is not in it yet."""
_WARM, _HOT = 70.0, 90.0
_NONE: "Mapping[str, Any]" = {}


class Scene:
    """Everything that a line can be made of."""

    def __init__(
        self,
        told: "Mapping[str, Any]",
        state: "Mapping[str, Any]",
        now: int,
        teller: tuple[str, str] = ("", ""),
        branch: "Callable[[str], str]" = lambda _: "",
    ) -> None:
        """Begin with the tool's JSON, what is kept ready (`faces/statusline/state.py`) and the moment in milliseconds since 1970.

        `teller` is tool and provider of whoever tells JSON; `branch` finds the branch of a folder.
        """
        self.told, self.state, self.now, self._branch = told, state, now, branch
        self.stale = False
        """Whether more is known to have happened than what is kept ready holds."""
        self.ahead = int(state.get("ahead") or 0)
        """How far local clocks are ahead of UTC now, in milliseconds."""
        sessions = state.get("sessions") or _NONE
        name = told.get("session_id")
        known = name if isinstance(name, str) else max(sessions, key=lambda each: sessions[each]["last"], default="")
        self.session: Mapping[str, Any] = sessions.get(known) or _NONE
        self.tool = self.session.get("tool") or teller[0]
        self._provider = self.session.get("provider") or teller[1]
        self._windows: list[Window] | None = None

    def text(self, *path: str) -> str:
        """Return a text that the tool tells; empty where there is none."""
        found = self.found(*path)
        return found if isinstance(found, str) else ""

    def number(self, *path: str) -> float | None:
        """Return a number that the tool tells; None where there is none."""
        found = self.found(*path)
        fits = isinstance(found, int | float) and not isinstance(found, bool) and abs(found) < 1e15  # noqa: PLR2004
        return found if fits else None

    def found(self, *path: str) -> "Any":  # noqa: ANN401  what foreign JSON holds
        """Return what the tool tells under some names, one within the other."""
        at: Any = self.told
        for name in path:
            at = at.get(name) if isinstance(at, dict) else None
        return at

    @property
    def windows(self) -> list[Window]:
        """The windows that run, the shortest first."""
        if self._windows is None:
            said = self.found("rate_limits")
            known = self.state.get("windows") or ()
            self._windows = running(said if isinstance(said, dict) else _NONE, known, self._provider, self.now)
        return self._windows

    @property
    def folder(self) -> str:
        """Where the work is done."""
        for path in (("workspace", "project_dir"), ("cwd",), ("workspace", "current_dir")):
            if found := self.text(*path):
                return found
        return str(self.session.get("project") or "")

    @property
    def branch(self) -> str:
        """The branch that is checked out there; what the ledger knows where nobody told the folder."""
        here = self.text("workspace", "current_dir") or self.text("cwd")
        return self._branch(here) if here else str(self.session.get("branch") or "")

    def clock(self, time: int) -> str:
        """Return a moment on the local clocks."""
        ahead = self.ahead
        for since, shifted in self.state.get("shifts") or ():
            ahead = shifted if time >= since else ahead
        return figures.clock(time, self.now, ahead)

    def marked(self, text: str) -> str:
        """Return a figure that is kept ready, with the mark for one that is stale."""
        return f"{text}{STALE}" if self.stale and text else text


def value(scene: Scene, field: "Field") -> "Shown | None":
    """Return what a field shows; None where there is nothing to show, and its name for one that there is not."""
    made = FIELDS.get(field.name)
    if made is None:
        return f"{{{field.name}?}}", "red"
    text, style = made(scene)
    return (text, field.style or style) if text else None


def _model(scene: Scene) -> "Shown":
    named = scene.text("model", "display_name") or scene.text("model", "id")
    return named or str(scene.session.get("model") or ""), "cyan"


def _session(scene: Scene) -> "Shown":
    return scene.marked(_cost(scene.session)), "bold"


def _session_tokens(scene: Scene) -> "Shown":
    total = scene.session.get("total")
    return scene.marked(figures.count(total) if total else ""), ""


def _reported(scene: Scene) -> "Shown":
    cost = scene.number("cost", "total_cost_usd")
    return "" if cost is None else f"${cost:,.2f}", ""


def _cost(kept: "Mapping[str, Any]") -> str:
    return figures.money(kept["cost"], kept["unpriced"], kept["total"]) if kept else ""


def _day(scene: Scene) -> "Mapping[str, Any]":
    day = scene.state.get("day") or _NONE
    # Of a day that is over nobody asks what it is so far.
    return day if day and day["since"] <= scene.now < day["until"] else _NONE


def _today(scene: Scene) -> "Shown":
    return scene.marked(_cost(_day(scene))), ""


def _today_tokens(scene: Scene) -> "Shown":
    day = _day(scene)
    return scene.marked(figures.count(day["total"]) if day else ""), ""


def _limit(scene: Scene) -> "Shown":
    return _windowed(scene, scene.windows[0], ends=True) if scene.windows else _block(scene)


def _limits(scene: Scene) -> "Shown":
    shown = [_windowed(scene, window, ends=False) for window in scene.windows[1:]]
    styles = [style for _, style in shown]
    worst = next((each for each in ("red", "yellow", "green") if each in styles), "")
    return " ".join(text for text, _ in shown), worst


def _windowed(scene: Scene, window: Window, *, ends: bool) -> "Shown":
    text = f"{window.label} {figures.percent(window.used)}{STALE * window.old}"
    if window.runs_out:
        # A moment that is past by now is one that may come at any time.
        return f"{text} out {ESTIMATE}{scene.clock(max(window.runs_out, scene.now))}", "red"
    if ends and window.resets_at:
        text += f" till {scene.clock(window.resets_at)}"
    return text, "red" if window.used >= _HOT else "yellow" if window.used >= _WARM else "green"


def _points(scene: Scene) -> "Shown":
    """Return what the session used of its shortest window: nobody but we say that."""
    kept = [each for each in scene.session.get("points") or () if each["resets_at"] > scene.now]
    if not kept:
        return "", ""
    each = min(kept, key=lambda one: (one["minutes"], one["name"]))
    number = figures.points(each["points"])
    label = Window(each["name"], each["minutes"], 0.0, each["resets_at"]).label
    return scene.marked(f"{ESTIMATE}{number} {'point' if number == '1' else 'points'} of {label}"), ""


def _block(scene: Scene) -> "Shown":
    kept = (scene.state.get("blocks") or _NONE).get(scene.tool)
    if not kept or not kept["begin"] <= scene.now < kept["end"]:
        return "", ""
    ahead = "" if kept["ahead"] is None else f" → {ESTIMATE}{figures.money(kept['ahead'], kept['unpriced'], 0)}"
    # Nobody but we say where a block ends.
    return f"block {scene.marked(_cost(kept))}{ahead} till {ESTIMATE}{scene.clock(kept['end'])}", ""


def _context(scene: Scene) -> "Shown":
    used = scene.number("context_window", "used_percentage")
    if used is None or used < 0:
        return "", ""
    return figures.percent(min(used, 100.0)), "red" if used >= _HOT else "yellow" if used >= _WARM else ""


def _cache(scene: Scene) -> "Shown":
    prompt = scene.session.get("prompt")
    if prompt:
        return figures.percent(100 * scene.session["cached"] / prompt), ""
    ratio = scene.number("prompt_cache", "hit_ratio")
    return ("", "") if ratio is None or not 0 <= ratio <= 1 else (figures.percent(100 * ratio), "")


def _project(scene: Scene) -> "Shown":
    return scene.folder.replace("\\", "/").rstrip("/").rpartition("/")[2], "blue"


def _lines(scene: Scene) -> "Shown":
    more, less = scene.number("cost", "total_lines_added"), scene.number("cost", "total_lines_removed")
    return f"+{more or 0:.0f} −{less or 0:.0f}" if more or less else "", ""


def _stale(scene: Scene) -> "Shown":
    begun = scene.state.get("begun") or 0
    return f"{STALE}as of {scene.clock(begun)}" if scene.stale and begun else "", "dim"


FIELDS: "Mapping[str, Callable[[Scene], Shown]]" = {
    "model": _model,
    "session": _session,
    "session_tokens": _session_tokens,
    "reported": _reported,
    "today": _today,
    "today_tokens": _today_tokens,
    "limit": _limit,
    "limits": _limits,
    "points": _points,
    "block": _block,
    "cache": _cache,
    "context": _context,
    "project": _project,
    "branch": lambda scene: (scene.branch, "magenta"),
    "machine": lambda scene: (str(scene.state.get("machine") or ""), "dim"),
    "effort": lambda scene: (scene.text("effort", "level"), ""),
    "lines": _lines,
    "stale": _stale,
}
"""Every field, with what it shows: a text, which is empty where there is nothing to show, and its colour."""
