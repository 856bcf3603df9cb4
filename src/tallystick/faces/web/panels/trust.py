"""Panels on how complete the figures are: what came in from each tool, and which models have no price."""

from typing import Final

from tallystick.answers.answers import Answers
from tallystick.answers.reports.places import MODELS
from tallystick.faces.web.panels.names import address
from tallystick.faces.web.panels.panel import (
    MINUTE_MS,
    Cell,
    Column,
    Panel,
    Source,
    Table,
    View,
    name_cell,
    number_cell,
)
from tallystick.faces.web.state import State
from tallystick.faces.web.wording import ago, counted, percent

_NOTHING: Final = "Nothing has come in yet: `tally doctor` says where was looked."
_WHOLE: Final = "Whatever the period and the filters. `tally doctor` tells each with its place."
_PRICED: Final = "Every token of these days has a price."
_REASONS: Final = 2


def coverage(answers: Answers, state: State) -> View:
    """Return what came in from each tool, and what of it was not understood."""
    health = answers.receivers(state.place.now).health
    tools = [tool for tool in health.tools if tool.files_read or tool.events or tool.skipped]
    if not tools:
        return View(Table((), ()), empty=_NOTHING)
    columns = [
        Column("Tool", number=False),
        Column("Events"),
        Column("Files", minor=True),
        Column("Newest"),
        Column("Cut off", about="Answers whose end was never written: their last counts stand", minor=True),
        Column("Not understood", about="Pieces of input that were skipped, with their reasons"),
        Column("Why", number=False, minor=True),
    ]
    rows, every = [], {(tool.seen.tool,) for tool in tools}
    for tool in tools:
        reasons = "; ".join(f"{each.reason} ({each.number:,})" for each in tool.reasons[:_REASONS])
        rows.append(
            [
                Cell(tool.title, tool.seen.tool, address(state, "/", {"tool": tool.seen.tool}, every)),
                number_cell(tool.events),
                number_cell(tool.files_read),
                Cell(ago(max(state.place.now - tool.newest, 0)) if tool.newest else "–"),
                number_cell(tool.cut_off),
                number_cell(tool.skipped)._replace(tone="bad" if tool.skipped else "faint"),
                Cell(reasons, title=reasons, tone="faint"),
            ]
        )
    events, skipped = sum(tool.events for tool in tools), sum(tool.skipped for tool in tools)
    note = f"{counted(events, 'event')} in the ledger; {counted(skipped, 'piece')} of input not understood."
    return View(Table(columns, rows), note=f"{note} {_WHOLE}")


def unpriced(answers: Answers, state: State) -> View:
    """Return the models of the period whose price is not known."""
    found = answers.ask(state.question(MODELS))
    if not found.coverage.unpriced:
        return View(Table((), ()), empty=_PRICED if found.totals.requests else "Nothing was used on these days.")
    every = {row.keys for row in found.rows}
    rows = [
        [
            name_cell(model, address(state, "/", {"model": model}, every)),
            number_cell(tokens),
            _share(tokens, found.totals.total),
        ]
        for model, tokens in found.coverage.unpriced
    ]
    columns = [Column("Model", number=False), Column("Tokens"), Column("Of all")]
    note = (
        f"{percent(found.priced_share, 2)} of all tokens have a price. `tally prices update` may bring the others; the config "
        "can say them too. Until then these are counted as tokens, and not as $0."
    )
    return View(Table(columns, rows), note=note)


def _share(tokens: int, total: int) -> Cell:
    share = tokens / total if total else 0.0
    return Cell(percent(share, 2), share, share=share)


COVERAGE: Final = Panel(
    "coverage",
    "What came in",
    coverage,
    lambda _: Source("receivers", "doctor", timeless=True),
    "What came in from each tool, and what of it was not understood.",
    chart=False,
    step_ms=MINUTE_MS,
)
UNPRICED: Final = Panel(
    "unpriced",
    "Without a price",
    unpriced,
    lambda _: Source("query", "report", {"by": "model", "order": "unpriced_tokens:desc"}),
    "Models whose price is not known.",
    chart=False,
)
