"""In what the tools differ."""

from tallystick.tools.opencode.dialect import KILO_CLI, MIMO_CODE, OPENCODE


def test_the_dialects_carry_the_names_of_the_tools() -> None:
    assert [each.tool for each in (OPENCODE, KILO_CLI, MIMO_CODE)] == ["opencode", "kilo-cli", "mimo-code"]


def test_only_opencode_ever_had_reasoning_inside_the_output() -> None:
    # The others began after that had changed.
    assert [each.apart_since for each in (OPENCODE, KILO_CLI, MIMO_CODE)] == [(1, 4), (0, 0), (0, 0)]
