"""What all tests share: the folder of captures, the options, and how hard hypothesis tries."""

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from tests.postgres import Server, running

CHECKOUT = Path(__file__).resolve().parent.parent

settings.register_profile("quick", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
# Repeatable, so that a submission is not refused for what another one wrote; `--hypothesis-profile` asks for either.
settings.register_profile("ci", settings.get_profile("quick"), max_examples=200, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "quick")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add our own options."""
    parser.addoption(
        "--update-samples", action="store_true", help="write each sample's expected.json anew from what is read now"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test that takes the fixture `shared`, so that the marker and the fixture mean the same."""
    for item in items:
        if "shared" in getattr(item, "fixturenames", ()):
            item.add_marker("shared")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs the shared folder where there is none."""
    if item.get_closest_marker("shared") and not _shared().is_dir():
        pytest.skip(f"no shared folder at {_shared()}; TALLY_SHARED can name one")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test that is skipped although TALLY_REQUIRE_SHARED says that the shared folder's tests must run."""
    report = yield
    if report.skipped and item.get_closest_marker("shared") and os.environ.get("TALLY_REQUIRE_SHARED"):
        report.outcome = "failed"
        report.longrepr = f"skipped, but TALLY_REQUIRE_SHARED is set: {report.longrepr}"
    return report


@pytest.fixture
def shared() -> Path:
    """Where captures of real clients and the maker of test trees lie: TALLY_SHARED, or `../shared`."""
    return _shared()


@pytest.fixture
def update_samples(request: pytest.FixtureRequest) -> bool:
    """Whether expected.json is to be written instead of compared."""
    return bool(request.config.getoption("--update-samples"))


@pytest.fixture(scope="session")
def postgres_running() -> Iterator[Server]:
    """Run a PostgreSQL server for all tests that want one."""
    with running() as server:
        yield server


@pytest.fixture
def postgres(postgres_running: Server) -> Server:
    """Return a PostgreSQL server in which nothing of ours is."""
    postgres_running.run("DROP SCHEMA IF EXISTS tallystick CASCADE")
    return postgres_running


def _shared() -> Path:
    return Path(os.environ.get("TALLY_SHARED") or CHECKOUT.parent / "shared").resolve()
