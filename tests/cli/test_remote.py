"""`--server`: every report and closer look prints what the server's own command line prints, and nothing here is read."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Final, NamedTuple, cast

import pytest
from tests.answers.sample import at
from tests.cli.running import until
from tests.cli.stage import Said, Stage
from tests.cli.test_serve import serving

from tallystick.answers.reaching import Reach
from tallystick.answers.reports import REPORTS
from tallystick.cli import entrance
from tallystick.cli.closer import LOOKS
from tallystick.cli.remote import reach
from tallystick.errors import Misused
from tallystick.settings import Settings, load

SAMPLES: Final = Path(__file__).resolve().parent.parent / "samples"
NOW: Final = at("2026-11-02T13:37:11")
ZONES: Final = ("America/Los_Angeles", "Asia/Kolkata")
TOKEN: Final = "made-up-token-of-this-test"
WORLD_OF: Final = ["TALLY_REMOTE_SERVER", "TALLY_SERVER_READ_TOKEN", "TALLY_SERVER_TOKEN"]
SPAN: Final = ("--since", "2026-10-01", "--until", "2026-11-30")


class World(NamedTuple):
    """A server, and the home whose logs it has read."""

    home: Path
    address: str


def _home(home: Path) -> None:
    """Put samples of two tools where those would have written them."""
    for case in ("agents", "forks", "titles", "variants", "streamed"):
        for folder in (SAMPLES / "claude-code" / case).glob("-*"):
            shutil.copytree(folder, home / ".claude" / "projects" / folder.name, dirs_exist_ok=True)
    day = home / ".codex" / "sessions" / "2026" / "11" / "01"
    day.mkdir(parents=True)
    for case in ("0.169-threads", "0.98-forks"):
        for file in (SAMPLES / "codex" / case).glob("*.jsonl"):
            shutil.copy(file, day)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Serve a home with samples."""
    home = tmp_path_factory.mktemp("there")
    _home(home)
    with serving(cast("Stage", SimpleNamespace(home=home))) as site:
        assert until(lambda: len(site.json("/api/v1/query?by=tool")["rows"]) == 2)
        assert until(lambda: site.json("/api/v1/health")["importing"] is None)
        yield World(home, site.address.rstrip("/"))


@pytest.fixture
def here(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Return an empty machine whose clock stands still."""
    for name in WORLD_OF:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(entrance, "now", lambda: NOW)
    return stage


@pytest.fixture
def same(here: Stage, world: World, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Return what runs a command at the server and from here, asserts that both print the same, and returns that."""

    def run(*arguments: str) -> str:
        with monkeypatch.context() as there:
            there.setenv("HOME", str(world.home))
            there.setenv("TALLY_DATA_DIR", str(world.home / "data"))
            expected = here.tally(*arguments, "--no-refresh")
        found = here.tally(*arguments, "--server", world.address)
        assert (found.code, found.out) == (expected.code, expected.out) == (0, found.out)
        assert not (here.home / "data").exists()
        is_data = {"--json", "--csv", "ccusage"} & set(arguments)
        messages = "" if is_data else f"tally: Answered by {world.address}.\n"
        assert found.err == messages + expected.err
        return found.out

    return run


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("name", [report.name for report in REPORTS if report.name != "tools"])
def test_each_report_prints_the_same(same: Callable[..., str], name: str, zone: str) -> None:
    by = ("--by", "day,model") if name == "report" else ()
    command = (name, *SPAN, *by, "--timezone", zone)
    for form in (("--json",), ("--csv",), ("--format", "plain"), ("--format", "table")):
        assert same(*command, *form) != same(*command, "--project", "shop", "--tool", "codex", *form)
    assert '"totals": {"requests": 15,' in same(*command, "--json")
    same(name, *by, "--timezone", zone, "--no-cost", "--limit", "2", "--model", "gpt*,claude-opus*", "--json")


@pytest.mark.parametrize("name", ["daily", "weekly", "monthly", "sessions", "blocks"])
def test_what_scripts_for_ccusage_expect_is_the_same(same: Callable[..., str], name: str) -> None:
    same(name, "--format", "ccusage", "--timezone", ZONES[0])


ARGUMENTS: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "events": ((*SPAN, "--limit", "7"), ("--oldest", "--weekday", "sun", "--tool", "codex"), ("3",)),
    "calls": (SPAN, ("--project", "shop")),
    "compare": (("--since", "7d"), ("--since", "7d", "--weekdays", "--tool", "codex")),
    "punchcard": (SPAN, ("--model", "claude*", "--no-cost")),
    "year": ((), ("2026", "--branch", "main")),
    "energy": (SPAN, ("--machine", "*")),
    "machines": (("--status",), ("--status", "--tool", "codex", "--no-cost")),
    "why": (("--since", "2026-11-01T00:00", "--limit", "3"), ("--day", "2026-11-01", "--model", "gpt*")),
}


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("name", ARGUMENTS)
def test_each_closer_look_prints_the_same(same: Callable[..., str], name: str, zone: str) -> None:
    for arguments in ARGUMENTS[name]:
        for form in ((), ("--json",)):
            assert same(name, *arguments, "--timezone", zone, *form)


