"""What a process holds is seen, and told when it is too much, but not every time."""

import asyncio
import sys
from pathlib import Path

import pytest

from tallystick.intake.proxy.memory import gap, resident_bytes, watched

MIB = 1 << 20


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_what_is_held_grows_with_what_is_taken() -> None:
    before = resident_bytes()
    taken = bytearray(64 * MIB)
    taken[::4096] = b"x" * (64 * MIB // 4096)
    assert 60 * MIB <= resident_bytes() - before <= 80 * MIB
    assert len(taken) == 64 * MIB


def test_a_system_that_does_not_tell_holds_nothing(tmp_path: Path) -> None:
    assert resident_bytes(str(tmp_path / "none")) == 0
    (tmp_path / "odd").write_text("1 x")
    assert resident_bytes(str(tmp_path / "odd")) == 0


def test_too_much_is_told_once_an_hour() -> None:
    told: list[int] = []
    held = iter([100, 700, 700, 800, 900, 100])

    async def run() -> None:
        # Half an hour between two looks, at a speed that a test can wait for.
        with pytest.raises(RuntimeError, match="StopIteration"):
            await watched(told.append, lambda: next(held), 600, 1_800)

    async def at_once(_: float) -> None:
        return None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tallystick.intake.proxy.memory.asyncio.sleep", at_once)
        asyncio.run(run())
    assert told == [700, 800]


def test_a_gap_is_waited_for_as_long_as_something_is_on_its_way() -> None:
    looks = iter([True, False, True, *[False] * 1_000])
    seen: list[bool] = []

    def busy() -> bool:
        seen.append(next(looks))
        return seen[-1]

    assert asyncio.run(gap(busy, 60, 0.05))
    assert seen[:4] == [True, False, True, False]


def test_a_gap_that_never_comes_is_not_waited_for_for_ever() -> None:
    assert not asyncio.run(gap(lambda: True, 0.2, 0.05))
