"""What may stop a person: windows as they were last told, and the running block."""

from contextlib import closing
from pathlib import Path

import pytest
from tests.answers.sample import CLI, CODEX, MAIN, OPUS, THOUSAND, at, book_of, event, ledger_of
from tests.answers.stand import answers, fill
from tests.faces.web.panels.explained import explained

from tallystick.answers.answers import Answers
from tallystick.answers.forecast import Forecast
from tallystick.answers.limits import Window
from tallystick.faces.web.panels.limits import PACE, limits, pace, shown, titles, used_said
from tallystick.faces.web.state import Place, State
from tallystick.faces.web.table import as_csv
from tallystick.ledger.memory import MemoryLedger

BOOK = book_of()
HOUR = 3_600_000
NOW = at("2026-11-22T01:30")
FIVE = Window("openai", "codex:300", 300, 66.5, at("2026-11-22T03:00"), at("2026-11-22T01:00"), "plus")


def state(now: int = NOW) -> State:
    return State(Place("UTC", now))


def test_windows_are_called_by_their_length_where_that_tells_them_apart() -> None:
    week, hours = FIVE._replace(name="codex:10080", minutes=10_080), FIVE._replace(minutes=90)
    assert titles([FIVE, week]) == ["openai, 5 hours", "openai, 1 week"]
    assert titles([hours]) == ["openai, codex:300"]
    # Two of one length are told by the vendor's own names.
    assert titles([week, week._replace(name="opus")]) == ["openai, codex:10080", "openai, opus"]


def test_the_account_is_told_where_there_is_more_than_one() -> None:
    one, other = FIVE._replace(account="a1"), FIVE._replace(account="b2")
    assert titles([one]) == ["openai, 5 hours"]
    assert titles([one, other]) == ["openai, 5 hours (a1)", "openai, 5 hours (b2)"]
    assert titles([one, FIVE]) == ["openai, 5 hours (a1)", "openai, 5 hours (account not told)"]
    # Those of another provider are others anyway.
    assert titles([one, other._replace(provider="somewhere")]) == ["openai, 5 hours", "somewhere, 5 hours"]
    # Two of whom nobody says who they are are two all the same.
    assert titles([FIVE, FIVE, FIVE]) == ["openai, 5 hours", "openai, 5 hours #2", "openai, 5 hours #3"]
    odd = [FIVE._replace(name=name, minutes=0) for name in ("a", "a", "a #2")]
    assert titles(odd) == ["openai, a", "openai, a #2", "openai, a #2 #2"]


@pytest.mark.parametrize(
    "used, said",
    [
        (None, "–"),
        (0.0, "0 %"),
        (0.04, "< 0.1 %"),
        (3.25, "3.2 %"),
        (66.4, "66 %"),
        (99.6, "99.6 %"),
        (99.99, "99.9 %"),
        (100.0, "100 %"),
    ],
)
def test_what_is_not_quite_all_or_nothing_is_not_called_so(used: float | None, said: str) -> None:
    assert used_said(used) == said


def test_each_window_is_told_beside_even_use(tmp_path: Path) -> None:
    fill(tmp_path / "ledger.db")
    with closing(answers(tmp_path / "ledger.db")) as opened:
        view = limits(opened, state())
    rows = {row[0].text: [cell.text for cell in row[1:]] for row in view.table.rows}
    # Of five hours three and a half are over; of a week that ends in 70.5 hours 58 %.
    assert rows["openai, 5 hours"][:2] == ["66 %", "70 %"]
    assert rows["openai, 5 hours"][4:] == ["1 h 30 min", "30 min"]
    assert rows["openai, 1 week"][:2] == ["12 %", "58 %"]
    assert rows["openai, 1 week"][4:] == ["2 d 22 h", "30 min"]
    assert view.note.startswith("As of now, whatever the period. Line: even use.")
    assert view.note.endswith("Last told 30 minutes ago: what was used since is not in these figures.")
    assert [(point["window"], point["used"], point["stale"]) for point in view.points] == [
        ("openai, 5 hours", 66.5, True),
        ("openai, 1 week", 12.5, True),
    ]


