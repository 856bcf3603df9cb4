"""`tally run` with the real proxy: what the tool finds around it, what is counted, what is said, and how it ends."""

import json
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.running import PROGRAM, around, started, until
from tests.cli.stage import Stage

from tallystick.cli.run import free
from tallystick.intake.proxy.running import running
from tallystick.service import process

with warnings.catch_warnings():
    # mitmproxy's filter language uses names of pyparsing's that are deprecated.
    warnings.simplefilter("ignore", DeprecationWarning)
    from tests.cli.test_proxy import HOST, listening, options
    from tests.intake.proxy.origin import Authority, Origin, authority, served
    from tests.intake.proxy.passing import spooled

ANSWER = {
    "id": "msg_1",
    "type": "message",
    "model": "claude-opus-4-1-20250805",
    "usage": {"input_tokens": 42, "cache_read_input_tokens": 5_156, "output_tokens": 245},
}
"""42 x 15 + 5 156 x 1.5 + 245 x 75 = 26 739 millionths of a dollar."""
CALLS = f"""
import sys, urllib.request
request = urllib.request.Request("https://{HOST}/v1/messages", b'{{"model": "claude-opus-4-1"}}')
print(urllib.request.urlopen(request).read().decode())
sys.exit(3)
"""
"""A tool: it knows of the proxy and of its certificate from its environment alone."""


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Return the authority of the servers behind the proxy."""
    return authority(tmp_path_factory.mktemp("behind"))


@pytest.fixture(scope="module")
def origin(behind: Authority) -> Iterator[Origin]:
    """Serve what a provider would."""
    with served(behind, (HOST,)) as found:
        found.answers["/v1/messages"] = json.dumps(ANSWER).encode(), {"request-id": "req_1"}
        yield found


def tally(stage: Stage, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    """Run a command in a stage's home."""
    return subprocess.run(
        [*PROGRAM, *arguments],
        env=around(stage, **more),
        cwd=stage.home,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_tool_is_counted_and_told_of_in_one_line(stage: Stage, origin: Origin, behind: Authority) -> None:
    with started(stage, *options(origin, behind)) as told:
        listening(told)
        run = ("run", "-P", "anthropic", "--tag", "ticket=X-1")
        found = tally(stage, *run, "--", sys.executable, "-c", CALLS, TALLY_TAGS="team=till, ticket=Y")
        assert (found.returncode, json.loads(found.stdout)) == (3, ANSWER)
        assert found.stderr == "tally: 1 call, 5,443 tokens, $0.0267, 99% of the input from caches.\n"
        (line,) = spooled(stage.home / "data")
        assert line["project"] == str(stage.home)
        assert line["tags"] == {"team": "till", "ticket": "X-1"}
        # Its token counts no more.
        assert list((stage.home / "data" / "runs").iterdir()) == []
        quiet = tally(stage, "run", "true")
        assert (quiet.returncode, quiet.stdout) == (0, "")
        assert quiet.stderr == "tally: No call to a provider was seen.\n"


def test_two_runs_at_once_are_told_apart(stage: Stage, origin: Origin, behind: Authority) -> None:
    with started(stage, *options(origin, behind)) as told:
        listening(told)
        slow = "import time; time.sleep(1.5)\n" + CALLS
        other = subprocess.Popen(
            [*PROGRAM, "run", sys.executable, "-c", slow], env=around(stage), stderr=subprocess.PIPE, text=True
        )
        with other:
            twice = CALLS.replace("sys.exit(3)", f"exec({CALLS!r})")
            assert tally(stage, "run", sys.executable, "-c", twice).stderr.startswith("tally: 1 call,")
            assert other.stderr is not None
            assert other.stderr.read().startswith("tally: 1 call,")
        # The answers of both of the first run's requests have one id; three requests passed in all.
        assert len(spooled(stage.home / "data")) == 3


def test_the_proxy_is_started_where_none_runs_and_stays(stage: Stage) -> None:
    data = stage.home / "data"
    show = "import os; print(os.environ['HTTPS_PROXY'], os.environ['NODE_EXTRA_CA_CERTS'])"
    found = tally(stage, "run", "--", sys.executable, "-c", show)
    proxy = running(str(data))
    assert proxy is not None
    try:
        address, certificates = found.stdout.split()
        assert address.partition("@")[2] == f"127.0.0.1:{proxy.port}"
        assert "BEGIN CERTIFICATE" in Path(certificates).read_text()
        assert found.returncode == 0
        status = tally(stage, "status")
        assert (status.returncode, status.stdout.split()[6:9]) == (0, ["proxy", str(proxy.pid), str(proxy.port)])
    finally:
        assert tally(stage, "down").stderr == f"tally: The proxy was stopped (process {proxy.pid}).\n"
    assert until(lambda: process.identity(proxy.pid) is None)


def test_a_tool_takes_everything_behind_its_name(stage: Stage, origin: Origin, behind: Authority) -> None:
    folder = stage.home / "bin"
    folder.mkdir()
    tool = folder / "claude"
    tool.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    tool.chmod(0o755)
    with started(stage, *options(origin, behind)) as told:
        listening(told)
        given = ("-h", "--", "--tag", "a b", "", "--version")
        found = tally(stage, "claude", *given, PATH=f"{folder}:{os.environ['PATH']}")
        assert (found.returncode, found.stdout.splitlines()) == (0, list(given))


def test_a_program_that_is_not_there_is_told_and_no_proxy_is_started(stage: Stage) -> None:
    for arguments, name in ((("run", "--", "nowhere-to-be-found"), "nowhere-to-be-found"), (("codex",), "codex")):
        found = tally(stage, *arguments, PATH="/nonexistent")
        assert (found.returncode, found.stdout) == (127, "")
        assert found.stderr == f"tally: There is no program '{name}' on your PATH.\n"
    assert not (stage.home / "data").exists()


def test_without_the_extra_a_tool_runs_only_where_that_is_wanted(stage: Stage) -> None:
    hidden = stage.home / "hidden"
    hidden.mkdir()
    (hidden / "mitmproxy.py").write_text("raise ImportError('not here', name='mitmproxy')\n")
    found = tally(stage, "run", "--", "echo", "hi", PYTHONPATH=str(hidden), PYTHONSAFEPATH="")
    assert (found.returncode, found.stdout) == (3, "")
    assert found.stderr == (
        "tally: `tally proxy` needs what is not installed (mitmproxy): `pip install 'tallystick[proxy]'` brings it.\n"
        "  `tally run --anyway -- echo` runs it all the same, uncounted.\n"
    )
    found = tally(stage, "run", "--anyway", "--", "echo", "hi", PYTHONPATH=str(hidden))
    assert (found.returncode, found.stdout) == (0, "hi\n")
    assert found.stderr.endswith("\n  echo runs uncounted.\n")


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["--tag", "x", "--", "true"], "--tag 'x' is no tag: give a name and a value, such as ticket=X-1"),
        (["--tag", "=x", "true"], "is no tag"),
        (["--tag", "a=" + "x" * 65, "true"], "64 characters"),
        ([word for number in range(17) for word in ("--tag", f"t{number}=1")] + ["true"], "--tag gives 17 tags"),
        (["-P", "nobody", "true"], "--provider 'nobody' is none that is known: anthropic, "),
        ([], "Missing argument"),
    ],
)
def test_what_is_mistyped_is_wrong_usage(stage: Stage, arguments: list[str], words: str) -> None:
    found = stage.tally("run", *arguments)
    assert (found.code, found.out) == (2, "")
    assert words in found.err


