"""When: hours of the week, the last day and the year, with what is not known told apart from nothing."""

from collections.abc import Callable

import pytest
import vl_convert
from tests.answers.sample import MAIN, NOW, OPUS, THOUSAND, at, book_of, event, ledger_of
from tests.faces.web.panels.explained import explained

from tallystick.answers.answers import Answers
from tallystick.faces.web.charts import specification
from tallystick.faces.web.panels.panel import Cell, Panel, Point, View
from tallystick.faces.web.panels.when import CALENDAR, PUNCHCARD, STRIP, calendar, punchcard, strip
from tallystick.faces.web.state import Place, State
from tallystick.faces.web.table import as_csv
from tallystick.ledger.memory import MemoryLedger
from tallystick.usage.event import Variant
from tallystick.usage.tokens import Tokens

BOOK = book_of()
STATE = State(Place("UTC", NOW), "all")
ANSWERS = Answers(ledger_of(), lambda: BOOK)
MONDAY = STATE._replace(place=Place("UTC", at("2026-11-02T09:30")))
"""The sample's second day, in the hour of its last calls."""
EMPTY = Answers(MemoryLedger(), lambda: BOOK)
UNPRICED = Answers(
    ledger_of([event("2026-11-02T09:05", Variant("somewhere", "unknown-1"), MAIN, Tokens(7))], (), (), ()), lambda: BOOK
)


def point(view: View, label: str) -> Point:
    """Return what a chart is told of one square or bar."""
    (found,) = [each for each in view.points if str(each["label"]).startswith(label)]
    return found


def row(view: View, name: str) -> list[Cell]:
    """Return the row of a table that begins with a name."""
    (found,) = [list(cells) for cells in view.table.rows if cells[0].text == name]
    return found


def test_hours_of_the_week() -> None:
    view = punchcard(ANSWERS, STATE)
    assert len(view.points) == 7 * 24
    # 1 November is a Sunday: twice $0.285 and $0.0163 between ten and eleven.
    sunday = point(view, "Sun, 10:00")
    assert (sunday["value"], sunday["shown"], sunday["came"], sunday["sign"]) == (0.5863, "$0.59", "1 time", "")
    # The period is found to be that Sunday and the Monday after it: no Tuesday came, Sunday at eleven did.
    assert (point(view, "Tue, 10:00")["value"], point(view, "Tue, 10:00")["sign"]) == (None, "·")
    assert (point(view, "Sun, 11:00")["value"], point(view, "Sun, 11:00")["sign"]) == (None, "")
    assert point(view, "Sun, 11:00")["shown"] == "nothing"
    # $0.0049, and ten tokens without a price.
    assert (point(view, "Mon, 09:00")["value"], point(view, "Mon, 09:00")["shown"]) == (0.0049, "< $0.01+")
    assert "A dot marks" in view.note
    # All but 10 of 122,910 tokens.
    assert view.coverage == "99.99 % of tokens priced · 6 requests seen by log"


def test_hours_of_the_week_as_a_table() -> None:
    view = punchcard(ANSWERS, STATE)
    ten = row(view, "10:00")
    assert [cell.text for cell in ten] == ["10:00", "0", "–", "–", "–", "–", "–", "$0.59", "$0.59"]
    assert (ten[7].raw, ten[8].raw) == (5_863 * 10**8, 5_863 * 10**8)
    assert [cell.raw for cell in view.table.foot][1:] == [49 * 10**8, 0, 0, 0, 0, 0, 8_713 * 10**8, 8_762 * 10**8]
    assert as_csv(view.table).splitlines()[11] == "10:00,0,,,,,,0.5863,0.5863"


def test_a_mean_is_of_the_times_that_an_hour_came() -> None:
    # From 1 to 22 November there are four Sundays.
    sunday = point(punchcard(ANSWERS, STATE._replace(since="2026-11-01", until="2026-11-22")), "Sun, 10:00")
    # $0.5863 / 4 = $0.146575
    assert (sunday["came"], sunday["mean"], sunday["value"]) == ("4 times", "$0.15", 0.5863)


