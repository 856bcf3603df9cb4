"""The four kinds of error, told apart by faces and caught as one."""

import pytest

from tallystick.errors import Misused, NotFound, Refused, TallystickError, Unavailable

KINDS = (Misused, NotFound, Refused, Unavailable)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_caught_as_ours_and_tells_its_sentence(kind: type[TallystickError]) -> None:
    with pytest.raises(TallystickError) as caught:
        raise kind("The ledger is busy. Try again in a moment.")
    assert str(caught.value) == "The ledger is busy. Try again in a moment."


def test_no_kind_is_caught_as_another() -> None:
    # A face maps each kind to one exit code or status: a kind within a kind would get the wrong one.
    for kind in KINDS:
        assert [other for other in KINDS if issubclass(kind, other)] == [kind]


def test_there_are_four_kinds() -> None:
    assert set(TallystickError.__subclasses__()) >= set(KINDS)
    ours = {kind for kind in TallystickError.__subclasses__() if kind.__module__ == "tallystick.errors"}
    assert ours == set(KINDS)
