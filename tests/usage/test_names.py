"""Names of machines and users."""

import pytest

from tallystick.errors import Misused
from tallystick.usage.names import checked, fitted, unpaired


@pytest.mark.parametrize(
    "name, wanted",
    [
        ("laptop", "laptop"),
        ("  Anna (work) ", "Anna (work)"),
        ("build-7.example", "build-7.example"),
        ("anna@lab", "anna@lab"),
        ("Büro", "Büro"),
        ("Bu\u0308ro", "Büro"),
        ("机器", "机器"),
        ("x" * 64, "x" * 64),
    ],
)
def test_names_that_people_give_are_kept(name: str, wanted: str) -> None:
    assert checked(name) == wanted


@pytest.mark.parametrize(
    "name",
    [
        "<b>x</b>",
        "a:b",
        "a/b",
        "a\\b",
        "a\nb",
        "a\x00b",
        "it's",
        'a"b',
        "a&b",
        "x" * 65,
        "x" * 10**6,
        "\u202egpj",
        "\ud800",
        "a`b",
        "{{x}}",
    ],
)
def test_names_that_could_do_harm_are_refused_without_being_repeated(name: str) -> None:
    with pytest.raises(Misused) as refused:
        checked(name)
    assert name not in str(refused.value)


@pytest.mark.parametrize("name", ["", "  ", "\t"])
def test_a_name_is_needed(name: str) -> None:
    with pytest.raises(Misused, match="The user needs a name"):
        checked(name, "user")


@pytest.mark.parametrize(
    "name, wanted",
    [
        ("laptop", "laptop"),
        ("a:b/c", "a_b_c"),
        (" </script> ", "__script_"),
        ("Bu\u0308ro", "Büro"),
        ("x" * 100, "x" * 64),
        (f"{'x' * 63} y", "x" * 63),
        ("\ud800", "_"),
    ],
)
def test_names_that_programs_give_are_made_to_fit(name: str, wanted: str) -> None:
    assert fitted(name) == wanted == checked(wanted)


@pytest.mark.parametrize("name", ["", "  ", "\u3000"])
def test_of_nothing_no_name_is_made(name: str) -> None:
    with pytest.raises(Misused):
        fitted(name)


def test_who_only_names_itself_is_none_that_was_paired() -> None:
    assert unpaired("key", "laptop") == "key/laptop"
    with pytest.raises(Misused):
        checked(unpaired("key", "laptop"))
