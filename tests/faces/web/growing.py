"""A log that grows while a server follows it, and what a page shows of that."""

import json
from pathlib import Path
from typing import Final

from tests.faces.web.chromium import Tab

DAY: Final = "2026-05-05"
PAGE: Final = f"/?since={DAY}&until={DAY}"
SESSION: Final = "growing"
TOKENS: Final = 30


class Log:
    """A log of Claude Code in the server's home, which grows when it is told to."""

    def __init__(self, path: Path) -> None:
        """Make an empty one."""
        self._path = path
        self.answers = 0
        path.parent.mkdir(parents=True)

    def grow(self, number: int = 1, model: str = "claude-opus-4-1-20250805") -> None:
        """Add answers of thirty tokens each, each a second after the one before."""
        with self._path.open("a") as file:
            for _ in range(number):
                self.answers += 1
                minute, second = divmod(self.answers, 60)
                message = {
                    "id": f"msg_{self.answers}",
                    "model": model,
                    "stop_reason": "end_turn",
                    "usage": {"input_tokens": 10, "output_tokens": TOKENS - 10},
                }
                line = {
                    "type": "assistant",
                    "timestamp": f"{DAY}T{10 + minute // 60}:{minute % 60:02}:{second:02}.000Z",
                    "sessionId": SESSION,
                    "requestId": f"req_{self.answers}",
                    "cwd": "/home/dev/growing",
                    "message": message,
                }
                file.write(json.dumps(line) + "\n")

    @property
    def tokens(self) -> str:
        """What has been used, as a page shows it."""
        return f"{TOKENS * self.answers:,}"


def shown(tab: Tab) -> str:
    """Return the tokens of the day as the page shows them."""
    row = tab.page.locator("#days tbody tr", has_text=DAY)
    return str(row.locator("td").nth(1).text_content()).strip() if row.count() else ""


def hide(tab: Tab, hidden: bool) -> None:  # noqa: FBT001  what the browser would say
    """Put the tab behind another one, or in front again."""
    tab.ask(
        "(hidden) => { Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });"
        "document.dispatchEvent(new Event('visibilitychange')); }",
        hidden,
    )
