"""The ledger as metrics: the text format of Prometheus, version 0.0.4.

A counter never falls. What the ledger holds may, by a little: when a copy is recognised as one, or a price is corrected. So
each series stays at the highest value that it was ever shown with until the ledger has come up to that; `Shown` remembers
those values, also from one run of the server to the next. Series have bounded labels: no session, request, project or path,
and beyond `SERIES_MOST` combinations the rest is one called `other`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from tallystick.answers.answer import Answer, Figures, Row, added
from tallystick.answers.as_json import dollars
from tallystick.answers.question import Question, Wish, question
from tallystick.answers.report import Report
from tallystick.usage.period import Period, Zone

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
LABELS: Final = ("provider", "model", "tool", "machine")
"""By which series are told apart."""
TYPES: Final = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")
"""Kinds of tokens, disjoint, so that their sum is the total; reasoning is inside the output."""
SERIES_MOST: Final = 1_000
_LONGEST: Final = 120
_OTHER: Final = ("other",) * len(LABELS)
_REPORT: Final = Report("metrics", "Everything", LABELS, "total", ("total",))

type Labels = tuple[tuple[str, str], ...]
type Shown = dict[str, dict[str, int]]
"""The highest value of each series by its metric and its labels as they are written: tokens, requests or pico-dollars."""


class _Family(NamedTuple):
    name: str
    help: str
    kind: str
    samples: Sequence[tuple[Labels, str]]


def asked(now: int) -> Question:
    """Return the question whose answer is shown: everything that ever was, by its labels."""
    return question(_REPORT, Period(Zone()), Wish(), now)


def of_ledger(answer: Answer, newest: Mapping[str, int], shown: Shown) -> str:
    """Return the metrics of what the ledger holds; `shown` is brought up to what they say.

    `newest` is when each tool last called a model: milliseconds since 1970, UTC; 0 when never.
    """
    rows = bounded(answer.rows, shown.get("llm_requests_total", {}))
    return "".join(map(_written, (*_usage(rows, shown), *_gaps(answer, shown), _newest(newest))))


def of_meter(version: str, importing: float | None, *, alive: bool) -> str:
    """Return the metrics of the program itself: how much of what is being read has been, and whether logs are followed."""
    ratio = "1" if importing is None else f"{importing:.4f}"
    build: Labels = (("version", version),)
    families = (
        _Family(
            "meter_import_ratio", "How much of the logs that are being read has been read.", "gauge", [((), ratio)]
        ),
        _Family("meter_follower_up", "Whether something follows the logs.", "gauge", [((), str(int(alive)))]),
        _Family("meter_build_info", "The program that tells this.", "gauge", [(build, "1")]),
    )
    return "".join(map(_written, families))


def bounded(rows: Iterable[Row], known: Mapping[str, int]) -> dict[Labels, Figures]:
    """Return figures by labels: those that were shown before stay, others come in as long as there is room."""
    sums: dict[tuple[str, ...], Figures] = {}
    for row in rows:
        names = tuple(name[:_LONGEST] for name in row.keys)
        sums[names] = _plus(sums.get(names), row.figures)
    kept: dict[Labels, Figures] = {}
    # The largest first, of those that are new.
    ordered = sorted(sums, key=lambda names: (_text(_labels(names)) not in known, -sums[names].total, names))
    for names in ordered:
        labels = _labels(names if len(kept) < SERIES_MOST else _OTHER)
        kept[labels] = _plus(kept.get(labels), sums[names])
    return kept


def _usage(rows: Mapping[Labels, Figures], shown: Shown) -> Iterable[_Family]:
    tokens = [((*labels, ("token_type", kind)), getattr(each, kind)) for labels, each in rows.items() for kind in TYPES]
    yield _counter("llm_tokens_total", "Tokens by disjoint kinds; reasoning is in the output.", tokens, shown)
    yield _counter(
        "llm_reasoning_tokens_total",
        "The part of the output tokens that is reasoning, where that is told.",
        [(labels, each.reasoning) for labels, each in rows.items()],
        shown,
    )
    requests = [(labels, each.requests) for labels, each in rows.items()]
    yield _counter("llm_requests_total", "Billed calls to models.", requests, shown)
    costs = [((*labels, ("kind", "list")), each.priced_pico) for labels, each in rows.items() if each.priced]
    yield _counter("llm_cost_usd_total", "List prices of the calls whose price is known.", costs, shown, dollars)


def _gaps(answer: Answer, shown: Shown) -> Iterable[_Family]:
    unpriced: dict[Labels, int] = {}
    for model, tokens in answer.coverage.unpriced:
        labels: Labels = (("model", model[:_LONGEST] if len(unpriced) < SERIES_MOST else "other"),)
        unpriced[labels] = unpriced.get(labels, 0) + tokens
    # What has no price may get one later: how things stand is the gauge.
    yield _counter("meter_unpriced_tokens_total", "Tokens met without a known price.", unpriced.items(), shown)
    now = [(labels, str(tokens)) for labels, tokens in unpriced.items()]
    yield _Family("meter_unpriced_tokens", "Tokens that have no known price as of now.", "gauge", now)
    skipped: list[tuple[Labels, int]] = [((), answer.coverage.skipped)]
    yield _counter("meter_skipped_records_total", "Pieces of input that were not understood.", skipped, shown)


def _newest(newest: Mapping[str, int]) -> _Family:
    samples = [((("tool", tool),), f"{time // 1000}.{time % 1000:03}") for tool, time in sorted(newest.items()) if time]
    return _Family("meter_last_event_timestamp_seconds", "When each tool last called a model.", "gauge", samples)


def _counter(
    name: str, text: str, samples: Iterable[tuple[Labels, int]], shown: Shown, write: Callable[[int], str] = str
) -> _Family:
    """Return a counter with each series at the highest value that it was ever shown with.

    A series that is gone, because its calls turned out to be of another model, is not shown: its tokens are elsewhere.
    """
    highest = shown.setdefault(name, {})
    told = []
    for labels, value in samples:
        written = _text(labels)
        highest[written] = max(highest.get(written, 0), value)
        told.append((labels, write(highest[written])))
    return _Family(name, text, "counter", told)


def _plus(one: Figures | None, other: Figures) -> Figures:
    return other if one is None else added((one, other))


def _labels(names: Sequence[str]) -> Labels:
    return tuple(zip(LABELS, names, strict=True))


def _written(family: _Family) -> str:
    if not family.samples:
        return ""
    head = f"# HELP {family.name} {family.help}\n# TYPE {family.name} {family.kind}\n"
    return head + "".join(f"{family.name}{_text(labels)} {value}\n" for labels, value in family.samples)


def _text(labels: Labels) -> str:
    """Return labels as they are written; in a value only these three signs mean something else."""
    if not labels:
        return ""
    escaped = ((name, value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")) for name, value in labels)
    return "{" + ",".join(f'{name}="{value}"' for name, value in escaped) + "}"
