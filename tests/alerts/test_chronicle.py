"""The chronicle keeps episodes as they were found, in whatever order they are asked for."""

from tallystick.alerts.chronicle import Chronicle
from tallystick.alerts.episodes import Episode
from tallystick.alerts.finding import CASE, FINE, Finding
from tallystick.alerts.keeper import Keeper
from tallystick.alerts.pending import mute, mutes, unmute
from tallystick.alerts.rules.rule import Rule

MINUTE = 60_000
RULE = Rule("spend", "", lambda *_: None, {}, 0, 10 * MINUTE)


def chronicle(keeper: Keeper, rule: Rule = RULE) -> Chronicle:
    """Return a chronicle of what is kept."""
    return Chronicle(keeper, (rule,))


def everywhere(episode: Episode) -> list[str]:
    """Return two ways out for any episode."""
    del episode
    return ["a", "b"]


def test_an_episode_comes_back_as_it_was_found(keeper: Keeper) -> None:
    facts = {"filters": (("project", "a"),), "text": "ü\ud800", "none": None, "yes": True, "number": 1.5}
    found = Finding("spend:\ud800\0", CASE, "critical", "T", "X", facts, 5, 6)
    (begun,) = chronicle(keeper).look({"spend": [found]}, 77, everywhere)
    (kept,) = chronicle(keeper).told(10)
    assert kept.episode == begun
    assert kept.episode.finding == found._replace(key="spend:\\ud800\\0")
    assert [(each.outlet, each.state, each.tries) for each in kept.tellings] == [("a", "waiting", 0), ("b", "waiting", 0)]  # fmt: skip
    # Looked at again, it is the same one.
    assert chronicle(keeper).look({"spend": [found]}, 78, everywhere) == []


def test_open_ones_come_first_then_the_latest(keeper: Keeper) -> None:
    made = chronicle(keeper)
    for number in range(3):
        made.look({"spend": [Finding(f"spend:{number}", CASE)]}, number * 100 * MINUTE, everywhere)
        for minute in range(0 if number == 1 else 31, 0, -10):
            fine = [Finding(f"spend:{number}", FINE), Finding("spend:1", CASE)][: 1 + (number > 1)]
            made.look({"spend": fine}, (number * 100 + 50 - minute) * MINUTE, everywhere)
    assert [(each.episode.finding.key, each.episode.state) for each in made.told(10)] == [
        ("spend:1", "open"),
        ("spend:2", "ended"),
        ("spend:0", "ended"),
    ]
    assert [each.episode.finding.key for each in made.told(1)] == ["spend:1"]


def test_a_term_that_comes_back_goes_on_and_is_told_no_more(keeper: Keeper) -> None:
    made = chronicle(keeper)
    terms = [1_000, 2_000, 1_050, 2_000, 3_000]
    begun = [
        len(made.look({"spend": [Finding("spend", CASE, term=term, span=100)]}, now, everywhere))
        for now, term in enumerate(terms)
    ]
    assert begun == [1, 1, 0, 0, 1]
    assert len([each for each in made.told(10) if each.episode.state == "open"]) == 1


def test_what_is_not_known_changes_nothing(keeper: Keeper) -> None:
    made = chronicle(keeper)
    made.look({"spend": [Finding("spend", CASE)]}, 0, everywhere)
    for minute in range(100):
        made.look({"spend": None}, minute * MINUTE, everywhere)
    assert made.told(1)[0].episode.state == "open"
    # What is there no more is as fine as can be.
    for minute in range(100, 131, 10):
        made.look({"spend": []}, minute * MINUTE, everywhere)
    assert made.told(1)[0].episode.why == "fine"


def test_what_is_muted_stays_so_when_more_is_known_of_it(keeper: Keeper) -> None:
    made = chronicle(keeper)
    mute(made.file, "spend:", 1, 99)
    mute(made.file, "spend:c", 2, 50)
    found = [Finding(f"spend:{name}", CASE, former="spend:") for name in ("a", "b", "c")]
    # As long as it is found under its former name, too, this is another one.
    made.look({"spend": [*found, Finding("spend:", CASE)]}, 3, everywhere)
    assert mutes(made.file, 3) == [("spend:", 1, 99), ("spend:c", 2, 50)]
    # Whichever of them it was: none is told. What was said of one by its own name holds.
    made.look({"spend": found}, 4, everywhere)
    assert mutes(made.file, 4) == [("spend:a", 1, 99), ("spend:b", 1, 99), ("spend:c", 2, 50)]
    assert unmute(made.file, "spend:a")
    made.look({"spend": found}, 5, everywhere)
    assert [each.what for each in mutes(made.file, 5)] == ["spend:b", "spend:c"]
