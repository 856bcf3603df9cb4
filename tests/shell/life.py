"""What every shell must do, tried with the real one: variables only while the proxy answers, and a person's own as they were."""

import json
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from tests.shell.listeners import crowded
from tests.shell.terminal import Home, killed, port_of, proxy, silent, somebody_else, terminal

from tallystick.shell.variables import MARK, NAMES, OWN, of

OURS = (*NAMES, MARK)


def seen(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what of an environment is about us."""
    return {name: value for name, value in environ.items() if name in OURS or name.startswith("_TALLY")}


def expected(home: Home, theirs: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return what there should be while the proxy answers."""
    return of(f"http://127.0.0.1:{port_of(home)}", home.places.extra, home.places.bundle, theirs or {})


def it_lives_and_dies_between_prompts(home: Home) -> None:
    """Follow a proxy that is started, killed, started at another port and stopped, in one shell."""
    with terminal(home) as shell:
        assert seen(shell.environment()) == {}
        with proxy(home) as first:
            port = port_of(home)
            shell.type("true")
            assert seen(shell.environment()) == expected(home)
            killed(first)
            shell.type("true")
            assert seen(shell.environment()) == {}
            # Its file is still there, and its port belongs to somebody else.
            with somebody_else(port):
                shell.type("true")
                assert seen(shell.environment()) == {}
        with proxy(home):
            shell.type("true")
            assert seen(shell.environment()) == expected(home)
            with proxy(home):
                shell.type("true")
                assert seen(shell.environment()) == expected(home)
        Path(home.places.proxy).unlink()
        shell.type("true")
        assert seen(shell.environment()) == {}


def one_that_is_stopped_does_not_answer(home: Home, later: str) -> None:
    """Stop a proxy as a terminal does, which still has its connections made, and have it go on; `later` lets ten seconds pass."""
    with proxy(home) as running, terminal(home) as shell:
        assert seen(shell.environment()) == expected(home)
        running.send_signal(signal.SIGSTOP)
        shell.type("true")
        assert seen(shell.environment()) == {}
        running.send_signal(signal.SIGCONT)
        shell.type(later)
        assert seen(shell.environment()) == expected(home)


def one_that_hangs_is_asked_seldom(home: Home) -> None:
    """See that of many prompts one asks a proxy that says nothing, and the next asks another proxy at once."""
    with terminal(home) as shell:
        with silent(home) as server:
            begun = time.monotonic()
            for _ in range(5):
                shell.type("true")
                assert seen(shell.environment()) == {}
            # Each round is four prompts; on a slow machine ten seconds may pass on the way.
            seldom = 1 + (time.monotonic() - begun) // 10
            server.settimeout(0)
            tried = 0
            while tried <= seldom:
                try:
                    server.accept()[0].close()
                except BlockingIOError:
                    break
                tried += 1
            assert 1 <= tried <= seldom
        with proxy(home):
            shell.type("true")
            assert seen(shell.environment()) == expected(home)


def one_with_too_many_callers_holds_no_prompt(home: Home) -> None:
    """Type while a connection to the proxy hangs, which without a limit is for two minutes."""
    with terminal(home) as shell, silent(home) as server:
        server.listen(0)
        port = port_of(home)
        with crowded(port):
            begun = time.monotonic()
            shell.type("true")
            assert seen(shell.environment()) == {}
            # 0.3 s, and what a busy machine adds.
            assert time.monotonic() - begun < 5
        said = shell.said.decode(errors="replace").lower()
        assert not [word for word in ("terminated", "killed", "kill:", "_tally") if word in said], said
        if sys.platform == "linux":
            assert not _calling(port)


def _calling(port: int) -> list[str]:
    """Return the connections to a port that are still being tried."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return [line[2] for line in lines if line[2].endswith(f":{port:04X}") and line[3] == "02"]


def a_new_shell_has_them_at_once(home: Home) -> None:
    """Begin a shell while the proxy answers, then without the bundle, then switched off."""
    with proxy(home):
        with terminal(home) as shell:
            assert seen(shell.environment()) == expected(home)
            Path(home.places.bundle).unlink()
            shell.type("true")
            # A variable that names nothing would break every program.
            assert seen(shell.environment()) == {}
        Path(home.places.bundle).write_text("certificates\n")
        with terminal(home, {"TALLY_SHELL": "off"}) as shell:
            assert seen(shell.environment()) == {}


def theirs_come_back(home: Home) -> None:
    """Take the place of what a person has set, known certificates only, and give it back."""
    theirs = {
        "HTTPS_PROXY": 'http://it\'s "corp":3128/$x\\',
        "no_proxy": "corp.example,localhost",
        "HTTP_PROXY": "",
        "REQUESTS_CA_BUNDLE": "/corp/known.pem",
        "CURL_CA_BUNDLE": "/corp/unknown.pem",
        "NODE_EXTRA_CA_CERTS": "/corp/node $x.pem",
        "NIX_SSL_CERT_FILE": "/nix/ca.pem",
    }
    named = ("REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "NIX_SSL_CERT_FILE")
    Path(home.places.named).write_text("".join(f"{name}={theirs[name]}\n" for name in named))
    with terminal(home, theirs) as shell:
        with proxy(home) as running:
            shell.type("true")
            wanted = expected(home, theirs)
            # The bundle does not hold it, so that the person's own must stay.
            wanted["CURL_CA_BUNDLE"] = theirs["CURL_CA_BUNDLE"]
            del wanted[f"{OWN}CURL_CA_BUNDLE"]
            assert seen(shell.environment()) == wanted
            assert wanted["NO_PROXY"] == "corp.example,localhost,127.0.0.1,::1"
            killed(running)
        shell.type("true")
        assert seen(shell.environment()) == theirs


def what_is_changed_at_the_prompt_stays(home: Home, change: str, removal: str) -> None:
    """Change and remove a variable by hand while the proxy answers."""
    with terminal(home, {"https_proxy": "http://corp:1"}) as shell:
        with proxy(home) as running:
            shell.type("true")
            shell.type(change)
            shell.type(removal)
            wanted = expected(home, {"https_proxy": "http://corp:1"}) | {"HTTPS_PROXY": "http://mine:2"}
            del wanted["PIP_CERT"]
            assert seen(shell.environment()) == wanted
            killed(running)
        shell.type("true")
        assert seen(shell.environment()) == {"HTTPS_PROXY": "http://mine:2", "https_proxy": "http://corp:1"}


def a_shell_within_a_shell_gives_back_too(home: Home, start: str) -> None:
    """Begin a shell within one that has the variables; the proxy dies while both are open."""
    theirs = {"HTTPS_PROXY": "http://corp:3128"}
    with terminal(home, theirs) as shell:
        with proxy(home) as running:
            shell.type("true")
            shell.type(start)
            assert seen(shell.environment()) == expected(home, theirs)
            killed(running)
        shell.type("true")
        assert seen(shell.environment()) == theirs
        shell.type("exit")
        shell.type("true")
        assert seen(shell.environment()) == theirs


def a_run_keeps_its_name(home: Home) -> None:
    """Begin a shell within a run of a tool, whose address carries a name."""
    with proxy(home):
        address = f"http://t0123:x@127.0.0.1:{port_of(home)}"
        inside = of(address, home.places.extra, home.places.bundle, {})
        with terminal(home, inside) as shell:
            shell.type("true")
            assert seen(shell.environment()) == inside


def the_last_code_is_kept(home: Home, code: str) -> None:
    """See that prompts and commands find the code of the last command, with the proxy there and without."""
    with terminal(home) as shell:
        with proxy(home):
            for _ in range(2):
                shell.type("true")
                shell.type(f"sh -c 'exit 7'\n{code} > code")
                assert (home.folder / "code").read_text().strip() == "7"
        shell.type(f"sh -c 'exit 8'\n{code} > code")
        assert (home.folder / "code").read_text().strip() == "8"


def nothing_is_said(home: Home) -> None:
    """See that a shell says nothing of ours, whatever the file holds."""
    with terminal(home) as shell:
        for content in (
            "",
            "{",
            "null",
            json.dumps({"port": "x", "pid": "y"}),
            json.dumps({"port": 1, "pid": 1}),
            "\0",
        ):
            Path(home.places.proxy).write_text(content)
            shell.type("true")
            assert seen(shell.environment()) == {}
        said = shell.said.decode(errors="replace").lower()
        assert not [word for word in ("_tally", "error", "not found", "denied", "refused") if word in said], said


def without_its_script_it_starts_in_peace(home: Home) -> None:
    """Begin a shell after all of ours but the line in its file is gone."""
    home.script.unlink()
    with proxy(home), terminal(home) as shell:
        assert seen(shell.environment()) == {}
        assert home.script.name not in shell.said.decode(errors="replace").replace("touch", "")
