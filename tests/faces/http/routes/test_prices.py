"""Prices over HTTP: what `tally prices show --json` prints."""

import json
import os
import subprocess
import sys

from tests.faces.http.live import Live


def test_a_price_is_what_the_command_line_prints(live: Live) -> None:
    environ = {**os.environ, "TALLY_DATA_DIR": str(live.ledger.parent), "HOME": str(live.ledger.parent)}
    for more in ((), ("--prompt", "300000"), ("--provider", "anthropic")):
        command = [
            sys.executable,
            "-m",
            "tallystick",
            "prices",
            "show",
            "claude-sonnet-4-5",
            "--at",
            "2026-03-01",
            "--json",
            *more,
        ]
        printed = subprocess.run(command, env=environ, capture_output=True, check=True, text=True).stdout
        asked = {"at": "2026-03-01", **({more[0][2:]: more[1]} if more else {})}
        assert live.get("/prices/claude-sonnet-4-5", params=asked).text == printed


def test_now_is_the_minute_that_has_begun(live: Live) -> None:
    # The clock of the tests stands at 04:19:42.597.
    assert live.get("/prices/anthropic/claude-opus-4-1").json()["at"] == "2026-11-22T04:19:00.000Z"


def test_prices_are_exact(live: Live) -> None:
    body = json.loads(live.get("/prices/claude-opus-4-1").text)
    assert body["tiers"][0]["rates"]["output"]["usd"] == 75.0


def test_what_is_not_known_is_told(live: Live) -> None:
    unknown = live.get("/prices/nobody-knows-1")
    assert unknown.status_code == 404
    assert "config" in unknown.json()["error"]["message"]
    for wrong in (
        "at=noon",
        "at=today",
        "at=2026-13-01",
        "at=",
        "prompt=-1",
        f"tier={'x' * 101}",
        "x=1",
        "at=2026-03-01&at=2026-03-02",
    ):
        assert live.get(f"/prices/claude-opus-4-8?{wrong}").status_code == 400, wrong
    assert live.get("/prices/").status_code == 404
