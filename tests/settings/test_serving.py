"""How the server is to run: what counts before what, and what is wrong with a value."""

import sys
from pathlib import Path

import pytest

from tallystick.errors import Misused
from tallystick.settings import Server, load, server
from tallystick.settings.serving import control

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="XDG is Linux's rule")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Return the config file of a person whose home is `tmp_path`."""
    path = tmp_path / ".config" / "tallystick" / "config.toml"
    path.parent.mkdir(parents=True)
    return path


@LINUX
def test_the_server_goes_by_flag_variable_file_and_default_in_this_order(tmp_path: Path, config: Path) -> None:
    found = server(load({}, str(tmp_path)), {})
    assert found[:-1] == ("127.0.0.1", 3847, (), (), "", 30, False, (), (), "")
    assert set(found.sources.values()) == {"default"}
    assert set(found.sources) == set(Server._fields[:-1])
    config.write_text(
        '[server]\nhost = "::1"\nport = 4000\nhosts = ["tally.example"]\norigins = ["https://a.example"]\n'
        'token = "secret"\ncache_ttl = 5\nenergy = true\nguids = ["0b0e"]\nproxies = ["10.0.0.2"]\n'
        'control = "postgresql://u@db/t"\n'
    )
    chosen = load({}, str(tmp_path))
    found = server(chosen, {})
    assert found[:-1] == (
        "::1",
        4000,
        ("tally.example",),
        ("https://a.example",),
        "secret",
        5,
        True,
        ("0b0e",),
        ("10.0.0.2",),
        "postgresql://u@db/t",
    )
    assert set(found.sources.values()) == {str(config)}
    environ = {"PORT": "5000", "CACHE_TTL": "0", "TALLY_SERVER_HOSTS": "a, b,", "TALLY_SERVER_TOKEN": "other"}
    found = server(chosen, environ)
    assert (found.port, found.cache_ttl, found.hosts, found.token) == (5000, 0, ("a", "b"), "other")
    assert found.sources["port"] == "PORT in the environment"
    environ["TALLY_SERVER_PORT"] = "6000"
    assert server(chosen, environ).port == 6000
    found = server(chosen, environ, {"port": "0", "host": "localhost"})
    assert (found.port, found.host, found.sources["port"]) == (0, "localhost", "--port")


@LINUX
@pytest.mark.parametrize("word, on", [("true", True), ("1", True), ("FALSE", False), ("0", False), ("", True)])
def test_a_switch_of_the_server_is_a_word(tmp_path: Path, config: Path, word: str, on: bool) -> None:  # noqa: FBT001
    config.write_text("[server]\nenergy = true\n")
    found = server(load({}, str(tmp_path)), {"TALLY_SERVER_ENERGY": word})
    assert found.energy is on
    # A variable without a text is not set.
    assert found.sources["energy"] == ("TALLY_SERVER_ENERGY in the environment" if word else str(config))


@pytest.mark.parametrize(
    "environ, complaint",
    [
        ({"PORT": "x"}, "PORT in the environment sets port to 'x': it must be a number from 0 to 65535"),
        ({"PORT": "-1"}, "sets port to '-1'"),
        ({"PORT": "65536"}, "sets port to '65536'"),
        ({"PORT": "\u0663"}, "sets port to"),
        (
            {"CACHE_TTL": "1.5"},
            "CACHE_TTL in the environment sets cache_ttl to '1.5': it must be a number from 0 to 86400",
        ),
        (
            {"TALLY_SERVER_ENERGY": "perhaps"},
            "TALLY_SERVER_ENERGY in the environment sets energy to 'perhaps': it must be true or false",
        ),
        ({"TALLY_SERVER_ORIGINS": "*"}, r"allows the origin '\*'"),
        ({"TALLY_SERVER_ORIGINS": "https://*.example"}, "allows the origin"),
        ({"TALLY_SERVER_ORIGINS": "https://a.example/"}, "without a path"),
        ({"TALLY_SERVER_ORIGINS": "a.example"}, "such as https://example.org"),
        ({"TALLY_SERVER_PROXIES": "10.0.0.2, nginx"}, "names the proxy 'nginx': give an address such as 10.0.0.2"),
        ({"TALLY_SERVER_PROXIES": "10.0.0.1/24"}, "or a network such as 10.0.0.0/24"),
    ],
)
def test_what_a_server_cannot_go_by_is_told_with_its_place(
    tmp_path: Path, environ: dict[str, str], complaint: str
) -> None:
    with pytest.raises(Misused, match=complaint):
        server(load({}, str(tmp_path)), environ)


@LINUX
def test_the_database_that_servers_share_is_set_for_every_command(tmp_path: Path, config: Path) -> None:
    chosen = load({}, str(tmp_path))
    assert control(chosen, {}) == ("", "default")
    config.write_text('[server]\ncontrol = "postgresql://file@db/t"\n')
    chosen = load({}, str(tmp_path))
    assert control(chosen, {}) == ("postgresql://file@db/t", str(config))
    environ = {"TALLY_CONTROL": "postgresql://shared@db/t", "CACHE_TTL": "whatever"}
    assert control(chosen, environ) == ("postgresql://shared@db/t", "TALLY_CONTROL in the environment")
    environ["TALLY_SERVER_CONTROL"] = "postgresql://server@db/t"
    assert control(chosen, environ) == ("postgresql://server@db/t", "TALLY_SERVER_CONTROL in the environment")
    config.write_text('[server]\ncontrol = ["postgresql://u:hunter2@db/t"]\n')
    with pytest.raises(Misused, match="it must be a text in quotes") as told:
        load({}, str(tmp_path))
    assert "hunter2" not in str(told.value)