def test_a_forecast_is_told_with_its_band_and_as_an_estimate() -> None:
    ahead = Forecast(at("2026-11-22T02:30"), at("2026-11-22T02:10"), None, 108.4, 91.0, 131.2)
    view = shown([FIVE._replace(pace=70.0, forecast=ahead, time=NOW)], state())
    (row,) = view.table.rows
    assert [cell.text for cell in row] == [
        "openai, 5 hours", "66 %", "70 %", "108 % (91–131)", "≈ 02:30", "1 h 30 min", "just now",
    ]  # fmt: skip
    assert row[4].title == "An estimate: between 02:10 and after the reset"
    ((likely,), _) = (
        shown([FIVE._replace(forecast=each, time=NOW)], state()).table.rows
        for each in (ahead._replace(chance=0.724), ahead)
    )
    assert likely[4].title.endswith("after the reset. It runs out before its reset with a likelihood of 72 %")
    assert as_csv(view.table).splitlines()[1] == (
        "codex:300,66.5,70.0,108.4,2026-11-22T02:30+00:00,2026-11-22T03:00+00:00,2026-11-22T01:30+00:00"
    )
    (point,) = view.points
    assert (point["pace"], point["low"], point["at"], point["high"]) == (70.0, 91.0, 108.4, 131.2)
    # The gauge goes as far as the band does.
    assert view.params["most"] == 131.2
    assert "estimate" in view.note


def test_a_window_that_lasts_or_has_run_out_says_so() -> None:
    lasting = Forecast(None, None, None, 80.0, 75.0, 88.0)
    lasts = shown([FIVE._replace(forecast=lasting, time=NOW)], state())
    assert (lasts.table.rows[0][4].text, lasts.table.rows[0][4].tone) == ("no", "good")
    for chance, text in ((0.19, "no"), (0.2, "perhaps"), (0.48, "perhaps")):
        other = shown([FIVE._replace(forecast=lasting._replace(chance=chance), time=NOW)], state())
        assert other.table.rows[0][4].text == text
    gone = Forecast(at("2026-11-22T01:10"), at("2026-11-22T01:10"), at("2026-11-22T01:10"), 100.0, 100.0, 100.0)
    over = shown([FIVE._replace(used_percent=100.0, forecast=gone)], state())
    assert [cell.text for cell in over.table.rows[0][1:5]] == ["100 %", "–", "100 %", "used up"]
    # Where too little is known, nothing is said of it, and nothing drawn.
    (unknown,) = shown([FIVE], state()).points
    assert (unknown["low"], unknown["at"], unknown["high"]) == (None, None, None)


@pytest.mark.parametrize(
    "left, said",
    [
        (20_000, "1 min"),
        (645_000, "10 min"),
        (HOUR, "1 h 00 min"),
        (24 * HOUR - 60_000, "23 h 59 min"),
        (25 * HOUR, "1 d 1 h"),
    ],
)
def test_until_a_reset_nobody_counts_the_seconds(left: int, said: str) -> None:
    assert shown([FIVE._replace(resets_at=NOW + left)], state()).table.rows[0][5].text == said


def test_what_stops_a_person_first_comes_first_and_is_said() -> None:
    lasts = Forecast(None, None, None, 90.0, 85.0, 95.0)
    late, soon = (Forecast(at(f"2026-11-22T02:{minute}"), None, None, 120.0, 110.0, 130.0) for minute in (40, 10))
    windows = [
        FIVE._replace(name="over", resets_at=at("2026-11-22T01:20"), used_percent=100.0),
        FIVE._replace(name="lasts", used_percent=85.0, forecast=lasts),
        FIVE._replace(name="late", used_percent=80.0, forecast=late),
        FIVE._replace(name="soon", used_percent=40.0, forecast=soon),
        FIVE._replace(name="gone", used_percent=100.0),
    ]
    view = shown(windows, state())
    assert [row[0].text for row in view.table.rows] == [
        "openai, gone", "openai, soon", "openai, late", "openai, lasts", "openai, over",
    ]  # fmt: skip
    assert view.title == "Usage windows: openai, gone, used up until 03:00, and 2 more"
    assert [(point["window"], point["near"]) for point in view.points] == [
        ("openai, gone", True),
        ("openai, soon", True),
        ("openai, late", True),
        ("openai, lasts", True),
    ]
    assert shown(windows[:4], state()).title == "Usage windows: openai, soon, runs out ≈ 02:10, and 1 more"
    assert shown(windows[:3], state()).title == "Usage windows: openai, late, runs out ≈ 02:40"
    # Where nothing is about to stop anybody, it is called as always.
    assert shown(windows[:2], state()).title == ""
    assert shown([FIVE], state()).points[0]["near"] is False


def test_of_very_many_windows_a_page_has_those_nearest_their_end_and_the_csv_all() -> None:
    view = shown([FIVE._replace(account=f"a{used}", used_percent=float(used)) for used in range(50)], state())
    assert [row[1].text for row in view.table.shown] == [f"{used} %" for used in range(49, 37, -1)]
    assert len(view.points) == 12
    assert view.table.more == "The 12 nearest their end of 50; the CSV has all."
    lines = as_csv(view.table).splitlines()
    assert (len(lines), lines[1].split(",")[:2]) == (51, ["codex:300 (a49)", "49.0"])


