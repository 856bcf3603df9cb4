"""The real bash and zsh at a terminal: everything that a shell must do, and what is theirs alone."""

import shutil
import subprocess
from pathlib import Path

import pytest
from tests.shell import life
from tests.shell.terminal import Home, needs, port_of, proxy, terminal

from tallystick.shell.posix import BASH, ZSH
from tallystick.shell.shell import Person, Places, Shell

BOTH = pytest.mark.parametrize("shell", [BASH, ZSH], ids=lambda shell: shell.name)


@pytest.fixture
def home(tmp_path: Path, shell: Shell) -> Home:
    """Return a home in which a shell runs our script."""
    needs(shell)
    return Home(tmp_path, shell)


@BOTH
def test_it_lives_and_dies_between_prompts(home: Home) -> None:
    life.it_lives_and_dies_between_prompts(home)


@BOTH
def test_one_that_is_stopped_does_not_answer(home: Home) -> None:
    life.one_that_is_stopped_does_not_answer(home, "SECONDS=$((SECONDS + 10))")


@BOTH
def test_one_that_hangs_is_asked_seldom(home: Home) -> None:
    life.one_that_hangs_is_asked_seldom(home)


@BOTH
def test_one_with_too_many_callers_holds_no_prompt(home: Home) -> None:
    life.one_with_too_many_callers_holds_no_prompt(home)


@BOTH
def test_a_command_in_the_background_is_still_the_last_one(home: Home) -> None:
    with proxy(home), terminal(home) as shell:
        shell.type("sleep 100 & echo $! > first")
        shell.type("echo $! > second; kill $!")
        assert (home.folder / "first").read_text() == (home.folder / "second").read_text()
        assert life.seen(shell.environment()) == life.expected(home)


@BOTH
def test_a_new_shell_has_them_at_once(home: Home) -> None:
    life.a_new_shell_has_them_at_once(home)


@BOTH
def test_theirs_come_back(home: Home) -> None:
    life.theirs_come_back(home)


@BOTH
def test_what_is_changed_at_the_prompt_stays(home: Home) -> None:
    life.what_is_changed_at_the_prompt_stays(home, "export HTTPS_PROXY=http://mine:2", "unset PIP_CERT")


@BOTH
def test_a_shell_within_a_shell_gives_back_too(home: Home) -> None:
    life.a_shell_within_a_shell_gives_back_too(home, home.shell.name)


@BOTH
def test_a_run_keeps_its_name(home: Home) -> None:
    life.a_run_keeps_its_name(home)


@BOTH
def test_the_last_code_is_kept(home: Home) -> None:
    life.the_last_code_is_kept(home, "echo $?")


@BOTH
def test_nothing_is_said(home: Home) -> None:
    life.nothing_is_said(home)


@BOTH
def test_without_its_script_it_starts_in_peace(home: Home) -> None:
    life.without_its_script_it_starts_in_peace(home)


STRICT = {
    "bash": ("set -u", "shopt -s nullglob failglob", "IFS=:", "set -o noclobber"),
    "zsh": ("setopt nounset ksharrays shwordsplit noclobber nullglob", "IFS=:"),
}


@BOTH
def test_the_persons_own_options_are_no_obstacle(home: Home) -> None:
    home.begin(*STRICT[home.shell.name])
    with terminal(home) as shell:
        with proxy(home):
            shell.type("true")
            assert life.seen(shell.environment()) == life.expected(home)
        shell.type("true")
        assert life.seen(shell.environment()) == {}
        assert "unbound" not in shell.said.decode()
        assert "parameter not set" not in shell.said.decode()


@BOTH
def test_what_the_shells_file_sets_before_us_is_the_persons(home: Home) -> None:
    home.begin("export HTTPS_PROXY=http://corp:3128")
    theirs = {"HTTPS_PROXY": "http://corp:3128"}
    with proxy(home), terminal(home) as shell:
        assert life.seen(shell.environment()) == life.expected(home, theirs)
        # The same within: there the file sets it once more, over what it came with.
        shell.type(home.shell.name)
        assert life.seen(shell.environment()) == life.expected(home, theirs)


