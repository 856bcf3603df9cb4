"""`tally prices`: what a model costs, in words where that is not known, and newer tables from a file or an address."""

import json
from pathlib import Path

import pytest
from tests.cli.stage import TABLE, Stage


def input_usd(stage: Stage, *asked: str) -> float:
    """Return the price of a million tokens of input."""
    said = stage.tally("prices", "show", *asked, "--json")
    assert said.code == 0
    return json.loads(said.out)["tiers"][0]["rates"]["input"]["usd"]  # type: ignore[no-any-return]


def test_each_rate_is_told(stage: Stage) -> None:
    said = stage.tally("prices", "show", "claude-opus-4-1")
    assert (said.code, said.err) == (0, "")
    assert "claude-opus-4-1 is anthropic/claude-opus-4-1; prices at 20" in said.out
    assert "  input                         15  always      genai-prices" in said.out


@pytest.mark.parametrize("asked, usd", [(("--at", "2026-03-01"), 10), (("--at", "2026-03-20"), 5)])
def test_the_day_decides(stage: Stage, asked: tuple[str, ...], usd: float) -> None:
    # Opus 4.6: 5 USD, above 200 000 tokens of prompt the double until 13 March 2026.
    assert input_usd(stage, "claude-opus-4-6", "--prompt", "200001", *asked) == usd


@pytest.mark.parametrize("prompt, usd", [("200000", 3), ("200001", 6)])
def test_the_prompt_decides(stage: Stage, prompt: str, usd: float) -> None:
    assert input_usd(stage, "claude-sonnet-4-5", "--prompt", prompt) == usd


def test_tier_speed_and_provider_decide(stage: Stage) -> None:
    # Standard 5 USD; priority 2.5 times that, flex the half. Fast doubles Opus 4.8's 5 USD until the end of November 2026.
    assert input_usd(stage, "gpt-5.5", "--prompt", "1", "--at", "2026-11-01") == 5
    assert input_usd(stage, "gpt-5.5", "--prompt", "1", "--at", "2026-11-01", "--tier", "priority") == 12.5
    assert input_usd(stage, "gpt-5.5", "--prompt", "1", "--at", "2026-11-01", "--tier", "flex") == 2.5
    assert input_usd(stage, "claude-opus-4-8", "--at", "2026-11-01", "--speed", "fast") == 10
    listing = stage.tally("prices", "show", "anthropic/claude-sonnet-4.5", "--provider", "openrouter", "--json").out
    assert json.loads(listing)["listing"].startswith("openrouter/")


def test_an_unknown_model_is_told_in_words(stage: Stage) -> None:
    said = stage.tally("prices", "show", "house-model-1")
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("tally: No price list knows house-model-1. `tally prices update` may bring it;")


def test_a_day_that_is_none_is_told(stage: Stage) -> None:
    said = stage.tally("prices", "show", "gpt-5.5", "--at", "yesteryear")
    assert said.code == 2
    assert "--at 'yesteryear' is no day" in said.err


def test_the_persons_own_price_counts(stage: Stage) -> None:
    stage.say('[prices."House-Model-1"]\ninput = 0.5\noutput = 1.5\n')
    assert input_usd(stage, "house-model-1") == 0.5


def test_a_table_from_a_file_is_taken(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "table.json").write_text(json.dumps(TABLE))
    said = stage.tally("prices", "update", "--from", str(tmp_path / "table.json"))
    assert (said.code, said.out, said.err) == (0, f"{tmp_path}/table.json: taken; 1 models new.\n", "")
    assert input_usd(stage, "house-model-1") == 1


def test_a_table_from_an_address_is_taken(stage: Stage, site: str) -> None:
    assert stage.tally("prices", "update", "--url", f"{site}/table.json").code == 0
    assert input_usd(stage, "house-model-1") == 1


def test_an_address_in_the_config_is_asked(stage: Stage, site: str) -> None:
    stage.say(f'[prices]\nurl = "{site}/table.json"\n')
    assert stage.tally("prices", "update").code == 0
    assert input_usd(stage, "house-model-1") == 1


def test_what_has_no_price_has_one_afterwards_also_in_the_past(stage: Stage, tmp_path: Path) -> None:
    stage.answers(2, model="house-model-1")
    before = json.loads(stage.tally("models", "--json").out)["totals"]
    assert (before["cost_usd"], before["unpriced_tokens"]) == (None, 60)
    (tmp_path / "table.json").write_text(json.dumps(TABLE))
    stage.tally("prices", "update", "--from", str(tmp_path / "table.json"))
    after = json.loads(stage.tally("models", "--json").out)["totals"]
    # Twice (10 x 1 + 20 x 2) millionths of a dollar.
    assert (after["cost_usd"], after["unpriced_tokens"]) == (0.0001, 0)


def test_a_damaged_table_is_refused_and_the_old_prices_stay(stage: Stage, site: str) -> None:
    stage.tally("prices", "update", "--url", f"{site}/table.json")
    said = stage.tally("prices", "update", "--url", f"{site}/damaged.json")
    assert (said.code, said.out) == (1, "")
    assert "is refused: damaged" in said.err
    assert "The prices stay as they are." in said.err
    assert input_usd(stage, "house-model-1") == 1


def test_an_address_that_holds_nothing_is_told(stage: Stage, site: str) -> None:
    said = stage.tally("prices", "update", "--url", f"{site}/none.json")
    assert said.code == 3
    assert "cannot be fetched (HTTP 404" in said.err


def test_only_https_is_asked(stage: Stage) -> None:
    said = stage.tally("prices", "update", "--url", "http://prices.example/table.json")
    assert (said.code, "https://" in said.err) == (2, True)


def test_a_file_that_is_missing_is_told(stage: Stage) -> None:
    said = stage.tally("prices", "update", "--from", "nowhere.json")
    assert said.code == 1
    assert "nowhere.json cannot be read (no such file or directory)" in said.err


def test_file_and_address_exclude_each_other(stage: Stage) -> None:
    assert stage.tally("prices", "update", "--from", "a", "--url", "b").code == 2


def test_offline_both_publishers_are_told_of(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    # A proxy where nobody listens: no name is looked up and nothing leaves the machine.
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    said = stage.tally("prices", "update")
    assert (said.code, said.out) == (3, "")
    assert said.err.count("cannot be fetched") == 2
    assert input_usd(stage, "claude-opus-4-1") == 15