def test_a_session_prints_the_same_and_every_look_was_looked_at(same: Callable[..., str]) -> None:
    assert set(ARGUMENTS) | {"session"} == set(LOOKS) | {"why", "machines"}
    sessions = same("sessions", "--by", "session", "--order", "total", "--csv")
    name = sessions.splitlines()[1].split(",")[0]
    assert name
    for zone in ZONES:
        assert name in same("session", name, "--timezone", zone)
        assert name in same("session", name, "--timezone", zone, "--json")


def test_the_overview_prints_the_same(same: Callable[..., str]) -> None:
    assert same("--timezone", ZONES[1])


def test_tools_are_those_that_the_server_holds(here: Stage, world: World) -> None:
    found = here.tally("tools", "--server", world.address, "--csv")
    assert found.code == 0
    assert [line.split(",")[0] for line in found.out.splitlines()[1:]] == ["codex", "claude-code"]
    one = here.tally("tools", "codex", "--server", world.address, "--csv")
    assert one.out.splitlines() == [found.out.splitlines()[0], *(x for x in found.out.splitlines() if x[:5] == "codex")]


def test_nothing_here_is_read_and_the_config_may_name_the_server(here: Stage, world: World) -> None:
    here.answers(3)
    here.say(f'[remote]\nserver = "{world.address}/"\n')
    found = here.tally("daily", "--json")
    assert '"report": "daily"' in found.out
    assert found.out == here.tally("daily", "--json", "--server", world.address).out
    assert not (here.home / "data").exists()
    local = here.tally("daily", "--json", "--local")
    assert '"requests": 3,' in local.out
    assert local.out != found.out
    assert (here.home / "data" / "ledger.db").exists()


def failing(found: Said, code: int, *told: str) -> None:
    """Assert that a command failed with a code and a message that holds all of some texts."""
    assert (found.code, found.out) == (code, "")
    for text in told:
        assert text in found.err


def test_what_goes_wrong_is_told(here: Stage, world: World) -> None:
    failing(here.tally("daily", "--server", "http://127.0.0.1:9"), 3, "http://127.0.0.1:9 cannot be reached", "--local")
    failing(here.tally("daily", "--server", "box"), 2, "--server names the server 'box'")
    failing(here.tally("daily", "--server", world.address, "--local"), 2, "exclude each other")
    failing(here.tally("events", "999999", "--server", world.address), 1, "no event 999999")
    failing(here.tally("session", "nobody", "--server", world.address), 1, "nobody")
    failing(here.tally("why", "--day", "2020-01-01", "--server", world.address), 1, "Nothing was used there")
    failing(here.tally("why", "--limit", "0", "--server", world.address), 2, "1 to 1000")
    # Something that answers, and is no server of this version: nothing is at that prefix.
    failing(here.tally("daily", "--server", f"{world.address}/elsewhere"), 3, "the same version")
    failing(here.tally("demo", "daily", "--server", world.address), 2, "No such option")


