"""The shelf: every tool that Tallystick reads, in the order in which people are shown them."""

from typing import Final

from tallystick.tools.claude_code import CLAUDE_CODE
from tallystick.tools.codex import CODEX
from tallystick.tools.tool import Tool

TOOLS: Final[tuple[Tool, ...]] = (CLAUDE_CODE, CODEX)
