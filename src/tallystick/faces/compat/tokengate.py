"""The routes of tokengate: what the coding tools have consumed today, for its Chrome extension and whatever else asks.

Keys and types are tokengate's, and so is what its counts mean: `inputTokens` are those that were not read from a cache,
of most tools also without those written to one, `outputTokens` everything generated, and the total is their sum.
Reasoning is a part of the output and is not added again. Today is the local day of the site's zone, by each call's time.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import count
from typing import Any, Final, NamedTuple, NotRequired, Protocol, TypedDict

from fastapi import APIRouter, Request
from starlette.responses import Response

from tallystick.answers.answer import Figures, Moment
from tallystick.answers.answers import Answers
from tallystick.answers.as_json import value as as_json
from tallystick.answers.desk import Desk
from tallystick.answers.question import Question, Wish, question
from tallystick.answers.report import Report
from tallystick.errors import TallystickError
from tallystick.usage.period import Zone, period

ALL: Final = ("claude-code", "opencode", "codex")
"""The adapters that tokengate has, in its order."""
_WRITTEN_INSIDE: Final = frozenset(("codex",))
"""Adapters whose input is what the vendor calls input without what was read from a cache: what was written is inside."""
_TODAY: Final = Report("today", "Today by tool", ("tool",), "total", ("input", "output", "total"))
_GRANT: Final = "tally.grant"
"""Where in a request's scope stands whose token was shown, if one was."""
_UNCACHED: Final = {"Cache-Control": "no-store"}


class Site(Protocol):
    """What these routes go by."""

    @property
    def version(self) -> str:
        """Return the program's version."""

    @property
    def timezone(self) -> str:
        """Return the IANA name of the zone whose days count."""

    @property
    def now(self) -> Callable[[], int]:
        """Return the clock: milliseconds since 1970, UTC."""

    @property
    def cache_ttl(self) -> float:
        """Return the seconds for which an answer is given again."""


class Counts(TypedDict):
    """Tokens of today."""

    inputTokens: int
    outputTokens: int
    reasoningTokens: int
    totalTokens: int


class Source(Counts):
    """Tokens of today of one tool; `error` tells why it is not available."""

    source: str
    displayName: str
    available: bool
    error: NotRequired[str]


class Usage(TypedDict):
    """What `/usage` answers; moments are ISO texts, UTC."""

    total: Counts
    breakdown: list[Source]
    timestamp: str
    periodStart: str
    periodEnd: str
    cached: bool


class Health(TypedDict):
    """What `/health` answers, to the clients of three programs.

    Containers of tokenfold and tokengate's own commands go by the status 200, tokengate's extension shows `version`, and the
    clients of the Token Usage Server never ask: so `status` is `ok`, as two of the three have it, and not `healthy`.
    """

    status: str
    version: str
    adapters: list[str]
    guids_tracked: NotRequired[int]
    hosts_tracked: NotRequired[int]


class Adapter(NamedTuple):
    """One tool that is told of."""

    name: str
    title: str
    missing: Callable[[], str]
    """Tells why there is nothing of it on this machine; empty when there is something."""


class Collected(NamedTuple):
    """What was found out at one moment."""

    total: Counts
    breakdown: list[Source]
    moment: int
    since: int
    until: int
    failed: bool
    """Whether nothing could be found out, so that the next one who asks tries again."""