def test_hours_of_the_week_in_tokens_and_another_zone() -> None:
    view = punchcard(ANSWERS, STATE._replace(unit="tokens", timezone="Asia/Kathmandu"))
    # 5:45 ahead: 10:00:05 and 10:01 are before four, 10:20 after it.
    assert point(view, "Sun, 15:00")["value"] == 74_000
    assert point(view, "Sun, 16:00")["value"] == 800
    assert row(view, "15:00")[7].raw == 74_000
    assert view.title == "Tokens by weekday and hour"


def test_what_has_no_price_is_not_drawn_as_nothing() -> None:
    view = punchcard(UNPRICED, STATE)
    nine = point(view, "Mon, 09:00")
    assert (nine["value"], nine["sign"], nine["shown"]) == (None, "?", "no price")
    assert row(view, "09:00")[1].text == "no price"
    hour = point(strip(UNPRICED, MONDAY._replace(place=Place("UTC", at("2026-11-02T11:00")))), "Mon 2 Nov, 09:00")
    assert (hour["sign"], hour["shown"]) == ("?", "no price")
    day = point(calendar(UNPRICED, STATE), "Mon 2 Nov 2026")
    assert (day["value"], day["sign"], day["shown"]) == (None, "?", "no price")


@pytest.mark.parametrize("panel", [PUNCHCARD, CALENDAR])
def test_where_nothing_has_a_price_there_is_no_scale_of_colours(panel: Panel) -> None:
    view = panel.show(UNPRICED, STATE)
    assert view.params["most"] == 0
    assert "Nothing in here has a known price." in view.note
    text = vl_convert.vegalite_to_svg({**specification(panel, view), "width": 600})
    assert "$" not in text
    priced = panel.show(ANSWERS, STATE)
    assert "Nothing in here" not in priced.note
    assert "$" in vl_convert.vegalite_to_svg({**specification(panel, priced), "width": 600})


def test_the_last_24_hours() -> None:
    view = strip(ANSWERS, MONDAY._replace(since="2026-06-01", until="2026-06-30"))
    assert len(view.points) == len(view.table.rows) == 24
    first, last = view.points[0], view.points[-1]
    assert (first["label"], first["day"], first["value"]) == ("Sun 1 Nov, 10:00", "yesterday", 0.5863)
    assert (last["label"], last["day"], last["sign"]) == ("Mon 2 Nov, 09:00, not over yet", "today", "now")
    assert last["value"] == 0.0049
    assert [each["sign"] for each in view.points].count("now") == 1
    assert view.table.rows[0][0].text == "Mon 2 Nov, 09:00"
    assert view.table.rows[-1][1].raw == 5_863 * 10**8
    # 0.5863 + 0.285 + 0.0049
    assert view.table.foot[1].raw == 8_762 * 10**8
    assert view.title == "Cost in the last 24 hours: $0.88+"
    assert "since=2026-11-01&until=2026-11-01" in str(first["href"])


def test_the_last_24_hours_in_another_zone() -> None:
    view = strip(ANSWERS, MONDAY._replace(timezone="Asia/Kathmandu"))
    # 09:30 UTC is 15:15 there.
    assert view.points[-1]["hour"] == "2026-11-02T15:00+05:45"
    assert "Asia/Kathmandu" in view.note


def test_an_hour_that_clocks_show_twice_is_told_apart() -> None:
    now = at("2026-10-25T02:30")
    events = [event("2026-10-25T00:30", OPUS, MAIN, THOUSAND), event("2026-10-25T01:30", OPUS, MAIN, THOUSAND)]
    state = State(Place("Europe/Berlin", now), "all")
    view = strip(Answers(ledger_of(events, (), (), ()), lambda: BOOK), state)
    names = [row[0].text for row in view.table.rows]
    assert names[:4] == [
        "Sun 25 Oct, 03:00",
        "Sun 25 Oct, 02:00 (+01:00)",
        "Sun 25 Oct, 02:00 (+02:00)",
        "Sun 25 Oct, 01:00",
    ]
    assert len(set(names)) == 24


