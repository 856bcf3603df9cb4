"""Models: the figures of the report, worked out by hand, and what is said where no length or price is known."""

from tests.answers.sample import CODEX, EVENTS, MAIN, NOBODY, NOW, OPUS, SONNET, book_of, event, ledger_of

from tallystick.answers.answer import Money
from tallystick.answers.answers import Answers
from tallystick.faces.web.page import fragment
from tallystick.faces.web.panels.models import MODELS, SPEED, models, speed
from tallystick.faces.web.panels.panel import Cell, View
from tallystick.faces.web.state import Place, State
from tallystick.ledger.memory import MemoryLedger
from tallystick.usage.event import Variant
from tallystick.usage.tokens import Tokens

BOOK = book_of()
STATE = State(Place("UTC", NOW), "all")
HOSTILE = "</script><img src=x onerror=alert(1)>\u202e" + "x" * 10_000


def shown(state: State = STATE, ledger: MemoryLedger | None = None) -> View:
    return models(Answers(ledger or ledger_of(), lambda: BOOK), state)


def texts(row: object) -> list[str]:
    return [cell.text for cell in row]  # type: ignore[attr-defined]


def test_each_model_with_its_figures() -> None:
    rows = [texts(row) for row in shown().table.rows]
    # Three times 1 000, 4 000, 30 000 and 2 000 tokens for $0.285; of the lengths of the three two are known, 35 s with
    # 4 000 tokens, which is too few for a cost per hour.
    opus = ["3", "3,000", "12,000", "90,000", "6,000", "0", "$0.86", "–", "114", "1 Nov 23:30"]
    assert rows[0] == [OPUS.model, *opus]
    assert rows[1] == [SONNET.model, "1", "100", "500", "0", "200", "0", "$0.02", "–", "–", "1 Nov 10:20"]
    # $0.0049 and 100 tokens in two seconds.
    assert rows[2] == [CODEX.model, "1", "1,000", "0", "10,000", "100", "60", "< $0.01", "$8.82", "50.0", "2 Nov 09:00"]
    assert rows[3] == [NOBODY.model, "1", "7", "0", "0", "3", "0", "no price", "–", "–", "2 Nov 09:05"]


def test_all_models_together() -> None:
    view = shown()
    assert texts(view.table.foot)[:8] == ["Total", "6", "4,107", "12,500", "100,000", "6,303", "60", "$0.88+"]
    # 4 100 tokens in 37 s.
    assert texts(view.table.foot)[8:] == ["–", "111", "2 Nov 09:05"]
    assert view.coverage == "99.99 % of tokens priced · 6 requests seen by log"
    assert view.title == "Models: cost"


def test_what_is_behind_a_cell() -> None:
    opus, _, codex, nobody = shown().table.rows
    assert opus[0].link == "/?since=all&model=claude-opus-4-1-20250805"
    assert opus[7] == Cell("$0.86", Money(855 * 10**9), "/why?since=all&model=claude-opus-4-1-20250805", "", 1.0)
    assert codex[7].share == 0.0049 / 0.855
    assert opus[8].title == "Fewer than 90% of the requests tell how long they took"
    assert nobody[8].title == "Nothing in here has a known price"
    assert (opus[10].raw, opus[10].title) == ("2026-11-01T23:30:00.000Z", "2026-11-01 23:30:00, UTC")


def test_the_last_moment_is_that_of_the_zone() -> None:
    opus = shown(STATE._replace(timezone="Asia/Kolkata")).table.rows[0]
    assert (opus[10].text, opus[10].title) == ("2 Nov 05:00", "2026-11-02 05:00:00, Asia/Kolkata")


def test_the_bars_are_of_cost_or_of_tokens() -> None:
    costs = {point["label"]: (point["value"], point["shown"]) for point in shown().points}
    assert costs == {
        OPUS.model: (0.855, "$0.86"),
        SONNET.model: (0.0163, "$0.02"),
        CODEX.model: (0.0049, "< $0.01"),
        NOBODY.model: (0.0, "no price"),
    }
    view = shown(STATE._replace(unit="tokens"))
    assert [point["value"] for point in view.points] == [111_000, 11_100, 800, 10]
    assert view.title == "Models: tokens"


def test_a_chart_has_ten_bars_and_says_so() -> None:
    events = [event("2026-11-01T10:00", Variant("", f"m{n}"), MAIN, Tokens(n + 1)) for n in range(12)]
    view = shown(ledger=ledger_of([each._replace(key=n) for n, each in enumerate(events)], (), (), ()))
    assert (len(view.points), len(view.table.rows)) == (10, 12)
    assert view.note == "The chart shows 10 of 12 models."


def test_nothing_says_what_can_be_done() -> None:
    for show in (models, speed):
        assert show(Answers(MemoryLedger(), lambda: BOOK), STATE).empty == (
            "Nothing was used in this period: choose a longer one."
        )
        assert show(Answers(ledger_of(), lambda: BOOK), STATE._replace(where={"model": ("none",)})).empty == (
            "Nothing in this period fits the filters: take one of them away, or choose a longer period."
        )


def test_speed_and_cost_of_an_hour_where_both_are_known() -> None:
    view = speed(Answers(ledger_of(), lambda: BOOK), STATE)
    assert [dict(point) for point in view.points] == [
        {
            "model": CODEX.model,
            "per_second": 50.0,
            "per_hour": 8.82,
            "requests": 1,
            "label": CODEX.model,
            "side": "left",
            "shown": "$8.82 an hour",
            "speed": "50.0 output tokens a second",
            "of": "1 request",
            "href": "/?since=all&model=gpt-5.2-codex",
        }
    ]
    assert view.note == (
        "Not drawn: 3 models. Fewer than 90% of the requests tell how long they took: claude-opus-4-1-20250805; no request "
        "tells how long it took: claude-sonnet-4-5-20250929; nothing in here has a known price: nobody-knows-1."
    )
    rows = [texts(row) for row in view.table.rows]
    assert rows[0] == [OPUS.model, "–", "114", "35 s", "3"]
    assert rows[2] == [CODEX.model, "$8.82", "50.0", "2.0 s", "1"]


def test_of_many_that_are_not_drawn_some_are_named() -> None:
    events = [event("2026-11-01T10:00", Variant("", f"m{n}"), MAIN, Tokens(1)) for n in range(6)]
    ledger = ledger_of([each._replace(key=n) for n, each in enumerate(events)], (), (), ())
    assert speed(Answers(ledger, lambda: BOOK), STATE).note == (
        "Not drawn: 6 models. Nothing in here has a known price: m0, m1, m2, m3 and 2 more."
    )


def test_hostile_names_are_text() -> None:
    events = [EVENTS[0]._replace(variant=Variant("anthropic", HOSTILE)), EVENTS[1]]
    answers = Answers(ledger_of(events, (), (), ()), lambda: BOOK)
    for panel in (MODELS, SPEED):
        view = panel.show(answers, STATE)
        html = fragment(panel, STATE, view)
        assert "&lt;/script&gt;&lt;img" in html
        assert "<img" not in html
        assert all(len(str(value)) < 200 for point in view.points for value in point.values())
