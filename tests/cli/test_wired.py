"""What settings say about the wire: providers, upstreams, and certificates."""

from pathlib import Path

import pytest

from tallystick.cli import wired
from tallystick.errors import Misused
from tallystick.providers.provider import Asked
from tallystick.settings import Settings, load

OWN = """
[providers.own]
hosts = ["llm.example.com"]
paths = ["/generate"]
[providers.own.fields]
input = "usage.in"
output = "usage.out"
model = "model"
"""


def settings(folder: Path, text: str) -> Settings:
    """Return the settings of a config file."""
    path = folder / "config.toml"
    path.write_text(text)
    return load({"TALLY_CONFIG": str(path)}, str(folder))


def test_a_declared_provider_is_on_the_shelf(tmp_path: Path) -> None:
    shelf = wired.shelf(settings(tmp_path, OWN))
    assert shelf.known("llm.example.com")
    assert shelf.known("api.anthropic.com")
    watch = shelf.watch(Asked("POST", "llm.example.com", "/generate", {}))
    assert watch is not None
    watch.head(200, {"content-type": "application/json"})
    watch.took(b'{"model": "m", "usage": {"in": 7, "out": 2}}')
    (call,) = watch.end(cut=False)
    assert (call.provider, call.model, call.tokens.input, call.tokens.output) == ("own", "m", 7, 2)


@pytest.mark.parametrize(
    "text, complaint",
    [
        ('[providers]\nown = "x"', r"sets own under \[providers\]: write \[providers.own\]"),
        ('[providers.own]\nhosts = "x"', "declares a provider wrongly. Provider own: `hosts` must be a list"),
    ],
)
def test_what_makes_no_sense_is_told_in_a_sentence(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(Misused, match=complaint):
        wired.shelf(settings(tmp_path, text))


def test_upstreams_are_those_of_file_and_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TALLY_GATEWAY_UPSTREAMS_ANTHROPIC", "http://127.0.0.1:9")
    found = wired.upstreams(settings(tmp_path, '[gateway.upstreams]\nown = "https://llm.example.com/v1"'))
    assert found["own"].path == b"/v1"
    assert (found["anthropic"].scheme, found["anthropic"].authority) == ("http", "127.0.0.1:9")
    assert found["openai"].host == "api.openai.com"


def test_certificates_lie_where_the_file_says_or_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TALLY_GATEWAY_UPSTREAM_CA", raising=False)
    assert wired.trusted(settings(tmp_path, "")) == ""
    chosen = settings(tmp_path, '[gateway]\nupstream_ca = "own.pem"')
    assert wired.trusted(chosen) == str(tmp_path / "own.pem")
    monkeypatch.setenv("TALLY_GATEWAY_UPSTREAM_CA", "/etc/other.pem")
    assert wired.trusted(chosen) == "/etc/other.pem"


def test_how_much_the_proxy_may_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TALLY_PROXY_MEMORY_MIB", raising=False)
    assert wired.memory(settings(tmp_path, "")) == 600 * 1_048_576
    assert wired.memory(settings(tmp_path, "[proxy]\nmemory_mib = 400")) == 400 * 1_048_576
    monkeypatch.setenv("TALLY_PROXY_MEMORY_MIB", "300")
    assert wired.memory(settings(tmp_path, "[proxy]\nmemory_mib = 400")) == 300 * 1_048_576
    for wrong in ("0", "much", "-1", "\u0661"):
        monkeypatch.setenv("TALLY_PROXY_MEMORY_MIB", wrong)
        with pytest.raises(Misused, match="TALLY_PROXY_MEMORY_MIB in the environment is"):
            wired.memory(settings(tmp_path, ""))


@pytest.mark.parametrize(
    "environ, name",
    [
        ({"ALL_PROXY": "socks5://corp.example:1080"}, "ALL_PROXY"),
        ({"all_proxy": "SOCKS5h://corp.example"}, "all_proxy"),
        ({"HTTPS_PROXY": "socks4://corp.example", "ALL_PROXY": "http://corp.example"}, "HTTPS_PROXY"),
        ({"HTTPS_PROXY": "http://corp.example:8080", "ALL_PROXY": "socks5://corp.example"}, ""),
        ({"https_proxy": "HTTP://corp.example"}, ""),
        ({"ALL_PROXY": "corp.example:8080"}, ""),
        ({"ALL_PROXY": ""}, ""),
        ({}, ""),
    ],
)
def test_a_proxy_that_is_not_spoken_is_told(environ: dict[str, str], name: str) -> None:
    what, todo = wired.unspoken(environ)
    assert (what.partition(" ")[0], bool(todo)) == (name, bool(name))
