"""The messenger: whoever hangs or fails holds nobody up, is tried again, and is told of without secrets."""

import sys
import time
from pathlib import Path

import pytest
from tests.alerts.places import NOW, answers, drips, hangs, place

from tallystick.alerts.choices import Choices, Quiet
from tallystick.alerts.chronicle import Chronicle, Telling
from tallystick.alerts.file import File, path
from tallystick.alerts.lookout import Lookout
from tallystick.alerts.messenger import Messenger, Sender, deliver
from tallystick.alerts.outlets.outlet import To, World, made_up
from tallystick.alerts.pending import AGAIN_MS
from tallystick.alerts.rules.shelf import RULES
from tallystick.alerts.situation import Situation, Unpriced
from tallystick.cli import program


class Town:
    """A file, a clock and a messenger."""

    def __init__(self, folder: Path, to: tuple[To, ...], quiet: Quiet | None = None) -> None:
        """Begin at `NOW`."""
        self.now, self.log = NOW, list[str]()
        self.file = File(path(str(folder)))
        self.chosen = Choices(to=to, quiet=quiet or Quiet())
        self.world = World({}, sys.platform, lambda: self.now, program.run)
        self.messenger = Messenger(self.file, self.chosen, self.world, Sender("m", lambda _: 0), self.log.append)

    def begin(self, *models: str) -> None:
        """Have an alert begin for each model."""
        Lookout(self.file, self.chosen, self.log.append).look(
            Situation(self.now, unpriced=tuple(Unpriced(model, 99_999) for model in models))
        )

    def told(self) -> dict[str, list[Telling]]:
        """Return how alerts fared, by where they went."""
        found: dict[str, list[Telling]] = {}
        for each in reversed(Chronicle(self.file, RULES).told(100)):
            for one in each.tellings:
                found.setdefault(one.outlet, []).append(one)
        return found


def webhook(name: str, url: str, timeout: float = 0.5) -> To:
    """Return a webhook as a place."""
    return To(name, "webhook", {"url": f"{url}/hunter2"}, timeout=timeout)


def test_targets_that_hang_fail_or_lead_elsewhere_hold_nothing_up(tmp_path: Path) -> None:
    with (
        place(hangs) as hung,
        place(drips) as slow,
        place(answers(500)) as failing,
        place(answers(302, "Location: http://127.0.0.1:1/\r\n")) as elsewhere,
        place(answers(200)) as fine,
    ):
        places = {"hung": hung, "slow": slow, "failing": failing, "elsewhere": elsewhere, "fine": fine}
        town = Town(tmp_path, tuple(webhook(name, at.url, 1.5) for name, at in places.items()))
        town.begin("a", "b", "c")
        begun = time.monotonic()
        town.messenger.send()
        assert time.monotonic() - begun < 0.5
        while len(fine.asked) < 3:
            assert time.monotonic() - begun < 1.2
            time.sleep(0.01)
        assert town.messenger.wait(5)
    told = town.told()
    assert [each.state for each in told["fine"]] == ["told"] * 3
    for name, trouble in (
        ("hung", "no answer within 1.5 s"),
        ("slow", "no answer within 1.5 s"),
        ("failing", "answered 500"),
        ("elsewhere", "answered 302, which leads elsewhere and is not followed"),
    ):
        # The first failed, and so what waits behind it was not tried.
        assert [(each.state, each.tries, each.trouble) for each in told[name]] == [("waiting", 1, trouble), ("waiting", 0, ""), ("waiting", 0, "")]  # fmt: skip
    assert sorted(town.log) == sorted(
        f"Alert 1 could not be told to {each}: {told[each][0].trouble}; it is tried again."
        for each in ("hung", "slow", "failing", "elsewhere")
    )
    assert "hunter2" not in " ".join(town.log)


def test_a_target_that_fails_is_tried_so_many_times_and_no_more(tmp_path: Path) -> None:
    with place(answers(503)) as at:
        town = Town(tmp_path, (webhook("x", at.url),))
        town.begin("a")
        for wait in (*AGAIN_MS, 10**9, 10**9):
            town.messenger.send()
            assert town.messenger.wait(5)
            town.messenger.send()
            assert town.messenger.wait(5)
            town.now += wait
    assert len(at.asked) == len(AGAIN_MS) + 1
    (fared,) = town.told()["x"]
    assert (fared.state, fared.tries) == ("failed", len(AGAIN_MS) + 1)
    assert town.log[-1] == "Alert 1 could not be told to x: answered 503; and it is given up."
    # One id for all of its tries.
    assert len({each.headers["x-tally-delivery"] for each in at.asked}) == 1


def test_one_that_comes_back_is_told_after_a_restart(tmp_path: Path) -> None:
    with place(answers(500)) as at:
        town = Town(tmp_path, (webhook("x", at.url),))
        town.begin("a")
        town.messenger.send()
        assert town.messenger.wait(5)
    with place(answers(200)) as at:
        again = Town(tmp_path, (webhook("x", at.url),))
        again.now += AGAIN_MS[0]
        for _ in range(3):
            again.begin("a")
            again.messenger.send()
            assert again.messenger.wait(5)
    assert len(at.asked) == 1
    assert again.told()["x"][0].state == "told"


def test_two_messengers_tell_each_alert_once(tmp_path: Path) -> None:
    with place(answers(200)) as at:
        to = (webhook("x", at.url, 5),)
        towns = [Town(tmp_path, to), Town(tmp_path, to)]
        towns[0].begin(*"abcdefgh")
        for _ in range(5):
            for town in towns:
                town.messenger.send()
        for town in towns:
            assert town.messenger.wait(10)
    assert sorted(each.json["facts"]["model"] for each in at.asked) == list("abcdefgh")


def test_quiet_hours_are_kept_but_for_who_always_wants_to_know(tmp_path: Path) -> None:
    with place(answers(200)) as at, place(answers(200)) as other:
        # It is 08:00 in UTC.
        to = (webhook("x", at.url), webhook("always", other.url)._replace(always=True))
        town = Town(tmp_path, to, Quiet(7 * 60, 9 * 60))
        town.begin("a")
        town.messenger.send()
        assert town.messenger.wait(5)
        assert (len(at.asked), len(other.asked)) == (0, 1)
        town.now += 3_600_000
        town.messenger.send()
        assert town.messenger.wait(5)
        assert (len(at.asked), len(other.asked)) == (1, 1)


def test_whatever_goes_wrong_is_one_failure() -> None:
    told, world = made_up(NOW, "m"), World({}, "linux", lambda: NOW, program.run)
    assert deliver(told, To("x", "webhook", {}), world) == "it failed (KeyError)"
    assert deliver(told, To("x", "slack", {}, trouble="X is not set in the environment"), world).startswith("X is not")


@pytest.mark.parametrize("resolved", [True, False])
def test_that_it_is_over_is_told_on_wish_by_the_way_that_it_was_told(tmp_path: Path, *, resolved: bool) -> None:
    with place(answers(200)) as at:
        town = Town(tmp_path, (webhook("x", at.url, 5),))
        town.chosen = town.chosen._replace(resolved=resolved)
        town.begin("a")
        # Fine for an hour: ten minutes between two looks count at most.
        for _ in range(9):
            town.messenger.send()
            assert town.messenger.wait(5)
            town.now += 600_000
            town.begin()
        town.messenger.send()
        assert town.messenger.wait(5)
    assert [each.json["title"] for each in at.asked] == [
        "No price is known for a",
        *(["Over: No price is known for a"] if resolved else []),
    ]
    assert len({each.headers["x-tally-delivery"] for each in at.asked}) == len(at.asked)
