"""The trunk: the same sums, whichever parts change, and only those that change are added anew."""

import pytest

from tallystick.answers import trunk as module
from tallystick.answers.parts import Part, merged
from tallystick.answers.trunk import Trunk


def part(day: int, size: int = 3, tokens: int = 1) -> Part:
    """Return what a day adds: some sessions of its own, and one that goes through all days."""
    sums: dict[tuple[str, ...], tuple[int, ...]] = {(f"{day}-{number}",): (1, tokens) for number in range(size)}
    return Part({**sums, ("all",): (1, 5)}, (day * 96, day * 96 + 3), {1: size + 1}, {"nobody": day})


def same(trunk: Trunk, parts: list[Part]) -> None:
    """Compare with what is added up at once."""
    whole, totals = trunk.merged(parts)
    plain = merged(parts)
    assert whole == plain
    assert tuple(totals) == tuple(map(sum, zip(*plain.sums.values(), strict=True)))


def test_the_sums_are_the_same_whatever_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LARGE", 1)
    trunk = Trunk()
    days = [part(day) for day in range(20)]
    for _ in range(2):
        same(trunk, days)
    for tokens in (7, 8, 9):
        same(trunk, [*days[:19], part(19, tokens=tokens)])
    # A day of the past changes, days come, a day goes, and all are others.
    same(trunk, [part(0, tokens=3), *days[1:]])
    same(trunk, [*days, *(part(day) for day in range(20, 40))])
    same(trunk, days[3:])
    same(trunk, [part(day) for day in range(5)])
    same(trunk, [])


def test_only_what_changes_is_added_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LARGE", 1)
    added: list[int] = []

    def counted(parts: list[Part]) -> Part:
        parts = list(parts)
        added.append(len(parts))
        return merged(parts)

    monkeypatch.setattr(module, "merged", counted)
    trunk = Trunk()
    days = [part(day) for day in range(20)]
    for last in (part(19, tokens=2), part(19, tokens=3), part(19, tokens=4), part(19, tokens=5)):
        trunk.merged([*days[:19], last])
    # The beginning; all and themselves; the nineteen that stay, with the last one; from then on both of these.
    assert added == [0, 20, 1, 19, 2, 2, 2]


def test_small_answers_have_no_trunk() -> None:
    same(Trunk(), [part(day) for day in range(20)])
