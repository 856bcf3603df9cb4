"""`tally start` for real: server and proxy in the background, a provider on the loopback behind them, and the view in front of it all."""

import json
import os
import subprocess
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.cli.running import PROGRAM, until
from tests.cli.tmux import Pane, tally
from tests.service.world import free_port, get

from tallystick.intake.proxy.running import running

with warnings.catch_warnings():
    # mitmproxy's filter language uses names of pyparsing's that are deprecated.
    warnings.simplefilter("ignore", DeprecationWarning)
    from tests.intake.proxy.origin import asked, authority, connected, served
    from tests.intake.proxy.test_process import corporate

HOST = "api.anthropic.com"
ANSWER = {
    "id": "msg_1",
    "type": "message",
    "model": "claude-opus-4-1-20250805",
    "usage": {"input_tokens": 42, "cache_read_input_tokens": 5_156, "output_tokens": 245},
}
"""5,443 tokens; 42 x 15 + 5,156 x 1.5 + 245 x 75 = 26,739 millionths of a dollar."""


@contextmanager
def begun(home: Path, port: int, **environ: str) -> Iterator[Pane]:
    """Run it in a terminal; whatever happens, nothing of it runs afterwards."""
    around = {"PATH": os.environ["PATH"], "HOME": str(home), "TALLY_DATA_DIR": str(home / "data"), "TZ": "UTC"}
    try:
        with tally(home, "start", "--port", str(port), size=(120, 36), **environ) as pane:
            yield pane
    finally:
        subprocess.run([*PROGRAM, "down"], env=around, check=False, capture_output=True, timeout=60)


@pytest.mark.slow
def test_what_passes_the_proxy_comes_to_be_seen_and_goes_on_being_counted(tmp_path: Path) -> None:
    home, behind, port = tmp_path / "home", authority(tmp_path / "behind"), free_port()
    home.mkdir()
    with served(behind, (HOST,)) as origin, corporate(origin) as (_, way):
        origin.answers["/v1/messages"] = json.dumps(ANSWER).encode(), {"request-id": "req_1"}
        led = {"HTTPS_PROXY": f"http://127.0.0.1:{way}", "NODE_EXTRA_CA_CERTS": str(behind.certificate)}
        with begun(home, port, **led) as pane:
            pane.until("● live", "Sessions", seconds=60)
            proxy = running(str(home / "data"))
            assert proxy is not None
            connection = connected(proxy.port, HOST, home / "data" / "ca" / "tallystick-ca.pem")
            assert json.loads(asked(connection, "/v1/messages", b'{"model": "claude-opus-4-1"}')) == ANSWER
            connection.close()
            seen = pane.until("5.44k tokens", "1 call", "opus-4-1", seconds=30)
            assert "$0.03" in seen
            pane.press("q")
            pane.until("code 0")
            # Both go on, and so does what is counted.
            assert get(port)["status"] == "ok"
            assert running(str(home / "data")) == proxy
        assert until(lambda: running(str(home / "data")) is None)
