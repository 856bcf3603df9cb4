"""The config file: what is wrong with one is named with its place."""

from pathlib import Path

import pytest

from tallystick.errors import Misused
from tallystick.settings import load


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Return the config file of a person whose home is `tmp_path`."""
    path = tmp_path / ".config" / "tallystick" / "config.toml"
    path.parent.mkdir(parents=True)
    return path


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
        (
            "[statusline]\ntemplate = 7",
            r"sets template under \[statusline\] to 7: known are template, a text in quotes, and",
        ),
        ("[budgets]\ngateway = 1", r"sets gateway under \[budgets\] to 1: known is gateway, true or false"),
        (
            '[ledger]\nurl = "sqlite:///x"',
            r"sets url under \[ledger\] to 'sqlite:///x': known is url, such as",
        ),
        (
            '[limits]\nfetch = "anthropic"',
            r"sets fetch under \[limits\] to 'anthropic': known is fetch, a list with any of",
        ),
        ('[limits]\nfetch = ["antropic"]', r"sets fetch under \[limits\] to \['antropic'\]"),
        ("[limits]\nask = true", r"sets ask under \[limits\] to True"),
        ("[budgets]\nhook = true", r"sets hook under \[budgets\] to True"),
        ("[statusline]\nwidth = true", r"sets width under \[statusline\] to True"),
        ("[statusline]\nwidth = -1", r"sets width under \[statusline\] to -1"),
        ('[statusline]\ncolour = "red"', r"sets colour under \[statusline\] to 'red'"),
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


def test_what_may_leave_is_as_the_file_says(tmp_path: Path, config: Path) -> None:
    assert load({}, str(tmp_path)).push == {}
    config.write_text('[push]\nproject = "pseudonym"\n[[push.paths]]\nmatch = "~/open/**"\nproject = "keep"\n')
    chosen = load({}, str(tmp_path))
    assert chosen.push == {"project": "pseudonym", "paths": [{"match": "~/open/**", "project": "keep"}]}
    assert chosen.sources["push"] == str(config)


def test_the_status_line_is_as_the_file_says(tmp_path: Path, config: Path) -> None:
    assert load({}, str(tmp_path)).statusline == {}
    config.write_text("[statusline]\ntemplate = '{model}'\nwidth = 0\n")
    assert load({}, str(tmp_path)).statusline == {"template": "{model}", "width": 0}
