"""Templates of the status line: what vanishes, what is left off, and what is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.faces.statusline.line import FIELDS
from tallystick.faces.statusline.template import DEFAULT, Field, parse, render, unknown

VALUES = {"model": ("Opus", "cyan"), "session": ("$1.00", "bold"), "odd": ("a\nb\033[31m", "")}


def shown(template: str, width: int = 0, *, colour: bool = False) -> str:
    """Return a template with some fields; all others are empty."""

    def value(field: Field) -> tuple[str, str] | None:
        found = VALUES.get(field.name)
        return found and (found[0], field.style or found[1])

    return render(parse(template), value, width, colour=colour)


@pytest.mark.parametrize(
    "template, line",
    [
        ("{model} costs {session}", "Opus costs $1.00"),
        ("{model}[ · {today}]", "Opus"),
        ("{model}[ · {session}]", "Opus · $1.00"),
        ("[{model}[ in {branch}]]", "Opus"),
        ("[{today}[ of {model}]]x", "x"),
        ("[no field]", "no field"),
        (r"\[{model}\] \{x\} \\", r"[Opus] {x} \\".replace("\\\\", "\\")),
        ("{model", "{model"),
        ("a]b", "a]b"),
        ("a[b {session}", "ab $1.00"),
        ("", ""),
        ("{ model : red }", "Opus"),
    ],
)
def test_parts_in_brackets_vanish_when_a_field_in_them_is_empty(template: str, line: str) -> None:
    assert shown(template) == line


def test_a_line_that_is_too_wide_loses_its_last_parts_first() -> None:
    template = "{model}[ one][ two][ {session}] end"
    assert shown(template) == "Opus one two $1.00 end"
    assert shown(template, 22) == "Opus one two $1.00 end"
    assert shown(template, 21) == "Opus one two end"
    assert shown(template, 15) == "Opus one end"
    # What is in no brackets stays.
    assert shown(template, 1) == "Opus end"


def test_nothing_that_a_field_holds_steers_the_terminal() -> None:
    assert shown("{odd}") == "a�b�[31m"


def test_colours_are_those_of_the_field_or_of_the_template_and_words_between_are_dim() -> None:
    assert shown("{model} x", colour=True) == "\033[36mOpus\033[0m\033[2m x\033[0m"
    assert shown("{model:bold red}", colour=True) == "\033[1;31mOpus\033[0m"
    assert shown("{model:plain}", colour=True) == "Opus"


def test_what_means_nothing_is_told_with_what_would() -> None:
    told = unknown(parse("{modle} [{session:purple}]"), FIELDS)
    assert [each.partition(":")[0] for each in told] == [
        "{modle} is no field of the status line",
        "'purple' is no style of the status line",
    ]
    assert "known are model, session, " in told[0]
    assert unknown(parse(DEFAULT), FIELDS) == []


@given(st.text(alphabet="[]{}\\:ab ", max_size=40), st.integers(0, 30))
def test_any_text_is_a_template(text: str, width: int) -> None:
    line = shown(text, width)
    assert line.isprintable()
