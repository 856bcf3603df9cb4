"""The routes of tokentap: events a page at a time, and sums of them, for its page and whatever else asks.

Keys are tokentap's. Of bodies there are none: `messages` is empty. Times tell their zone, UTC, and so do periods without one.
Input is what was neither read from a cache nor written to one, for every provider; the total is of all tokens, each once.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from fastapi import APIRouter, Request
from starlette.responses import Response

from tallystick.answers.answer import Figures, Moment
from tallystick.answers.answers import Answers
from tallystick.answers.desk import Desk
from tallystick.answers.events import MOST
from tallystick.answers.question import Question, Wish, question
from tallystick.answers.reports.places import ANY
from tallystick.answers.single import Single
from tallystick.errors import NotFound, TallystickError
from tallystick.usage.instant import instant
from tallystick.usage.period import BEGINNING, DAY_MS, END, HOUR_MS, SLOT_MS, Period, Zone

_JSON: Final = "application/json"
_UTC: Final = Zone()
_NAMES: Final = {"google": "gemini"}
"""What tokentap calls providers, where that is another name than ours."""
_OURS: Final = {theirs: ours for ours, theirs in _NAMES.items()}
_LIMIT_MOST: Final = 200
_LIMIT: Final = 50
_SKIP_MOST: Final = 2**53
_ASKED_S: Final = 0.5
"""How long `/api/health` waits for the ledger."""
_BUCKETS: Final = ("hour", "day", "week")
_WIDTHS: Final = {"hour": HOUR_MS, "day": DAY_MS, "week": 7 * DAY_MS}
_FIRST_SUNDAY: Final = 3 * DAY_MS
"""1970-01-04: tokentap's weeks begin with Sundays, as MongoDB's do."""
_FIRST: Final = -62_104_060_800_000
_LAST: Final = 253_370_764_800_000
"""The years 2 and 9999."""
_DATE_LETTERS: Final = 10
_TEXT: Final = {"type": "string"}
_WHEN: Final = {"type": "string", "description": "ISO date, or date and time; UTC where no zone is said."}
_PARAMETERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "provider": _TEXT,
    "model": _TEXT,
    "date_from": _WHEN,
    "date_to": {**_WHEN, "description": "The same, included; a date alone is the whole day."},
    "skip": {"type": "integer", "minimum": 0, "maximum": _SKIP_MOST, "default": 0},
    "limit": {"type": "integer", "minimum": 1, "maximum": _LIMIT_MOST, "default": _LIMIT},
    "granularity": {"type": "string", "enum": list(_BUCKETS), "default": "hour"},
}
_FILTERS: Final = ("provider", "model", "date_from", "date_to")


class _Wrong(Exception):
    """A parameter that makes no sense."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


class Asked(NamedTuple):
    """What the parameters say."""

    where: tuple[tuple[str, str], ...]
    period: Period
    skip: int = 0
    limit: int = _LIMIT
    granularity: str = "hour"

    def question(self, period: Period, by: str = "provider,model", limit: int = 0, *, prices: bool = False) -> Question:
        """Return a question with these filters."""
        where = {name: (text,) for name, text in self.where}
        return question(ANY, period, Wish(by, where, limit=limit, prices=prices), 0)


type Work = Callable[[Answers, Asked], Any]
"""Works an answer out, which JSON can hold."""


def router(desk: Desk) -> APIRouter:
    """Return the routes."""
    made = APIRouter(tags=["tokentap"])

    def add(path: str, summary: str, names: tuple[str, ...], work: Work) -> None:
        async def asked(request: Request) -> Response:
            try:
                said = read(request.query_params, names)
            except _Wrong as wrong:
                return _wrong(wrong)
            text = desk.get(("tokentap", path, *said), lambda answers: json.dumps(work(answers, said)))
            return _answer(200, await asyncio.wrap_future(text))

        made.get(path, summary=summary, name=path, **_told(names, 422))(asked)

    add("/api/events", "Events, the newest first", (*_FILTERS, "skip", "limit"), events)
    add("/api/stats/summary", "Sums of all that fits", _FILTERS, summary)
    add("/api/stats/by-model", "Sums by provider and model", ("provider", "date_from", "date_to"), by_model)
    add("/api/stats/over-time", "Sums by hour, day or week, UTC", (*_FILTERS, "granularity"), over_time)

    @made.get("/api/events/{event_id}", summary="One event", **_told((), 404))
    async def event(event_id: str) -> Response:
        try:
            # Longer than any number of ours, it is none; Python would take its time to say so.
            number = int(event_id) if event_id.isascii() and event_id.isdigit() and len(event_id) < 20 else 0  # noqa: PLR2004
            found = desk.get(
                ("tokentap", "event", number), lambda answers: json.dumps(_document(answers.event(number).event))
            )
            return _answer(200, await asyncio.wrap_future(found))
        except NotFound:
            return _answer(404, json.dumps({"error": "Event not found"}))

    made.get("/api/health", summary="Whether it is there, and its ledger", **_told(()))(_health(desk))
    return made


