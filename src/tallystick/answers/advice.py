"""What is wrong, or may become so, and what to do about it: one sentence for each."""

from collections.abc import Callable, Iterator
from shlex import quote
from typing import Final, NamedTuple

from tallystick.answers.health import Health, ToolHealth
from tallystick.prices.moments import midnight
from tallystick.usage.period import DAY_MS, HOUR_MS

_KEEPS_FEW_DAYS: Final = 14
_LOST_SOON_DAYS: Final = 3
_PRICES_OLD_DAYS: Final = 45
_EMPTY_PART: Final = 0.5
_EMPTY_BYTES: Final = 16 << 20
_NAMED_MOST: Final = 5
_TITLES_MOST: Final = 3


class Finding(NamedTuple):
    """Something to be told."""

    trouble: bool
    """True when something is wrong, so that figures are missing or will be; False for a warning."""
    about: str
    """`logs`, `ledger`, `prices`, `config`, `time`, or the name of a tool."""
    what: str
    todo: str


def advice(health: Health) -> list[Finding]:
    """Return everything that is to be told, troubles first."""
    found = [finding for rule in _RULES for finding in rule(health)]
    return sorted(found, key=lambda finding: not finding.trouble)


def _warning(about: str, what: str, todo: str) -> Finding:
    return Finding(trouble=False, about=about, what=what, todo=todo)


def _trouble(about: str, what: str, todo: str) -> Finding:
    return Finding(trouble=True, about=about, what=what, todo=todo)


def _logs(health: Health) -> Iterator[Finding]:
    if not any(tool.files_read or tool.seen.files for tool in health.tools):
        titles = [tool.title for tool in health.tools]
        which = " or ".join(titles) if len(titles) <= _TITLES_MOST else f"any of the {len(titles)} tools that are read"
        yield _warning(
            "logs",
            f"There are no logs of {which} in any of these places.",
            "Use one of them first, or, where its logs lie elsewhere, set the variable that tells so (docs/tools.md).",
        )
    for home in health.surroundings.missing_homes:
        yield _warning(
            "config",
            f"{home} is named as a home whose tools are to be read, and it is not there.",
            "Mount it, or name another one; `tally config show` tells where it was set.",
        )
    troubles = health.surroundings.troubles
    for path, reason in troubles[:_NAMED_MOST]:
        todo = f"Allow it (`chmod u+rX {quote(path)}`)" if "permission" in reason else "See what is wrong with it"
        yield _trouble("logs", f"{path} cannot be read ({reason}).", f"{todo}; all that can be read is counted.")
    if len(troubles) > _NAMED_MOST:
        more = f"{len(troubles) - _NAMED_MOST:,} more files or folders cannot be read."
        yield _trouble("logs", more, "`tally doctor --json` names them all.")


def _skipped(health: Health) -> Iterator[Finding]:
    for tool in health.tools:
        if tool.skipped:
            yield _warning(
                tool.seen.tool,
                f"{_number(tool.skipped, 'piece')} of input {'was' if tool.skipped == 1 else 'were'} not understood.",
                "All the rest is counted; a newer Tallystick may know this form, otherwise report it with the reasons above.",
            )


def _deletion(health: Health) -> Iterator[Finding]:
    for tool in health.tools:
        if tool.seen.keeps_days is None or not (tool.seen.files or tool.files_read or tool.seen.keeps_days == 0):
            continue
        if tool.seen.keeps_days == 0:
            yield _warning(
                tool.seen.tool,
                f"{tool.title} is set to write no logs at all, so that nothing of it can be counted.",
                f"Set the days that it keeps logs (docs/tools.md) to a large number in {tool.seen.settings}.",
            )
        elif (days := tool.seen.lost_in_days(health.surroundings.now)) is not None and days < _LOST_SOON_DAYS:
            yield _lost_soon(tool, days)
        elif tool.seen.keeps_days < _KEEPS_FEW_DAYS:
            yield _warning(
                tool.seen.tool,
                f"{tool.title} deletes its logs after {_number(tool.seen.keeps_days, 'day')}.",
                f"Ask `tally` at least that often, or let it keep them longer in {tool.seen.settings} (docs/tools.md).",
            )


def _lost_soon(tool: ToolHealth, days: float) -> Finding:
    when = "at its next start" if not days else "within a day" if days < 1 else f"in {_number(int(days), 'day')}"
    return _trouble(
        tool.seen.tool,
        f"{tool.title} will delete logs {when} that are not read yet.",
        f"Mend what keeps them from being read, and let it keep logs longer in {tool.seen.settings} until then (docs/tools.md).",
    )


def _ledger(health: Health) -> Iterator[Finding]:
    file = health.surroundings.file
    if file.closed:
        what, _, todo = file.closed.partition(". ")
        yield _trouble("ledger", f"{what.rstrip('.')}.", todo or "`tally ledger verify` tells more.")
    for problem in file.problems:
        yield _trouble(
            "ledger",
            problem,
            f"Move {file.path} away: the next question makes it anew from the logs; what is gone from those is in its backups only.",
        )
    if file.busy:
        yield _warning(
            "ledger",
            "Another program is reading logs into the ledger, so that the newest are not in these figures yet.",
            "Ask again when it is done.",
        )
    if file.free >= _EMPTY_PART and file.bytes >= _EMPTY_BYTES:
        yield _warning(
            "ledger", f"{file.free:.0%} of the ledger's file is empty.", "`tally ledger vacuum` gives the room back."
        )


def _prices(health: Health) -> Iterator[Finding]:
    around, edition = health.surroundings, health.prices
    for bad in edition.bad_overrides:
        yield _trouble(
            "config",
            f'Your price for "{bad.name}" does not count: {bad.reason}.',
            f"Mend it in {around.config}.",
        )
    if around.unusable_book:
        yield _warning(
            "prices",
            f"The fetched prices in {around.unusable_book} are damaged or of another version, so that those of the installation count.",
            "`tally prices update` fetches them anew.",
        )
    known_until = max(edition.genai_as_of, edition.overlay_as_of, edition.litellm_as_of)
    days = (around.now - midnight(known_until)) // DAY_MS if known_until else 0
    if days > _PRICES_OLD_DAYS:
        yield _warning(
            "prices",
            f"The prices are those of {known_until}, {days} days ago.",
            "`tally prices update` fetches newer ones.",
        )
    if health.unpriced:
        named = ", ".join(f"{model or 'no name'} ({tokens:,})" for model, tokens in health.unpriced[:_NAMED_MOST])
        more = len(health.unpriced) - _NAMED_MOST
        yield _warning(
            "prices",
            f"These models have no known price, so that their tokens are counted without a cost: {named}{f' and {more} more' if more > 0 else ''}.",
            f'`tally prices update` may bring it; otherwise set input and output under [prices."{health.unpriced[0][0]}"] in {around.config}.',
        )


def _time(health: Health) -> Iterator[Finding]:
    around = health.surroundings
    if not around.zone_source:
        yield _warning(
            "time",
            f"The time zone of this machine is not known, so that days are those of {around.zone}.",
            f"Set the variable TZ, or timezone in {around.config}, to a name such as Europe/Berlin.",
        )
    newest = max((tool.newest for tool in health.tools), default=0)
    if newest > around.now + HOUR_MS:
        ahead = (newest - around.now) // HOUR_MS
        yield _warning(
            "time",
            f"The newest event lies {_number(ahead, 'hour')} in the future.",
            "Set this machine's clock, or that of the one which wrote the log.",
        )


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


_RULES: Final[tuple[Callable[[Health], Iterator[Finding]], ...]] = (_logs, _ledger, _deletion, _skipped, _prices, _time)
