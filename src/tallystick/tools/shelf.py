"""The shelf: every tool that Tallystick reads, in the order in which people are shown them."""

from typing import Final

from tallystick.tools.claude_code import CLAUDE_CODE
from tallystick.tools.codex import CODEX
from tallystick.tools.copilot_cli import COPILOT_CLI
from tallystick.tools.gemini_cli import GEMINI_CLI
from tallystick.tools.kimi_code import KIMI_CODE
from tallystick.tools.opencode import KILO_CLI, MIMO_CODE, OPENCODE
from tallystick.tools.qwen_code import QWEN_CODE
from tallystick.tools.tool import Tool

TOOLS: Final[tuple[Tool, ...]] = (
    CLAUDE_CODE,
    CODEX,
    COPILOT_CLI,
    GEMINI_CLI,
    OPENCODE,
    QWEN_CODE,
    KILO_CLI,
    KIMI_CODE,
    MIMO_CODE,
)