def test_a_port_that_somebody_else_has_is_left_to_them(origin: Origin) -> None:
    assert free(origin.port) == 0


def test_what_a_run_is_tagged_with_is_in_reports_and_pages(stage: Stage, origin: Origin, behind: Authority) -> None:
    def asked(*arguments: str) -> list[tuple[str, str, str, int]]:
        found = tally(stage, "report", *arguments, "--by", "tag,session,project", "--json", "--timezone", "UTC")
        assert found.returncode == 0, found.stderr
        return [(row["tag"], row["session"], row["project"], row["total"]) for row in json.loads(found.stdout)["rows"]]

    with started(stage, *options(origin, behind)) as told:
        listening(told)
        found = tally(stage, "run", "--tag", "ticket=X-1", "--", sys.executable, "-c", CALLS, TALLY_TAGS="team=till")
        assert found.returncode == 3
    # A script has no session of its own: it is of its run.
    ((tags, session, project, total),) = asked()
    assert (tags, session[:4], project, total) == ("team=till, ticket=X-1", "run-", str(stage.home), 5_443)
    assert asked("--tag", "ticket=x-*") == asked() != asked("--tag", "ticket=Y")
    (event,) = json.loads(tally(stage, "events", "--tag", "team=till", "--json").stdout)["events"]
    assert (event["session"], event["total"]) == (session, 5_443)
    one = json.loads(tally(stage, "events", str(event["id"]), "--json").stdout)
    assert one["event"]["tags"] == ["team=till", "ticket=X-1"]
