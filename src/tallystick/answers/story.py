"""The story of a session: what is told of it besides its figures."""

from collections import defaultdict
from operator import add

from tallystick.answers.answer import Details, Moment
from tallystick.usage.activity import Activity, activity

type Place = tuple[str, str, str]
"""Tool, project and branch."""


class Story:
    """What is told of one session."""

    __slots__ = ("calls", "moments", "places", "prompts", "spans", "times", "title")

    def __init__(self) -> None:
        """Begin with nothing."""
        self.title = ""
        self.places: defaultdict[Place, int] = defaultdict(int)
        """Tokens by tool, project and branch."""
        self.moments: list[int] = []
        self.times = [0, 0, 0, 0, 0]
        """Time at work, as the fields of `Activity`."""
        self.spans: list[tuple[str, int, int, int]] = []
        """What is to be added to that: agent, kind, begin, end."""
        self.prompts = 0
        self.calls = 0

    def details(self) -> Details:
        """Return the details of its row; a session that moved is told by where most of its tokens went."""
        places = self.places
        if len(places) == 1:
            ((tool, project, branch),) = places
        else:
            tool, project, branch = min(places, key=lambda place: (-places[place], place), default=("", "", ""))
        at_work = Activity(*(map(add, self.times, activity(self.spans)) if self.spans else self.times))
        return {
            "tool": tool,
            "title": self.title,
            "project": project,
            "branch": branch,
            "first": Moment(min(self.moments)) if self.moments else None,
            "last": Moment(max(self.moments)) if self.moments else None,
            "active_ms": at_work.active,
            "model_ms": at_work.model,
            "tool_ms": at_work.tool,
            "agent_model_ms": at_work.agent_model,
            "agent_tool_ms": at_work.agent_tool,
            "prompts": self.prompts,
            "tool_calls": self.calls,
        }
