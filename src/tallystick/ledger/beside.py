"""What the ledger in memory keeps beside events: samples of limits, titles of sessions, and what was skipped in sources."""

from tallystick.ledger.ledger import Batch, Row


class Beside:
    """Limits by moment, provider and window; titles by session; skipped places by path."""

    def __init__(self) -> None:
        """Begin empty."""
        self._limits: dict[Row, Row] = {}
        self._titles: dict[str, tuple[int, str]] = {}
        self._skipped: dict[tuple[str, int, str], int] = {}
        """By path, place and reason: how often."""

    def take(self, batch: Batch) -> None:
        """Take in what a batch brings of these; a source that is read anew has skipped nothing yet."""
        for provider, name, minutes, used, resets_at, time, plan in batch.limits:
            place, told = (time, provider, name), (used, minutes, resets_at, plan)
            self._limits[place] = max(told, self._limits.get(place, told))
        for session, title, time in batch.titles:
            self._titles[session] = max((time, title), self._titles.get(session, (time, title)))
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
            (provider, name, minutes, used, resets_at, time, plan)
            for (time, provider, name), (used, minutes, resets_at, plan) in sorted(self._limits.items())
        ]

    def titles(self) -> list[Row]:
        """Return the answer to the question `titles`."""
        return [(session, title) for session, (_, title) in sorted(self._titles.items())]

    def skipped(self) -> list[tuple[str, int, str, int]]:
        """Return path, place and reason of what was skipped, and how often."""
        return [(*place, number) for place, number in sorted(self._skipped.items())]