def test_the_year() -> None:
    view = calendar(ANSWERS, STATE._replace(since="today"))
    assert len(view.points) == 365
    first, second, third = (point(view, f"{day} Nov 2026") for day in ("Sun 1", "Mon 2", "Tue 3"))
    assert (first["value"], first["week"], first["weekday"]) == (0.8713, "2026-10-26", "Sun")
    assert (second["value"], second["week"], second["weekday"]) == (0.0049, "2026-11-02", "Mon")
    assert (third["value"], third["sign"], third["shown"]) == (None, "", "nothing")
    before = point(view, "Sat 31 Oct 2026")
    assert (before["value"], before["sign"], before["shown"]) == (None, "·", "not known")
    assert [each["sign"] for each in view.points].count("·") == 365 - 22
    assert "before 2026-11-01, of which nothing is known" in view.note
    assert str(third["href"]) == "/?since=2026-11-03&until=2026-11-03"


def test_the_year_as_months() -> None:
    events = [
        event(f"2026-{month:02}-10T10:00", Variant("openai", "gpt-5.2-codex"), MAIN, Tokens(10**6)) for month in (9, 11)
    ]
    view = calendar(Answers(ledger_of(events, (), (), ()), lambda: BOOK), STATE)
    # A million tokens of input for $1.75; what is known begins on 10 September and ends on 22 November.
    assert [[cell.text for cell in cells] for cells in view.table.rows] == [
        ["November 2026", "1 of 22", "Tue 10 Nov: $1.75", "1", "1,000,000", "$1.75"],
        ["October 2026", "0 of 31", "–", "0", "0", "$0.00"],
        ["September 2026", "1 of 21", "Thu 10 Sep: $1.75", "1", "1,000,000", "$1.75"],
    ]
    assert view.table.rows[2][0].link == "/?since=2026-09-10&until=2026-09-30"
    assert view.table.rows[2][5].link == "/why?since=2026-09-10&until=2026-09-30"
    assert [cell.text for cell in view.table.foot][1:] == ["2 of 74", "Tue 10 Nov: $1.75", "2", "2,000,000", "$3.50"]


def test_filters_matter_everywhere_and_the_period_not_for_the_year() -> None:
    state = STATE._replace(since="2026-11-02", timezone="UTC", where={"tool": ("codex",)})
    assert [each["value"] for each in punchcard(ANSWERS, state).points if each["value"]] == [0.0049]
    assert [each["value"] for each in calendar(ANSWERS, state).points if each["value"]] == [0.0049]
    assert CALENDAR.source(state).api(state) == "/api/v1/year?timezone=UTC&tool=codex"
    assert CALENDAR.source(state).cli(state) == "tally year --timezone UTC --tool codex"
    assert PUNCHCARD.source(state).api(state) == "/api/v1/punchcard?since=2026-11-02&timezone=UTC&tool=codex"
    assert STRIP.source(state).cli(state) == "tally punchcard --since 2026-11-02 --timezone UTC --tool codex"


@pytest.mark.parametrize("show", [punchcard, strip, calendar])
def test_nothing_is_said_to_be_nothing(show: Callable[[Answers, State], View]) -> None:
    view = show(EMPTY, STATE)
    assert view.empty
    assert not view.coverage


def test_a_year_that_is_known_from_its_first_day() -> None:
    old = [event("2020-01-01T10:00", Variant("openai", "gpt-5.2-codex"), MAIN, Tokens(1))]
    view = calendar(Answers(ledger_of(old, (), (), ()), lambda: BOOK), STATE)
    assert view.empty
    assert "known" not in view.note


