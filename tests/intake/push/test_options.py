"""The client's command line."""

import pytest

from tallystick.errors import Misused
from tallystick.intake.push.options import _FLAGS, _VALUES, HELP, Options, understood


def test_values_stand_behind_their_names_or_behind_a_sign() -> None:
    made = understood(["--server", "https://a/", "--machine=box", "--show", "--project=pseudonym"])
    assert made == Options(
        frozenset({"show"}), {"server": "https://a/", "machine": "box", "project": "pseudonym"}, None
    )


def test_paths_add_up_and_can_be_forgotten() -> None:
    assert understood(["--path", "~/a=b/**=leave-out", "--path=x=keep"]).paths == (
        ("~/a=b/**", "leave-out"),
        ("x", "keep"),
    )
    assert understood(["--path", "x=keep", "--path", "none"]).paths == ()
    assert understood([]).paths is None


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (["--nonsense"], "'--nonsense' is not understood"),
        (["server"], "'server' is not understood"),
        (["--show=1"], "'--show=1' is not understood"),
        (["--server"], "--server needs a value"),
        (["--project", "hide"], "--project 'hide' is none: choose among keep, pseudonym, leave-out"),
        (["--path", "x"], "--path takes a pattern"),
        (["--path", "x=hide"], "--path 'hide' is none"),
    ],
)
def test_what_is_not_understood_is_told_in_a_sentence(arguments: list[str], sentence: str) -> None:
    with pytest.raises(Misused, match=sentence.replace("(", r"\(")):
        understood(arguments)


@pytest.mark.parametrize(
    "arguments, settles",
    [([], False), (["--once"], False), (["--insecure"], False), (["--verbose", "--state", "x", "--home", "y"], False), (["--show"], True), (["--all"], True), (["--server", "x"], True), (["--path", "none"], True)],
)  # fmt: skip
def test_only_what_changes_or_shows_something_needs_more_than_a_look(arguments: list[str], settles: bool) -> None:  # noqa: FBT001  a row of a table
    assert understood(arguments).settle is settles


def test_the_help_tells_of_every_option() -> None:
    assert not [name for name in (*_VALUES, *_FLAGS) if name != "help" and f"--{name} " not in HELP]
