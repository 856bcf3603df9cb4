"""What `/api/stats` of tokenfold tells: its keys, with figures from the same answers as every report.

Where its own figures are wrong, these are not (docs/moving.md tells which). A cost is null where nothing has a price.
"""

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from tallystick.answers.answer import Figures, Moment, Money, added
from tallystick.answers.answers import Answers
from tallystick.answers.limits import Window
from tallystick.answers.price_card import usd as per_million
from tallystick.answers.question import Wish, question
from tallystick.answers.reports.places import ANY
from tallystick.answers.reports.times import ACTIVITY
from tallystick.errors import NotFound
from tallystick.faces.compat.tokenfold_names import display, energy_wh, water_ml
from tallystick.faces.compat.tokenfold_part import Model, Part, hours, main_ms, usd
from tallystick.usage.event import Variant
from tallystick.usage.period import DAY_MS, Period, Zone, iso, period

RECENT_DAYS: Final = 14
_HOURS: Final = 24
_NOON: Final = 12
_ENOUGH: Final = 0.5
"""Hours of work below which a recent cost per hour says nothing."""
_CLASSES: Final = ("input", "output", "cache_write", "cache_read")
_RATES: Final = (
    ("input", "input"),
    ("output", "output"),
    ("cache_write", "cache_write_5m"),
    ("cache_read", "cache_read"),
)
_WEEK_MS: Final = 7 * DAY_MS


class Parts(NamedTuple):
    """What most of it is made of, which is another only when something came or a day has begun."""

    every: Part
    recent: Part
    of_today: Part


def spans(zone: Zone, now: int) -> tuple[Period, Period, Period]:
    """Return the periods of the parts at a moment: everything, the recent days, today."""
    return Period(zone), period(zone, now, _cutoff(zone, now), "today"), period(zone, now, "today", "today")


def _cutoff(zone: Zone, now: int) -> str:
    return iso(zone.day(now) - RECENT_DAYS + 1)


def stats(answers: Answers, parts: Parts, zone: Zone, now: int, version: int) -> dict[str, Any]:
    """Return the statistics at a moment, days being those of a zone."""
    every, recent, of_today = parts
    cutoff, daily = _cutoff(zone, now), _daily(every)
    prices = _prices(answers, every, now)
    return {
        "cards": _cards(every, len(daily)),
        "daily": daily,
        **_of_models(every, recent, zone, cutoff),
        "tools": every.tools,
        "recent_tools": recent.tools,
        "time_breakdown": every.times | {f"recent_{name}": value for name, value in recent.times.items()},
        "projects": _projects(every, recent),
        "total_cost": usd(every.activity.totals.cost_usd),
        "total_orch_cost": usd(every.whole.get("main_cost_usd")),
        "total_agent_cost": usd(every.whole.get("agents_cost_usd")),
        "output_pricing": {name: rates["output"] for name, rates in prices.items()},
        "model_pricing": prices,
        "cutoff_date": cutoff,
        "recency_days": RECENT_DAYS,
        "generation_time": f"{zone.local(now):%Y-%m-%d %H:%M:%S %Z}",
        "data_range": _since(daily),
        **_of_machines(every, recent),
        "machine_daily_cost": _by_machine(answers, daily, zone, now),
        "hourly": _hourly(answers, zone, now),
        "weekly_budget": _budget(answers, zone, now),
        "today": _today(of_today, zone, cutoff),
        "version": version,
    }


def _of_models(every: Part, recent: Part, zone: Zone, cutoff: str) -> dict[str, Any]:
    ordered = _ordered(every)
    models = [_model(name, model, recent.models.get(name), zone, cutoff) for name, model in ordered]
    return {
        "models": {name: model.figures.total for name, model in ordered},
        "model_breakdown": models,
        "model_order": [name for name, _ in ordered],
        "total_energy_wh": round(sum(each["energy_wh"] for each in models), 2),
        "total_water_ml": round(sum(each["water_ml"] for each in models), 2),
        # It drew four numbers for five models that somebody had typed in; those are no measurement of anything here.
        "benchmarks": {},
    }


def _of_machines(every: Part, recent: Part) -> dict[str, Any]:
    last = every.shares.last
    return {
        "machines": sorted(row["machine"] for row in every.machine_rows()),
        "machine_last_active": {name: time / 1000 for name, time in sorted(last.items())},
        "machine_summary": every.machine_rows(),
        "recent_machine_summary": recent.machine_rows(),
        "last_active_ts": max(last.values()) / 1000 if last else None,
    }


def _today(found: Part, zone: Zone, cutoff: str) -> dict[str, Any]:
    return {
        "model_breakdown": [_model(name, model, None, zone, cutoff) for name, model in _ordered(found)],
        "tools": found.tools,
        "time_breakdown": found.times,
        "projects": found.project_rows(),
        "machine_summary": found.machine_rows(),
        "sessions": int(found.whole.get("sessions", 0)),
    }


