"""`tally budget hook`: the gate in Claude Code's settings, put in and taken out."""

import os
from typing import Any, Final

from tallystick.cli import caps, claude_settings, entrance
from tallystick.cli.claude_settings import Told

EVENTS: Final = ("UserPromptSubmit", "PreToolUse")
"""Before which it asks: a prompt, and, for work that goes on for hours by itself, each use of a tool."""
_MARK: Final = " budget gate"
_PATIENCE_S: Final = 5
"""After which Claude Code goes on without an answer."""


def install() -> int:
    """Put the hook into Claude Code's settings."""
    chosen = entrance.settings()
    file = claude_settings.path(chosen.home, os.environ)
    line = claude_settings.command("budget", "gate", "--state", caps.path(chosen.data_dir))

    def edit(told: Told) -> None:
        _remove(told)
        _add(told, line)

    if claude_settings.put(file, edit, _undo(chosen.data_dir)):
        entrance.say(
            f"Claude Code asks before each prompt and each use of a tool, by {file}; sessions that run notice it."
        )
    else:
        entrance.say(f"The hook is in {file} already.")
    entrance.say("Only hard budgets refuse something: `tally budget set … --hard`. A hook cannot tell the model.")
    return 0


def uninstall() -> int:
    """Take the hook out of Claude Code's settings."""
    chosen = entrance.settings()
    file = claude_settings.path(chosen.home, os.environ)
    if claude_settings.take_out(file, _remove, _undo(chosen.data_dir)):
        entrance.say(f"The hook is no longer in {file}.")
    else:
        entrance.say(f"There is no hook of ours in {file}.")
    return 0


def _undo(data: str) -> str:
    return os.path.join(data, "undo", "claude-hook.json")


def _add(told: Told, line: str) -> None:
    hooks = told.setdefault("hooks", {})
    for event in EVENTS:
        entry: dict[str, Any] = {"hooks": [{"type": "command", "command": line, "timeout": _PATIENCE_S}]}
        if event == "PreToolUse":
            entry = {"matcher": "*", **entry}
        if not isinstance(hooks, dict) or not isinstance(hooks.setdefault(event, []), list):
            from tallystick.errors import Misused

            raise Misused("The hooks in Claude Code's settings are none that it understands: nothing was changed.")
        hooks[event].append(entry)


def _remove(told: Told) -> None:
    """Take out every hook of ours, and what held nothing else."""
    hooks = told.get("hooks")
    if not isinstance(hooks, dict):
        return
    for event, entries in list(hooks.items()):
        if not isinstance(entries, list) or not any(map(_holds_ours, entries)):
            continue
        kept = [_without_ours(entry) if _holds_ours(entry) else entry for entry in entries]
        hooks[event] = [entry for entry in kept if entry is not None]
        if not hooks[event]:
            del hooks[event]
    if not hooks:
        del told["hooks"]


def _holds_ours(entry: Any) -> bool:  # noqa: ANN401  whatever the file holds
    commands = entry.get("hooks") if isinstance(entry, dict) else None
    return isinstance(commands, list) and any(map(_is_ours, commands))


def _without_ours(entry: dict[str, Any]) -> dict[str, Any] | None:
    kept = [each for each in entry["hooks"] if not _is_ours(each)]
    return {**entry, "hooks": kept} if kept else None


def _is_ours(command: Any) -> bool:  # noqa: ANN401  whatever the file holds
    line = command.get("command") if isinstance(command, dict) else None
    return isinstance(line, str) and "tall" in line and _MARK in line