def test_what_was_told_of_a_window_that_has_been_reset_does_not_hold(tmp_path: Path) -> None:
    fill(tmp_path / "ledger.db")
    with closing(answers(tmp_path / "ledger.db")) as opened:
        view = limits(opened, state(at("2026-11-22T04:00")))
    rows = {row[0].text: [cell.text for cell in row[1:]] for row in view.table.rows}
    assert rows["openai, 5 hours"] == ["–", "–", "–", "–", "reset since", "3 h"]
    # Nobody knows how much is used: that is no bar of nothing.
    assert view.table.rows[1][1].share is None
    assert as_csv(view.table).splitlines()[2].startswith("codex:300,,,,,")
    assert [(point["window"], point["used"]) for point in view.points] == [("openai, 1 week", 12.5)]


def test_where_all_have_been_reset_nothing_is_known_and_nothing_drawn(tmp_path: Path) -> None:
    fill(tmp_path / "ledger.db")
    with closing(answers(tmp_path / "ledger.db")) as opened:
        view = limits(opened, state(at("2026-11-26T01:00")))
    assert view.points == []
    assert view.note.endswith("Last told 4 days ago; nothing has been told since the reset.")


def test_without_any_it_says_what_would_feed_it() -> None:
    assert "Codex" in limits(Answers(MemoryLedger(), lambda: BOOK), state()).empty


def test_a_running_block_is_told_with_its_end() -> None:
    events = [event("2026-11-22T01:00", OPUS, MAIN, THOUSAND), event("2026-11-22T01:20", OPUS, MAIN, THOUSAND)]
    view = pace(Answers(ledger_of(events, (), (), ()), lambda: BOOK), state())
    (card,) = view.cards
    assert (card.title, card.figure) == ("claude-code, block until 06:00", "$0.57")
    # Two in 20 minutes, and 270 minutes to go: 2 x (1 + 270 / 20) x $0.285.
    assert card.lines[1].startswith("at this pace $8.27 and 1.07 M tokens at 06:00")
    assert view.table.rows[0][4].text == "$1.71"
    assert view.coverage == "all tokens priced · 2 requests seen by log"


def test_only_the_blocks_that_run_are_covered_and_explained() -> None:
    events = [
        event("2026-11-21T20:00", OPUS, MAIN, THOUSAND),
        event("2026-11-21T20:40", CODEX, CLI, THOUSAND),
        event("2026-11-22T01:10", OPUS, MAIN, THOUSAND),
    ]
    opened = Answers(ledger_of(events, (), (), ()), lambda: BOOK)
    # The blocks from eight on were over at one.
    view = pace(opened, state()._replace(since="2026-03-01", timezone="Asia/Kolkata"))
    assert view.coverage == "all tokens priced · 1 request seen by log"
    (card,) = view.cards
    assert card.why == view.table.rows[0][2].link
    assert card.why == (
        "/why?since=2026-11-22T06%3A30%2B05%3A30&until=2026-11-22T11%3A30%2B05%3A30&timezone=Asia%2FKolkata&tool=claude-code"
    )
    assert explained(opened, card.why, state().place).priced_pico == 285 * 10**9
    # A millisecond before it is over a block still runs, and then it does not.
    end = at("2026-11-22T06:00")
    assert len(pace(opened, state(end - 1)).cards) == 1
    assert pace(opened, state(end)).empty


def test_a_block_that_began_yesterday_is_told_and_what_is_copied_finds_it_by_the_same_filters() -> None:
    events = [event("2026-11-21T23:10", OPUS, MAIN, THOUSAND), event("2026-11-22T00:20", CODEX, CLI, THOUSAND)]
    opened = Answers(ledger_of(events, (), (), ()), lambda: BOOK)
    at = state()._replace(since="2026-03-01", until="2026-03-02", where={"tool": ("claude*",)})
    assert [card.title for card in pace(opened, at).cards] == ["claude-code, block until 04:00"]
    source = PACE.source(at)
    assert source.api(at) == "/api/v1/reports/blocks?since=2d&tool=claude%2A"
    assert source.cli(at) == "tally blocks --since 2d --tool 'claude*'"


def test_no_block_is_running_when_nothing_was_asked_for_five_hours() -> None:
    events = [event("2026-11-21T10:00", OPUS, MAIN, THOUSAND)]
    assert pace(Answers(ledger_of(events, (), (), ()), lambda: BOOK), state()).empty.startswith("No block")
