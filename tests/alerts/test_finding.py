"""Findings in words: names where they belong, hidden where they shall be."""

from tallystick.alerts.finding import Facts, clock, length, masked, money, worded

HOUR = 3_600_000


def test_names_stand_in_the_words_whatever_they_are() -> None:
    facts: Facts = {"machine": "{x}\nlap\ttop", "filters": (("project", "a"), ("model", "b*")), "none": ()}
    assert worded("{machine} of {filters}, {none}", facts) == "{x} lap top of project=a, model=b*, everything"


def test_names_steer_no_terminal_and_have_an_end() -> None:
    facts: Facts = {"machine": "\x1b[31mred\x07 \u202eltr\x00", "project": "p" * 300, "filters": (("tag", "t" * 300),)}
    assert worded("{machine}", facts) == "\ufffd[31mred\ufffd \ufffdltr\ufffd"
    assert worded("{project}", facts) == "p" * 200 + "…"
    assert worded("{filters}", facts) == "tag=" + "t" * 196 + "…"


def test_only_what_is_hideable_is_hidden() -> None:
    facts: Facts = {
        "project": "secret",
        "model": "m",
        "filters": (("session", "s1"), ("tool", "t")),
        "empty": "",
        "branch": "",
    }
    assert masked(facts, lambda key, value: f"{key}-{len(value)}") == {
        "project": "project-6",
        "model": "m",
        "filters": (("session", "session-2"), ("tool", "t")),
        "empty": "",
        "branch": "",
    }
    assert masked({"project": "secret"}, lambda *_: "") == {"project": "…"}


def test_money_times_and_lengths() -> None:
    assert money(1_234_560_000_000_000) == "$1,234.56"
    # 2026-01-05 00:00 UTC.
    begin = 1_767_571_200_000
    assert clock(begin + 9 * HOUR, HOUR, begin) == "10:00"
    assert clock(begin + 48 * HOUR, HOUR, begin) == "2026-01-07 01:00"
    assert [length(each * 60_000) for each in (0, 59, 60, 61, 1440, 1500)] == ["0 min", "59 min", "1 h", "1 h 1 min", "1 d", "1 d 1 h"]  # fmt: skip
