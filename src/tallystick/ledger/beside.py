"""What the ledger in memory keeps beside events: limits, titles and tags of sessions, and what was skipped in sources."""

from collections.abc import Iterable

from tallystick.ledger.ledger import Batch, Row
from tallystick.usage.event import HIDDEN, RUN, Context


class Beside:
    """Limits by moment, provider, window and account; titles and tags by session; skipped places by path."""

    def __init__(self) -> None:
        """Begin empty."""
        self._limits: dict[Row, Row] = {}
        self._titles: dict[str, tuple[int, str]] = {}
        self._skipped: dict[tuple[str, int, str], int] = {}
        """By path, place and reason: how often."""
        self._tags: set[Row] = set()

    def take(self, batch: Batch) -> None:
        """Take in what a batch brings of these; a source that is read anew has skipped nothing yet."""
        for provider, name, minutes, used, resets_at, time, plan, account in batch.limits:
            place, told = (time, provider, name, account), (used, minutes, resets_at, plan)
            self._limits[place] = max(told, self._limits.get(place, told))
        for session, title, time in batch.titles:
            self._titles[session] = max((time, title), self._titles.get(session, (time, title)))
        self._tags.update(map(tuple, batch.tags))
        path = batch.source.path
        if batch.fresh:
            self._skipped = {place: number for place, number in self._skipped.items() if place[0] != path}
        for offset, reason in batch.skipped:
            self._skip(path, offset, reason)

    def _skip(self, path: str, offset: int, reason: str) -> None:
        if offset >= 0:
            self._skipped[path, offset, reason] = 1
        else:
            self._skipped[path, offset, "more"] = self._skipped.get((path, offset, "more"), 0) + int(reason)

    def limits(self) -> list[Row]:
        """Return the rows of the question `limits`, of all times: in order of time, which is the sixth column."""
        return [
            (provider, name, minutes, used, resets_at, time, plan, account)
            for (time, provider, name, account), (used, minutes, resets_at, plan) in sorted(self._limits.items())
        ]

    def titled(self) -> list[Row]:
        """Return (session, title, time) of each session that has a title, in their order."""
        return [(session, title, time) for session, (time, title) in sorted(self._titles.items())]

    def skipped(self) -> list[tuple[str, int, str, int]]:
        """Return path, place and reason of what was skipped, and how often."""
        return [(*place, number) for place, number in sorted(self._skipped.items())]

    def tags(self, seen: Iterable[tuple[Context, Context]]) -> list[Row]:
        """Return the answer to the question `tags`, given the contexts of views and those of their events."""
        found = set(self._tags)
        for view, event in seen:
            if view.session.startswith(RUN) and event.session:
                of = (tag for tag in self._tags if tag[:2] == view[:2])
                found.update((*event[:2], *tag[2:]) for tag in of)
        return sorted(found)


def shown(contexts: Iterable[Context]) -> list[Context]:
    """Return contexts as they are shown: one without a project takes that of its session, with the branch, if there is any."""
    every = list(contexts)
    places: dict[Row, list[tuple[str, str]]] = {}
    for each in every:
        if each.project not in ("", HIDDEN) and each.session:
            places.setdefault(_whose(each), []).append((each.project, each.branch))
    return [_placed(each, places.get(_whose(each), [])) for each in every]


def _whose(context: Context) -> Row:
    return context.tool, context.session, context.machine, context.user


def _placed(context: Context, places: list[tuple[str, str]]) -> Context:
    if context.project == HIDDEN:
        return context._replace(project="")
    if context.project or not places:
        return context
    # A folder comes before those within it.
    project, _ = min(places)
    branch = min((branch for place, branch in places if place == project and branch), default="")
    return context._replace(project=project, branch=context.branch or branch)
