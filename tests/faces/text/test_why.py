"""Explanations as text and as JSON."""

import json
from decimal import Decimal
from io import StringIO

from rich.console import Console
from tests.answers.sample import MAIN, NOBODY, OPUS, READINGS, SONNET, asked, book_of, event, ledger_of

from tallystick.answers.as_json import document as as_json
from tallystick.answers.question import Wish
from tallystick.answers.reports.places import ANY
from tallystick.answers.why import Why, why
from tallystick.faces.text.why import show
from tallystick.intake.packing import pack
from tallystick.ledger.ledger import Source
from tallystick.tools.tool import Found
from tallystick.usage.event import CUT_OFF
from tallystick.usage.hours import Hours
from tallystick.usage.period import Zone, period
from tallystick.usage.tokens import Tokens

BOOK = book_of()


def found(wish: Wish = Wish("day"), since: str = "") -> Why:  # noqa: B008  a value
    """Return the explanation of the sample."""
    return why(ledger_of(), BOOK, asked(ANY, wish, since=since))


def shown(value: Why) -> str:
    """Return what a terminal is given."""
    file = StringIO()
    show(value, Console(file=file, width=100, highlight=False))
    return file.getvalue()


FORMULA = """
 claude-opus-4-1-20250805 by anthropic  3 requests  $0.855
   priced by genai-prices {version} anthropic/claude-opus-4-1
   input            3,000 x $15.00/M = $0.045
   cache read      90,000 x  $1.50/M = $0.135
   cache write 5m  12,000 x $18.75/M = $0.225
   output           6,000 x $75.00/M = $0.450
"""


def test_the_formula_stands_line_by_line() -> None:
    text = shown(found(Wish("day", {"model": ["*opus*"]}), since="2026-11-01"))
    assert " Why  since 2026-11-01 · UTC · model *opus*\n" in text
    assert " $0.855 for 3 requests and 111,000 tokens\n" in text
    assert FORMULA.format(version=BOOK.edition.genai) in text
    assert " All 3 events, the costliest first\n" in text


def test_an_event_names_its_line() -> None:
    text = shown(found(Wish("day", {"session": ["s1"], "model": ["*sonnet*"]})))
    assert "   2026-11-01 10:20:00  $0.0163  claude-sonnet-4-5  shop  session s1\n" in text
    assert "     cache write 1h 500, input 100, output 200" not in text
    assert "     input 100, cache write 1h 500, output 200, 1 web search\n" in text
    assert "     log  /home/dev/logs/claude-code-box.jsonl:200  finished\n" in text
    assert "   web search        1 x  $0.01   = $0.0100\n" in text
    assert " Its only event\n" in text


def test_events_beyond_the_limit_are_counted() -> None:
    text = shown(found(Wish("day", limit=2)))
    assert " The 2 costliest of 6 events\n" in text
    assert " --limit shows more events, --limit 0 all of them.\n" in text


def test_what_has_no_price_says_why() -> None:
    text = shown(found(Wish("day", {"model": [NOBODY.model]})))
    assert " without a price for 1 request and 10 tokens\n" in text
    assert "   no price list knows nobody-knows-1\n" in text


def test_other_views_are_told_with_what_they_counted() -> None:
    ledger = ledger_of([event("2026-11-01T10:00:00", OPUS, MAIN, Tokens(10, 0, 0, 0, 3, 2))], (), (), ())
    for name, output in (("early", 1), ("copy", 3)):
        other = Found()
        same = event("2026-11-01T10:00:00", OPUS, MAIN, Tokens(10, 0, 0, 0, output, 2 if output == 3 else 0))
        other.events = [same._replace(grade=CUT_OFF, copied=name == "copy", cost_nano=7)]
        ledger.add(
            [pack(other, Source(f"/home/dev/logs/{name}.jsonl", "claude-code"), fresh=True, machine="box", user="dev")]
        )
    text = shown(why(ledger, BOOK, asked(ANY, Wish("day"))))
    assert "     input 10, output 3 (2 of it reasoning)\n" in text
    assert "     log  /home/dev/logs/copy.jsonl:0  cut off  a copy, the same counts\n" in text
    assert "     log  /home/dev/logs/early.jsonl:0  cut off  not counted: input 10, output 1\n" in text


