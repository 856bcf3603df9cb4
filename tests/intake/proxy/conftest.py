"""Two authorities, a server behind and a proxy before it, each made once for the room: keys take long to make."""

import gc
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

with warnings.catch_warnings():
    # mitmproxy's filter language uses names of pyparsing's that are deprecated; it is imported once, here.
    warnings.simplefilter("ignore", DeprecationWarning)
    from tests.intake.proxy.origin import Authority, Origin, authority, served
    from tests.intake.proxy.passing import Proxy, passing, plan, spooled


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let sockets be left open here: mitmproxy leaves those of broken connections to the end of its process, which is the tests' own."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            for warning in ("ResourceWarning", "pytest.PytestUnraisableExceptionWarning"):
                item.add_marker(pytest.mark.filterwarnings(f"ignore::{warning}"))


@pytest.fixture(scope="module", autouse=True)
def _swept() -> Iterator[None]:
    """Collect them before tests begin that are to leave none."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture(scope="session")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Return the authority of the servers behind the proxy."""
    return authority(tmp_path_factory.mktemp("behind"))


@pytest.fixture(scope="session")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Return the proxy's authority, in the data folder where it looks for it."""
    folder = tmp_path_factory.mktemp("data") / "ca"
    folder.mkdir()
    return authority(folder)


@pytest.fixture(scope="session")
def origin(behind: Authority) -> Iterator[Origin]:
    """Serve behind the proxy."""
    with served(behind) as found:
        yield found


@pytest.fixture(scope="module")
def proxy(
    tmp_path_factory: pytest.TempPathFactory, ours: Authority, behind: Authority, origin: Origin
) -> Iterator[Proxy]:
    """Pass traffic on. A module that asks for it starts no other one: they would share mitmproxy's global state."""
    data: Path = tmp_path_factory.mktemp("passing")
    (data / "ca").symlink_to(ours.folder)
    with passing(plan(data, origin, behind)) as found:
        yield found


@pytest.fixture
def before(proxy: Proxy) -> int:
    """Return how many lines are spooled already."""
    return len(spooled(proxy.data))
