"""Lines of the spool, made up for tests."""

import json
from typing import Any

AT = 1_795_311_238_794
CALL: dict[str, Any] = {
    "v": 1,
    "at": AT,
    "began": AT - 794,
    "first": 412,
    "via": "proxy",
    "host": "api.anthropic.com",
    "provider": "anthropic",
    "model": "claude-opus-5-5",
    "asked": "claude-opus-5-5",
    "id": "msg_01",
    "request": "req_01",
    "status": 200,
    "outcome": "done",
    "tokens": [42, 5156, 0, 708, 245, 0],
    "tier": "",
    "speed": "",
    "geo": "",
    "searches": 0,
    "fetches": 0,
    "cost": None,
    "part": 0,
    "kind": "",
    "mismatch": False,
    "tool": "claude-code",
    "version": "2.1.330",
    "session": "s1",
    "agent": "",
    "parent": "",
    "project": "",
    "tags": {},
    "nonce": "00112233aabbccdd",
}
LIMIT = {
    "provider": "anthropic",
    "window": "five_hour",
    "minutes": 300,
    "used_percent": 41.5,
    "resets_at": AT + 3_600_000,
    "time": AT,
    "plan": "max",
}


def line(**said: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Return a call's line with some fields said otherwise."""
    return CALL | said


def encoded(*lines: Any) -> bytes:  # noqa: ANN401 - any JSON
    """Return lines as the spool has them."""
    return b"".join(json.dumps(each, separators=(",", ":")).encode() + b"\n" for each in lines)