def test_the_tier_and_the_end_of_a_price_are_told() -> None:
    ledger = ledger_of(
        [event("2026-11-01T10:00:00", SONNET, MAIN, Tokens(200_001))._replace(cost_nano=1_200_000_000)], (), (), ()
    )
    text = shown(why(ledger, BOOK, asked(ANY, Wish("day"))))
    assert ", prompts above 200,000 tokens\n" in text
    assert "     reported by the tool itself: $1.20\n" in text


def test_json_holds_the_same() -> None:
    value = json.loads(
        as_json(found(Wish("day", {"model": ["*opus*"]}, limit=1), since="2026-11-01")), parse_float=Decimal
    )
    assert value["schema"] == "tallystick.why/1"
    assert (value["timezone"], value["since"], value["until"]) == ("UTC", "2026-11-01", None)
    assert value["where"] == {"model": ["*opus*"]}
    assert value["figures"]["cost_usd"] == Decimal("0.855")
    (formula,) = value["formulas"]
    assert formula["cost_usd"] == sum(term["cost_usd"] for term in formula["terms"]) == Decimal("0.855")
    assert formula["terms"][0]["usd_per_unit"] == Decimal("0.000015")
    assert formula["until"] is None
    assert value["events_left_off"] == 2
    (seen,) = value["events"]
    assert seen["time"] == "2026-11-01T10:00:05.000Z"
    assert seen["counted"] == {
        "witness": "log",
        "path": "/home/dev/logs/claude-code-box.jsonl",
        "offset": 0,
        "state": "finished",
        "copied": False,
        "input": 1_000,
        "cache_read": 30_000,
        "cache_write_5m": 4_000,
        "cache_write_1h": 0,
        "output": 2_000,
        "reasoning": 0,
    }
    assert json.loads(as_json(found(Wish("day", {"model": [NOBODY.model]}))))["formulas"][0]["listing"] is None


def test_what_a_counter_told_is_named_as_such() -> None:
    text = shown(why(ledger_of(readings=READINGS), BOOK, asked(ANY, Wish("day", {"session": ["s4"]}))))
    assert " $1.098018 for 6 requests and 361,202 tokens\n" in text
    begun, read = "2026-10-30 09:00", ("2026-11-03 12:00", "2026-11-05 12:00", "2026-11-05 13:00")
    for line in (
        f"everything before the first reading of a counter, dated coarsely: 3 requests, from {begun} to {read[0]}",
        f"the difference of two readings of a counter: 2 requests, from {read[0]} to {read[1]}",
        f"one call, told by a counter: 1 request, from {read[1]} to {read[2]}",
    ):
        assert f"\n     {line}\n" in text
    unknown = [READINGS[0]._replace(since=0)]
    text = shown(why(ledger_of(readings=unknown), BOOK, asked(ANY, Wish("day", {"session": ["s4"]}))))
    assert f"3 requests, from a time that is not known to {read[0]}\n" in text
    assert "counter" not in shown(found())


def test_what_a_counter_told_is_in_the_json() -> None:
    told = why(ledger_of(readings=READINGS), BOOK, asked(ANY, Wish("day")))
    by_dating = {(each["dated"], each["since"]): each["requests"] for each in json.loads(as_json(told))["events"]}
    assert by_dating == {
        ("exact", None): 1,
        ("coarse", "2026-10-30T09:00:00.000Z"): 3,
        ("derived", "2026-11-03T12:00:00.000Z"): 2,
        ("exact", "2026-11-05T12:00:00.000Z"): 1,
    }


def test_names_are_shown_short_and_without_what_steers_a_terminal() -> None:
    value = found(Wish("day", {"session": ["s1"], "model": ["*sonnet*"]}))
    hostile = value.events[0]._replace(session="\x1b[2J" + "x" * 10_000, project="/home/dev/" + "y" * 10_000)
    text = shown(value._replace(events=[hostile]))
    assert "\x1b" not in text
    assert f"  {'y' * 59}…  session \ufffd[2J{'x' * 55}…\n" in text


def test_a_stretch_and_hours_are_told_above() -> None:
    span = period(Zone("Asia/Kolkata"), 0, "2026-11-01T15:00", moments=True)
    question = asked(ANY, Wish("day"), "Asia/Kolkata")._replace(period=span, hours=Hours("sun", 15))
    text = shown(why(ledger_of(), BOOK, question))
    assert " Why  since 2026-11-01T15:00+05:30 · weekday sun · hour 15 · Asia/Kolkata\n" in text
