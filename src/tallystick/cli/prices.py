"""`tally prices`: what a model costs and how that is known, and newer price tables."""

from typing import TYPE_CHECKING, Any, Final

import click

from tallystick.cli import booked, entrance
from tallystick.cli.tree import COMMANDS
from tallystick.errors import Misused, TallystickError, Unavailable
from tallystick.intake.price_tables import PUBLISHED, attempted, fetched, from_file
from tallystick.prices.moments import date, midnight
from tallystick.usage.event import Variant

if TYPE_CHECKING:
    from tallystick.house import House

NOTE: Final = "prices.attempt"
"""In the data folder, by its time: when prices were last asked for."""


def command(name: str) -> click.Command:
    """Return the command."""
    group = click.Group(name, help=COMMANDS[name].help)
    shown = click.Command(
        "show",
        callback=show,
        params=_showing(),
        help="What a model costs: rate by rate, where each is from and since when it has held.",
        epilog="Example: tally prices show claude-opus-4-6 --at 2026-03-01",
    )
    updated = click.Command(
        "update",
        callback=update,
        params=[
            click.Option(["--from", "file"], metavar="FILE", help="Read this file instead of fetching."),
            click.Option(
                ["--url"], metavar="URL", help="Fetch this address instead of those of genai-prices and LiteLLM."
            ),
        ],
        help="Fetch newer price tables. What is damaged or absurd is refused, and the old prices stay.",
    )
    group.add_command(shown)
    group.add_command(updated)
    return group


def _showing() -> list[click.Parameter]:
    return [
        click.Argument(["model"]),
        click.Option(["--at"], metavar="DATE", help="On this day (UTC), such as 2026-03-01; today by default."),
        click.Option(
            ["--provider"], metavar="NAME", default="", help="Whose price, such as anthropic, openai or openrouter."
        ),
        click.Option(["--prompt"], type=click.IntRange(min=0), metavar="N", help="For a prompt of so many tokens."),
        click.Option(["--tier"], metavar="NAME", default="", help="Service tier: priority, flex, batch."),
        click.Option(["--speed"], metavar="NAME", default="", help="Speed: fast."),
        click.Option(["--geo"], metavar="PLACE", default="", help="Where inference is pinned to: us."),
        click.Option(["--json"], is_flag=True, help="As JSON, for scripts."),
    ]


def show(model: str, at: str | None, prompt: int | None, json: bool, **asked: Any) -> int:  # noqa: ANN401, FBT001  as click gives them
    """Show a model's price card; raise `NotFound`, in words, when its price is not known."""
    from tallystick.answers.price_card import as_json, cards
    from tallystick.faces.text import price_card

    opened = entrance.house(entrance.settings())
    found = cards(opened.book, Variant(model=model, **asked), prompt, _moment(at))
    if json:
        entrance.write(as_json(found))
    else:
        entrance.write("".join(f"{line.text}\n" for line in price_card.lines(found)))
    return 0


def _moment(at: str | None) -> int:
    if at is None or at == "today":
        return entrance.now()
    try:
        return midnight(at)
    except ValueError:
        raise Misused(f"--at {at!r} is no day: give a date such as 2026-03-01.") from None


def update(file: str | None, url: str | None) -> int:
    """Take new price tables in and tell what changed; a table that is refused or not to be had leaves the old prices."""
    if file and url:
        raise Misused("--from and --url exclude each other: give one table.")
    chosen = entrance.settings()
    opened, now = entrance.house(chosen), entrance.now()
    if not file:
        attempted(f"{chosen.data_dir}/{NOTE}", now)
    mirror = url or chosen.prices.get("url")
    sources = [("", file)] if file else [("", mirror)] if isinstance(mirror, str) else list(PUBLISHED)
    failures: list[TallystickError] = []
    # What came from elsewhere meanwhile is not undone.
    booked.take(chosen)
    for name, origin in sources:
        try:
            data = from_file(origin) if file else fetched(origin)
            notes = _taken(opened, data, origin, date(now))
        except TallystickError as error:
            failures.append(error)
        else:
            entrance.write(f"{name or origin}: taken; {', '.join(notes) or 'nothing has changed'}.\n")
    if len(failures) < len(sources):
        booked.give(chosen)
    if failures:
        # What is wrong with a table matters more than that another could not be had.
        worst = next((each for each in failures if not isinstance(each, Unavailable)), failures[-1])
        for each in failures:
            if each is not worst:
                entrance.say(str(each))
        raise worst
    return 0


def _taken(opened: "House", data: bytes, origin: str, today: str) -> tuple[str, ...]:
    """Take a table in and return what changed; raise when it is refused."""
    made = opened.replace_prices(data, origin, today)
    if made.refused:
        raise TallystickError(f"The table from {origin} is refused: {made.refused}. The prices stay as they are.")
    return made.notes
