"""Settings: what counts before what, where values are from, and what is wrong with a file."""

import os
import subprocess
import sys
from pathlib import Path

import platformdirs
import pytest

from tallystick.errors import Misused
from tallystick.settings import NAMES, Server, config_folder, data_folder, load, local_zone, server, state_folder

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="XDG is Linux's rule")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Return the config file of a person whose home is `tmp_path`."""
    path = tmp_path / ".config" / "tallystick" / "config.toml"
    path.parent.mkdir(parents=True)
    return path


@LINUX
def test_without_anything_everything_is_default(tmp_path: Path) -> None:
    found = load({"USER": "dev"}, str(tmp_path))
    assert found.home == str(tmp_path)
    assert found.data_dir == str(tmp_path / ".local" / "share" / "tallystick")
    assert found.config == str(tmp_path / ".config" / "tallystick" / "config.toml")
    assert found.user == "dev"
    assert found.machine == os.uname().nodename.partition(".")[0]
    assert dict(found.prices) == {}
    assert {found.sources[name] for name in ("home", "data_dir", "config", "user", "machine", "homes", "prices")} == {
        "default"
    }
    tables = {"prices", "push", "remote", "gateway", "proxy", "providers"}
    assert set(found.sources) == {*NAMES, "config", "homes", *tables}


@LINUX
def test_a_flag_counts_before_the_environment_and_that_before_the_file(tmp_path: Path, config: Path) -> None:
    config.write_text('timezone = "Asia/Tokyo"\nmachine = "desk"\nuser = "me"\n')
    environ = {"TALLY_TIMEZONE": "Asia/Kolkata", "TALLY_MACHINE": "lap"}
    found = load(environ, str(tmp_path), {"timezone": "UTC"})
    assert (found.timezone, found.machine, found.user) == ("UTC", "lap", "me")
    assert [found.sources[name] for name in ("timezone", "machine", "user")] == [
        "--timezone",
        "TALLY_MACHINE in the environment",
        str(config),
    ]
    # An empty flag or variable says nothing.
    again = load({"TALLY_MACHINE": ""}, str(tmp_path), {"timezone": ""})
    assert (again.timezone, again.machine) == ("Asia/Tokyo", "desk")


@LINUX
def test_paths_are_meant_from_where_they_are_written(tmp_path: Path, config: Path) -> None:
    config.write_text('data_dir = "data"\nhome = "~/other"\n')
    found = load({}, str(tmp_path))
    assert found.data_dir == str(config.parent / "data")
    assert found.home == str(tmp_path / "other")
    assert load({"TALLY_DATA_DIR": "here"}, str(tmp_path)).data_dir == str(Path.cwd() / "here")


@LINUX
def test_further_homes_are_a_list_in_the_file_and_have_commas_elsewhere(tmp_path: Path, config: Path) -> None:
    config.write_text('[tools]\nhomes = ["/srv/alice", "~/other", "beside"]\n')
    found = load({}, str(tmp_path))
    assert found.homes == ("/srv/alice", str(tmp_path / "other"), str(config.parent / "beside"))
    assert found.sources["homes"] == str(config)
    found = load({"TALLY_HOMES": "~/a, /srv/b,,c"}, str(tmp_path))
    assert found.homes == (str(tmp_path / "a"), "/srv/b", str(Path.cwd() / "c"))
    assert found.sources["homes"] == "TALLY_HOMES in the environment"
    found = load({"TALLY_HOMES": "/srv/b"}, str(tmp_path), {"homes": "/srv/flag"})
    assert (found.homes, found.sources["homes"]) == (("/srv/flag",), "--homes")
    # An empty list is said too, and an empty variable is not.
    config.write_text("[tools]\nhomes = []\n")
    found = load({"TALLY_HOMES": ""}, str(tmp_path))
    assert (found.homes, found.sources["homes"]) == ((), str(config))


def test_another_file_can_be_named(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        'timezone = "UTC"\n[prices.house-model]\ninput = 1.5\noutput = 2\n[prices.other]\nalias = "gpt-5"\n'
    )
    found = load({"TALLY_CONFIG": str(path)}, str(tmp_path))
    assert found.config == str(path)
    assert found.prices == {"house-model": {"input": 1.5, "output": 2}, "other": {"alias": "gpt-5"}}
    assert found.sources["prices"] == str(path)
    assert found.sources["config"] == "TALLY_CONFIG in the environment"


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("timezone = UTC", r"is no TOML: .*line 1"),
        ('timezone = "UTC"\ncolour = "red"', "sets 'colour', which means nothing: known are home, data_dir,"),
        ("machine = 7", "sets machine to 7: it must be a text in quotes"),
        ('prices = "cheap"', "sets prices to 'cheap': it must be a table"),
        ('tools = "all"', "sets tools to 'all': it must be a table"),
        (
            '[tools]\nhomes = "/srv/alice"',
            "sets homes to '/srv/alice': it must be a list of folders, each a text in quotes",
        ),
        ("[tools]\nhomes = [1]", r"sets homes to \[1\]: it must be a list of folders"),
        ('[tools]\nhomes = ["a\\u0000b"]', "sets homes to .*: it must be a list of folders"),
        ('data_dir = "a\\u0000b"', "sets data_dir to .*: it must be a text in quotes"),
        ('[tools]\nhomes = [""]', r"sets homes to \[''\]: it must be a list of folders"),
        ("[tools]\nonly = []", r"sets 'only' under \[tools\], which means nothing: known is homes"),
        ('server = "on"', "sets server to 'on': it must be a table"),
        ("[server]\nprot = 1", r"sets 'prot' under \[server\], which means nothing: known are host, port,"),
        ('[server]\nport = "1"', r"sets port under \[server\] to '1': it must be a number"),
        ("[server]\nport = true", r"sets port under \[server\] to True: it must be a number"),
        ("[server]\ntoken = 7", r"sets token under \[server\] to 7: it must be a text in quotes"),
        ('[server]\nenergy = "yes"', r"sets energy under \[server\] to 'yes': it must be true or false"),
        ("[server]\nenergy = 1", r"sets energy under \[server\] to 1: it must be true or false"),
        ('gateway = "on"', "sets gateway to 'on': it must be a table"),
        ('[gateway]\nupstream = "x"', r"sets upstream under \[gateway\] to 'x': known are the table upstreams, and"),
        ("[gateway]\nupstreams = 7", r"sets upstreams under \[gateway\] to 7"),
        ("[proxy]\nmemory_mib = true", r"sets memory_mib under \[proxy\] to True: known is memory_mib, a number"),
        ("[proxy]\nmemory_mib = 0", r"sets memory_mib under \[proxy\] to 0"),
        ("[proxy]\nport = 1", r"sets port under \[proxy\] to 1"),
        ('push = "on"', "sets push to 'on': it must be a table"),
        ('[push]\nprojekt = "keep"', r"sets 'projekt' under \[push\], which means nothing: known are paths, project"),
        (
            '[push]\nproject = "hide"',
            r"sets project under \[push\] to 'hide': it must be one of keep, pseudonym, leave-out",
        ),
        ("[push]\nsession = true", r"sets session under \[push\] to True"),
        ('[push]\npaths = "x"', r"sets paths under \[push\] to 'x': write each as \[\[push.paths\]\]"),
        ('[[push.paths]]\nproject = "keep"', r"has a \[\[push.paths\]\] without match"),
        ('[[push.paths]]\nmatch = "a"\npath = "keep"', r"sets 'path' under \[\[push.paths\]\]"),
        ('[[push.paths]]\nmatch = "a"\nbranch = "x"', r"sets branch under \[\[push.paths\]\] to 'x'"),
        ('[server]\nhosts = "a"', r"sets hosts under \[server\] to 'a': it must be a list of texts in quotes"),
        ("\x00", "is no TOML"),
    ],
)
def test_a_file_that_cannot_be_understood_is_named_with_what_is_wrong(
    tmp_path: Path, text: str, complaint: str
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(Misused, match=f"The config file {path} {complaint}"):
        load({"TALLY_CONFIG": str(path)}, str(tmp_path))


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(Misused, match="is no TOML"):
        load({"TALLY_CONFIG": str(path)}, str(tmp_path))


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(Misused, match=r"There is no config file .*nowhere.toml, which TALLY_CONFIG names"):
        load({"TALLY_CONFIG": str(tmp_path / "nowhere.toml")}, str(tmp_path))
    with pytest.raises(Misused, match="cannot be read: is a directory"):
        load({"TALLY_CONFIG": str(tmp_path)}, str(tmp_path))


@LINUX
@pytest.mark.parametrize("given", [None, "", "/elsewhere", "  "])
def test_places_are_those_of_platformdirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str | None) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for variable in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(variable, raising=False)
        if given is not None:
            monkeypatch.setenv(variable, given)
    home = str(tmp_path)
    assert data_folder(os.environ, home) == platformdirs.user_data_dir("tallystick", appauthor=False)
    assert config_folder(os.environ, home) == platformdirs.user_config_dir("tallystick", appauthor=False)
    assert state_folder(os.environ, home) == platformdirs.user_state_dir("tallystick", appauthor=False)


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    """Return an empty folder for a machine's own settings, with some zones beside it."""
    for zone in ("Europe/Berlin", "Asia/Kolkata", "Asia/Tokyo", "America/New_York"):
        path = tmp_path / "zoneinfo" / zone
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"TZif")
    (tmp_path / "etc").mkdir()
    return tmp_path / "etc"


