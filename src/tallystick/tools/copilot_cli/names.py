"""What things are called so that all stores agree: the provider, the model, and the identity of a call."""

import re
from typing import Final

from tallystick.tools.copilot_cli.counts import Fields, text
from tallystick.usage.identity import key

TOOL: Final = "copilot-cli"
GITHUB: Final = "github-copilot"
"""Who sells the models that GitHub serves: by this name the price lists know what Copilot asks for them."""
ROUTED: Final = "auto"
"""The name of no model: Copilot chooses one."""

_LEAST_ID: Final = 20
"""Characters of an id below which it may come again: a local server (Ollama) numbers its answers from 0 to 999."""
_DATE: Final = re.compile(r"-(?:\d{8}|\d{4}-\d\d-\d\d)$")
_VERSION: Final = re.compile(r"(?<=-)(\d{1,2})-(\d{1,2})(?=-|$)")


def provider_of(usage: Fields) -> str:
    """Return who answered, for a usage record: GitHub, or whose key the person brought."""
    if usage.get("isByok") is not True:
        return GITHUB
    vendor = text(usage, "modelProvider")
    return vendor if vendor not in {"", "other"} else text(usage, "providerType") or "other"


def model_of(asked: str, answered: str) -> str:
    """Return a call's model: the one that was asked for, as the other stores name it.

    Only where Copilot chose it, the one that the answer names counts: without its date, with a dot in its version.
    """
    if asked and asked != ROUTED:
        return asked
    plain = _DATE.sub("", answered)
    return (_VERSION.sub(r"\1.\2", plain) if plain.startswith("claude-") else plain) or asked


def call_key(session: str, answer: str) -> int:
    """Return the identity of a call by the id of its answer, which journal, telemetry and wire have in common."""
    return key(answer) if len(answer) >= _LEAST_ID else key(TOOL, session, answer)


def is_weak(answer: str) -> bool:
    """Tell whether the id of an answer may come again within a session."""
    return len(answer) < _LEAST_ID
