"""Settings: what counts before what, and where values are from."""

import os
import subprocess
import sys
from pathlib import Path

import platformdirs
import pytest

from tallystick.settings import NAMES, config_folder, data_folder, load, local_zone, state_folder

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
    tables = {
        "alerts",
        "ledger",
        "limits",
        "prices",
        "push",
        "remote",
        "gateway",
        "proxy",
        "providers",
        "statusline",
        "budgets",
    }
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