def _health(desk: Desk) -> Callable[[], Awaitable[Response]]:
    async def health() -> Response:
        try:
            async with asyncio.timeout(_ASKED_S):
                looked = desk.get(("tokentap", "health"), lambda answers: bool(answers.names(())) or True, ahead=False)
                await asyncio.shield(asyncio.wrap_future(looked))
            there = True
        except (TimeoutError, TallystickError):
            there = False
        # There is no MongoDB here. The key says what it is asked for: whether the store can be read.
        return _answer(200, json.dumps({"status": "ok", "mongodb": there}))

    return health


def read(said: Mapping[str, str], names: tuple[str, ...]) -> Asked:
    """Return what parameters say, of those that count; raise `_Wrong` for one that makes no sense."""
    given = {name: said[name] for name in names if said.get(name)}
    since = _moment("date_from", given["date_from"]) if "date_from" in given else BEGINNING
    until = _moment("date_to", given["date_to"], end=True) if "date_to" in given else END
    provider = given.get("provider", "")
    where = {"provider": _OURS.get(provider, provider), "model": given.get("model", "")}
    granularity = given.get("granularity", "hour")
    if granularity not in _BUCKETS:
        raise _Wrong("granularity", f"Input should be one of {', '.join(_BUCKETS)}")
    return Asked(
        tuple((name, text) for name, text in where.items() if text),
        Period(_UTC, since, max(since, until)),
        _number("skip", said.get("skip") if "skip" in names else None, (0, 0, _SKIP_MOST)),
        _number("limit", said.get("limit") if "limit" in names else None, (_LIMIT, 1, _LIMIT_MOST)),
        granularity,
    )


def _number(name: str, text: str | None, bounds: tuple[int, int, int]) -> int:
    usual, least, most = bounds
    if text is None:
        return usual
    fits = text.isascii() and text.isdigit() and len(text) < 20 and least <= int(text) <= most  # noqa: PLR2004
    if not fits:
        raise _Wrong(name, f"Input should be a whole number from {least} to {most}")
    return int(text)


def _moment(name: str, text: str, *, end: bool = False) -> int:
    """Return a moment; with `end`, the one up to which it is included."""
    try:
        # A plus in an address is a space once it is read.
        found = instant(text.strip().replace(" ", "+") if text.count(" ") and "T" in text else text.strip())
    except (ValueError, UnicodeError, OverflowError):
        raise _Wrong(name, "Input should be an ISO date, or a date and time") from None
    if not end:
        return BEGINNING if found < _FIRST else min(found, _LAST)
    found += DAY_MS if len(text.strip()) <= _DATE_LETTERS else 1
    # Python's days are those of the years 1 to 9999; nothing lies outside that could be left out.
    return END if found > _LAST else max(found, _FIRST)


def events(answers: Answers, asked: Asked) -> dict[str, Any]:
    """Return a page of events."""
    found = answers.at_one_moment(lambda each: (_total(_sums(each, asked, "provider,model")), _page(each, asked)))
    total, page = found
    return {"events": [_document(each) for each in page], "total": total.requests, **_where(asked)}


def _where(asked: Asked) -> dict[str, int]:
    return {"skip": asked.skip, "limit": asked.limit}


def _page(answers: Answers, asked: Asked) -> list[Single]:
    after, left = "", asked.skip
    while left:
        # Events that are passed over need no price.
        page = answers.events(asked.question(asked.period, "day", min(left, MOST)), after)
        left, after = left - len(page.events), page.after
        if not after:
            return []
    return answers.events(asked.question(asked.period, "day", asked.limit, prices=True), after).events


def summary(answers: Answers, asked: Asked) -> dict[str, Any]:
    """Return the sums of everything."""
    total = _total(_sums(answers, asked, "provider,model"))
    told = _counts(total)
    return {f"total_{name}" if name != "request_count" else name: count for name, count in told.items()}


def by_model(answers: Answers, asked: Asked) -> list[dict[str, Any]]:
    """Return the sums by provider and model, the greatest input first."""
    rows = [
        {"provider": _NAMES.get(provider, provider), "model": model, **_counts(figures)}
        for (provider, model), figures in _sums(answers, asked, "provider,model").items()
    ]
    return sorted(rows, key=lambda row: (-row["input_tokens"], row["provider"], row["model"]))