@pytest.mark.slow
def test_a_server_with_a_token_wants_it(here: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    here.answers(1)
    with serving(here, TALLY_SERVER_TOKEN=TOKEN) as site:
        address = site.address.rstrip("/")
        failing(here.tally("daily", "--server", address), 4, f"{address} wants a token", "TALLY_SERVER_READ_TOKEN")
        monkeypatch.setenv("TALLY_SERVER_READ_TOKEN", "another")
        failing(here.tally("daily", "--server", address), 4, "does not know the token from TALLY_SERVER_READ_TOKEN")
        monkeypatch.setenv("TALLY_SERVER_READ_TOKEN", TOKEN)
        assert here.tally("daily", "--server", address, "--json").code == 0
        monkeypatch.delenv("TALLY_SERVER_READ_TOKEN")
        here.say(f'[remote]\nserver = "{address}"\ntoken = "{TOKEN}"\n')
        found = here.tally("daily")
        assert found.code == 0
        assert TOKEN not in found.out + found.err
        assert site.end() == 0


def settings(config: str, tmp_path: Path) -> Settings:
    """Return the settings of a config file."""
    file = tmp_path / "config.toml"
    file.write_text(config)
    return load({"TALLY_CONFIG": str(file)}, str(tmp_path))


def test_a_token_of_the_config_goes_to_the_server_of_the_config_only(tmp_path: Path) -> None:
    chosen = settings('[remote]\nserver = "https://mine.example/"\ntoken = "tally_r_x"\n', tmp_path)

    def to(server: str, **environ: str) -> Reach:
        return reach(chosen, {"server": server} if server else {}, environ)

    assert to("")[:3] == ("https://mine.example", "tally_r_x", str(tmp_path / "config.toml"))
    assert to("https://mine.example").token == "tally_r_x"
    for other in (
        "http://mine.example",
        "https://mine.example:444",
        "https://mine.example.org",
        "https://mine.example/x",
    ):
        assert to(other)[:2] == (other, "")
        assert to("", TALLY_REMOTE_SERVER=other)[:2] == (other, "")
    said = to("https://other.example", TALLY_SERVER_READ_TOKEN=" tally_r_y\n")
    assert said[:3] == ("https://other.example", "tally_r_y", "TALLY_SERVER_READ_TOKEN in the environment")
    assert "TALLY_SERVER_READ_TOKEN" in said.hint


@pytest.mark.parametrize("token", ["two words", "ünï", "line\nX-Other: header"])
def test_a_token_that_can_be_none_is_told_without_itself(tmp_path: Path, token: str) -> None:
    with pytest.raises(Misused) as told:
        reach(settings("", tmp_path), {"server": "http://box"}, {"TALLY_SERVER_READ_TOKEN": token})
    assert token not in str(told.value)


@pytest.mark.parametrize("config", ["[remote]\nserver = 5\n", "[remote]\nurl = 'x'\n", "remote = 'x'\n"])
def test_a_config_that_makes_no_sense_is_told(tmp_path: Path, config: str) -> None:
    with pytest.raises(Misused, match="remote"):
        settings(config, tmp_path)


def test_without_a_server_nothing_of_this_is_imported(here: Stage) -> None:
    here.answers(1)
    program = "import sys; from tallystick.cli import main; main(['daily', '--json']); print(*sys.modules)"
    environ = {"HOME": str(here.home), "TALLY_DATA_DIR": str(here.home / "data"), "PATH": os.environ["PATH"]}
    done = subprocess.run([sys.executable, "-c", program], env=environ, capture_output=True, text=True, check=True)
    modules = set(done.stdout.splitlines()[-1].split())
    assert "tallystick.cli.reporting" in modules
    assert not modules & {
        "tallystick.cli.remote",
        "tallystick.answers.remote",
        "tallystick.answers.exact",
        "urllib.request",
    }