def found_zone(etc: Path, **environ: str) -> tuple[str, str]:
    """Return what is found with a machine's settings and those zones."""
    return local_zone(environ, str(etc), (str(etc.parent / "zoneinfo"), "/nowhere"))


@pytest.mark.parametrize(
    "value, zone",
    [
        ("Europe/Berlin", "Europe/Berlin"),
        (":Europe/Berlin", "Europe/Berlin"),
        ("/usr/share/zoneinfo/Asia/Kolkata", "Asia/Kolkata"),
        ("posix/Asia/Kolkata", "Asia/Kolkata"),
        ("Etc/UTC", "UTC"),
        ("UTC", "UTC"),
    ],
)
def test_tz_in_the_environment_names_the_zone(etc: Path, value: str, zone: str) -> None:
    assert found_zone(etc, TZ=value) == (zone, "TZ in the environment")


@pytest.mark.parametrize(
    "value", ["", "CET-1CEST,M3.5.0,M10.5.0/3", "<+03>-3", "Mars/Olympus", "../../etc/passwd", "/etc/passwd"]
)
def test_what_is_no_name_of_a_zone_is_passed_over(etc: Path, value: str) -> None:
    assert found_zone(etc, TZ=value) == ("UTC", "default")
    (etc / "timezone").write_text("Asia/Kolkata\n")
    assert found_zone(etc, TZ=value) == ("Asia/Kolkata", str(etc / "timezone"))