@pytest.mark.parametrize("shell", [BASH], ids=["bash"])
@pytest.mark.parametrize(
    "before",
    ["PROMPT_COMMAND='echo $? >>codes'", "PROMPT_COMMAND=('echo $? >>codes' 'true')", "PROMPT_COMMAND='true;'"],
)
def test_what_bash_does_at_its_prompt_goes_on(home: Home, before: str) -> None:
    home.begin(before)
    with proxy(home), terminal(home) as shell:
        shell.type("(exit 9)")
        # Run once more, as `source ~/.bashrc` does, it is there once.
        shell.type(home.shell.line(str(home.script)))
        shell.type('printf "%s\\n" "${PROMPT_COMMAND[@]}" > commands')
        assert (home.folder / "commands").read_text().count("_tally_prompt") == 1
        assert life.seen(shell.environment()) == life.expected(home)
    if "codes" in before:
        assert "9" in (home.folder / "codes").read_text().split()


@pytest.mark.parametrize("shell", [ZSH], ids=["zsh"])
def test_what_zsh_does_at_its_prompt_goes_on(home: Home) -> None:
    home.begin(
        "precmd() { echo $? >>codes }",
        "autoload -Uz add-zsh-hook",
        "other() { echo $? >>codes }",
        "add-zsh-hook precmd other",
    )
    with proxy(home), terminal(home) as shell:
        shell.type("(exit 9)")
        shell.type(home.shell.line(str(home.script)))
        shell.type("print -l $precmd_functions > functions")
        assert (home.folder / "functions").read_text().split() == ["other", "_tally_prompt"]
    assert (home.folder / "codes").read_text().split().count("9") >= 2


@BOTH
def test_a_shell_that_runs_a_command_has_them_too(home: Home) -> None:
    program = shutil.which(home.shell.name) or ""
    with proxy(home):
        command = f"{home.shell.line(str(home.script))}\necho $HTTPS_PROXY"
        done = subprocess.run([program, "-c", command], env={"HOME": "/none", "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=True)  # fmt: skip
        assert (done.stdout, done.stderr) == (f"http://127.0.0.1:{port_of(home)}\n", "")


@BOTH
def test_an_export_is_taken_as_it_was_meant(shell: Shell) -> None:
    needs(shell)
    value = 'it\'s "a" $HOME `x` \\ \n é !'
    done = subprocess.run(
        [shutil.which(shell.name) or "", "-c", f"{shell.export('X', value)}; printenv X"],
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode() == value + "\n"


@pytest.mark.parametrize(
    "shell, platform, environ, there, found",
    [
        (BASH, "linux", {}, "", ".bashrc"),
        (BASH, "linux", {}, ".bash_profile", ".bashrc"),
        (BASH, "darwin", {}, "", ".bashrc"),
        (BASH, "darwin", {}, ".bash_profile", ".bash_profile"),
        (ZSH, "darwin", {}, "", ".zshrc"),
        (ZSH, "linux", {"ZDOTDIR": ""}, "", ".zshrc"),
    ],
)
def test_the_file_that_a_shell_reads(
    tmp_path: Path, shell: Shell, platform: str, environ: dict[str, str], there: str, found: str
) -> None:
    (tmp_path / there).touch()
    assert shell.file(Person(str(tmp_path), platform, environ)) == str(tmp_path / found)


def test_zsh_can_have_another_folder() -> None:
    assert ZSH.file(Person("/home/dev", "linux", {"ZDOTDIR": "/home/dev/z"})) == "/home/dev/z/.zshrc"


@BOTH
def test_the_script_is_well_formed(shell: Shell, tmp_path: Path) -> None:
    needs(shell)
    file = tmp_path / "script"
    file.write_text(shell.script(Places("/p", "/e", "/b", "/n")))
    done = subprocess.run([shell.name, "-n", str(file)], capture_output=True, text=True, check=True)
    assert done.stderr == ""
