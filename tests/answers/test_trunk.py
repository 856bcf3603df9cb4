"""The trunk: the same sums, whichever parts change, and only those that change are asked for."""

from collections.abc import Iterable, Sequence

from tallystick.answers.parts import Part, Span, merged
from tallystick.answers.trunk import Trunk


def part(day: int, size: int = 3, tokens: int = 1) -> Part:
    """Return what a day adds: some sessions of its own, and one that goes through all days."""
    sums: dict[tuple[str, ...], tuple[int, ...]] = {(f"{day}-{number}",): (1, tokens) for number in range(size)}
    return Part({**sums, ("all",): (1, 5)}, (day * 96, day * 96 + 3), {1: size + 1}, {"nobody": day})


class Days:
    """Days with their parts, each change of which is another state."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        """How many parts were asked for, each time."""
        self._states: dict[tuple[int, int], int] = {}

    def merged(self, trunk: Trunk, days: Sequence[tuple[int, int]]) -> tuple[Part, Sequence[int]]:
        """Have days, each with its tokens, put together."""
        spans = {(day * 96, day * 96 + 96): (day, tokens) for day, tokens in days}
        states = {span: self._states.setdefault(each, len(self._states) + 1) for span, each in spans.items()}

        def parts(some: Iterable[Span]) -> list[Part]:
            found = [part(spans[span][0], tokens=spans[span][1]) for span in some]
            self.asked.append(len(found))
            return found

        return trunk.merged(states, parts)

    def same(self, trunk: Trunk, days: Sequence[tuple[int, int]]) -> None:
        """Compare with what is added up at once."""
        whole, totals = self.merged(trunk, days)
        plain = merged(part(day, tokens=tokens) for day, tokens in days)
        assert whole == plain
        assert tuple(totals) == tuple(map(sum, zip(*plain.sums.values(), strict=True)))


def usual(days: Iterable[int]) -> list[tuple[int, int]]:
    """Return days that all have the same tokens."""
    return [(day, 1) for day in days]


def test_the_sums_are_the_same_whatever_changes() -> None:
    trunk, all_days = Trunk(), Days()
    days = usual(range(20))
    for _ in range(2):
        all_days.same(trunk, days)
    for tokens in (7, 8, 9):
        all_days.same(trunk, [*days[:19], (19, tokens)])
    # A day of the past changes, days come, a day goes, and all are others.
    all_days.same(trunk, [(0, 3), *days[1:]])
    all_days.same(trunk, usual(range(40)))
    all_days.same(trunk, days[3:])
    all_days.same(trunk, [(day, 2) for day in range(5)])
    all_days.same(trunk, [])


def test_only_what_changes_is_asked_for() -> None:
    trunk, days = Trunk(), Days()
    for tokens in (2, 3, 4, 5):
        days.merged(trunk, [*usual(range(19)), (19, tokens)])
    # All but the last eight, and these; of these, seven stay and are asked for once more, and then only the one that changes.
    assert days.asked == [12, 8, 7, 1, 1, 1]
    assert len(trunk) == (12 * 3 + 1) + (7 * 3 + 1)
    # A day of the past changes: eighteen stay, and of the other two the one that stays from then on is asked for once more.
    for tokens in (6, 7, 8):
        days.merged(trunk, [(0, 9), *usual(range(1, 19)), (19, tokens)])
    assert days.asked[6:] == [18, 2, 1, 1, 1]


def test_what_stayed_for_a_while_and_changes_is_asked_for_with_what_stays_beside_it() -> None:
    trunk, days = Trunk(), Days()
    for tokens in (2, 3, 4):
        days.same(trunk, [*usual(range(19)), (19, tokens)])
    del days.asked[:]
    for tokens in (5, 6):
        days.same(trunk, [*usual(range(17)), (17, 7), (18, 1), (19, tokens)])
    # Six that stay, and two that do not; then one of these stays, too.
    assert days.asked == [6, 2, 1, 1]