@pytest.mark.parametrize(
    "target",
    [
        "/usr/share/zoneinfo/America/New_York",
        "../usr/share/zoneinfo/America/New_York",
        "/var/db/timezone/zoneinfo/America/New_York",
    ],
)
def test_the_machines_zone_is_where_its_clock_file_leads(etc: Path, target: str) -> None:
    (etc / "localtime").symlink_to(target)
    assert found_zone(etc) == ("America/New_York", str(etc / "localtime"))


def test_a_clock_file_may_lead_over_another_link(etc: Path) -> None:
    (etc / "alias").symlink_to(etc.parent / "zoneinfo" / "Asia" / "Tokyo")
    (etc / "localtime").symlink_to("alias")
    assert found_zone(etc)[0] == "Asia/Tokyo"


def test_a_file_with_the_name_of_a_zone_may_be_nonsense(etc: Path) -> None:
    (etc / "timezone").write_bytes(b"\xff")
    assert found_zone(etc) == ("UTC", "default")


def test_without_any_zones_a_name_is_taken_at_its_word(etc: Path) -> None:
    # Python may bring its own table of zones.
    assert local_zone({"TZ": "Asia/Kolkata"}, str(etc), ("/nowhere",)) == ("Asia/Kolkata", "TZ in the environment")
    assert local_zone({"TZ": "CET-1CEST"}, str(etc), ("/nowhere",)) == ("UTC", "default")


@LINUX
def test_nothing_is_imported_that_is_not_needed(tmp_path: Path) -> None:
    program = f"import sys; from tallystick.settings import load; load({{}}, {str(tmp_path)!r}); print({{'platformdirs', 'tomllib', 're'}} & set(sys.modules))"
    run = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path += {sys.path!r}; {program}"],
        capture_output=True,
        check=True,
        text=True,
    )
    assert run.stdout == "set()\n"


@LINUX
def test_the_server_goes_by_flag_variable_file_and_default_in_this_order(tmp_path: Path, config: Path) -> None:
    found = server(load({}, str(tmp_path)), {})
    assert found[:-1] == ("127.0.0.1", 3847, (), (), "", 30, False, (), ())
    assert set(found.sources.values()) == {"default"}
    assert set(found.sources) == set(Server._fields[:-1])
    config.write_text(
        '[server]\nhost = "::1"\nport = 4000\nhosts = ["tally.example"]\norigins = ["https://a.example"]\n'
        'token = "secret"\ncache_ttl = 5\nenergy = true\nguids = ["0b0e"]\nproxies = ["10.0.0.2"]\n'
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


def test_what_may_leave_is_as_the_file_says(tmp_path: Path, config: Path) -> None:
    assert load({}, str(tmp_path)).push == {}
    config.write_text('[push]\nproject = "pseudonym"\n[[push.paths]]\nmatch = "~/open/**"\nproject = "keep"\n')
    chosen = load({}, str(tmp_path))
    assert chosen.push == {"project": "pseudonym", "paths": [{"match": "~/open/**", "project": "keep"}]}
    assert chosen.sources["push"] == str(config)


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