class Collector:
    """Collects once for all who ask at the same time, and again when what there is has grown old or the day has ended."""

    def __init__(self, desk: Desk, site: Site, adapters: Sequence[Adapter]) -> None:
        """Begin with nothing."""
        self._desk, self._site, self._adapters = desk, site, tuple(adapters)
        self._zone, self._collections = Zone(site.timezone), count()
        self._found: Collected | None = None
        self._under_way: asyncio.Future[Collected] | None = None

    async def usage(self) -> Usage:
        """Return what was consumed today."""
        now = self._site.now()
        found = self._found
        if found is not None and now < found.until and 0 <= now - found.moment < self._site.cache_ttl * 1000:
            return _usage(found, cached=True)
        if self._under_way is None:
            self._under_way = asyncio.ensure_future(self._collect(now))
            self._under_way.add_done_callback(self._done)
        # Whoever goes away must not take it away from the others.
        return _usage(await asyncio.shield(self._under_way), cached=False)

    async def _collect(self, now: int) -> Collected:
        today = period(self._zone, now, "today", "today")
        asked = question(_TODAY, today, Wish(prices=False), now)
        error = ""
        try:
            # A key of its own each time: what is kept is kept here, and need not be worked out anew for each version.
            key = ("tokengate", next(self._collections))
            figures, missing = await asyncio.wrap_future(
                self._desk.get(key, lambda answers: self._counted(answers, asked))
            )
        except Exception as failure:  # noqa: BLE001 - whatever it is, it is told within an answer
            told = isinstance(failure, TallystickError)
            figures, missing, error = (
                {},
                {},
                str(failure) if told else f"It could not be found out ({type(failure).__name__}).",
            )
        breakdown = [
            _source(each, figures.get(each.name), error or missing.get(each.name, "")) for each in self._adapters
        ]
        return Collected(_sum(breakdown), breakdown, now, today.since, today.until, bool(error))

    def _counted(self, answers: Answers, asked: Question) -> tuple[dict[str, Figures], dict[str, str]]:
        """Return the figures of each tool that has any, and why others can have none; this runs at the desk."""
        figures = {row.keys[0]: row.figures for row in answers.ask(asked).rows}
        return figures, {each.name: each.missing() for each in self._adapters if each.name not in figures}

    def _done(self, collected: "asyncio.Future[Collected]") -> None:
        self._under_way = None
        if not collected.cancelled() and collected.exception() is None and not collected.result().failed:
            self._found = collected.result()


def router(
    desk: Desk,
    site: Site,
    adapters: Sequence[Adapter],
    tracked: Callable[[Any], Awaitable[Mapping[str, int]]] | None = None,
) -> APIRouter:
    """Return the routes for the tools that are enabled; `tracked` tells whom (a grant, or None) what the Token Usage Server's `/health` has besides."""
    made = APIRouter(tags=["tokengate"])
    collector = Collector(desk, site, adapters)

    @made.get("/usage", summary="What the coding tools have consumed today", response_model=Usage)
    async def usage() -> Response:
        return _json(await collector.usage())

    @made.get("/health", summary="Whether the server is there, and which tools it tells of", response_model=Health)
    async def health(request: Request) -> Response:
        health = Health(status="ok", version=site.version, adapters=[each.name for each in adapters])
        numbers = await tracked(request.scope.get(_GRANT)) if tracked is not None else {}
        if numbers:
            health["guids_tracked"], health["hosts_tracked"] = numbers["guids_tracked"], numbers["hosts_tracked"]
        return _json(health)

    return made


def _json(found: Usage | Health) -> Response:
    return Response(as_json(found) + "\n", headers=_UNCACHED, media_type="application/json")


def _usage(found: Collected, *, cached: bool) -> Usage:
    return Usage(
        total=found.total,
        breakdown=found.breakdown,
        timestamp=Moment(found.moment).iso(),
        periodStart=Moment(found.since).iso(),
        periodEnd=Moment(found.until).iso(),
        cached=cached,
    )


def _source(adapter: Adapter, figures: Figures | None, error: str) -> Source:
    """Return a tool's part; one that cannot be told of has zeros and says why, as tokengate has it."""
    told: Source = {
        "source": adapter.name,
        "displayName": adapter.title,
        **_counts(adapter, figures or Figures()),  # type: ignore[typeddict-item]  # mypy wants of a part what only the whole may have
        "available": not error,
    }
    if error:
        told["error"] = error
    return told


def _counts(adapter: Adapter, figures: Figures) -> Counts:
    written = figures.cache_write_5m + figures.cache_write_1h if adapter.name in _WRITTEN_INSIDE else 0
    return Counts(
        inputTokens=figures.input + written,
        outputTokens=figures.output,
        reasoningTokens=figures.reasoning,
        totalTokens=figures.input + written + figures.output,
    )


def _sum(sources: Sequence[Source]) -> Counts:
    return Counts(
        inputTokens=sum(each["inputTokens"] for each in sources),
        outputTokens=sum(each["outputTokens"] for each in sources),
        reasoningTokens=sum(each["reasoningTokens"] for each in sources),
        totalTokens=sum(each["totalTokens"] for each in sources),
    )
