"""PowerShell: the script as it was agreed; where a real one is installed, that it sets, keeps and gives back."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.shell import life
from tests.shell.terminal import Home, killed, proxy

from tallystick.shell.powershell import POWERSHELL, quoted
from tallystick.shell.shell import Person, Places
from tallystick.shell.variables import NAMES

GOLDEN = Path(__file__).with_name("golden") / "powershell.ps1"
PLACES = Places("C:\\it's\\proxy.json", "C:\\it's\\extra.pem", "C:\\it's\\bundle.pem", "C:\\it's\\named.txt")
SHOW = "[Environment]::GetEnvironmentVariables() | ConvertTo-Json -Compress"


def test_the_script_is_as_it_was_agreed(*, update_samples: bool) -> None:
    if update_samples:
        GOLDEN.write_text(POWERSHELL.script(PLACES))
    assert POWERSHELL.script(PLACES) == GOLDEN.read_text()


def test_the_script_names_each_variable_and_file() -> None:
    script = POWERSHELL.script(PLACES)
    assert all(f"'{name}'" in script for name in NAMES)
    assert all(quoted(path) in script for path in PLACES)
    assert script.count("{") == script.count("}")
    assert script.count("(") == script.count(")")


@pytest.mark.skipif(not shutil.which("pwsh"), reason="PowerShell is not installed")
def test_a_real_one_sets_and_gives_back(tmp_path: Path) -> None:
    home = Home(tmp_path, POWERSHELL)
    theirs = {"HTTPS_PROXY": "http://corp:3128"}
    with proxy(home) as running:
        wanted = life.expected(home, theirs)
        script = f"{POWERSHELL.line(str(home.script))}\n{SHOW}\n[Console]::In.ReadLine() | Out-Null\nprompt | Out-Null\n{SHOW}"
        process = subprocess.Popen(
            ["pwsh", "-NoProfile", "-Command", script],
            env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", **theirs},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        assert life.seen(json.loads(process.stdout.readline())) == wanted
        killed(running)
        after = process.communicate(b"\n", 30)[0]
        assert life.seen(json.loads(after)) == theirs


@pytest.mark.parametrize(
    "text, written",
    [("plain $x `n", "'plain $x `n'"), ("it's", "'it''s'"), ("it\u2019s \u2018a\u201b \u201ab", "'it\u2019\u2019s \u2018\u2018a\u201b\u201b \u201a\u201ab'")],
)  # fmt: skip
def test_quotes(text: str, written: str) -> None:
    # Each kind of single quote ends a text, and doubled stands in it (about_Quoting_Rules).
    assert quoted(text) == written


def test_lines() -> None:
    assert POWERSHELL.export("X", "it's") == "$env:X = 'it''s'"
    assert POWERSHELL.line("C:\\a b.ps1") == "if (Test-Path -LiteralPath 'C:\\a b.ps1') { . 'C:\\a b.ps1' }"


def test_the_file_that_it_reads() -> None:
    assert POWERSHELL.file(Person("/home/dev", "linux", {})) == "/home/dev/.config/powershell/profile.ps1"
    assert POWERSHELL.file(Person("/home/dev", "darwin", {"XDG_CONFIG_HOME": "/c"})) == "/c/powershell/profile.ps1"
    windows = POWERSHELL.file(Person("C:\\Users\\dev", "win32", {}))
    assert windows.replace("/", "\\") == "C:\\Users\\dev\\Documents\\PowerShell\\profile.ps1"
