"""How the budgets of a machine stand, and what the gates are told."""

from contextlib import closing
from pathlib import Path

from tests.answers.sample import at

from tallystick.access.budgets import Budgets, Defined, Lifted
from tallystick.answers.budgets import Budget, Standing, Standings
from tallystick.cli import budgeted
from tallystick.cli.caps import UNKNOWN, path, read
from tallystick.settings import Settings, load

NOW = at("2026-11-25T12:00")
WEEKLY = Defined(
    "", {"model": ("*opus*",), "project": ("foo",)}, 10**12, "usd", "week", "Europe/Berlin", 0.8, hard=True
)


def settings(tmp_path: Path) -> Settings:
    """Return the settings of somebody whose data are here."""
    return load({"TALLY_DATA_DIR": str(tmp_path / "data"), "USER": "dev"}, str(tmp_path))


def found(budget: Budget, used: int) -> Standings:
    """Return how a budget of this week stands."""
    since, until = at("2026-11-22T23:00"), at("2026-11-29T23:00")
    return Standings(NOW, [Standing(budget, since, until, used, used / 10**12, 0.5, None, 0)])


def test_filters_are_told_in_the_order_of_those_of_reports(tmp_path: Path) -> None:
    with closing(budgeted.store(settings(tmp_path))) as kept:
        Budgets(kept).define(WEEKLY, "", "cli", 1)
        (budget,) = budgeted.known(kept).budgets
    assert list(budget.where.items()) == [("project", ("foo",)), ("model", ("*opus*",))]


def test_who_is_refused_is_told_why_until_when_and_what_to_do(tmp_path: Path) -> None:
    chosen = settings(tmp_path)
    with closing(budgeted.store(chosen)) as kept:
        Budgets(kept).define(WEEKLY, "", "cli", 1)
        (budget,) = budgeted.known(kept).budgets
        budgeted.tell(chosen, kept, found(budget, 1_234 * 10**9))
    state = read(path(chosen.data_dir))
    assert state is not None
    assert (state.at, state.user, state.hard) == (NOW, "dev", 1)
    assert state.caps[0].text == (
        "The budget of $1.00 a week for project=foo model=*opus* is used up: $1.23 since Mon 2026-11-23. "
        "It begins anew on Mon 2026-11-30 00:00 (Europe/Berlin). "
        "To go on now: `tally budget override 1 --for 1h`, or `--more '5usd'`."
    )


def test_what_a_person_changed_while_figures_were_worked_out_counts(tmp_path: Path) -> None:
    chosen = settings(tmp_path)
    with closing(budgeted.store(chosen)) as kept:
        Budgets(kept).define(WEEKLY, "", "cli", 1)
        (before,) = budgeted.known(kept).budgets
        made = found(before, 10**12)
        # Lifted, raised, and at last about something else, after the question was put.
        Budgets(kept).lift(Lifted("1", NOW, NOW + 5, 0), "", "cli")
        budgeted.tell(chosen, kept, made)
        assert [cap.lifted for cap in read(path(chosen.data_dir)).caps] == [NOW + 5]  # type: ignore[union-attr]
        Budgets(kept).define(WEEKLY._replace(amount=10**12 + 1), "", "cli", 2)
        budgeted.tell(chosen, kept, made)
        assert read(path(chosen.data_dir)).caps == ()  # type: ignore[union-attr]
        Budgets(kept).define(WEEKLY._replace(zone="UTC"), "", "cli", 3)
        budgeted.tell(chosen, kept, made)
        assert read(path(chosen.data_dir)).hard == 0  # type: ignore[union-attr]


def test_what_was_allowed_in_an_earlier_period_is_used_up_with_it(tmp_path: Path) -> None:
    chosen = settings(tmp_path)
    with closing(budgeted.store(chosen)) as kept:
        Budgets(kept).define(WEEKLY, "", "cli", 1)
        (budget,) = budgeted.known(kept).budgets
        Budgets(kept).lift(Lifted("1", at("2026-11-22T22:59"), 0, 10**13), "", "cli")
        budgeted.tell(chosen, kept, found(budget, 2 * 10**12))
        assert len(read(path(chosen.data_dir)).caps) == 1  # type: ignore[union-attr]
        Budgets(kept).lift(Lifted("1", at("2026-11-22T23:00"), 0, 10**13), "", "cli")
        budgeted.tell(chosen, kept, found(budget, 2 * 10**12))
        assert read(path(chosen.data_dir)).caps == ()  # type: ignore[union-attr]


def test_where_nothing_can_be_read_nothing_is_refused(tmp_path: Path) -> None:
    chosen = settings(tmp_path)
    with closing(budgeted.store(chosen)) as kept:
        Budgets(kept).define(WEEKLY, "", "cli", 1)
        (budget,) = budgeted.known(kept).budgets
        budgeted.tell(chosen, kept, found(budget, 2 * 10**12))
        kept.close()
        (tmp_path / "data" / "access.db").write_bytes(b"damaged" * 1000)
        said: list[str] = []
        budgeted.tell(chosen, kept, found(budget, 2 * 10**12), said.append)
    state = read(path(chosen.data_dir))
    assert state is not None
    assert (state.caps, state.hard) == ((), UNKNOWN)
    assert "refuse nothing" in said[0]


def test_an_amount_is_told_as_a_person_reads_it() -> None:
    assert budgeted.amount(1_005 * 10**10, "usd") == "$10.05"
    assert budgeted.amount(2_000_000, "tokens") == "2,000,000 tokens"