def test_each_hour_of_the_week_leads_to_why_it_is_that_much() -> None:
    state = STATE._replace(
        since="2026-11-01", until="2026-11-30", timezone="Asia/Kathmandu", where={"tool": ("claude*",)}
    )
    table = punchcard(ANSWERS, state).table
    links = {(cells[0].text, place): cell for cells in table.rows for place, cell in enumerate(cells) if cell.link}
    # 5:45 ahead: Sunday from three to five, and Monday from five to six.
    assert sorted(links) == [("05:00", 1), ("05:00", 8), ("15:00", 7), ("15:00", 8), ("16:00", 7), ("16:00", 8)]
    assert links["15:00", 7].link == (
        "/why?since=2026-11-01&until=2026-11-30&timezone=Asia%2FKathmandu&weekday=sun&hour=15&tool=claude%2A"
    )
    assert links["16:00", 8].link.endswith("&hour=16&tool=claude%2A")
    costs = {place: explained(ANSWERS, cell.link, state.place).priced_pico for place, cell in links.items()}
    # Twice $0.285, $0.0163, and $0.285.
    assert costs == {
        **dict.fromkeys([("15:00", 7), ("15:00", 8)], 57 * 10**10),
        **dict.fromkeys([("16:00", 7), ("16:00", 8)], 163 * 10**8),
        **dict.fromkeys([("05:00", 1), ("05:00", 8)], 285 * 10**9),
    }
    assert costs == {place: cell.raw for place, cell in links.items()}
    days = {place: cell for place, cell in enumerate(table.foot) if cell.link}
    assert sorted(days) == [1, 7, 8]
    assert [explained(ANSWERS, days[place].link, state.place).priced_pico for place in (1, 7)] == [
        285 * 10**9,
        5_863 * 10**8,
    ]


def test_each_of_the_last_hours_leads_to_why_it_is_that_much() -> None:
    # Berlin's clocks go back: two o'clock comes twice.
    times = ("00:30", "00:59:59.999", "01:00", "01:30", "02:00")
    events = [event(f"2026-10-25T{time}", OPUS, MAIN, Tokens(number)) for number, time in enumerate(times, 1)]
    opened = Answers(ledger_of(events, (), (), ()), lambda: BOOK)
    state = State(Place("Europe/Berlin", at("2026-10-25T02:30")), "today")
    view = strip(opened, state)
    found = {cells[0].text: cells[1] for cells in view.table.rows if cells[1].link}
    assert found["Sun 25 Oct, 02:00 (+02:00)"].link == (
        "/why?since=2026-10-25T02%3A00%2B02%3A00&until=2026-10-25T02%3A00%2B01%3A00"
    )
    # $15 for a million tokens.
    dollars = {
        name: explained(opened, cell.link, state.place).priced_pico // 15_000_000 for name, cell in found.items()
    }
    assert dollars == {
        "Sun 25 Oct, 02:00 (+02:00)": 1 + 2,
        "Sun 25 Oct, 02:00 (+01:00)": 3 + 4,
        "Sun 25 Oct, 03:00": 5,
    }
    assert (
        explained(opened, view.table.foot[1].link, state.place).priced_pico == view.table.foot[1].raw == 15 * 15_000_000
    )
    assert view.coverage == "all tokens priced · 5 requests seen by log"


def test_the_last_hours_in_a_zone_of_half_hours() -> None:
    state = MONDAY._replace(timezone="Asia/Kolkata")
    _, latest, *_ = strip(ANSWERS, state).table.rows
    # 09:00 and 09:05, UTC, are half past two and a little later.
    assert latest[1].link == (
        "/why?since=2026-11-02T14%3A00%2B05%3A30&until=2026-11-02T15%3A00%2B05%3A30&timezone=Asia%2FKolkata"
    )
    assert explained(ANSWERS, latest[1].link, state.place).priced_pico == latest[1].raw == 49 * 10**8


def test_the_last_hours_have_their_own_coverage() -> None:
    view = strip(ANSWERS, MONDAY._replace(since="2026-06-01", until="2026-06-30"))
    assert view.coverage == "99.99 % of tokens priced · 6 requests seen by log"
