"""A plan keeps of the environment what the server needs, and comes back from its file as it was."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.service.world import DEV, ODD

from tallystick.service.planning import address, can_stand, decoded, encoded, installing, kept, record, uninstalling
from tallystick.service.service import Remove, Run, Write
from tallystick.service.shelf import SERVICES
from tallystick.tools.shelf import TOOLS


def test_what_the_server_needs_is_kept_and_nothing_else() -> None:
    environ = {
        "PATH": "/bin",
        "PORT": "1",
        "TZ": "Asia/Tokyo",
        "TALLY_DATA_DIR": "/d",
        "CLAUDE_CONFIG_DIR": "/c",
        "SHELL": "/bin/sh",
        "SECRET_OF_SOMEBODY": "s",
        "EMPTY": "",
        "ADAPTERS": "",
    }
    roots = [lambda given, tool=tool: tool.roots("/home/dev", given) for tool in TOOLS]
    found = dict(kept(environ, roots).environment)
    assert found == {name: environ[name] for name in ("PATH", "PORT", "TZ", "TALLY_DATA_DIR", "CLAUDE_CONFIG_DIR")}


def test_each_variable_that_a_reader_looks_at_is_kept() -> None:
    def reader(environ: Mapping[str, str]) -> str:
        return environ.get("A", "") or (environ["B"] if "C" in environ else "")

    environ = {"A": "", "B": "b", "C": "c", "D": "d"}
    found = dict(kept(environ, [reader]).environment)
    assert found == {"B": "b", "C": "c"}
    assert reader(found) == reader(environ) == "b"


def test_what_no_file_can_hold_is_told() -> None:
    found = kept({"TALLY_A": "two\nlines", "TALLY_B": "\udc80", "TALLY_C": "fine", "TALLY_=": "x"})
    assert found.environment == (("TALLY_C", "fine"),)
    assert found.dropped == ("TALLY_=", "TALLY_A", "TALLY_B")


@pytest.mark.parametrize(
    "text, can", [("ünï 100% $x", True), ("", True), ("a\tb", False), ("\x7f", False), ("\uffff", False)]
)
def test_what_can_stand_in_a_file(text: str, *, can: bool) -> None:
    assert can_stand(text) is can


@pytest.mark.parametrize(
    "host, found",
    [
        ("127.0.0.1", "http://127.0.0.1:3847"),
        ("0.0.0.0", "http://127.0.0.1:3847"),  # noqa: S104  nothing is bound
        ("::", "http://[::1]:3847"),
        ("::1", "http://[::1]:3847"),
        ("box.example.net", "http://box.example.net:3847"),
    ],
)
def test_the_address_is_one_that_a_browser_can_open(host: str, found: str) -> None:
    assert address(host, 3847) == found


@given(st.text(), st.text(), st.dictionaries(st.text(), st.text()), st.integers(1, 65535))
def test_a_plan_comes_back_as_it_was(log: str, host: str, environment: dict[str, str], port: int) -> None:
    plan = ODD._replace(log=log, host=host, port=port, environment=tuple(environment.items()))
    assert decoded(encoded(plan)) == plan


@pytest.mark.parametrize("content", [b"", b"null", b"[]", b"{}", b"\xff", encoded(ODD)[:50], b'{"interpreter": 1}'])
def test_a_damaged_plan_is_none(content: bytes) -> None:
    assert decoded(content) is None


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_what_installing_writes_uninstalling_removes(service: object) -> None:
    found = next(each for each in SERVICES if each is service)
    steps, back = installing(found, ODD, DEV), uninstalling(found, DEV)
    written = {step.path for step in steps if isinstance(step, Write)}
    removed = {step.path for step in back if isinstance(step, Remove)}
    assert record(DEV) in written
    assert found.paths(DEV)[0] in written
    assert written <= removed
    # Files are there before a manager hears of them, and all that is undone may be undone already.
    kinds = [type(step) for step in steps]
    assert kinds == sorted(kinds, key=[Write, Run].index)
    assert not any(step.needed for step in back if isinstance(step, Run))
