"""What stands above and below the panels."""

from tests.faces.tui.pictures import FIVE_HOURS, NOW, WEEK, picture, texts

from tallystick.faces.tui import summary
from tallystick.faces.tui.draw import said, width_of
from tallystick.faces.tui.state import Source

HERE = Source("box")


def test_pace_and_today_stand_one_below_the_other() -> None:
    lines = texts(summary.top(picture(), HERE, 118, 12))
    assert lines[0].startswith(" Tallystick  box")
    assert lines[0].endswith("Mon 09:06 UTC  ● live")
    (pace,) = [line for line in lines if line.startswith(" Pace")]
    assert "$0.03/h  66.7k tokens/h  2 calls  last 10 min" in pace
    assert pace.endswith("10 tokens without a price")
    (today,) = [line for line in lines if line.startswith(" Today")]
    assert "<$0.01+    11.1k tokens  2 calls" in today
    # 11-01 at 10: $0.5863, 11-01 at 23: $0.285, 11-02 at 9: $0.0049.
    assert today.endswith("█············▄·········▁ 24 h")


def test_nothing_is_said_to_be_nothing() -> None:
    live = picture([], now=NOW + 30 * 86_400_000)
    lines = texts(summary.top(live, HERE, 80, 12))
    assert "Today  nothing" in "\n".join(lines)
    assert any("No tool has told of a limit" in line for line in lines)


def test_the_header_tells_filters_zone_and_what_is_wrong() -> None:
    live = picture(zone="Europe/Berlin")
    live = live._replace(question=live.question._replace(where={"tool": ("codex",), "project": ("*shop*",)}))
    head = said(summary.header(live, HERE, 100, NOW))
    assert "only tool=codex project=*shop*  Mon 10:06 Europe/Berlin" in head
    assert "◌ reading logs 45%" in said(summary.header(live, HERE._replace(importing=0.45), 100, NOW))
    sick = HERE._replace(trouble="The server\x1b is away.")
    assert "! trouble" in said(summary.header(live, sick, 100, NOW))
    assert texts(summary.top(live, sick, 100, 12))[1] == " The server� is away."
    assert "made up" in said(summary.header(live, HERE._replace(note="made up"), 100, NOW))


def test_little_room_has_what_matters_most() -> None:
    lines = texts(summary.brief(picture([WEEK, FIVE_HOURS]), HERE, 22))
    assert lines == ["47 % anthropic 5 h", "<$0.01+ today", "22 % anthropic week", "$0.03 an hour"]


def test_the_keys_are_as_many_as_have_room() -> None:
    live = picture()
    assert said(summary.footer(live, 20)) == " ? help   q quit"
    assert "t theme" in said(summary.footer(live, 120))
    skipped = live._replace(coverage=live.coverage._replace(skipped=2))
    assert said(summary.footer(skipped, 130)).endswith("2 pieces not understood: tally doctor")
    assert width_of(summary.footer(skipped, 60)) == 60


def test_what_is_awaited_is_told() -> None:
    assert summary.awaited(HERE) == "Opening the ledger …"
    assert summary.awaited(Source("tally.example.com", remote=True)) == "Asking tally.example.com …"
    assert summary.awaited(HERE._replace(importing=0.5)) == "Reading the logs: 50%."
    assert summary.awaited(HERE._replace(trouble="No.")) == "No."
