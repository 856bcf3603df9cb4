"""With which server a machine is paired: the environment counts before the file, and tokenfold's variables come last."""

from pathlib import Path

import pytest
from tests.cli.stage import Stage

from tallystick.access.tokens import make
from tallystick.cli import entrance
from tallystick.cli.paired import Target, policy_of, sought, target
from tallystick.errors import Misused, Refused, Unavailable
from tallystick.intake.push.pairing import Pairing, read, write

PAIRED = Pairing("https://tally.example.org/", "tally_i_1", "laptop", "ann")


pytestmark = pytest.mark.usefixtures("stage")


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Return where a pairing is kept."""
    return str(tmp_path / "push.json")


def found(path: str, **environ: str) -> Target | None:
    """Return where to send to."""
    return sought(path, entrance.settings()._replace(machine="box"), environ)


def test_a_machine_that_is_not_paired_is_told_how_to_be(path: str) -> None:
    assert found(path) is None
    with pytest.raises(Unavailable, match="tally join"):
        target(path, entrance.settings(), {})


def test_the_file_tells_the_server(path: str) -> None:
    write(path, PAIRED)
    made = found(path)
    assert made == Target("https://tally.example.org", "tally_i_1", "laptop", path)
    assert made.server == "https://tally.example.org laptop"
    assert made.headers["Authorization"] == "Bearer tally_i_1"
    assert "X-Tally-Machine" not in made.headers
    # Its token may be replaced for once, the server is the same.
    assert found(path, TALLY_PUSH_TOKEN="t2") == Target("https://tally.example.org", "t2", "laptop", path)


def test_a_file_with_nothing_but_a_key_pairs_with_nobody(path: str) -> None:
    write(path, Pairing("", "", ""))
    assert found(path) is None


def test_the_environment_counts_before_the_file(path: str) -> None:
    write(path, PAIRED)
    environ = {"TALLY_PUSH_URL": "https://other:1/", "TALLY_PUSH_TOKEN": " t3 "}
    made = found(path, **environ, TOKENFOLD_URL="http://seed", TOKENFOLD_API_KEY="k")
    assert made == Target("https://other:1", "t3", "box", "TALLY_PUSH_URL in the environment", named=True)
    assert made.headers["X-Tally-Machine"] == "box"
    # A machine's own token says whose it is.
    own = make("ingest")
    made = found(path, TALLY_PUSH_URL="https://other:1/", TALLY_PUSH_TOKEN=own)
    assert made is not None
    assert made.headers["Authorization"] == f"Bearer {own}"
    assert "X-Tally-Machine" not in made.headers
    # A token is for the server that it was given for.
    with pytest.raises(Misused, match="TALLY_PUSH_TOKEN"):
        found(path, TALLY_PUSH_URL="http://other:1")
    same = found(path, TALLY_PUSH_URL="https://tally.example.org")
    assert same is not None
    assert (same.token, same.machine, same.named) == ("tally_i_1", "laptop", False)


@pytest.mark.parametrize("seed", ["TOKENFOLD", "CLAUDE_STATS"])
def test_tokenfolds_variables_count_where_nothing_else_is_said(path: str, seed: str) -> None:
    environ = {f"{seed}_URL": "http://stats:5000/", f"{seed}_API_KEY": "secret"}
    made = found(path, **environ)
    assert made == Target("http://stats:5000", "secret", "box", f"{seed}_URL in the environment", named=True)
    made = found(path, **environ, **{f"{seed}_MACHINE": "Büro", f"{seed}_VERBOSE": "1"})
    assert made is not None
    assert (made.machine, made.verbose, made.headers["X-Tally-Machine"]) == ("Büro", True, "B%C3%BCro")
    assert found(path, **{f"{seed}_URL": "http://stats:5000"}) is None
    write(path, PAIRED)
    assert found(path, **environ) == Target("https://tally.example.org", "tally_i_1", "laptop", path)


def test_the_newer_of_tokenfolds_variables_counts(path: str) -> None:
    environ = {"TOKENFOLD_URL": "http://a", "CLAUDE_STATS_URL": "http://b", "CLAUDE_STATS_API_KEY": "k"}
    made = found(path, **environ, CLAUDE_STATS_VERBOSE="true")
    assert made is not None
    assert (made.url, made.token, made.verbose) == ("http://a", "k", False)


@pytest.mark.parametrize("url", ["stats:5000", "ftp://a", "http://a b"])
def test_an_address_that_is_none_is_told_with_its_place(path: str, url: str) -> None:
    with pytest.raises(Misused, match=r"no address of a server.*TALLY_PUSH_URL in the environment"):
        found(path, TALLY_PUSH_URL=url, TALLY_PUSH_TOKEN="t")


@pytest.mark.parametrize("url", ["http://tally.example.org", "http://192.0.2.1:3847", "HTTP://localhost.example.org"])
def test_over_an_open_network_no_token_goes_unless_that_is_wanted(path: str, url: str) -> None:
    environ = {"TALLY_PUSH_URL": url, "TALLY_PUSH_TOKEN": "t"}
    with pytest.raises(Refused, match=r"could be read on the way.*TALLY_PUSH_INSECURE=1"):
        found(path, **environ)
    with pytest.raises(Refused):
        found(path, **environ, TALLY_PUSH_INSECURE="0")
    made = found(path, **environ, TALLY_PUSH_INSECURE="1")
    assert made is not None
    assert made.url == url
    # Who joined there has said so.
    write(path, PAIRED._replace(url=url))
    assert found(path, **environ) is not None


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1", "https://192.0.2.1"])
def test_on_this_machine_or_encrypted_it_goes(path: str, url: str) -> None:
    assert found(path, TALLY_PUSH_URL=url, TALLY_PUSH_TOKEN="t") is not None


@pytest.mark.parametrize("token", ["a b", "a\nX-Evil: 1", "ü"])
def test_a_token_that_is_none_is_told(path: str, token: str) -> None:
    with pytest.raises(Misused, match="token"):
        found(path, TALLY_PUSH_URL="http://a", TALLY_PUSH_TOKEN=token)


def test_a_policy_that_hides_has_a_key(stage: Stage, path: str) -> None:
    assert policy_of(path, entrance.settings()).keeps_all
    assert read(path) is None
    stage.say('[push]\nproject = "pseudonym"\n')
    made = policy_of(path, entrance.settings())
    kept = read(path)
    assert kept is not None
    assert made.key == kept.key
    assert made.rule.project == "pseudonym"
    # Pairing later keeps it.
    assert write(path, PAIRED).key == made.key