def _ordered(found: Part) -> list[tuple[str, Model]]:
    """Return models, the one that cost most first."""
    key = {name: (-each.figures.priced_pico, -each.figures.total, name) for name, each in found.models.items()}
    return sorted(found.models.items(), key=lambda each: key[each[0]])


def _cards(every: Part, days: int) -> dict[str, Any]:
    prompts, active = int(every.whole.get("prompts", 0)), main_ms(every.whole) / 1000
    return {
        "sessions": int(every.whole.get("sessions", 0)),
        "human_prompts": prompts,
        "total_tokens": every.activity.totals.total,
        "active_time_s": round(active),
        "tool_calls": int(every.whole.get("tool_calls", 0)),
        "models_used": len(every.models),
        "avg_prompts_day": round(prompts / max(days, 1)),
        "avg_active_day_s": round(active / max(days, 1)),
    }


def _daily(every: Part) -> list[dict[str, Any]]:
    """Return every day from the first to the last with anything in it."""
    rows = {row.keys[0]: row for row in every.activity.rows}
    if not rows:
        return []
    utc = Zone("UTC")
    first, last = (utc.day(_midnight(day)) for day in (min(rows), max(rows)))
    found = []
    for day in map(iso, range(first, last + 1)):
        row = rows.get(day)
        figures, details = (row.figures, row.details or {}) if row else (Figures(), {})
        found.append(
            {
                "date": day,
                "sessions": int(details.get("sessions", 0)),
                "prompts": int(details.get("prompts", 0)),
                "tool_calls": int(details.get("tool_calls", 0)),
                "active_minutes": round(main_ms(details) / 60_000),
                "input_tokens": figures.input,
                "output_tokens": figures.output,
                "cache_creation_tokens": figures.cache_write_5m + figures.cache_write_1h,
                "cache_read_tokens": figures.cache_read,
                "cost": usd(figures.cost_usd),
            }
        )
    return found


def _midnight(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) * 1000


def _since(daily: list[dict[str, Any]]) -> str:
    if not daily:
        return "No data"
    first = datetime.fromisoformat(daily[0]["date"])
    return f"since {first:%b} {first.day}, {first.year}"


def _projects(every: Part, recent: Part) -> list[dict[str, Any]]:
    costs = {row.keys[0]: row.figures.cost_usd for row in recent.projects.rows}
    minutes = recent.minutes
    return [
        told | {"recent_minutes": minutes.get(row.keys[0], 0), "recent_cost": usd(costs.get(row.keys[0], Money(0)))}
        for told, row in zip(every.project_rows(), every.projects.rows[:15], strict=True)
    ]


def _model(name: str, model: Model, recent: Model | None, zone: Zone, cutoff: str) -> dict[str, Any]:
    """Return what is told of a model, with its share of the recent days beside each figure."""
    last_seen = iso(zone.day(model.last)) if model.last else ""
    told = {
        "model": name,
        "api_calls": model.figures.requests,
        **_figures(name, model),
        "avg_cost_per_turn": _each(model.main, model.prompts),
        "avg_cost_per_agent": _each(model.agents, model.invocations),
        "main_prompts": model.prompts,
        "agent_invocations": model.invocations,
        "unpriced_tokens": model.figures.unpriced_tokens,
        "last_seen": last_seen,
        "recent": last_seen >= cutoff,
        **{f"all_{rate}": value for rate, value in _speeds(model).items()},
    }
    soon = recent or Model(Figures(), Figures(), Figures(), {}, 0, 0, 0, None, 0)
    told |= {f"recent_{key}": value for key, value in _figures(name, soon).items()}
    speeds = _speeds(soon)
    if hours(soon.work_ms) < _ENOUGH:
        speeds["cost_per_hour"] = None
    told |= {f"recent_{rate}": value for rate, value in speeds.items()}
    for rate in speeds:
        told[rate] = told[f"all_{rate}"] if speeds[rate] is None else speeds[rate]
    return told


def _figures(name: str, model: Model) -> dict[str, Any]:
    figures = model.figures
    energy = energy_wh(name, figures.input, figures.output)
    priced = figures.cost_usd is not None
    return {
        "input": figures.input,
        "output": figures.output,
        "cache_write": figures.cache_write_5m + figures.cache_write_1h,
        "cache_read": figures.cache_read,
        "total_tokens": figures.total,
        "cost": usd(figures.cost_usd),
        "main_cost": usd(model.main.cost_usd),
        "agent_cost": usd(model.agents.cost_usd),
        **{f"cost_{each}": usd(model.costs.get(each, 0)) if priced else None for each in _CLASSES},
        "active_hours": round(hours(model.work_ms), 2),
        "energy_wh": round(energy, 2),
        "water_ml": round(water_ml(energy), 2),
    }


def _speeds(model: Model) -> dict[str, float | None]:
    """Return what an hour of a model's work cost, and how many tokens a second of it gave."""
    cost, worked = model.figures.cost_usd, hours(model.work_ms)
    return {
        "cost_per_hour": None if cost is None or not worked else round(cost / 1e12 / worked, 4),
        "output_tok_per_s": None if model.output_per_second is None else round(model.output_per_second, 1),
    }


