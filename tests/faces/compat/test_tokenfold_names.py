"""What tokenfold calls models and projects, and its reckoning of electricity and water."""

import pytest

from tallystick.faces.compat.tokenfold_names import display, energy_wh, projects, water_ml


@pytest.mark.parametrize(
    "model, name",
    [
        ("claude-opus-4-6", "Opus 4.6"),
        ("claude-opus-4-6-20260105", "Opus 4.6"),
        ("claude-sonnet-4-20250514", "Sonnet 4"),
        ("claude-3-7-sonnet-20250219", "Sonnet 3.7"),
        ("claude-haiku-4-5@20251001", "Haiku 4.5"),
        # Of no form that is known: as they are.
        ("claude-opus-4-6-preview", "claude-opus-4-6-preview"),
        ("gpt-5.2", "gpt-5.2"),
        ("sonnet", "sonnet"),
        ("", "unknown"),
    ],
)
def test_models_have_short_names(model: str, name: str) -> None:
    assert display(model) == name


def test_electricity_and_water_by_family() -> None:
    # The example of its own page: 10 k of input and 1.5 k of output of Opus.
    assert round(energy_wh("Opus 4.6", 10_000, 1_500), 2) == 9.8
    assert round(water_ml(9.8), 2) == 9.44
    assert round(energy_wh("Sonnet 4.5", 1_000_000, 1_000_000)) == 2_340
    assert round(energy_wh("Haiku 4.5", 1_000_000, 1_000_000)) == 780
    assert round(energy_wh("Haiku 3.5", 1_000_000, 1_000_000)) == 624
    assert energy_wh("gpt-5.2", 1_000, 1_000) == energy_wh("Sonnet 4", 1_000, 1_000)


def test_projects_with_one_name_are_told_apart() -> None:
    paths = ["/home/dev/shop", "/srv/shop", "/home/dev/tools/", "C:\\code\\game", ""]
    assert list(projects(paths).values()) == ["dev/shop", "srv/shop", "tools", "game", "unknown"]
