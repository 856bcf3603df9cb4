"""How far a server reaches."""

import pytest

from tallystick.cli import reach
from tallystick.settings import Server


@pytest.mark.parametrize(
    "host, beyond",
    [
        ("127.0.0.1", False),
        ("localhost", False),
        ("127.9.9.9", False),
        ("0.0.0.0", True),  # noqa: S104  what is looked at
        ("", True),
        ("192.0.2.1", True),
    ],
)
def test_a_server_goes_beyond_this_machine_unless_it_listens_only_here(host: str, beyond: bool) -> None:  # noqa: FBT001  as pytest gives it
    assert reach.goes_beyond(Server(host)) is beyond


def test_a_name_that_leads_nowhere_is_taken_to_lead_beyond() -> None:
    assert reach.goes_beyond(Server("no.such.host.invalid"))


def test_addresses_of_this_machine_for_itself_are_known() -> None:
    for host in ("localhost", "LOCALHOST", "127.0.0.1", "::1", "[::1]"):
        assert reach.is_here(host), host
    for host in ("", "localhost.example.org", "127.0.0.1.example.org", "192.0.2.1", "10.0.0.1", "::", "box"):
        assert not reach.is_here(host), host
    assert reach.only_here(["127.0.0.1", "::1"])
    assert not reach.only_here(["127.0.0.1", "192.0.2.1"])
    assert not reach.only_here([])


def test_an_address_is_written_as_one_types_it() -> None:
    assert reach.url_of("box", 80) == "http://box:80"
    assert reach.url_of("::1", 3847) == "http://[::1]:3847"
    assert reach.url_of("", 1) == "http://127.0.0.1:1"