def _each(figures: Figures, number: int) -> float | None:
    cost = figures.cost_usd
    return None if cost is None or not number else round(cost / 1e12 / number, 6)


def _prices(answers: Answers, every: Part, now: int) -> dict[str, dict[str, float]]:
    """Return today's prices of the models that were used, in dollars per million tokens; of those that are known."""
    asked = answers.ask(
        question(ANY, Period(every.activity.question.period.zone), Wish("provider,model", limit=0), now)
    )
    found = {}
    for provider, model in (row.keys for row in asked.rows):
        try:
            card = answers.cards(Variant(provider, model), 0, now)[0]
        except NotFound:
            continue
        rates = {line.name: round(per_million(line) / 1e12, 6) for line in card.lines}
        found[display(model)] = {name: rates.get(rate, 0.0) for name, rate in _RATES}
    return found


def _by_machine(answers: Answers, daily: list[dict[str, Any]], zone: Zone, now: int) -> dict[str, list[float]]:
    """Return what each machine cost, day by day."""
    costs: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for row in answers.ask(question(ANY, Period(zone), Wish("machine,day", limit=0), now)).rows:
        costs[row.keys[0]][row.keys[1]] = usd(row.figures.priced_pico) or 0.0
    return {name: [of.get(day["date"], 0.0) for day in daily] for name, of in sorted(costs.items())}


def _hourly(answers: Answers, zone: Zone, now: int) -> list[dict[str, Any]]:
    """Return the hours of today so far, and after them those of yesterday that today has not had yet.

    An hour that comes twice when clocks go back is one here.
    """
    span, local, today = period(zone, now, "yesterday", "today"), zone.local(now), zone.day(now)
    figures: defaultdict[str, list[Figures]] = defaultdict(list)
    for row in answers.ask(question(ANY, span, Wish("hour", limit=0), now)).rows:
        figures[row.keys[0][:13]].append(row.figures)
    shares: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for name, share in answers.shares(span).hours.items():
        shares[name[:13]] = [shares[name[:13]][0] + share.prompts, shares[name[:13]][1] + share.calls]
    found = []
    for hour in range(_HOURS):
        later = hour > local.hour
        day = iso(today - later)
        name = f"{day}T{hour:02}"
        found.append(
            {
                "label": f"{hour % _NOON or _NOON}{'a' if hour < _NOON else 'p'}",
                "date": day,
                "day_short": f"{datetime.fromisoformat(day):%a}",
                "prompts": shares[name][0],
                "tool_calls": shares[name][1],
                "cost": usd(added(figures[name]).cost_usd),
                "is_now": hour == local.hour,
                "is_future": later,
                "period": "past" if later else "recent",
            }
        )
    return found


def _budget(answers: Answers, zone: Zone, now: int) -> dict[str, Any] | None:
    """Return how far the vendor's windows are used up; None when nothing was told of the week or the five hours."""
    # Of several accounts, the one that was told of last: this form has room for one.
    windows = sorted(answers.limits(now).windows, key=lambda each: each.time)
    told = {each.name: each for each in windows if each.provider == "anthropic"}
    week, five = told.get("seven_day"), told.get("five_hour")
    if week is None and five is None:
        return None
    resets = _reset(week, now) if week else 0
    span = Period(zone, resets - _WEEK_MS, min(resets, now + 1)) if resets else period(zone, now, "7d", "today")
    worked = answers.ask(question(ACTIVITY, span, Wish(limit=0), now))
    shown = [each for each in (week, five) if each]
    return {
        "weekly_pct": _percent(week, now),
        "five_hour_pct": _percent(five, now),
        "sonnet_pct": _percent(told.get("seven_day_sonnet"), now),
        "opus_pct": _percent(told.get("seven_day_opus"), now),
        "extra_usage": _percent(told.get("extra_usage"), now),
        "weekly_resets_at": _iso(resets),
        "five_hour_resets_at": _iso(_reset(five, now) if five else 0),
        "week_cost": usd(worked.totals.cost_usd),
        "week_active_s": round(main_ms(worked.details) / 1000),
        "data_is_stale": any(0 < each.resets_at <= now for each in shown),
        "updated_at": _iso(max(each.time for each in shown)),
    }


def _percent(window: Window | None, now: int) -> float | None:
    """Return how far a window is used up: one that has been reset since is not, whatever became of the others."""
    if window is None:
        return None
    return 0.0 if 0 < window.resets_at <= now else window.used_percent


def _reset(window: Window, now: int) -> int:
    """Return when a window is reset next: milliseconds since 1970, UTC; 0 when that is not known."""
    length = window.minutes * 60_000
    if not window.resets_at or window.resets_at > now or not length:
        return window.resets_at
    return window.resets_at + ((now - window.resets_at) // length + 1) * length


def _iso(time: int) -> str | None:
    return Moment(time).iso() if time else None
