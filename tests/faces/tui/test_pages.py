"""Pages over the picture: what they tell of the hand-made ledger's sessions and calls."""

from tests.faces.tui.pictures import NOW, answers, texts

from tallystick.answers.question import Wish, question
from tallystick.answers.reports.places import ANY
from tallystick.faces.tui import pages
from tallystick.faces.tui.draw import width_of
from tallystick.usage.period import Period, Zone


def test_a_session_is_told_from_its_end() -> None:
    lines = texts(pages.session_lines(answers().session("s1", Zone()), NOW, 96))
    assert lines[0] == "Mend the till  s1"
    assert lines[1] == "/home/dev/shop · main · claude-code"
    # 2 x $0.285 and $0.0163.
    assert lines[4] == "In all  $0.59  74.8k tokens  3 calls"
    assert any(line.startswith("(main line)") for line in lines)
    calls = lines[lines.index("Calls, the newest first") + 2 :]
    assert [line.split()[-1] for line in calls] == ["$0.59", "$0.57", "$0.29"]
    assert "600 in, 0 % cached, 200 out  $0.02" in calls[0]


def test_a_session_fits_little_room() -> None:
    for width in (20, 40, 56):
        for line in pages.session_lines(answers().session("s1", Zone()), NOW, width)[8:]:
            assert width_of(line) <= max(width, 56)


def test_why_tells_prices_times_tokens_and_where_that_is_from() -> None:
    asked = question(ANY, Period(Zone()), Wish("day", {"session": ["s3"]}), NOW)
    lines = texts(pages.why_lines(answers().why(asked), "Session s3", "tally why --session=s3", 90))
    said = "\n".join(lines)
    assert "In all  <$0.01  11.1k tokens  2 calls" in said
    assert "1,000 × $1.75 a million" in said
    assert "10,000 × $0.175 a million" in said
    assert "nobody-knows-1  1 call" in said
    assert "/home/dev/logs/codex-box.jsonl:" in said
    assert lines[-1] == "tally why --session=s3"


def test_a_call_is_told_with_who_saw_it() -> None:
    found = answers()
    number = (
        found.events(question(ANY, Period(Zone()), Wish("day", {"model": ["gpt-5.2-codex"]}), NOW)).events[0].number
    )
    lines = texts(pages.call_lines(found.event(number), Zone(), NOW))
    assert lines[1] == "11.0k in, 90 % cached, 100 out  <$0.01"
    assert "cache read      10,000" in lines
    assert lines[-1].startswith("log   /home/dev/logs/codex-box.jsonl:")


def test_the_help_tells_every_key() -> None:
    said = "\n".join(texts(pages.help_lines(90)))
    for key in ("Tab", "⏎", "w ", "Esc", "/ ", "s ", "z ", "t ", "r ", "q, Ctrl-C", "≈"):
        assert f"\n{key}" in said or key in said
    assert all(width_of(line) <= 40 for line in pages.help_lines(40))
