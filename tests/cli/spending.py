"""A machine on which Claude Code has spent something, for the tests of budgets."""

import json
import time
from datetime import UTC, datetime
from typing import Final

from tests.cli.stage import Stage

COST: Final = 285_000_000_000
"""Pico-dollars of one call: a thousand at $15, 30 000 at $1.50, 4 000 at $18.75 and 2 000 at $75 a million."""
TOKENS: Final = 37_000


def spend(stage: Stage, calls: int, model: str = "claude-opus-4-1-20250805", project: str = "/srv/shop") -> None:
    """Have some calls made a moment ago."""
    stage.log.parent.mkdir(parents=True, exist_ok=True)
    with stage.log.open("a") as log:
        for _ in range(calls):
            number = time.monotonic_ns()
            usage = {
                "input_tokens": 1_000,
                "cache_read_input_tokens": 30_000,
                "cache_creation_input_tokens": 4_000,
                "output_tokens": 2_000,
            }
            message = {
                "id": f"m{number}",
                "model": model,
                "role": "assistant",
                "stop_reason": "end_turn",
                "usage": usage,
            }
            record = {
                "type": "assistant",
                "sessionId": "s1",
                "cwd": project,
                "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                "uuid": f"u{number}",
                "requestId": f"r{number}",
                "version": "2.1.0",
                "message": message,
            }
            log.write(json.dumps(record) + "\n")
