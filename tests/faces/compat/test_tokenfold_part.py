"""One period of tokenfold's statistics: figures are added up under the names that are shown, and divided without a rest."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from tests.answers.stand import answers
from tests.faces.compat.test_tokenfold import push, served
from tests.faces.compat.tokenfold_world import PUSHES, answer, batch
from tests.intake.push.test_tokenfold import NOON

from tallystick.faces.compat.tokenfold_part import _divided, part, usd
from tallystick.usage.period import Period, Zone


@given(st.integers(0, 10_000), st.dictionaries(st.text(max_size=3), st.integers(0, 1_000), max_size=8))
def test_what_is_divided_comes_to_the_whole(number: int, weights: dict[str, int]) -> None:
    shares = dict(_divided(number, weights))
    assert sum(shares.values()) == (number if sum(weights.values()) else 0)
    assert all(share >= 0 for share in shares.values())


def test_an_amount_that_is_not_known_is_no_0() -> None:
    assert (usd(None), usd(0), usd(1_500_000_000_000)) == (None, 0.0, 1.5)


def test_models_that_are_shown_under_one_name_are_one(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        for each in PUSHES:
            push(server, each)
        undated = answer(22, "10:00:00", "claude-opus-4-6", (0, 0, 0, 0, 1_000), session="s3")
        push(server, batch("laptop", "p", "s3.jsonl", undated))
    opened = answers(tmp_path / "ledger.db")
    found = part(opened, Period(Zone("UTC")), NOON)
    opened.close()
    opus = found.models["Opus 4.6"]
    assert (opus.figures.requests, opus.figures.output, opus.costs["output"]) == (4, 31_000, 775_000_000_000)
    assert sum(each.prompts for each in found.models.values()) == 4
    assert found.times == {"thinking": 65, "tool_execution": 10, "subagent": 30, "agent_runs": 1}
