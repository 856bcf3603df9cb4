"""The estimate of electricity and water: ranges worked out by hand where it is switched on, its method either way."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.answers.sample import MAIN, THOUSAND, event
from tests.faces.http.live import Live
from tests.faces.web.paged import Read, hostile_pages, paged
from tests.faces.web.world import HOSTILE, HOSTILE_DAY

from tallystick.answers.energy import SOURCES, Range
from tallystick.faces.web.energy_page import ENERGY_THINGS, WATER_THINGS, likened
from tallystick.usage.event import Variant

ALL = "/energy?since=all"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Return a server with the sample on which the estimate is switched on."""
    with paged(tmp_path_factory.mktemp("energy"), energy=True) as served:
        yield served


def read(site: Live, path: str) -> Read:
    found = site.client.get(path)
    assert found.status_code == 200, found.text
    page = Read(found.text)
    # Its sources are all that is elsewhere, and nothing fetches them.
    assert page.unsafe() == [("a", source) for source in SOURCES]
    assert page.attributes.count(("rel", "noreferrer")) == len(SOURCES)
    return page


def test_its_ranges_are_those_worked_out_by_hand(site: Live) -> None:
    page = read(site, ALL)
    # Prompts 4,107 + 12,500 tokens, 100,000 read from a cache, 6,303 of output:
    # 16,607 x 220 + 6,303 x 600 = 7.44 Wh at least, 16,607 x 400 + 100,000 x 40 + 6,303 x 2,780 = 28.2 Wh at most.
    assert "7.44 to 28.2 Wh" in page.text
    # 7.435 Wh x 1.08 and 28.165 Wh x 4.22 litres per kWh.
    assert "8.03 to 119 mL" in page.text
    assert "as much as 0.74 to 2.82 hours of a lamp" in page.text
    assert "as much as 0.03 to 0.48 glasses of water" in page.text
    models, rates, kinds = page.tables
    assert models[-1] == ["Total", "122,910", "7.44", "28.17", "8.03", "118.86"]
    assert [row[0] for row in models[1:-1]] == [
        "claude-opus-4-1-20250805",
        "gpt-5.2-codex",
        "claude-sonnet-4-5-20250929",
        "nobody-knows-1",
    ]
    assert models[4][2:4] == ["< 0.01", "0.01"]
    assert kinds[1:] == [
        ["input", "4,107", "0.90", "1.64"],
        ["cache read", "100,000", "0.00", "4.00"],
        ["cache write, 5 min", "12,000", "2.64", "4.80"],
        ["cache write, 1 h", "500", "0.11", "0.20"],
        ["output", "6,303", "3.78", "17.52"],
    ]
    assert len(rates) == 6


def test_it_is_the_estimate_of_the_api(site: Live) -> None:
    page = read(site, f"{ALL}&tool=codex")
    (api,) = [address for _, address in page.addresses if address.startswith("/api/")]
    low, high = site.client.get(api).json()["totals"]["watt_hours"]
    assert f"{low:.2f} to {high:.2f} Wh" in page.text
    assert "tally energy --tool codex" in page.text


def test_its_models_lead_to_what_is_of_them_alone(site: Live, tmp_path: Path) -> None:
    assert read(site, ALL).links["gpt-5.2-codex"] == "/?since=all&model=gpt-5.2-codex"
    events = [event(f"2026-11-03T1{n}:00", Variant("x", name), MAIN, THOUSAND) for n, name in enumerate(("gpt", "GPT"))]
    with paged(tmp_path, events, full=False, energy=True) as other:
        links = read(other, ALL).links
    # A filter knows no upper case.
    assert not {"gpt", "GPT"} & set(links)


def test_its_days_are_those_of_the_address(site: Live) -> None:
    page = read(site, "/energy?since=2026-11-02&until=2026-11-02&timezone=Asia/Kolkata")
    assert "2026-11-02, days in Asia/Kolkata" in page.text
    assert "2 requests" not in page.text
    assert "3 requests" in page.text


def test_where_nothing_was_used_it_says_so(site: Live, tmp_path: Path) -> None:
    assert "take one of them away" in read(site, f"{ALL}&tool=nobody").text
    with paged(tmp_path, full=False, energy=True) as empty:
        page = read(empty, ALL)
        assert "Nothing was used" in page.text
        assert len(page.tables) == 1


def test_switched_off_it_tells_the_method_and_how_to_switch_it_on(tmp_path: Path) -> None:
    with paged(tmp_path) as off:
        page = read(off, ALL)
        assert "[server]\nenergy = true" in page.text
        assert "TALLY_SERVER_ENERGY=1" in page.text
        (rates,) = page.tables
        assert rates[1:] == [
            ["input", "220", "400"],
            ["cache read", "0", "40"],
            ["cache write, 5 min", "220", "400"],
            ["cache write, 1 h", "220", "400"],
            ["output", "600", "2,780"],
        ]
        assert "1.08 to 4.22 litres" in page.text
        assert "28.2" not in page.text


def test_an_amount_is_likened_to_the_greatest_thing_of_which_it_is_several() -> None:
    assert likened(Range(0, 0), ENERGY_THINGS) == []
    assert likened(Range(1, 19), ENERGY_THINGS)[0] == "as much as 0.10 to 1.90 hours of a lamp"
    assert likened(Range(98.8, 988), ENERGY_THINGS)[0] == "as much as 1.00 to 10.0 kettles of water"
    assert likened(Range(1_744, 3_488), ENERGY_THINGS)[0] == "as much as 1.00 to 2.00 warm showers"
    assert (
        likened(Range(17_000, 34_000_000), ENERGY_THINGS)[0]
        == "as much as 1.00 to 2,000 times 100 km in an electric car"
    )
    assert likened(Range(60, 120), WATER_THINGS)[0] == "as much as 1.00 to 2.00 showers"


def test_what_is_likened_takes_what_physics_says() -> None:
    sizes = {thing.name: thing.size for thing in ENERGY_THINGS}
    # A litre takes 4.186 kJ for each kelvin; a watt-hour has 3.6 kJ.
    assert sizes["warm shower"] == pytest.approx(60 * 25 * 4.186 / 3.6, abs=1)
    assert sizes["kettle of water"] == pytest.approx(85 * 4.186 / 3.6, abs=0.1)


def test_what_cannot_be_asked_is_told_on_a_page(site: Live) -> None:
    found = site.client.get("/energy?since=never")
    assert (found.status_code, found.headers["content-type"]) == (400, "text/html; charset=utf-8")


def test_hostile_names_are_text(tmp_path: Path) -> None:
    with hostile_pages(tmp_path, energy=True) as site:
        page = read(site, f"/energy?since={HOSTILE_DAY}&until={HOSTILE_DAY}")
        for name in HOSTILE:
            assert name in page.text