def over_time(answers: Answers, asked: Asked) -> list[dict[str, Any]]:
    """Return the sums of each stretch of time in which there is something."""
    width = _WIDTHS[asked.granularity]
    first = _FIRST_SUNDAY if asked.granularity == "week" else 0
    buckets: defaultdict[int, Figures] = defaultdict(Figures)
    for (hour,), figures in _sums(answers, asked, "hour").items():
        bucket = (instant(hour) - first) // width * width + first
        buckets[bucket] = _added(buckets[bucket], figures)
    return [
        {
            "bucket": _iso(bucket),
            "input_tokens": figures.input,
            "output_tokens": figures.output,
            "request_count": figures.requests,
        }
        for bucket, figures in sorted(buckets.items())
    ]


def _sums(answers: Answers, asked: Asked, by: str) -> dict[tuple[str, ...], Figures]:
    """Return sums to the millisecond: of whole quarter-hours as they are kept, and of what lies beside them by the event."""
    since, until = asked.period.since, asked.period.until
    first, last = -(-since // SLOT_MS) * SLOT_MS, until // SLOT_MS * SLOT_MS
    found: defaultdict[tuple[str, ...], Figures] = defaultdict(Figures)
    if first < last:
        whole = Period(_UTC, since if since == BEGINNING else first, until if until == END else last)
        for row in answers.ask(asked.question(whole, by)).rows:
            found[row.keys] = row.figures
    else:
        first = last = until
    for span in ((since, first), (last, until)):
        if span[0] < span[1] and span not in {(BEGINNING, first), (last, END)}:
            _add_single(answers, asked, Period(_UTC, *span), by, found)
    return dict(found)


def _add_single(
    answers: Answers, asked: Asked, span: Period, by: str, found: defaultdict[tuple[str, ...], Figures]
) -> None:
    after, first = "", True
    while first or after:
        page = answers.events(asked.question(span, "day", MOST), after)
        for each in page.events:
            keys = (
                (_iso(each.time // HOUR_MS * HOUR_MS),) if by == "hour" else (each.variant.provider, each.variant.model)
            )
            found[keys] = _added(found[keys], Figures(each.requests, *each.tokens))
        after, first = page.after, False


def _added(one: Figures, other: Figures) -> Figures:
    return Figures(*(a + b for a, b in zip(one, other, strict=True)))


def _total(sums: Mapping[tuple[str, ...], Figures]) -> Figures:
    total = Figures()
    for figures in sums.values():
        total = _added(total, figures)
    return total


def _counts(figures: Figures) -> dict[str, int]:
    return {
        "input_tokens": figures.input,
        "output_tokens": figures.output,
        "cache_creation_tokens": figures.cache_write_5m + figures.cache_write_1h,
        "cache_read_tokens": figures.cache_read,
        "request_count": figures.requests,
    }


def _document(each: Single) -> dict[str, Any]:
    """Return an event as tokentap has it; null is what nobody keeps."""
    tokens = each.tokens
    return {
        "_id": str(each.number),
        "timestamp": Moment(each.time).iso(),
        "duration_ms": each.work_ms,
        "provider": _NAMES.get(each.variant.provider, each.variant.provider),
        "model": each.variant.model,
        "path": None,
        "input_tokens": tokens.input,
        "output_tokens": tokens.output,
        "total_tokens": tokens.total,
        "cache_creation_tokens": tokens.cache_write_5m + tokens.cache_write_1h,
        "cache_read_tokens": tokens.cache_read,
        "estimated_input_tokens": None,
        "estimated_cost": None if each.cost is None else round(each.cost / 1e12, 6),
        "is_token_consuming": bool(tokens.total),
        "messages": [],
        "response_status": None,
        "response_stop_reason": None,
        "streaming": None,
        "program": each.context["tool"],
        "project": each.context["project"],
        "session": each.context["session"],
        "device_id": each.context["machine"],
    }


def _iso(time: int) -> str:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=time)
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z"


def _told(names: tuple[str, ...], *statuses: int) -> dict[str, Any]:
    """Return what the API's description tells of a route."""
    wrong = {"type": "object", "properties": {"detail": {}, "error": {}}}
    told: dict[int | str, Any] = {
        status: {"description": "Why not.", "content": {_JSON: {"schema": wrong}}}
        for status in (*statuses, 401, 403, 429, 503)
    }
    told[200] = {"description": "As tokentap has it.", "content": {_JSON: {"schema": {}}}}
    parameters = [{"name": name, "in": "query", "required": False, "schema": dict(_PARAMETERS[name])} for name in names]
    extra = {"parameters": parameters} if parameters else None
    return {"responses": told, "response_class": Response, "openapi_extra": extra}


def _answer(status: int, text: str) -> Response:
    return Response(text + "\n", status, {"Cache-Control": "no-store"}, _JSON)


def _wrong(wrong: _Wrong) -> Response:
    detail = [{"loc": ["query", wrong.name], "msg": str(wrong), "type": "value_error"}]
    return _answer(422, json.dumps({"detail": detail}))
