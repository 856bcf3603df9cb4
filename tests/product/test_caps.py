"""Real clients whose budget is used up: they end at once, show why, and have nothing answered; and go on where a person lifts it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.product.realclients import Client, Ground, Turn, apart, ground, installed

from tallystick.cli.caps import Cap, State, path, write

WHY = "Made up: it is used up."
AT_ONCE_S = 25
"""Without trying again: a client itself takes up to six seconds here, and those that try again do so for minutes."""
TALK = Turn(("text",), again=False)


@pytest.fixture(scope="module")
def place(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """Start everything that is around clients."""
    clients = installed()
    if clients is None:
        pytest.skip("the clients cannot be installed here")
    with apart() as within:
        if within is None:
            pytest.skip("this system allows no network of its own")
        with ground(shared_folder, clients, within, tmp_path_factory.mktemp("caps")) as made:
            yield made


@pytest.fixture(scope="module")
def shared_folder() -> Path:
    """Return the folder with the other side of the wire."""
    folder = Path(os.environ.get("TALLY_SHARED") or Path(__file__).resolve().parents[3] / "shared").resolve()
    if not (folder / "realclients").is_dir():
        assert not os.environ.get("TALLY_REQUIRE_SHARED"), f"TALLY_REQUIRE_SHARED is set, and {folder} is not there"
        pytest.skip(f"no shared folder at {folder}")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name, tool", [("claude", "claude-code"), ("codex", "codex")])
def test_a_client_ends_at_once_shows_why_and_goes_on_where_a_person_lifts_it(
    place: Ground, name: str, tool: str
) -> None:
    client = Client(place, name, "gateway", f"{name}-capped")
    assert client.turn(TALK)[0] == 0
    answered = len(place.truth())
    assert answered
    place.tally("budget", "set", f"tool={tool}", "1 token/month", "--hard")
    number = place.tally("budget", "list").splitlines()[-1].split()[0]
    try:
        began = time.monotonic()
        _, said = client.turn(TALK)
        assert time.monotonic() - began < AT_ONCE_S
        assert "is used up: " in said
        assert f"tally budget override {number} --for 1h" in said
        assert len(place.truth()) == answered
        place.tally("budget", "override", number, "--for", "1h")
        assert client.turn(TALK)[0] == 0
        assert len(place.truth()) > answered
    finally:
        place.tally("budget", "remove", number)


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("TALLY_CLIENTS_ALL"), reason="TALLY_CLIENTS_ALL has all clients do everything")
@pytest.mark.parametrize("name", ["gemini", "opencode", "qwen"])
def test_clients_that_try_again_after_a_429_end_at_once_too(place: Ground, name: str) -> None:
    with capped(place, {}):
        began, answered = time.monotonic(), len(place.truth())
        _, said = Client(place, name, "gateway", f"{name}-capped").turn(TALK)
        assert time.monotonic() - began < AT_ONCE_S
    assert WHY in said
    assert len(place.truth()) == answered


@pytest.mark.slow
def test_claude_code_heeds_the_hook_before_a_prompt_and_before_a_tool(place: Ground) -> None:
    client = Client(place, "claude", "gateway", "hooked")
    install = [sys.executable, "-P", "-m", "tallystick", "budget", "hook", "install"]
    subprocess.run(install, env={**place.environ, "HOME": str(client.home)}, check=True, capture_output=True)
    work = Turn(({"tool": "shell", "command": "touch made-by-a-tool"}, "text"), again=False)
    made = Path(client.run.project) / "made-by-a-tool"
    assert client.turn(work)[0] == 0
    assert made.exists()
    made.unlink()
    # The project is what the hook can tell here, and the gateway cannot: only the hook says no.
    with capped(place, {"project": (str(made.parent),)}):
        answered = len(place.truth())
        _, said = client.turn(work)
        assert WHY in said
        assert len(place.truth()) == answered
        settings = client.home / ".claude" / "settings.json"
        settings.write_text(settings.read_text().replace("UserPromptSubmit", "SubagentStop"))
        client.turn(work)
        # One answer, in which a tool was to be used.
        assert len(place.truth()) == answered + 1
        assert not made.exists()


@contextmanager
def capped(place: Ground, where: Mapping[str, Sequence[str]]) -> Iterator[None]:
    """Write down for a while that a budget is used up; nobody writes anything else as long as none is defined."""
    now = time.time_ns() // 1_000_000
    state = State(now, "box", "dev", 1, (Cap("1", where, now + 3_600_000, 0, WHY),))
    write(path(str(place.data)), state)
    try:
        yield
    finally:
        write(path(str(place.data)), state._replace(caps=(), hard=0))
