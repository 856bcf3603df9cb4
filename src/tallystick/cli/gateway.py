"""`tally gateway`: where the gateway leads, and what to set so that a tool goes through it."""

import json
import os
from typing import TYPE_CHECKING, Final

import click

from tallystick import settings
from tallystick.cli import entrance, wired
from tallystick.cli.tree import COMMANDS

if TYPE_CHECKING:
    from tallystick.intake.gateway.upstreams import Upstream

SCHEMA: Final = "tallystick.gateway/1"
TOOLS: Final = (
    ("Claude Code", "anthropic", "ANTHROPIC_BASE_URL={}"),
    ("Codex", "openai", 'openai_base_url = "{}/v1" in ~/.codex/config.toml'),
    ("Gemini CLI", "google", "GOOGLE_GEMINI_BASE_URL={}, with an API key"),
    ("Qwen Code", "openai", "OPENAI_BASE_URL={}/v1"),
    ("Copilot CLI", "anthropic", "COPILOT_PROVIDER_BASE_URL={}, with a key of your own"),
    ("OpenCode", "anthropic", '"baseURL": "{}/v1" under provider.anthropic.options in opencode.json'),
)
"""Each tool's name, the upstream that it asks, and what to set; more of it stands in docs/gateway.md."""


def command(name: str) -> click.Command:
    """Return the command."""
    json_ = click.Option(["--json"], is_flag=True, help="As JSON, for scripts.")
    return click.Command(name, callback=run, params=[json_], help=COMMANDS[name].help)


def run(json: bool) -> int:  # noqa: FBT001  as click gives it
    """Tell where it leads."""
    chosen = entrance.settings()
    served = settings.server(chosen, os.environ)
    at = f"http://{'127.0.0.1' if served.everywhere else served.host}:{served.port}/gateway"
    upstreams = wired.upstreams(chosen)
    entrance.write(_as_json(at, upstreams) if json else _as_text(at, upstreams))
    return 0


def _as_json(at: str, upstreams: "dict[str, Upstream]") -> str:
    told = {
        "schema": SCHEMA,
        "upstreams": [
            {
                "name": each.name,
                "address": f"{at}/{each.name}",
                "leads_to": _url(each),
                "provider": each.provider or None,
                "websockets": each.websockets,
            }
            for each in upstreams.values()
        ],
        "tools": [{"tool": tool, "set": text.format(f"{at}/{name}")} for tool, name, text in TOOLS],
    }
    return json.dumps(told, indent=2) + "\n"


def _as_text(at: str, upstreams: "dict[str, Upstream]") -> str:
    width = max(len(name) for name in upstreams)
    lines = ["`tally serve` passes on, and counts, what is sent to", ""]
    for each in upstreams.values():
        without = "" if each.websockets else "  (no websockets)"
        lines.append(f"  {f'{at}/{each.name}':<{len(at) + 1 + width}}  to {_url(each)}{without}")
    lines += ["", "A tool goes there when its base URL is set:", ""]
    widest = max(len(tool) for tool, *_ in TOOLS)
    lines += [f"  {tool:<{widest}}  {text.format(f'{at}/{name}')}" for tool, name, text in TOOLS]
    lines += ["", "`tally run --gateway -- claude` sets them for one run, and counts it."]
    lines += ["", "docs/gateway.md tells what a changed base URL alters in each tool, and how to add upstreams.", ""]
    return "\n".join(lines)


def _url(upstream: "Upstream") -> str:
    return f"{upstream.scheme}://{upstream.authority}{upstream.path.decode()}"
